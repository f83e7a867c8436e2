#include "reference/simulation/rising_start.hpp"

#include <algorithm>

#include "reference/market/demand_rules.hpp"
#include "reference/market/group.hpp"
#include "reference/market/regret_rules.hpp"
#include "reference/simulation/ascent_rules.hpp"

namespace p2pllm::reference {
namespace {

constexpr long bits = 128;

bool is_rising_group(const GroupMarket& market) {
  const Rational most = *std::ranges::max_element(market.prices);
  if (is_rising(stationarity(most, Rational(1), market.sensitivity))) return true;  // z <= a p
  const auto competitors = competitors_of(market.weights, bits);
  const Interval sensitivity(market.sensitivity, bits);
  for (std::size_t k = 0; k < market.size(); ++k) {
    const Demand demand = demand_at(market.weights[k], competitors[k], bits);
    const Interval rest = rest_share(demand.own, demand.others);
    if (!certainly(is_rising(stationarity(Interval(market.prices[k], bits), rest, sensitivity)))) return false;
  }
  return true;
}

}  // namespace

bool is_rising_start(const Scenario& scenario, const Peers& peers) {
  const Network& market = peers.market();
  const Rational alpha = scenario.alpha ? *scenario.alpha : *market.alpha;
  const Rational sensitivity = price_sensitivity(alpha, market.price_scale, market.temperature);
  if (scenario.churn) return false;  // a node that joins may charge more than its best response
  if (sensitivity.sign() == 0 || Rational(1) < scenario.prices.eta * sensitivity) return false;
  Rational most = 0;
  for (std::size_t node = 0; node < peers.size(); ++node) most = maximum(most, peers.price(node));
  if (is_rising(stationarity(most, Rational(1), sensitivity))) return true;  // z <= a p
  const Network network = peers.network();
  const std::vector<Rational> prices = posted_prices(network).values;
  return std::ranges::all_of(groups_of(network), [&](const Group& group) {
    return group.nodes.size() == 1 || is_rising_group(group_market(network, group, prices, alpha));
  });
}

}  // namespace p2pllm::reference
