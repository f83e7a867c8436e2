#include <rapidcheck.h>

#include "model/numbers/interval.hpp"
#include "properties/property.hpp"
#include "reference/market/demand_rules.hpp"
#include "reference/market/equilibrium_rules.hpp"
#include "reference/market/regret_rules.hpp"
#include "reference/market/solve.hpp"
#include "reference/simulation/ascent_rules.hpp"

// Gradient ascent from rising profiles (SIM-12), with a = 1 and in intervals of 400 bits.
namespace p2pllm::properties {
namespace {

constexpr long bits = 400;

Interval exact(const Rational& value) { return {value, bits}; }

/// Prices and costs of a group with a = 1, d_i = c_i. Prices are intervals: after a step they are irrational.
struct Group {
  std::vector<Interval> prices;
  std::vector<Rational> costs;

  /// The share of each node's rivals, 1 - P.
  [[nodiscard]] std::vector<Interval> rests() const {
    std::vector<Interval> terms, result;
    for (std::size_t k = 0; k < prices.size(); ++k)
      terms.push_back(exp(-reference::demand_weight(exact(1), prices[k], exact(costs[k]))));
    for (std::size_t k = 0; k < terms.size(); ++k) {
      Interval others = exact(0);
      for (std::size_t j = 0; j < terms.size(); ++j)
        if (j != k) others += terms[j];
      result.push_back(reference::rest_share(terms[k], others));
    }
    return result;
  }

  [[nodiscard]] bool is_certainly_rising() const {
    const auto rest = rests();
    for (std::size_t k = 0; k < rest.size(); ++k)
      if (!certainly(reference::is_rising(reference::stationarity(prices[k], rest[k], exact(1))))) return false;
    return true;
  }

  /// All nodes at once, each by its own rate.
  [[nodiscard]] Group stepped(const std::vector<Rational>& rates) const {
    Group next = *this;
    const auto rest = rests();
    for (std::size_t k = 0; k < rest.size(); ++k)
      next.prices[k] = reference::ascent_step(prices[k], exact(rates[k]),
                                              reference::revenue_gradient(exact(1), prices[k], exact(1) - rest[k]));
    return next;
  }
};

/// Prices drawn far apart, and lowered together until the profile is certain to be rising. They are dyadic, so that a
/// price that does not move is a point.
Group drawn_rising() {
  Group group;
  std::vector<Rational> prices;
  const int n = *rc::gen::inRange(2, 6);
  for (int k = 0; k < n; ++k) {
    prices.push_back(Rational(*rc::gen::inRange(0, *rc::gen::element(64, 640)), 32));
    group.costs.push_back(Rational(*rc::gen::inRange(1, *rc::gen::element(8, 80)), 8));
  }
  for (Rational scale = 1;; scale -= Rational(1, 32)) {  // at 1/32 every price is below 1
    group.prices.clear();
    for (const Rational& price : prices) group.prices.push_back(exact(price * scale));
    if (group.is_certainly_rising()) return group;
  }
}

PROPERTY("a step from prices that are at most the best responses lowers none and leads to such prices",
         "[simulation][SIM-12]", 1000) {
  const Group group = drawn_rising();
  std::vector<Rational> rates;
  for (std::size_t k = 0; k < group.prices.size(); ++k)
    rates.push_back(*rc::gen::element(Rational(1), Rational(1), Rational(1, 2), Rational(0)));
  const Group next = group.stepped(rates);
  bool large = false, all = true;
  for (std::size_t k = 0; k < rates.size(); ++k) {
    expect(certainly(group.prices[k] <= next.prices[k]), "no price falls");
    large = large || certainly(exact(2) < group.prices[k]);
    all = all && rates[k].sign() > 0;
  }
  expect(next.is_certainly_rising(), "the next profile is rising");
  reach("a price above 2 / a", large);
  reach("a node that does not move", !all);
}

/// The equilibrium's prices and odds (PRICE-12).
std::vector<EquilibriumNode> equilibrium(const Group& group) {
  Network network;
  network.layers = 1;
  network.price_scale = network.cost_scale = Rational(1, 2);  // with alpha 1/2, a = 1 and d = c
  for (const Rational& cost : group.costs)
    network.nodes.push_back({"n" + std::to_string(network.size()), {0, 1}, cost, Rational(0)});
  return reference::solve(network, Rational(1, 2), bits).value().front().nodes;
}

PROPERTY("rising prices stay below those of the equilibrium, and the gap shrinks by the stated factor",
         "[simulation][SIM-12]", 500) {
  Group group = drawn_rising();
  const Rational rate = *rc::gen::element(Rational(1), Rational(1, 2), Rational(9, 10));
  const auto goals = equilibrium(group);
  const auto enclosed = [](const Enclosure& value) { return Interval(value.lower, value.upper, bits); };
  const auto gap_of = [&](const std::vector<Interval>& prices) {
    Interval gap = exact(0);
    for (std::size_t k = 0; k < prices.size(); ++k) {
      expect(certainly(prices[k] < enclosed(goals[k].price)), "no price exceeds that of the equilibrium");
      gap = maximum(gap, enclosed(goals[k].price) - prices[k]);
    }
    return gap;
  };
  Interval gap = gap_of(group.prices);
  const Interval first_gap = gap, one = exact(1);
  const auto left = [&](const Interval& at) {
    Interval least = one;
    for (const EquilibriumNode& goal : goals) {
      const Interval share = enclosed(goal.share), odds = share / (one - share);
      least = minimum(least, exact(rate) * odds / ((one + odds * exp(at)) * (odds + exp(at))));
    }
    return one - least;
  };
  const std::vector<Rational> rates(group.prices.size(), rate);
  Interval bound = gap;
  bool fast = false;
  for (int step = 0; step < 4; ++step) {
    group = group.stepped(rates);
    const Interval next = gap_of(group.prices);
    bound *= left(first_gap);
    expect(certainly(next <= left(gap) * gap), "the factor of the gap before the step");
    expect(certainly(next <= bound), "the factor of the first gap");
    fast = fast || certainly(next < gap * exact(Rational(9, 10)));
    gap = next;
  }
  reach("a gap above 1", certainly(one < first_gap));
  reach("a step that takes a tenth of the gap away", fast);
}

PROPERTY("above 1 / a there are rising prices from which a step leads above a best response", "[simulation][SIM-12]",
         200) {
  const Rational one = 1, rate = *rc::gen::element(one + Rational(*rc::gen::inRange(1, 100), 50), Rational(3));
  // The first node's share is P with rate P > 1, and rate P z > 1 with z < 1; the other node is at rest.
  const auto between = [](const Rational& low) {
    return low + (Rational(1) - low) * Rational(*rc::gen::inRange(1, 20), 20);
  };
  const Rational share = between(one / rate), z = between(one / (rate * share)), rest = one - share;
  const Rational price = z / rest, other = one / share;
  expect(reference::is_rising(reference::stationarity(price, rest, one)), "the first is rising");
  expect_equal(reference::revenue_gradient(one, other, rest), Rational(0), "the other's gradient");
  const Rational next = reference::ascent_step(price, rate, reference::revenue_gradient(one, price, share));
  const Interval next_rest = reference::rest_share(exact(share) * exp(exact(price - next)), exact(rest));
  expect(certainly_not(reference::is_rising(reference::stationarity(exact(next), next_rest, exact(1)))),
         "the next price exceeds the best response");
  reach("a rate near 1", rate < Rational(5, 4));
  reach("a rate of 3", rate == Rational(3));
}

}  // namespace
}  // namespace p2pllm::properties
