#include "properties/markets.hpp"
#include "reference/market/verify.hpp"

namespace p2pllm::properties {
namespace {

using Numbers = NetworkShape::Numbers;

EquilibriumReport verified(const Network& network, const Rational& alpha, const Tolerance& tolerance) {
  return reference::verify(network, posted_prices(network), alpha, tolerance);
}

std::vector<std::size_t> members(const GroupReport& group) {
  std::vector<std::size_t> result;
  for (const NodeReport& node : group.nodes) result.push_back(node.node);
  return result;
}

bool is_tiny(const Rational& share) { return share < Rational(1) / Rational(mpz_class("1" + std::string(300, '0'))); }

void reach_market_classes(const Network& network, const Rational& alpha, const EquilibriumReport& report) {
  const Traits traits = traits_of(network);
  reach("empty network", traits.empty);
  reach("monopoly", traits.monopoly);
  note("equal costs", traits.equal_costs);
  reach("price 0", traits.price_zero);
  reach("alpha 0", alpha == Rational(0));
  reach("alpha 1", alpha == Rational(1));
  bool tiny = false;
  for (const GroupReport& group : report.groups)
    for (const NodeReport& node : group.nodes) tiny = tiny || (node.share && is_tiny(node.share->upper));
  reach("a share under 1e-300", tiny);
}

/// Compares a node's report with the oracle (PRICE-3, PRICE-7, PRICE-9).
void expect_agrees(const PriceOracle& oracle, std::size_t i, const NodeReport& node, const Tolerance& tolerance) {
  const std::string name = " of node " + shown(node.node);
  const long double slack = oracle.slack();
  expect(node.share.has_value(), "a share" + name);
  expect(holds_log(*node.share, oracle.log_share(i), slack), "the share" + name + " lies in its enclosure");
  expect(node.best_response.has_value(), "a best response" + name);
  // Golden section finds a maximizer only to the square root of its precision.
  expect(holds(*node.best_response, oracle.best(i).price, 10 * std::sqrt(slack)),
         "the best response" + name + " lies in its enclosure");
  expect(node.regret.has_value(), "a regret" + name);
  const long double best_revenue = std::exp(oracle.best(i).log_revenue);
  const long double unit = tolerance.absolute ? best_revenue : 1;
  const long double regret = oracle.relative_regret(i) * unit;
  expect(real(node.regret->lower) <= regret + unit * slack, "the regret" + name +
                                                                " is not below its enclosure: " + shown(regret) +
                                                                " against " + to_decimal(node.regret->lower, 20));
  expect(regret - unit * slack <= real(node.regret->upper), "the regret" + name +
                                                                " is not above its enclosure: " + shown(regret) +
                                                                " against " + to_decimal(node.regret->upper, 20));
  expect(node.regret->lower.sign() >= 0 && node.regret->lower <= node.regret->upper, "the bracket" + name + " is one");
}

void expect_witness_agrees(const PriceOracle& oracle, std::size_t i, const Witness& witness,
                           const Tolerance& tolerance) {
  expect(witness.price.sign() > 0, "the witness charges a positive price");
  const long double after = oracle.log_revenue(i, real(witness.price));
  const long double kept = oracle.price(i) > 0 ? oracle.log_revenue(i, oracle.price(i)) - after : 0;
  const long double gained = oracle.price(i) > 0 ? -std::expm1(kept) : 1;  // of the revenue at the witness's price
  // The regret exceeds epsilon, and the witness itself also earns that much more.
  const long double reached = gained * std::exp(tolerance.absolute ? after : after - oracle.best(i).log_revenue);
  const long double unit = tolerance.absolute ? std::exp(after) : 1;
  expect(reached >= real(tolerance.epsilon) * (1 - 1e-9L) - unit * oracle.slack(),
         "the witness gains more than epsilon: " + shown(reached));
  if (witness.gain.sign() == 0) {
    expect(after < -65535 * std::log(2.0L), "no gain is claimed only where none can be written");
    return;
  }
  const long double revenue = std::exp(after);
  expect(witness.gain.sign() > 0, "a witness gains");
  expect(real(witness.gain) <= revenue * (gained + oracle.slack()),
         "the witness gains what it claims: " + shown(revenue * gained) + " against " + to_decimal(witness.gain, 20));
  expect(
      real(witness.gain) >= revenue * (gained * 0.999L - oracle.slack()),
      "the witness claims about all it gains: " + shown(revenue * gained) + " against " + to_decimal(witness.gain, 20));
}

/// The verdict that follows without doubt from the oracle's figures, or `undecided` if none does.
Verdict clear_verdict(const PriceOracle& oracle, const Tolerance& tolerance) {
  const long double epsilon = real(tolerance.epsilon);
  bool within = true;
  for (std::size_t i = 0; i < oracle.size(); ++i) {
    const long double unit = tolerance.absolute ? std::exp(oracle.best(i).log_revenue) : 1;
    const long double regret = oracle.relative_regret(i) * unit;
    const long double doubt = 1e-12L * epsilon + unit * 2 * oracle.slack();
    if (regret > epsilon + doubt) return Verdict::refuted;
    within = within && regret < epsilon - doubt;
  }
  return within ? Verdict::epsilon_equilibrium : Verdict::undecided;
}

void check_against_oracle(Numbers numbers) {
  const Network network = draw_market(numbers);
  const Rational alpha = draw_alpha();
  const Tolerance tolerance = draw_tolerance();
  const EquilibriumReport report = verified(network, alpha, tolerance);
  reach_market_classes(network, alpha, report);
  if (numbers == Numbers::extreme) reach("cost ratio 1e18", traits_of(network).extreme_ratio);
  if (numbers == Numbers::moderate) reach("equal costs", traits_of(network).equal_costs);
  reach("verdict equilibrium or empty", report.verdict == Verdict::equilibrium);
  reach("verdict epsilon_equilibrium", report.verdict == Verdict::epsilon_equilibrium);
  reach("verdict refuted", report.verdict == Verdict::refuted);
  reach("verdict no_equilibrium", report.verdict == Verdict::no_equilibrium);
  note("verdict undecided", report.verdict == Verdict::undecided);
  for (const GroupReport& group : report.groups) {
    const auto nodes = members(group);
    if (nodes.size() < 2 || alpha == Rational(0)) {
      expect(group.verdict == Verdict::no_equilibrium, "no equilibrium of one node or without price sensitivity");
      continue;
    }
    const PriceOracle oracle(network, nodes, posted_prices(network).values, alpha);
    for (std::size_t i = 0; i < nodes.size(); ++i) expect_agrees(oracle, i, group.nodes[i], tolerance);
    const Verdict clear = clear_verdict(oracle, tolerance);
    if (clear == Verdict::refuted)
      expect_equal(std::string(to_string(group.verdict)), std::string("refuted"), "verdict");
    if (clear == Verdict::epsilon_equilibrium)
      expect(group.verdict == Verdict::epsilon_equilibrium || group.verdict == Verdict::equilibrium,
             "the profile is within epsilon");
    expect_equal(group.witness.has_value(), group.verdict == Verdict::refuted, "a witness iff refuted");
    if (!group.witness) continue;
    const auto who = std::find(nodes.begin(), nodes.end(), group.witness->node);
    expect(who != nodes.end(), "the witness is a node of the group");
    expect_witness_agrees(oracle, static_cast<std::size_t>(who - nodes.begin()), *group.witness, tolerance);
  }
}

PROPERTY("verify agrees with golden-section search on shares best responses regrets and verdicts",
         "[PRICE-3][PRICE-7][PRICE-9][PRICE-10][PRICE-11]", 600) {
  check_against_oracle(Numbers::moderate);
}

PROPERTY("verify agrees with golden-section search at cost ratios of 1e18", "[PRICE-9][PRICE-11]", 400) {
  check_against_oracle(Numbers::extreme);
}

PROPERTY("the shares of a group sum to one", "[PRICE-3]", 300) {
  const Network network = draw_market(Numbers::any);
  const Rational alpha = draw_alpha();
  const EquilibriumReport report = verified(network, alpha, {});
  reach_market_classes(network, alpha, report);
  for (const GroupReport& group : report.groups) {
    Enclosure sum;
    for (const NodeReport& node : group.nodes) {
      const Enclosure& share = known(node.share, "a share");
      sum.lower += share.lower;
      sum.upper += share.upper;
    }
    expect(sum.lower <= Rational(1) && Rational(1) <= sum.upper, "the sum encloses 1");
    expect(sum.upper - sum.lower < Rational::power_of_two(-24), "the sum is tight");
  }
}

PROPERTY("nodes of one range compete with each other and with no others", "[PRICE-1]", 300) {
  const Network network = draw_network({.legs = false});
  const Rational alpha = draw_inner_alpha();
  const std::vector<Group> groups = groups_of(network);
  const EquilibriumReport report = verified(network, alpha, {});
  expect_equal(report.groups.size(), groups.size(), "a verdict a group");
  std::vector<std::size_t> grouped(network.size());
  bool overlapping = false;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto& [range, nodes] = groups[g];
    if (g > 0) expect(groups[g - 1].range < range, "groups come by rising range");
    if (g > 0) overlapping = overlapping || range.first < groups[g - 1].range.last;
    expect(std::is_sorted(nodes.begin(), nodes.end()), "nodes come in file order");
    Network alone = network;
    alone.nodes.clear();
    for (const std::size_t i : nodes) {
      ++grouped[i];
      expect(network.nodes[i].layers == range, "of one range");
      alone.nodes.push_back(network.nodes[i]);
    }
    const GroupReport own = verified(alone, alpha, {}).groups.at(0);
    expect(own.verdict == report.groups[g].verdict, "the verdict is that of the group alone");
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      const Enclosure& share = known(report.groups[g].nodes[k].share, "a share");
      expect(share.lower == own.nodes[k].share->lower && share.upper == own.nodes[k].share->upper,
             "a share is that in the group alone");
    }
  }
  expect(grouped == std::vector<std::size_t>(network.size(), 1), "every node is in one group");
  reach("ranges that overlap", overlapping);
  reach("several groups", groups.size() > 1);
}

