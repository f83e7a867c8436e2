#include <rapidcheck.h>

#include "model/numbers/interval.hpp"
#include "properties/property.hpp"
#include "reference/market/demand_rules.hpp"
#include "reference/market/equilibrium_rules.hpp"

// Gradient ascent against the potential of PRICE-14, in intervals of 400 bits.
namespace p2pllm::properties {
namespace {

constexpr long bits = 400;

Interval exact(const Rational& value) { return {value, bits}; }

/// A group with a = 1: prices and the parts of the weights that do not depend on them.
struct Group {
  std::vector<Interval> prices;
  std::vector<Rational> rest;
};

Rational drawn_price() {
  const Rational part(*rc::gen::inRange(1, 100), 100);
  switch (*rc::gen::inRange(0, 3)) {
    case 0: return part * 4;
    case 1: return part * 200;
    default: return part / 50;
  }
}

/// Demand weights are drawn and not costs, so that dear nodes have great shares, too.
Group drawn_group() {
  Group group;
  const int n = *rc::gen::inRange(2, 6);
  for (int k = 0; k < n; ++k) {
    const Rational price = drawn_price(), weight(*rc::gen::inRange(0, 80), 10);
    group.prices.push_back(exact(price));
    group.rest.push_back(weight - price);
  }
  return group;
}

std::vector<Interval> terms_of(const Group& group) {
  std::vector<Interval> terms;
  for (std::size_t k = 0; k < group.prices.size(); ++k)
    terms.push_back(exp(-reference::demand_weight(exact(1), group.prices[k], exact(group.rest[k]))));
  return terms;
}

Interval sum_of(const std::vector<Interval>& values) {
  Interval sum = exact(0);
  for (const Interval& value : values) sum += value;
  return sum;
}

Interval potential_of(const Group& group) {
  Interval logs = exact(0);
  for (const Interval& price : group.prices) logs += log(price);
  return reference::potential(logs, exact(1), sum_of(group.prices), log(sum_of(terms_of(group))));
}

/// All nodes at once, each by its own rate.
Group stepped(const Group& group, const std::vector<Rational>& rates) {
  Group next = group;
  const auto terms = terms_of(group);
  const Interval sum = sum_of(terms);
  for (std::size_t k = 0; k < terms.size(); ++k) {
    const Interval share = terms[k] / sum;
    next.prices[k] = reference::ascent_step(group.prices[k], exact(rates[k]),
                                            reference::revenue_gradient(exact(1), group.prices[k], share));
  }
  return next;
}

PROPERTY("a step of ascent raises the potential from every positive price, while no rate exceeds 1 / a",
         "[price][PRICE-16]", 1000) {
  const Group group = drawn_group();
  std::vector<Rational> rates;
  for (std::size_t k = 0; k < group.prices.size(); ++k)
    rates.push_back(*rc::gen::element(Rational(1), Rational(1), Rational(1, 2), Rational(9, 10), Rational(0)));
  const Group next = stepped(group, rates);
  bool rises = false, falls = false;
  for (std::size_t k = 0; k < next.prices.size(); ++k) {
    expect(certainly(exact(0) < next.prices[k]), "a price stays positive");
    rises = rises || certainly(group.prices[k] < next.prices[k]);
    falls = falls || certainly(next.prices[k] < group.prices[k]);
  }
  reach("prices rise and fall", rises && falls);
  reach("all that move fall", falls && !rises);
  if (!rises && !falls) return;
  expect(certainly(potential_of(group) < potential_of(next)), "the potential rises");
}

PROPERTY("above 1 / a there are prices from which a step lets the potential fall", "[price][PRICE-16]", 100) {
  const Rational rate = 1 + Rational(*rc::gen::inRange(1, 100), 50);
  // The first node's share is P with rate P > 1, the other is at rest, and the price is above the clause's bound.
  const Rational share = Rational(1) - (rate - Rational(1)) / (rate * Rational(*rc::gen::inRange(2, 9)));
  const Rational rest = Rational(1) - share;
  const Rational price = Rational(*rc::gen::inRange(2, 5)) * rate * share / (rest * (rate * share - Rational(1)));
  Group group{{exact(price), exact(Rational(1) / share)}, {}};
  // e^-w of the first is P, and that of the other 1 - P: their weights need not be rational.
  std::vector<Interval> weights{-log(exact(share)), -log(exact(rest))};
  const auto potential_at = [&](const std::vector<Interval>& prices) {
    Interval sum = exact(0);
    for (std::size_t k = 0; k < 2; ++k) sum += exp(-(weights[k] + prices[k] - group.prices[k]));
    return reference::potential(log(prices[0]) + log(prices[1]), exact(1), prices[0] + prices[1], log(sum));
  };
  std::vector<Interval> next;
  for (std::size_t k = 0; k < 2; ++k) {
    const Interval own = exact(k == 0 ? share : rest);
    next.push_back(reference::ascent_step(group.prices[k], exact(rate),
                                          reference::revenue_gradient(exact(1), group.prices[k], own)));
  }
  expect(certainly(potential_at(next) < potential_at(group.prices)), "the potential falls");
  reach("a rate near 1", rate < Rational(5, 4));
}

}  // namespace
}  // namespace p2pllm::properties
