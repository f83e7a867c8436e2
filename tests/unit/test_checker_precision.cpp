#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "checker/check.hpp"
#include "tests/unit/checker_prices.hpp"

using namespace p2pllm;
using namespace p2pllm::testing;
using p2pllm::checker::check;

TEST_CASE("shares of 1e-1000 and less are no obstacle", "[CERT-7]") {
  // The second node's weight is greater by 2302.6: its share is 1e-1000. Its best response is a p = 1 + 1e-1000.
  const Network tiny = one_group({{1, 3}, {number("4606.2"), 2}});
  const GroupEvidence trials = with_trials({number("4590"), 2});
  CHECK(is_rejected(tiny, trials, relative(number("0.5"))));  // the first node could charge a thousand times more
  CHECK(is_accepted(tiny, with_witness(0, number("4590"), 4000), relative(number("0.5"))));
  const Rational share = number("1e-300") * number("1e-300") * number("1e-300") * number("1e-101");
  CHECK(is_accepted(one_group({{1, 3}, {number("4606.2"), 1}}), with_witness(1, 2, share), relative(number("0.01"))));
  CHECK(is_rejected(one_group({{1, 3}, {number("4606.2"), 1}}), with_witness(1, 2, share * 1000),
                    relative(number("0.01"))));
  // One of three nodes is hopeless: even where its share is too small to be bounded, its regret is not.
  for (const char* cost : {"5000", "30000", "40000", "1e9"}) {
    const Network network = one_group({{1, 4}, {1, 4}, {number(cost), 2}});
    CHECK(is_accepted(network, with_trials({4, 4, 2}), relative(number("1e-9"))));
    const Network off = one_group({{1, 4}, {1, 4}, {number(cost), number("2.2")}});
    CHECK(is_rejected(off, with_trials({4, 4, 2}), relative(number("1e-3"))));
    CHECK(is_accepted(off, with_trials({4, 4, 2}), relative(number("1e-2"))));
  }
  // The best node dominates by more than the range of exp; at its best response the rivals count again.
  const Network alone = one_group({{1, 3}, {100001, 2}, {100001, 2}});
  CHECK(is_accepted(alone, with_witness(0, 99900, 99000), relative(number("0.9"))));
  CHECK(is_rejected(alone, with_trials({3, 2, 2}), relative(number("0.9"))));
  CHECK(is_rejected(alone, with_trials({number("1e6"), 2, 2}), relative(number("0.9"))));
  CHECK(is_rejected(alone, with_witness(0, 100200, 99000), relative(number("0.9"))));
}

TEST_CASE("a certificate of huge figures is decided in little time", "[CERT-7]") {
  const Network network = seven_equal(Rational(7, 3));
  const Rational huge(mpz_class(mpz_class(1) << 330000) + 1, (mpz_class(1) << 329990) + 3);
  CHECK(is_rejected(network, with_trials(std::vector<Rational>(7, huge)), relative(millionth)));
  CHECK(is_rejected(network, with_witness(0, huge, huge), relative(millionth)));
  const Rational near = Rational(7, 3) + Rational(mpz_class(1), mpz_class((mpz_class(1) << 330000) + 1));
  CHECK(is_accepted(network, with_trials(std::vector<Rational>(7, near)), relative(millionth)));
  CHECK(is_rejected(network, with_trials(std::vector<Rational>(7, Rational::power_of_two(-330000))),
                    relative(millionth)));
}