PROPERTY("the network takes the gravest verdict of its groups", "[PRICE-11]", 400) {
  const Network network = draw_market(Numbers::moderate);
  const Rational alpha = draw_alpha();
  const EquilibriumReport report = verified(network, alpha, draw_tolerance());
  const auto grave = [](Verdict verdict) {
    for (const auto& [each, rank] : {std::pair(Verdict::no_equilibrium, 4),
                                     {Verdict::refuted, 3},
                                     {Verdict::undecided, 2},
                                     {Verdict::epsilon_equilibrium, 1}})
      if (verdict == each) return rank;
    return 0;
  };
  int gravest = 0;
  std::map<int, int> seen;
  for (const GroupReport& group : report.groups) {
    gravest = std::max(gravest, grave(group.verdict));
    ++seen[grave(group.verdict)];
  }
  reach("different verdicts of groups", seen.size() > 1);
  reach("refuted beside no_equilibrium", seen[4] > 0 && seen[3] > 0);
  expect_equal(grave(report.verdict), gravest, "precedence");
  expect_equal(report.witness.has_value(), seen[3] > 0, "a witness iff some group is refuted");
}

PROPERTY("equal costs at n over a times n minus 1 are an exact equilibrium and at no other price", "[PRICE-13]", 300) {
  Network network = draw_group(2, 7, Numbers::any);
  const Rational alpha = draw_coin() ? Rational(1) : draw_inner_alpha();
  const Rational n(static_cast<std::int64_t>(network.size()));
  const Rational a = alpha / (network.price_scale * network.temperature);
  const bool unequal = alpha == Rational(1) && !is_symmetric(network, {0, network.size() - 1}, Rational(0));
  reach("alpha 1 with unequal costs", unequal);
  for (Node& node : network.nodes) {
    node.price = n / (a * (n - Rational(1)));
    if (alpha < Rational(1)) node.cost = network.nodes.front().cost;
  }
  const EquilibriumReport report = verified(network, alpha, {Rational(0), draw_coin()});
  expect_equal(std::string(to_string(report.verdict)), std::string("equilibrium"), "verdict at epsilon 0");
  for (const NodeReport& node : report.groups[0].nodes) {
    const Enclosure& share = known(node.share, "a share");
    expect(share.lower == Rational(1) / n && share.upper == Rational(1) / n, "the share is 1/n exactly");
    expect(known(node.regret, "a regret").upper == Rational(0), "no regret at all");
  }
  const auto moved = static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(network.size()) - 1));
  network.nodes[moved].price *= Rational(1) + draw_one_of<Rational>({Rational(1, 1'000'000'000),
                                                                     Rational(-1, 1'000'000'000'000), Rational(1, 2)});
  expect_equal(std::string(to_string(verified(network, alpha, {Rational(0), false}).verdict)), std::string("refuted"),
               "verdict after one price moved");
}

