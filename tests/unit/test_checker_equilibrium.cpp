#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "checker/check.hpp"
#include "model/numbers/parse.hpp"

using namespace p2pllm;
using p2pllm::checker::check;

namespace {

Rational number(const char* text) { return parse_rational(text).value(); }

struct Seat {
  Rational cost;
  Rational price;
};

/// One layer served by all.
Network one_group(const std::vector<Seat>& seats) {
  Network network;
  network.layers = 1;
  network.sha256 = "abc";
  for (const Seat& seat : seats) network.nodes.push_back({"n", {0, 1}, seat.cost, seat.price});
  return network;
}

Network seven_equal(const Rational& price) { return one_group(std::vector<Seat>(7, Seat{1, price})); }

Certificate certificate_for(const Network& network, const GroupEvidence& evidence, const Tolerance& tolerance) {
  Certificate certificate;
  certificate.network_sha256 = network.sha256;
  certificate.alpha = Rational(1, 2);
  EquilibriumClaim claim;
  claim.verdict = evidence.verdict;
  claim.tolerance = tolerance;
  claim.groups = {evidence};
  claim.groups[0].range = {0, 1};
  certificate.claim = claim;
  return certificate;
}

GroupEvidence plain(Verdict verdict) { return {{0, 1}, verdict, {}, {}}; }
GroupEvidence with_trials(const std::vector<Rational>& trials) {
  return {{0, 1}, Verdict::epsilon_equilibrium, trials, {}};
}
GroupEvidence with_witness(std::size_t node, const Rational& price, const Rational& gain) {
  return {{0, 1}, Verdict::refuted, {}, Witness{node, price, gain}};
}
Tolerance relative(const Rational& epsilon) { return {epsilon, false}; }
Tolerance absolute(const Rational& epsilon) { return {epsilon, true}; }

EquilibriumClaim& claim_of(Certificate& certificate) { return std::get<EquilibriumClaim>(certificate.claim); }

template <typename Change>
Certificate changed(Certificate certificate, const Change& change) {
  change(certificate);
  return certificate;
}

bool is_accepted(const Certificate& certificate, const Network& network, const std::optional<Prices>& prices = {}) {
  const checker::Decision decision = check(certificate, network, prices);
  UNSCOPED_INFO(decision.reason);
  return decision.accepted && decision.reason.empty();
}
bool is_accepted(const Network& network, const GroupEvidence& evidence, const Tolerance& tolerance) {
  return is_accepted(certificate_for(network, evidence, tolerance), network);
}
bool is_rejected(const Certificate& certificate, const Network& network, const std::string& clause,
                 const std::optional<Prices>& prices = {}) {
  const checker::Decision decision = check(certificate, network, prices);
  UNSCOPED_INFO(decision.accepted << " " << decision.reason);
  return !decision.accepted && decision.reason.rfind(clause + ": ", 0) == 0 &&
         decision.reason.find('\n') == std::string::npos;
}
bool is_rejected(const Network& network, const GroupEvidence& evidence, const Tolerance& tolerance) {
  return is_rejected(certificate_for(network, evidence, tolerance), network, "CERT-7");
}

const Rational millionth(1, 1000000);
const Rational best_at_233 = number("2.33286");  // near the best response of one of seven equal nodes at 2.33

}  // namespace

TEST_CASE("seven equal nodes at 7/3 are in equilibrium, and at no other price", "[CERT-7]") {
  const Tolerance tolerance = relative(millionth);
  CHECK(is_accepted(seven_equal(Rational(7, 3)), plain(Verdict::equilibrium), tolerance));
  CHECK(is_rejected(seven_equal(number("2.33")), plain(Verdict::equilibrium), tolerance));
  CHECK(
      is_rejected(seven_equal(Rational(7, 3) + Rational::power_of_two(-500)), plain(Verdict::equilibrium), tolerance));
  Network one_off = seven_equal(Rational(7, 3));
  one_off.nodes[4].price += millionth;
  CHECK(is_rejected(one_off, plain(Verdict::equilibrium), tolerance));
  Network dearer = seven_equal(Rational(7, 3));
  dearer.nodes[6].cost += millionth;
  CHECK(is_rejected(dearer, plain(Verdict::equilibrium), tolerance));
  // Costs do not count at alpha = 1, and scales and temperature set the price level.
  dearer.price_scale = 2;
  dearer.temperature = Rational(1, 3);
  dearer.cost_scale = 5;
  for (Node& node : dearer.nodes) node.price = Rational(7, 6) * Rational(2, 3);
  const auto at_one = [](Certificate& c) { c.alpha = 1; };
  CHECK(is_accepted(changed(certificate_for(dearer, plain(Verdict::equilibrium), tolerance), at_one), dearer));
  CHECK(is_rejected(dearer, plain(Verdict::equilibrium), tolerance));
}

