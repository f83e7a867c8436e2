#include <numeric>

#include "checker/check.hpp"
#include "properties/markets.hpp"
#include "reference/market/demand_rules.hpp"
#include "reference/market/equilibrium_rules.hpp"
#include "reference/market/group.hpp"
#include "reference/market/solve.hpp"
#include "reference/market/verify.hpp"

namespace p2pllm::properties {
namespace {

using Numbers = NetworkShape::Numbers;

std::vector<EquilibriumGroup> solved(const Network& network, const Rational& alpha, long bits) {
  auto result = reference::solve(network, alpha, bits);
  if (!result) throw std::runtime_error("not solved: " + result.error().message());
  return *std::move(result);
}

Rational sensitivity(const Network& network, const Rational& alpha) {
  return alpha / (network.price_scale * network.temperature);
}

void expect_narrow(const Enclosure& enclosure, long bits, const std::string& name) {
  expect(enclosure.lower.sign() > 0, name + " is positive");
  expect(enclosure.upper - enclosure.lower <= enclosure.lower * Rational::power_of_two(-bits),
         name + " is of relative width 2^-bits");
}

/// Checks the relations between the enclosures of one group, whatever the equilibrium is (PRICE-12).
void expect_coherent(const Network& network, const Rational& alpha, const EquilibriumGroup& group, long bits) {
  const Rational a = sensitivity(network, alpha);
  Enclosure sum;
  for (const EquilibriumNode& node : group.nodes) {
    const std::string name = " of node " + shown(node.node);
    expect_narrow(node.price, bits, "the price" + name);
    // No more is promised of a share under 2^-65536.
    const bool is_unmeasured = node.share.lower.sign() == 0 && node.share.upper <= Rational::power_of_two(-65535);
    if (!is_unmeasured) expect_narrow(node.share, bits, "the share" + name);
    if (!is_unmeasured) expect_narrow(node.revenue, bits, "the revenue" + name);
    expect(a * node.price.upper > Rational(1), "the price" + name + " exceeds 1/a");
    expect(a * node.price.lower * (Rational(1) - node.share.upper) <= Rational(1) &&
               Rational(1) <= a * node.price.upper * (Rational(1) - node.share.lower),
           "a p (1 - P) = 1" + name);
    expect(overlap({node.price.lower * node.share.lower, node.price.upper * node.share.upper}, node.revenue),
           "R = p P" + name);
    sum.lower += node.share.lower;
    sum.upper += node.share.upper;
  }
  expect(sum.lower <= Rational(1) && Rational(1) <= sum.upper, "the shares sum to 1");
}

/// Checks that a lower cost weight makes a higher price, share and revenue, and an equal one the same (PRICE-12).
void expect_ordered(const Network& network, const Rational& alpha, const EquilibriumGroup& group) {
  for (const EquilibriumNode& x : group.nodes)
    for (const EquilibriumNode& y : group.nodes) {
      const bool same = network.nodes[x.node].cost == network.nodes[y.node].cost || alpha == Rational(1);
      if (same)
        expect(overlap(x.price, y.price) && overlap(x.share, y.share) && overlap(x.revenue, y.revenue),
               "equal costs, equal prices");
      else if (network.nodes[x.node].cost < network.nodes[y.node].cost)
        expect(x.price.upper > y.price.lower && x.share.upper > y.share.lower && x.revenue.upper > y.revenue.lower,
               "the cheaper node earns more");
    }
}

PROPERTY("solve encloses the rest point of best responses in turn", "[PRICE-12]", 300) {
  const Network network = draw_market(Numbers::moderate);
  const Rational alpha = draw_alpha();
  const long bits = draw_one_of<long>({2, 40, 128, 300});
  const Traits traits = traits_of(network);
  reach("empty network", traits.empty);
  reach("monopoly", traits.monopoly);
  reach("equal costs", traits.equal_costs);
  reach("alpha 0", alpha == Rational(0));
  reach("alpha 1", alpha == Rational(1));
  bool tiny = false;
  for (const EquilibriumGroup& group : solved(network, alpha, bits)) {
    const auto same_range = [&](const Group& each) { return each.range == group.range; };
    const auto groups = groups_of(network);
    const auto nodes = std::find_if(groups.begin(), groups.end(), same_range)->nodes;
    const bool exists = nodes.size() >= 2 && alpha.sign() > 0;
    expect_equal(group.exists, exists, "whether an equilibrium exists");
    expect_equal(group.nodes.size(), exists ? nodes.size() : 0, "an enclosure a node iff it exists");
    if (!exists) continue;
    expect_coherent(network, alpha, group, bits);
    expect_ordered(network, alpha, group);
    PriceOracle oracle(network, nodes, posted_prices(network).values, alpha);
    expect(oracle.play_to_equilibrium(), "best responses in turn come to rest");
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      expect_equal(group.nodes[i].node, nodes[i], "file order");
      expect(holds(group.nodes[i].price, oracle.price(i), 100 * oracle.slack()),
             "the price of node " + shown(nodes[i]) + " is enclosed: " + shown(oracle.price(i)));
      expect(holds_log(group.nodes[i].share, oracle.log_share(i), 100 * oracle.slack()),
             "the share of node " + shown(nodes[i]) + " is enclosed");
      tiny = tiny || oracle.log_share(i) < -690.8L;
    }
  }
  reach("a share under 1e-300", tiny);
}

PROPERTY("enclosures are narrow and coherent at cost ratios of 1e18", "[PRICE-12]", 150) {
  const Network network = draw_market(Numbers::extreme);
  const Rational alpha = draw_alpha();
  reach("cost ratio 1e18", traits_of(network).extreme_ratio);
  const auto result = reference::solve(network, alpha, 64);
  note("limit reached", !result.has_value());
  if (!result) {
    expect(result.error().kind == Fault::Kind::limit_reached, "the limit is the reason");
    return;
  }
  for (const EquilibriumGroup& group : *result) {
    if (!group.exists) continue;
    expect_coherent(network, alpha, group, 64);
    expect_ordered(network, alpha, group);
  }
}

PROPERTY("equal costs make the price n over a times n minus 1", "[PRICE-13]", 150) {
  Network network = draw_group(2, 9, Numbers::any);
  for (Node& node : network.nodes) node.cost = network.nodes.front().cost;
  const Rational alpha = draw_coin() ? Rational(1) : draw_inner_alpha();
  const Rational n(static_cast<std::int64_t>(network.size()));
  const Rational price = n / (sensitivity(network, alpha) * (n - Rational(1)));
  reach("two nodes", network.size() == 2);
  const auto groups = solved(network, alpha, draw_one_of<long>({10, 256}));
  for (const EquilibriumNode& node : groups.front().nodes) {
    expect(node.price.lower <= price && price <= node.price.upper, "the price is enclosed");
    expect(node.share.lower <= Rational(1) / n && Rational(1) / n <= node.share.upper, "the share is enclosed");
  }
}

void expect_same_equilibrium(const std::vector<EquilibriumGroup>& before, const std::vector<EquilibriumGroup>& after,
                             const Rational& price_factor, const std::vector<std::size_t>& order) {
  std::map<std::size_t, const EquilibriumNode*> by_node;
  for (const EquilibriumGroup& group : before)
    for (const EquilibriumNode& node : group.nodes) by_node[node.node] = &node;
  std::size_t nodes = 0;
  for (const EquilibriumGroup& group : after)
    for (const EquilibriumNode& node : group.nodes) {
      const EquilibriumNode& was = *by_node.at(order.empty() ? node.node : order[node.node]);
      expect(overlap({node.price.lower / price_factor, node.price.upper / price_factor}, was.price), "price");
      expect(overlap(node.share, was.share), "share");
      expect(overlap({node.revenue.lower / price_factor, node.revenue.upper / price_factor}, was.revenue), "revenue");
      ++nodes;
    }
  expect_equal(nodes, by_node.size(), "number of priced nodes");
}

PROPERTY("posted prices cost shifts units and numbering do not move the equilibrium", "[PRICE-2][PRICE-12]", 200) {
  const Network network = draw_market(Numbers::moderate);
  const Rational alpha = draw_alpha();
  const auto before = solved(network, alpha, 96);
  const Rational factor = draw_positive();
  reach("some equilibrium",
        std::any_of(before.begin(), before.end(), [](const EquilibriumGroup& group) { return group.exists; }));

  Network shifted = network;
  for (Node& node : shifted.nodes) {
    node.price += factor;
    if (node.layers.first == 0) node.cost += factor;
  }
  expect_same_equilibrium(before, solved(shifted, alpha, 96), Rational(1), {});

  Network dearer = network;
  dearer.price_scale *= factor;
  expect_same_equilibrium(before, solved(dearer, alpha, 96), factor, {});

  Network hotter = network;
  hotter.temperature *= factor;
  for (Node& node : hotter.nodes) node.cost *= factor;
  expect_same_equilibrium(before, solved(hotter, alpha, 96), factor, {});

  const auto order = draw_permutation(network.size());
  expect_same_equilibrium(before, solved(permuted(network, order), alpha, 96), Rational(1), order);
  expect_same_equilibrium(before, solved(network, alpha, 20), Rational(1), {});
}

/// The network with the simplest price of each enclosure as posted price.
Network posted_solution(Network network, const std::vector<EquilibriumGroup>& groups) {
  for (const EquilibriumGroup& group : groups)
    for (const EquilibriumNode& node : group.nodes)
      network.nodes[node.node].price = simplest_between(node.price.lower, node.price.upper);
  return network;
}

/// Solves, posts, verifies, certifies, writes, reads and checks.
void expect_round_trip(const Network& network, const Rational& alpha, long bits) {
  const Network posted = filed(posted_solution(network, solved(network, alpha, bits)));
  const Tolerance tolerance{Rational::power_of_two(-bits), false};
  const EquilibriumReport report = reference::verify(posted, posted_prices(posted), alpha, tolerance);
  expect(report.verdict == Verdict::epsilon_equilibrium || report.verdict == Verdict::equilibrium,
         std::string("the solution verifies: ") + to_string(report.verdict));
  const Certificate certificate = certificate_of(report, posted, alpha, posted_prices(posted));
  const auto read = read_certificate(write_certificate(certificate, posted), "written", posted);
  expect(read.has_value(), read ? "" : read.error().message());
  const auto decision = checker::check(*read, posted, {});
  expect(decision.accepted, decision.reason);
}

PROPERTY("what solve finds is verified and its certificate accepted", "[PRICE-11][PRICE-12][CERT-6]", 100) {
  const Network network = draw_group(2, 9, Numbers::moderate);
  const Rational alpha = draw_coin() ? Rational(1) : draw_inner_alpha();
  reach("unequal costs", !is_symmetric(network, {0, network.size() - 1}, alpha));
  expect_round_trip(network, alpha, draw_one_of<long>({24, 64, 150}));
}

PROPERTY("what solve finds on up to 2000 nodes is verified and its certificate accepted",
         "[PRICE-11][PRICE-12][CERT-6]", 12) {
  const std::int64_t size = draw_one_of<std::int64_t>({2, 30, 200, 700, 2000});
  const std::int64_t groups = size < 100 ? 1 : draw_integer(1, 4);
  const std::int64_t spread = draw_one_of<std::int64_t>({2, 50, 1000});
  reach("2000 nodes", size == 2000);
  reach("costs 1 to 1000", spread == 1000);
  expect_round_trip(draw_large_market(static_cast<std::size_t>(size), groups, spread),
                    draw_one_of<Rational>({Rational(1, 2), Rational(1, 10), 1}), 64);
}

PROPERTY("an equilibrium with one price moved is refuted by as much as that node regrets", "[PRICE-9][PRICE-11]", 150) {
  const Network network = draw_group(2, 6, Numbers::moderate);
  const Rational alpha = draw_coin() ? Rational(1) : draw_inner_alpha();
  Network posted = posted_solution(network, solved(network, alpha, 200));
  const auto moved = static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(posted.size()) - 1));
  const Rational by = draw_one_of<Rational>(
      {Rational(1, 2), Rational(-1, 2), Rational(1, 100), Rational(-1, 10000), Rational(1, 1'000'000'000), -1});
  posted.nodes[moved].price *= Rational(1) + by;
  std::vector<std::size_t> nodes(posted.size());
  std::iota(nodes.begin(), nodes.end(), 0);

  // The moved node's competitors still play the equilibrium, so that its best response is the old price: z = (1 + by)
  // (1 - P') / (1 - P).
  const EquilibriumReport exact = reference::verify(posted, posted_prices(posted), alpha, {Rational(0), false});
  const Enclosure regret = known(exact.groups[0].nodes[moved].regret, "a regret");
  expect(exact.verdict == Verdict::refuted && regret.lower.sign() > 0, "any move is regretted");
  const PriceOracle oracle(posted, nodes, posted_prices(posted).values, alpha);
  if (by == Rational(-1)) expect(regret.lower == Rational(1), "price 0 is regretted wholly");
  else
    expect(real(regret.lower) <= oracle.relative_regret(moved) + oracle.slack() &&
               oracle.relative_regret(moved) - oracle.slack() <= real(regret.upper),
           "the regret is what golden-section search finds");
  reach("to price 0", by == Rational(-1));
  reach("by a billionth", by == Rational(1, 1'000'000'000));

  Rational greatest(0);
  for (const NodeReport& node : exact.groups[0].nodes) greatest = std::max(greatest, node.regret->upper);
  const Rational below = regret.lower * Rational(999, 1000);
  expect(reference::verify(posted, posted_prices(posted), alpha, {below, false}).verdict == Verdict::refuted,
         "refuted below its regret");
  const Rational above = greatest * Rational(1001, 1000);
  if (above < Rational(1))
    expect(
        reference::verify(posted, posted_prices(posted), alpha, {above, false}).verdict == Verdict::epsilon_equilibrium,
        "within epsilon above the greatest regret");
}

constexpr long potential_bits = 512;

/// The potential of the one group of `network` at these prices, all of them > 0 (PRICE-14).
Interval potential_at(const Network& network, const Rational& alpha, const std::vector<Interval>& prices) {
  const auto number = [](const Rational& value) { return Interval(value, potential_bits); };
  const Interval a = number(sensitivity(network, alpha));
  Interval logs = number(0);
  Interval sum = number(0);
  Interval terms = number(0);
  for (std::size_t i = 0; i < prices.size(); ++i) {
    const Rational own = reference::cost_weight(alpha, network.nodes[i].cost, network.cost_scale, network.temperature);
    logs += log(prices[i]);
    sum += prices[i];
    terms += exp(-reference::demand_weight(a, prices[i], number(own)));
  }
  return reference::potential(logs, a, sum, log(terms));
}

std::vector<Interval> points(const std::vector<Rational>& prices) {
  std::vector<Interval> result;
  for (const Rational& price : prices) result.emplace_back(price, potential_bits);
  return result;
}

/// Prices near equilibria and far from them, from 0.01/a to 400/a.
std::vector<Rational> draw_prices(const Network& network, const Rational& alpha) {
  std::vector<Rational> prices;
  for (std::size_t i = 0; i < network.size(); ++i)
    prices.push_back(Rational(draw_integer(1, draw_coin() ? 400 : 40'000), 100) / sensitivity(network, alpha));
  return prices;
}

PROPERTY("the potential changes by as much as the logarithm of the revenue of the node that moves", "[PRICE-14]", 300) {
  const Network network = draw_group(2, 6, Numbers::any);
  const Rational alpha = draw_coin() ? Rational(1) : draw_inner_alpha();
  std::vector<Rational> prices = draw_prices(network, alpha);
  const auto mover = static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(network.size()) - 1));
  const auto log_revenue = [&] {
    const auto market = reference::group_market(network, groups_of(network).front(), prices, alpha);
    const auto competitors = reference::competitors_of(market.weights, potential_bits);
    const auto demand = reference::demand_at(market.weights[mover], competitors[mover], potential_bits);
    return log(reference::revenue(Interval(prices[mover], potential_bits),
                                  reference::demand_share(demand.own, demand.others)));
  };
  const Interval earned = log_revenue();
  const Interval before = potential_at(network, alpha, points(prices));
  prices[mover] *= Rational(draw_integer(1, 300), 100);
  const Interval gained = log_revenue() - earned;
  const Interval risen = potential_at(network, alpha, points(prices)) - before;
  reach("the mover gains", certainly(gained > Interval(1, 64)));
  reach("the mover loses", certainly(gained < Interval(-1, 64)));
  const auto lower = (risen - gained).lower();
  const auto upper = (risen - gained).upper();
  // Weights here stay below 2^100, so that half of the bits suffice for their differences.
  expect(lower && upper && *upper - *lower < Rational::power_of_two(-potential_bits / 2), "the two are known closely");
  expect(lower->sign() <= 0 && upper->sign() >= 0, "the two are equal");
}

PROPERTY("the potential is strictly concave and greatest at the equilibrium", "[PRICE-14]", 200) {
  const Network network = draw_group(2, 6, Numbers::moderate);
  const Rational alpha = draw_coin() ? Rational(1) : draw_inner_alpha();
  const std::vector<Rational> one = draw_prices(network, alpha);
  const std::vector<Rational> other = draw_prices(network, alpha);
  std::vector<Rational> middle;
  for (std::size_t i = 0; i < one.size(); ++i) middle.push_back((one[i] + other[i]) / Rational(2));
  const Interval at_one = potential_at(network, alpha, points(one));
  const Interval at_other = potential_at(network, alpha, points(other));
  const Interval at_middle = potential_at(network, alpha, points(middle));
  if (one != other) expect(certainly(at_middle + at_middle > at_one + at_other), "above the mean of any two");

  const auto equilibrium = solved(network, alpha, 200);
  std::vector<Interval> prices;
  bool is_equilibrium = true;
  for (const EquilibriumNode& node : equilibrium.front().nodes) {
    prices.emplace_back(node.price.lower, node.price.upper, potential_bits);
    const Rational& price = one[prices.size() - 1];
    is_equilibrium = is_equilibrium && node.price.lower <= price && price <= node.price.upper;
  }
  reach("unequal costs", !is_symmetric(network, {0, network.size() - 1}, alpha));
  expect(is_equilibrium || certainly(potential_at(network, alpha, prices) > at_one), "greatest at the equilibrium");
}

}  // namespace
}  // namespace p2pllm::properties