PROPERTY("at epsilon zero a profile is an exact equilibrium or refuted", "[PRICE-11][PRICE-13]", 300) {
  const Network network = draw_group(2, 6, Numbers::moderate);
  const Rational alpha = draw_coin() ? Rational(1) : draw_inner_alpha();
  const Verdict verdict = verified(network, alpha, {Rational(0), draw_coin()}).verdict;
  reach("price 0", traits_of(network).price_zero);
  const Rational n(static_cast<std::int64_t>(network.size()));
  const Rational price = n * network.price_scale * network.temperature / (alpha * (n - Rational(1)));
  std::vector<std::size_t> all(network.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  const bool exact =
      is_symmetric(network, all, alpha) &&
      std::all_of(network.nodes.begin(), network.nodes.end(), [&](const Node& node) { return node.price == price; });
  note("an exact equilibrium", exact);
  expect(verdict == (exact ? Verdict::equilibrium : Verdict::refuted),
         std::string("verdict at epsilon 0: ") + to_string(verdict));
}

PROPERTY("one node or alpha zero has no equilibrium whatever the prices", "[PRICE-8][PRICE-11]", 200) {
  Network network = draw_market(Numbers::any);
  const bool alone = draw_coin();
  if (alone)
    for (std::size_t i = 0; i < network.size(); ++i)
      network.nodes[i].layers = {static_cast<std::int64_t>(i), static_cast<std::int64_t>(i) + 1};
  if (network.nodes.empty()) return;
  network.layers = 10;
  reach("monopoly", alone);
  reach("alpha 0", !alone);
  const EquilibriumReport report = verified(network, alone ? draw_alpha() : Rational(0), draw_tolerance());
  expect_equal(std::string(to_string(report.verdict)), std::string("no_equilibrium"), "verdict");
  for (const GroupReport& group : report.groups)
    expect_equal(std::string(to_string(group.verdict)), std::string("no_equilibrium"), "verdict of a group");
}

PROPERTY("a greater epsilon never turns a yes into a no", "[PRICE-10]", 200) {
  const Network network = draw_group(2, 6, Numbers::moderate);
  const Rational alpha = draw_inner_alpha();
  const bool absolute = draw_coin();
  const Rational small(draw_integer(0, 998), 1000);
  const Rational large = small + Rational(draw_integer(1, 999), 1'000'000);
  const Verdict strict = verified(network, alpha, {small, absolute}).verdict;
  const Verdict lenient = verified(network, alpha, {large, absolute}).verdict;
  reach("refuted by both", lenient == Verdict::refuted);
  reach("accepted by both", strict == Verdict::epsilon_equilibrium);
  if (strict <= Verdict::epsilon_equilibrium)
    expect(lenient <= Verdict::epsilon_equilibrium, "what holds at epsilon holds above");
  if (lenient == Verdict::refuted) expect(strict == Verdict::refuted, "what is refuted at epsilon is refuted below");
}

void expect_same_market(const EquilibriumReport& before, const EquilibriumReport& after, const Rational& price_factor,
                        const std::vector<std::size_t>& order) {
  expect(before.verdict == after.verdict,
         std::string("verdict: ") + to_string(before.verdict) + " became " + to_string(after.verdict));
  std::map<std::size_t, const NodeReport*> by_node;
  for (const GroupReport& group : before.groups)
    for (const NodeReport& node : group.nodes) by_node[node.node] = &node;
  for (const GroupReport& group : after.groups)
    for (const NodeReport& node : group.nodes) {
      const NodeReport& was = *by_node.at(order.empty() ? node.node : order[node.node]);
      expect(overlap(known(node.share, "a share"), known(was.share, "a share")), "share");
      expect_equal(node.best_response.has_value(), was.best_response.has_value(), "whether a best response exists");
      if (!node.best_response) continue;
      expect(overlap({node.best_response->lower / price_factor, node.best_response->upper / price_factor},
                     *was.best_response),
             "best response");
      expect(overlap(known(node.regret, "a regret"), known(was.regret, "a regret")), "relative regret");
    }
}

PROPERTY("shifting costs scaling units and renumbering nodes change no share and no verdict", "[PRICE-2][PRICE-3]",
         300) {
  const Network network = draw_market(Numbers::moderate);
  const Rational alpha = draw_alpha();
  const Tolerance tolerance{draw_one_of<Rational>({0, Rational(1, 1000), Rational(1, 2)}), false};
  const EquilibriumReport before = verified(network, alpha, tolerance);
  reach("two nodes in a group", std::any_of(before.groups.begin(), before.groups.end(),
                                            [](const GroupReport& group) { return group.nodes.size() > 1; }));

  Network shifted = network;
  const Rational more = draw_positive();
  for (Node& node : shifted.nodes)
    if (node.layers.first == 0) node.cost += more;
  expect_same_market(before, verified(shifted, alpha, tolerance), Rational(1), {});

  Network dearer = network;
  const Rational factor = draw_positive();
  dearer.price_scale *= factor;
  for (Node& node : dearer.nodes) node.price *= factor;
  expect_same_market(before, verified(dearer, alpha, tolerance), factor, {});

  // A hotter market with all weights greater by the same factor is the same market.
  Network hotter = network;
  hotter.temperature *= factor;
  for (Node& node : hotter.nodes) {
    node.price *= factor;
    node.cost *= factor;
  }
  expect_same_market(before, verified(hotter, alpha, tolerance), factor, {});

  const auto order = draw_permutation(network.size());
  expect_same_market(before, verified(permuted(network, order), alpha, tolerance), Rational(1), order);
}

}  // namespace
}  // namespace p2pllm::properties