TEST_CASE("an equilibrium is an epsilon-equilibrium too, and cannot be refuted", "[CERT-7]") {
  const Network network = seven_equal(Rational(7, 3));
  CHECK(is_accepted(network, with_trials(std::vector<Rational>(7, Rational(7, 3))), relative(number("1e-30"))));
  CHECK(is_accepted(network, with_trials(std::vector<Rational>(7, Rational(7, 3))), absolute(number("1e-30"))));
  CHECK(is_rejected(network, with_witness(0, Rational(7, 3), number("1e-30")), relative(0)));
  CHECK(is_rejected(network, with_witness(0, number("2.34"), number("1e-30")), relative(0)));
}

TEST_CASE("seven equal nodes at 2.33 are within a millionth of equilibrium and not within half of that", "[CERT-7]") {
  const Network network = seven_equal(number("2.33"));
  const GroupEvidence trials = with_trials(std::vector<Rational>(7, best_at_233));
  CHECK(is_accepted(network, trials, relative(millionth)));
  CHECK(is_accepted(network, trials, relative(number("8.75648e-7"))));
  CHECK(is_rejected(network, trials, relative(number("8.75646e-7"))));
  CHECK(is_accepted(network, trials, absolute(number("2.9147e-7"))));
  CHECK(is_rejected(network, trials, absolute(number("2.9146e-7"))));
  // The price itself as a trial gives only 1.0214e-6.
  CHECK(is_rejected(network, with_trials(std::vector<Rational>(7, number("2.33"))), relative(millionth)));
  CHECK(is_accepted(network, with_trials(std::vector<Rational>(7, number("2.33"))), relative(number("1.0215e-6"))));
  CHECK(is_rejected(network, with_trials(std::vector<Rational>(7, number("2.33"))), absolute(number("3.39e-7"))));
  CHECK(is_accepted(network, with_trials(std::vector<Rational>(7, number("2.33"))), absolute(number("3.41e-7"))));

  const Rational gain = number("2.9146e-7");
  CHECK(is_accepted(network, with_witness(3, best_at_233, gain), relative(number("5e-7"))));
  CHECK(is_accepted(network, with_witness(3, best_at_233, gain), relative(number("8.756e-7"))));
  CHECK(is_rejected(network, with_witness(3, best_at_233, gain), relative(number("8.757e-7"))));
  CHECK(is_accepted(network, with_witness(3, best_at_233, gain), absolute(number("2.9145e-7"))));
  CHECK(is_rejected(network, with_witness(3, best_at_233, gain), absolute(gain)));
  CHECK(is_rejected(network, with_witness(3, best_at_233, number("2.91466e-7")), relative(0)));
}

TEST_CASE("evidence of an epsilon-equilibrium with any one fault is rejected", "[CERT-7]") {
  const Network network = seven_equal(number("2.33"));
  const std::vector<Rational> good(7, best_at_233);
  const auto rejects = [&](const auto& change) {
    std::vector<Rational> trials = good;
    change(trials);
    return is_rejected(network, with_trials(trials), relative(millionth));
  };
  CHECK(rejects([](auto& trials) { trials.clear(); }));
  CHECK(rejects([](auto& trials) { trials.pop_back(); }));
  CHECK(rejects([](auto& trials) { trials.push_back(trials[0]); }));
  for (const std::size_t i : {0UL, 3UL, 6UL})
    for (const Rational& trial :
         {Rational(0), Rational(-1), -best_at_233, number("2.32"), number("2.35"), number("1e-300"), number("1e300")})
      CHECK(rejects([&](auto& trials) { trials[i] = trial; }));
  for (const std::size_t i : {0UL, 3UL, 6UL}) {
    Network off = network;
    off.nodes[i].price = number("2.25");
    CHECK(is_rejected(off, with_trials(good), relative(number("1e-4"))));
    CHECK(is_rejected(off, with_trials(good), absolute(number("1e-4"))));
    CHECK(is_accepted(off, with_trials(good), relative(number("1e-3"))));
    off.nodes[i].price = number("2.45");
    CHECK(is_rejected(off, with_trials(good), relative(number("1e-3"))));
    CHECK(is_accepted(off, with_trials(good), relative(number("2e-3"))));
  }
}

