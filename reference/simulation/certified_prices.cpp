#include "reference/simulation/certified_prices.hpp"

#include <algorithm>
#include <utility>

#include "model/assert.hpp"
#include "reference/market/demand_rules.hpp"
#include "reference/market/regret_rules.hpp"
#include "reference/simulation/ascent_rules.hpp"

namespace p2pllm::reference {
namespace {

Rational alpha_of(const Scenario& scenario, const Network& network) {
  return scenario.alpha ? *scenario.alpha : *network.alpha;
}

/// The interval of all numbers within `radius` of zero.
Interval around_zero(const Interval& radius) { return hull(-radius, radius); }

Enclosure around(const Rational& value, const Rational& radius) { return {value - radius, value + radius}; }

}  // namespace

CertifiedPrices::CertifiedPrices(const Scenario& scenario, const Network& network, std::size_t ranges, long bits)
    : scenario_(scenario),
      bits_(bits),
      sensitivity_(price_sensitivity(alpha_of(scenario, network), network.price_scale, network.temperature), bits),
      eta_(scenario.prices.eta, bits),
      radius_(ranges, Interval(Rational(0), radius_bits)),
      first_rounding_(Rational(0), radius_bits) {
  P2PLLM_ASSERT(bits >= radius_bits);
  const Rational alpha = alpha_of(scenario, network);
  for (const Node& node : network.nodes) {
    cost_weights_.emplace_back(cost_weight(alpha, node.cost, network.cost_scale, network.temperature), bits);
    midpoints_.emplace_back(Rational(0), bits);
    // One radius for all, so that no node's first rounding depends on the range that it serves.
    first_rounding_ = maximum(first_rounding_, set(midpoints_.size() - 1, Interval(node.price, bits)));
  }
  for (Interval& radius : radius_) radius = first_rounding_;
}

Interval CertifiedPrices::set(std::size_t node, const Interval& price) {
  midpoints_[node] = price.midpoint();
  return (price - midpoints_[node]).magnitude().with_bits(radius_bits);
}

std::vector<CertifiedPrices::Shares> CertifiedPrices::shares(std::span<const std::size_t> nodes) const {
  const Interval zero(Rational(0), bits_);
  // Any shift gives the same shares (PRICE-3); this one keeps every exponential at most about 1.
  std::vector<Interval> weights;
  weights.reserve(nodes.size());
  for (const std::size_t node : nodes)
    weights.push_back(demand_weight(sensitivity_, midpoints_[node], cost_weights_[node]));
  const Interval least = *std::ranges::min_element(
      weights, [](const Interval& a, const Interval& b) { return a.approximate() < b.approximate(); });
  std::vector<Interval> terms;
  terms.reserve(nodes.size());
  for (const Interval& weight : weights) terms.push_back(exp(least - weight));
  std::vector<Interval> after(nodes.size(), zero);
  for (std::size_t k = nodes.size() - 1; k-- > 0;) after[k] = after[k + 1] + terms[k + 1];
  std::vector<Shares> result;
  Interval before = zero;
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    const Interval others = before + after[k];
    result.push_back({demand_share(terms[k], others), rest_share(terms[k], others)});
    before += terms[k];
  }
  return result;
}

/// The logarithms of P and of 1 - P change by at most 2 a e where every price changes by at most e: the sum of the
/// absolute partial derivatives of ln P is 2 a (1 - P), and that of ln (1 - P) is 2 a P.
Interval CertifiedPrices::spread(const Interval& radius, long bits) const {
  const Interval two(Rational(2), bits);
  return exp(around_zero(two * sensitivity_.with_bits(bits) * radius));
}

Interval CertifiedPrices::growth(std::size_t node, const Shares& shares, const Interval& radius) const {
  const Interval factor = spread(radius, radius_bits);
  const Interval own = shares.own.with_bits(radius_bits) * factor;
  const Interval rest = shares.rest.with_bits(radius_bits) * factor;
  const Interval price = midpoints_[node].with_bits(radius_bits) + around_zero(radius);
  const Interval sensitivity = sensitivity_.with_bits(radius_bits);
  return ascent_growth(ascent_strength(eta_.with_bits(radius_bits), sensitivity, own, rest),
                       ascent_lean(sensitivity, price, own, rest));
}