TEST_CASE("what is accepted of a random group is true", "[CERT-7]") {
  std::mt19937 random(17);
  const auto uniform = [&random] { return static_cast<double>(random() % 1000000) / 1000000; };
  int close = 0;
  int refuted = 0;
  int denied = 0;
  for (int trial = 0; trial < 4000; ++trial) {
    const std::size_t n = 2 + random() % 4;
    std::vector<Seat> seats(n);
    for (Seat& seat : seats)
      seat = {Rational(static_cast<long>(1 + random() % 4000), 1000),
              Rational(static_cast<long>(1 + random() % 8000), 1000)};
    const Network network = one_group(seats);
    std::vector<double> weight;
    for (const Seat& seat : seats) weight.push_back((seat.cost.raw().get_d() + seat.price.raw().get_d()) / 2);
    double most = 0;
    double most_gain = 0;
    std::size_t worst = 0;
    std::vector<Rational> trials;
    std::vector<double> sharp;
    for (std::size_t i = 0; i < n; ++i) {
      double rivals = 0;
      for (std::size_t j = 0; j < n; ++j)
        if (j != i) rivals += std::exp(-weight[j]);
      const auto revenue = [&](double p) {
        const double own = std::exp(-(p + seats[i].cost.raw().get_d()) / 2);
        return p * own / (own + rivals);
      };
      double low = 2;  // a p (1 - P) = 1 has its root above 1/a
      double high = 50;
      for (int step = 0; step < 80; ++step) {
        const double p = (low + high) / 2;
        const double own = std::exp(-(p + seats[i].cost.raw().get_d()) / 2);
        (p * rivals / (own + rivals) < 2 ? low : high) = p;
      }
      sharp.push_back(low);
      trials.push_back(Rational(std::lround(low * 1e9), 1000000000));
      const double gain = revenue(low) - revenue(seats[i].price.raw().get_d());
      const double regret = gain / revenue(low);
      if (regret > most) most = regret, most_gain = gain, worst = i;
    }
    // Claims on either side of the truth, by a thousandth or by half of it.
    const double factor = std::vector<double>{0.5, 0.999, 1.001, 1.5}[random() % 4];
    const Rational epsilon(std::lround(std::min(most * factor, 0.9) * 1e9), 1000000000);
    if (random() % 3 == 0) trials[random() % n] *= Rational(static_cast<long>(900 + random() % 200), 1000);
    const bool accepted = check(certificate_for(network, with_trials(trials), relative(epsilon)), network, {}).accepted;
    if (accepted) CHECK(most <= epsilon.raw().get_d() * 1.0000001);
    (accepted ? close : denied) += 1;

    const double claimed = most_gain * std::vector<double>{0.5, 0.9999, 1.0001}[random() % 3];
    const Rational witness_gain(std::lround(claimed * 1e9), 1000000000);
    const Rational price(std::lround(sharp[worst] * (random() % 4 == 0 ? 0.9 + 0.2 * uniform() : 1.0) * 1e9),
                         1000000000);
    if (check(certificate_for(network, with_witness(worst, price, witness_gain), relative(epsilon)), network, {})
            .accepted) {
      ++refuted;
      CHECK(witness_gain.raw().get_d() <= most_gain * 1.0000001);
      CHECK(most >= epsilon.raw().get_d() * 0.9999999);
    }
  }
  CHECK(close > 500);
  CHECK(denied > 500);
  CHECK(refuted > 500);
}

TEST_CASE("fewer bits never prove more", "[CERT-7]") {
  std::mt19937 random(19);
  /// The least accepted value, to 2^-48, of a claim that grows easier with its value.
  const auto least_accepted = [](const auto& accepts) {
    Rational low = 0;
    Rational high = 1;
    for (int step = 0; step < 48; ++step) {
      const Rational middle = (low + high) / 2;
      (accepts(middle) ? high : low) = middle;
    }
    return high;
  };
  for (int trial = 0; trial < 12; ++trial) {
    const std::size_t n = 2 + random() % 3;
    std::vector<Seat> seats(n);
    std::vector<Rational> trials(n);
    for (std::size_t i = 0; i < n; ++i) {
      seats[i] = {Rational(static_cast<long>(1 + random() % 3000), 1000),
                  Rational(static_cast<long>(2000 + random() % 2000), 1000)};
      trials[i] = Rational(static_cast<long>(2048 + random() % 2048), 1024);  // short enough not to be rounded
    }
    const Network network = one_group(seats);
    const auto accepts = [&](const GroupEvidence& evidence, const Tolerance& tolerance, long bits) {
      Certificate certificate = certificate_for(network, evidence, tolerance);
      claim_of(certificate).bits = bits;
      return check(certificate, network, {}).accepted;
    };
    const auto least = [&](bool is_absolute, long bits) {
      return least_accepted([&](const Rational& epsilon) {
        return epsilon < Rational(1) && accepts(with_trials(trials), {epsilon, is_absolute}, bits);
      });
    };
    CHECK(least(false, 32) >= least(false, 256));
    CHECK(least(true, 32) >= least(true, 256));
    CHECK(least(false, 32) <= least(false, 256) + number("1e-7"));
    const Rational price = trials[0];
    const auto most_gain = [&](long bits) {
      return 1 - least_accepted([&](const Rational& lack) {
               return lack < Rational(1) && accepts(with_witness(0, price, 1 - lack), relative(0), bits);
             });
    };
    CHECK(most_gain(32) <= most_gain(256));
  }
}