TEST_CASE("a witness with any one fault is rejected", "[CERT-7]") {
  const Network network = seven_equal(number("2.33"));
  const Tolerance tolerance = relative(number("5e-7"));
  const Rational gain = number("2.9146e-7");
  CHECK(is_rejected(network, plain(Verdict::refuted), tolerance));
  CHECK(is_rejected(network, with_witness(7, best_at_233, gain), tolerance));
  CHECK(is_rejected(network, with_witness(99, best_at_233, gain), tolerance));
  CHECK(is_rejected(network, with_witness(0, 0, gain), tolerance));
  CHECK(is_rejected(network, with_witness(0, -best_at_233, gain), tolerance));
  CHECK(is_rejected(network, with_witness(0, best_at_233, 0), tolerance));
  CHECK(is_rejected(network, with_witness(0, best_at_233, -gain), tolerance));
  CHECK(is_rejected(network, with_witness(0, best_at_233, gain * 2), tolerance));
  CHECK(is_rejected(network, with_witness(0, number("2.3"), gain), tolerance));
  CHECK(is_rejected(network, with_witness(0, number("1e300"), gain), tolerance));
}

TEST_CASE("a node at price 0 misses all of its revenue", "[CERT-7]") {
  Network network = seven_equal(Rational(7, 3));
  network.nodes[2].price = 0;
  const Rational most = number("0.999999");
  CHECK(is_accepted(network, with_witness(2, Rational(1, 1000), number("1e-6")), relative(most)));
  CHECK(is_rejected(network, with_witness(2, Rational(1, 1000), number("1e-6")), absolute(millionth)));
  CHECK(is_rejected(network, with_witness(2, Rational(1, 1000), -millionth), relative(most)));
  CHECK(is_rejected(network, with_witness(2, 0, 0), relative(most)));
  CHECK(is_rejected(network, with_trials(std::vector<Rational>(7, Rational(7, 3))), relative(most)));
  CHECK(is_accepted(network, with_trials(std::vector<Rational>(7, number("2.3"))), absolute(1)));
  CHECK(is_rejected(network, with_trials(std::vector<Rational>(7, number("2.3"))), absolute(number("0.3"))));
}

TEST_CASE("no equilibrium exists exactly where one node serves or alpha is 0", "[CERT-7]") {
  const Tolerance tolerance = relative(millionth);
  const auto at_zero = [](Certificate& c) { c.alpha = 0; };
  const Network two = one_group({{1, 4}, {1, 4}});
  const Network one = one_group({{1, 4}});
  CHECK(is_accepted(one, plain(Verdict::no_equilibrium), tolerance));
  CHECK(is_accepted(changed(certificate_for(two, plain(Verdict::no_equilibrium), tolerance), at_zero), two));
  CHECK(is_rejected(two, plain(Verdict::no_equilibrium), tolerance));
  for (const GroupEvidence& evidence : {plain(Verdict::equilibrium), plain(Verdict::undecided), with_trials({4, 4}),
                                        with_trials({4}), with_witness(0, 5, millionth)}) {
    CHECK(is_rejected(one, evidence, tolerance));
    CHECK(is_rejected(changed(certificate_for(two, evidence, tolerance), at_zero), two, "CERT-7"));
  }
  CHECK(is_accepted(two, plain(Verdict::equilibrium), tolerance));
}