/// The next price of a node without rivals (SIM-7). Its revenue is its price, so the gradient is 1. No rule moves two
/// prices further apart, so the radius stays.
Interval CertifiedPrices::next_alone(std::size_t node) const {
  const Interval& price = midpoints_[node];
  const Interval one(Rational(1), bits_);
  Interval risen = ascent_step(price, eta_, one);
  switch (scenario_.monopoly->rule) {
    case MonopolyRule::hold: return price;
    case MonopolyRule::ascend: return risen;
    case MonopolyRule::cap: return maximum(price, minimum(risen, Interval(scenario_.monopoly->cap, bits_)));
  }
  return price;
}

void CertifiedPrices::step(std::size_t range, std::span<const std::size_t> nodes, const std::vector<bool>& updates) {
  if (nodes.empty() || std::ranges::none_of(updates, [](bool moves) { return moves; })) return;
  if (nodes.size() == 1) {
    radius_[range] += set(nodes[0], next_alone(nodes[0]));
    return;
  }
  const std::vector<Shares> all = shares(nodes);
  Interval growth_max(Rational(0), radius_bits);
  Interval rounding_max = growth_max;
  std::vector<Interval> next;
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    const Interval& price = midpoints_[nodes[k]];
    const Interval gradient = revenue_gradient(sensitivity_, price, all[k].own);
    next.push_back(updates[k] ? ascent_step(price, eta_, gradient) : price);
    const Interval one(Rational(1), radius_bits);
    growth_max = maximum(growth_max, updates[k] ? growth(nodes[k], all[k], radius_[range]) : one);
  }
  for (std::size_t k = 0; k < nodes.size(); ++k) rounding_max = maximum(rounding_max, set(nodes[k], next[k]));
  radius_[range] = growth_max * radius_[range] + rounding_max;
}

void CertifiedPrices::move(std::size_t from, std::size_t to) { radius_[to] = maximum(radius_[to], radius_[from]); }

void CertifiedPrices::widen(std::size_t range, const Rational& radius) {
  radius_[range] = maximum(radius_[range], Interval(radius, radius_bits));
}

bool CertifiedPrices::is_within(std::size_t range, const Rational& tolerance) const {
  return certainly(radius_[range] <= Interval(tolerance, bits_));
}

PriceSummary CertifiedPrices::summary(std::size_t range, std::span<const std::size_t> nodes) const {
  const Rational radius = *radius_[range].upper();
  std::vector<Rational> prices;
  Rational sum = 0;
  for (const std::size_t node : nodes) sum += prices.emplace_back(*midpoints_[node].lower());
  std::ranges::sort(prices);
  const std::size_t n = prices.size();
  const Rational median = (prices[(n - 1) / 2] + prices[n / 2]) / Rational(2);
  return {around(sum / Rational(static_cast<long>(n)), radius), around(median, radius), around(prices.front(), radius),
          around(prices.back(), radius)};
}

CertifiedPrices::PriceAndWeight CertifiedPrices::enclosed(std::size_t range, std::size_t node) const {
  Interval price = midpoints_[node] + around_zero(radius_[range]);
  Interval weight = demand_weight(sensitivity_, price, cost_weights_[node]);
  return {std::move(price), std::move(weight)};
}

std::vector<CertifiedPrices::NodeState> CertifiedPrices::states(std::size_t range,
                                                                std::span<const std::size_t> nodes) const {
  const Interval one(Rational(1), bits_);
  const Interval off = around_zero(radius_[range]);
  const auto weight = [&](std::size_t node) {
    return demand_weight(sensitivity_, midpoints_[node] + off, cost_weights_[node]);
  };
  if (nodes.size() == 1) {
    const Interval price = midpoints_[nodes[0]] + off;
    return {{price, one, one, price, weight(nodes[0])}};
  }
  const Interval factor = spread(radius_[range], bits_);
  const std::vector<Shares> all = shares(nodes);
  std::vector<NodeState> result;
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    const Interval price = midpoints_[nodes[k]] + off;
    const Interval own = minimum(all[k].own * factor, one);
    const Interval z = stationarity(price, all[k].rest * factor, sensitivity_);
    result.push_back({revenue(price, own), own, one - z * exp(one - z), price, weight(nodes[k])});
  }
  return result;
}

}  // namespace p2pllm::reference