TEST_CASE("fewer bits never prove more against many rivals either", "[CERT-7]") {
  // The first node's regret is the greatest. The more rivals there are, the less is known of their sum, so that z has
  // a width that counts: below 1 the lower end of z bounds the regret, above 1 the upper one.
  std::mt19937 random(23);
  for (const char* trial : {"10", "11", "16", "18"})
    for (int repeat = 0; repeat < 4; ++repeat) {
      std::vector<Seat> seats = {{2, 1}};
      std::vector<Rational> trials = {number(trial)};
      for (int i = 0; i < 40; ++i) {
        seats.push_back({Rational(static_cast<long>(22000 + random() % 1000), 1000), 2});
        trials.emplace_back(2);
      }
      const Network network = one_group(seats);
      const auto least = [&](long bits) {
        Rational low = 0;
        Rational high = 1024;
        for (int step = 0; step < 54; ++step) {
          const Rational middle = (low + high) / 2;
          Certificate certificate = certificate_for(network, with_trials(trials), absolute(middle));
          claim_of(certificate).bits = bits;
          (check(certificate, network, {}).accepted ? high : low) = middle;
        }
        return high;
      };
      const Rational coarse = least(32);
      CHECK(coarse < Rational(1000));
      CHECK(coarse >= least(128));
    }
}

TEST_CASE("fewer bits never prove a greater gain", "[CERT-7]") {
  std::mt19937 random(29);
  int faults = 0;
  for (int trial = 0; trial < 60; ++trial) {
    std::vector<Seat> seats;
    for (int i = 0; i < (trial % 6 == 0 ? 40 : 3); ++i)
      seats.push_back({Rational(static_cast<long>(1 + random() % 3000), 1000),
                       Rational(static_cast<long>(500 + random() % 500), 1000)});
    const Network network = one_group(seats);
    const auto most_gain = [&](long bits) {
      Rational low = 0;
      Rational high = 2;
      for (int step = 0; step < 44; ++step) {
        const Rational middle = (low + high) / 2;
        Certificate certificate = certificate_for(network, with_witness(0, 3, middle), relative(0));
        claim_of(certificate).bits = bits;
        (check(certificate, network, {}).accepted ? low : high) = middle;
      }
      return low;
    };
    if (most_gain(32) > most_gain(96)) ++faults;
  }
  CHECK(faults == 0);
}

TEST_CASE("both tolerances need every node's bound", "[CERT-7]") {
  for (std::size_t i = 0; i < 3; ++i) {
    std::vector<Seat> seats(3, Seat{1, 3});
    seats[i].price = number("2.5");
    const Network network = one_group(seats);
    CHECK(is_rejected(network, with_trials({3, 3, 3}), relative(number("0.001"))));
    CHECK(is_rejected(network, with_trials({3, 3, 3}), absolute(number("0.001"))));
    CHECK(is_accepted(network, with_trials({3, 3, 3}), relative(number("0.1"))));
    CHECK(is_accepted(network, with_trials({3, 3, 3}), absolute(number("0.1"))));
  }
}