TEST_CASE("the groups must be the network's and the verdict their highest in precedence", "[CERT-6]") {
  Network network;
  network.layers = 3;
  const auto serve = [&](const LayerRange& range, int count, const char* price) {
    for (int i = 0; i < count; ++i) network.nodes.push_back({"n", range, 1, number(price)});
  };
  serve({1, 2}, 7, "2.33");
  serve({0, 1}, 7, "7/3");
  serve({2, 3}, 1, "1");
  Certificate good = certificate_for(network, plain(Verdict::no_equilibrium), relative(millionth));
  EquilibriumClaim& claim = claim_of(good);
  const GroupEvidence symmetric{{0, 1}, Verdict::equilibrium, {}, {}};
  const GroupEvidence close{{1, 2}, Verdict::epsilon_equilibrium, std::vector<Rational>(7, best_at_233), {}};
  claim.groups = {symmetric, close, {{2, 3}, Verdict::no_equilibrium, {}, {}}};
  CHECK(is_accepted(good, network));
  const auto rejects = [&](const auto& change, const char* clause = "CERT-6") {
    return is_rejected(changed(good, [&](Certificate& c) { change(claim_of(c)); }), network, clause);
  };
  for (const Verdict verdict :
       {Verdict::equilibrium, Verdict::epsilon_equilibrium, Verdict::undecided, Verdict::refuted})
    CHECK(rejects([&](auto& c) { c.verdict = verdict; }));
  CHECK(rejects([](auto& c) { c.groups.pop_back(); }));
  CHECK(rejects([](auto& c) { c.groups.clear(); }));
  CHECK(rejects([](auto& c) { c.groups.push_back(c.groups[0]); }));
  CHECK(rejects([](auto& c) { c.groups[1] = c.groups[0]; }));
  CHECK(rejects([](auto& c) { std::swap(c.groups[0], c.groups[1]); }));
  CHECK(rejects([](auto& c) { c.groups[0].range.last = 2; }));
  CHECK(rejects([](auto& c) { std::swap(c.groups[0].verdict, c.groups[1].verdict); }, "CERT-7"));
  CHECK(rejects([](auto& c) { c.groups[1].verdict = static_cast<Verdict>(9); }, "CERT-7"));
  // An undecided group proves nothing, but does not undo what another one proves.
  claim.groups[1] = {{1, 2}, Verdict::undecided, {}, {}};
  CHECK(is_accepted(good, network));

  network.nodes.pop_back();
  claim.groups = {symmetric, close};
  claim.verdict = Verdict::epsilon_equilibrium;
  CHECK(is_accepted(good, network));
  CHECK(rejects([](auto& c) { c.verdict = Verdict::equilibrium; }));
  CHECK(rejects([](auto& c) { c.verdict = Verdict::undecided, c.groups[1].verdict = Verdict::undecided; }));
  CHECK(rejects([](auto& c) { c.groups[1].verdict = Verdict::undecided; }));
  // The witness must be of its own group.
  claim.tolerance.epsilon = number("5e-7");
  claim.verdict = Verdict::refuted;
  claim.groups[1] = {{1, 2}, Verdict::refuted, {}, Witness{0, best_at_233, number("2.9146e-7")}};
  CHECK(is_accepted(good, network));
  CHECK(rejects([](auto& c) { c.groups[1].witness->node = 7; }, "CERT-7"));
}

TEST_CASE("the verdict does not depend on which group has it", "[CERT-6]") {
  Network network;
  network.layers = 2;
  network.nodes = {{"a", {0, 1}, 1, 1}, {"b", {1, 2}, 1, 4}, {"c", {1, 2}, 1, 4}};
  Certificate good = certificate_for(network, plain(Verdict::no_equilibrium), relative(millionth));
  claim_of(good).groups.push_back({{1, 2}, Verdict::equilibrium, {}, {}});
  CHECK(is_accepted(good, network));
  CHECK(is_rejected(changed(good, [](auto& c) { claim_of(c).verdict = Verdict::equilibrium; }), network, "CERT-6"));
}

TEST_CASE("scales and temperature are units: they change no verdict", "[CERT-7]") {
  const auto group = [](const Rational& per_price, const Rational& per_cost) {
    return one_group(
        {{per_cost, Rational(24, 10) * per_price}, {3 * per_cost, 2 * per_price}, {2 * per_cost, 3 * per_price}});
  };
  const auto trials = [](const Rational& per_price) {
    return with_trials({number("3.25") * per_price, number("2.73") * per_price, number("2.96") * per_price});
  };
  Network scaled = group(6, 15);
  scaled.price_scale = 2;
  scaled.cost_scale = 5;
  scaled.temperature = 3;
  int accepted = 0;
  for (long percent = 0; percent < 20; ++percent) {
    const Tolerance tolerance = relative(Rational(percent, 200));
    const bool is_close = check(certificate_for(group(1, 1), trials(1), tolerance), group(1, 1), {}).accepted;
    CHECK(check(certificate_for(scaled, trials(6), tolerance), scaled, {}).accepted == is_close);
    accepted += is_close ? 1 : 0;
  }
  CHECK(accepted > 2);
  CHECK(accepted < 18);
}

