#include "reference/market/group.hpp"

#include <algorithm>

#include "model/assert.hpp"
#include "reference/market/demand_rules.hpp"

namespace p2pllm::reference {

GroupMarket group_market(const Network& network, const Group& group, const std::vector<Rational>& prices,
                         const Rational& alpha) {
  GroupMarket market;
  market.nodes = group.nodes;
  market.sensitivity = price_sensitivity(alpha, network.price_scale, network.temperature);
  for (const std::size_t i : group.nodes) {
    market.prices.push_back(prices[i]);
    market.cost_weights.push_back(cost_weight(alpha, network.nodes[i].cost, network.cost_scale, network.temperature));
    market.weights.push_back(demand_weight(market.sensitivity, market.prices.back(), market.cost_weights.back()));
  }
  return market;
}

Interval decay(const Rational& exponent, long bits) { return exp(Interval(-exponent, bits)); }

std::vector<Competitors> competitors_of(const std::vector<Rational>& weights, long bits) {
  const std::size_t n = weights.size();
  P2PLLM_ASSERT(n >= 2);
  const auto lightest = static_cast<std::size_t>(std::min_element(weights.begin(), weights.end()) - weights.begin());
  std::vector<Interval> terms;
  terms.reserve(n);
  for (const Rational& weight : weights) terms.push_back(decay(weight - weights[lightest], bits));

  const Interval zero(Rational(0), bits);
  std::vector<Interval> after(n, zero);  // sum of the terms behind i
  for (std::size_t i = n - 1; i-- > 0;) after[i] = after[i + 1] + terms[i + 1];
  std::vector<Competitors> result;
  result.reserve(n);
  Interval before = zero;
  for (std::size_t i = 0; i < n; ++i) {
    result.push_back({weights[lightest], before + after[i]});
    before += terms[i];
  }

  // The competitors of the node with the least weight may all be tiny beside it, so they are summed under their own
  // least weight.
  Rational second = weights[lightest == 0 ? 1 : 0];
  for (std::size_t j = 0; j < n; ++j)
    if (j != lightest) second = minimum(second, weights[j]);
  Interval sum = zero;
  for (std::size_t j = 0; j < n; ++j)
    if (j != lightest) sum += decay(weights[j] - second, bits);
  result[lightest] = {second, sum};
  return result;
}

Demand demand_at(const Rational& weight, const Competitors& competitors, long bits) {
  const Rational above = weight - competitors.shift;
  const Interval one(Rational(1), bits);
  if (above.sign() >= 0) return {decay(above, bits), competitors.sum};
  return {one, competitors.sum * decay(-above, bits)};
}

}  // namespace p2pllm::reference
