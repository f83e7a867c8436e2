#include <catch2/catch.hpp>
#include <utility>

#include "checker/check.hpp"
#include "tests/unit/checker_prices.hpp"

using namespace p2pllm;
using namespace p2pllm::testing;
using p2pllm::checker::check;

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
  // An undecided group proves nothing, but does not undo the proof by another one.
  claim.groups[1] = {{1, 2}, Verdict::undecided, {}, {}};
  CHECK(is_accepted(good, network));

  network.nodes.pop_back();
  claim.groups = {symmetric, close};
  claim.verdict = Verdict::epsilon_equilibrium;
  CHECK(is_accepted(good, network));
  CHECK(rejects([](auto& c) { c.verdict = Verdict::equilibrium; }));
  CHECK(rejects([](auto& c) { c.verdict = Verdict::undecided, c.groups[1].verdict = Verdict::undecided; }));
  CHECK(rejects([](auto& c) { c.groups[1].verdict = Verdict::undecided; }));
  // The witness must belong to its own group.
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