TEST_CASE("an empty network is in equilibrium", "[CERT-6]") {
  Network network;
  network.layers = 1;
  Certificate good = certificate_for(network, plain(Verdict::equilibrium), relative(millionth));
  CHECK(is_rejected(good, network, "CERT-6"));
  claim_of(good).groups.clear();
  CHECK(is_accepted(good, network));
  claim_of(good).verdict = Verdict::no_equilibrium;
  CHECK(is_rejected(good, network, "CERT-6"));
}

TEST_CASE("tolerance and bits must be in range", "[CERT-6]") {
  const Network network = seven_equal(Rational(7, 3));
  const Certificate good = certificate_for(network, plain(Verdict::equilibrium), relative(millionth));
  const auto rejects = [&](const auto& change) {
    return is_rejected(changed(good, [&](Certificate& c) { change(claim_of(c)); }), network, "CERT-6");
  };
  CHECK(rejects([](auto& c) { c.tolerance.epsilon = -millionth; }));
  CHECK(rejects([](auto& c) { c.tolerance = absolute(-millionth); }));
  CHECK(rejects([](auto& c) { c.tolerance.epsilon = 1; }));
  CHECK(rejects([](auto& c) { c.tolerance.epsilon = Rational::power_of_two(-20000); }));
  for (const long bits : {-1L, 0L, 31L, 16385L, 1L << 40}) CHECK(rejects([bits](auto& c) { c.bits = bits; }));
  for (const long bits : {32L, 16384L})
    CHECK(is_accepted(changed(good, [bits](Certificate& c) { claim_of(c).bits = bits; }), network));
  CHECK(is_accepted(changed(good, [](Certificate& c) { claim_of(c).tolerance = absolute(7); }), network));
}

TEST_CASE("prices come from the file that the certificate names, and no client matters", "[CERT-1]") {
  const Network network = seven_equal(number("2.33"));
  Certificate good = certificate_for(network, plain(Verdict::equilibrium), relative(millionth));
  const Prices fair{std::vector<Rational>(7, Rational(7, 3)), "prices"};
  CHECK(is_rejected(good, network, "CERT-7"));
  good.prices_sha256 = "prices";
  CHECK(is_accepted(good, network, fair));
  CHECK(is_rejected(good, network, "CERT-1"));
  CHECK(is_rejected(good, network, "CERT-1", Prices{fair.values, "others"}));
  CHECK(is_rejected(good, network, "CERT-1", Prices{std::vector<Rational>(6, Rational(7, 3)), "prices"}));
  CHECK(is_rejected(good, network, "CERT-1", Prices{std::vector<Rational>(7, Rational(-7, 3)), "prices"}));
  CHECK(is_rejected(changed(good, [](Certificate& c) { c.prices_sha256.clear(); }), network, "CERT-1", fair));
  CHECK(is_rejected(changed(good, [](Certificate& c) { c.prices_sha256.clear(); }), network, "CERT-1",
                    Prices{fair.values, ""}));
  CHECK(is_rejected(changed(good, [](Certificate& c) { c.alpha.reset(); }), network, "CERT-1", fair));
  CHECK(is_rejected(changed(good, [](Certificate& c) { c.alpha = 2; }), network, "CERT-1", fair));
  CHECK(is_rejected(changed(good, [](Certificate& c) { c.client = "x"; }), network, "CERT-1", fair));
  Network with_client = network;
  with_client.clients = {{"x", std::vector<Rational>(7, 1), std::vector<Rational>(7, 1)}};
  CHECK(is_accepted(good, with_client, fair));
  CHECK(is_rejected(changed(good, [](Certificate& c) { c.client = "x"; }), with_client, "CERT-1", fair));
}

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
  // Three nodes, one of them hopeless: even where its share is beyond all bounds, its regret is not.
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
    // Claims on either side of the truth, by a thousandth, a third or more.
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
  /// The least claim accepted, of a claim that only grows easier, to 2^-48.
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
      trials[i] = Rational(static_cast<long>(2048 + random() % 2048), 1024);  // short enough to stay as it is
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
  // The first node's regret is the greatest. Its rivals' sum is known the worse the more they are, so that z has a
  // width that counts: below 1 the lower end of z bounds the regret, above 1 the upper one.
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
