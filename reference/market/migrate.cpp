#include "reference/market/migrate.hpp"

#include <algorithm>

#include "reference/market/demand_rules.hpp"
#include "reference/market/migration_rules.hpp"
#include "reference/market/migration_state.hpp"

namespace p2pllm::reference {

MigrationWeights share_weights(const Network& network) {
  MigrationWeights weights{MigrationRule::share, {}, std::vector<bool>(network.size(), true)};
  for (const Node& node : network.nodes) weights.keys.push_back(node.cost);
  return weights;
}

MigrationWeights revenue_weights(const Network& network, const Prices& prices, const Rational& alpha) {
  MigrationWeights weights{MigrationRule::revenue, {}, {}};
  const Rational sensitivity = price_sensitivity(alpha, network.price_scale, network.temperature);
  for (std::size_t i = 0; i < network.size(); ++i) {
    const Rational by_cost = cost_weight(alpha, network.nodes[i].cost, network.cost_scale, network.temperature);
    weights.keys.push_back(demand_weight(sensitivity, prices.values[i], by_cost));
    weights.may_gain.push_back(prices.values[i].sign() > 0);
  }
  return weights;
}

Allocation initial_allocation(const Network& network) {
  Allocation allocation;
  for (const Node& node : network.nodes) allocation.push_back(node.layers);
  return allocation;
}

Result<Migration> migrate(const Network& network, const MigrationWeights& weights, const Progress& progress) {
  Migration result{{}, initial_allocation(network)};
  MigrationState state(network, weights, result.allocation);
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t i = 0; i < network.size(); ++i) {
      report(progress, i, network.size());
      const auto to = state.destination(i);
      if (!to) return tl::unexpected<Fault>(to.error());
      if (*to == state.served_by(i)) continue;
      if (result.moves.size() == moves_max)
        return limit_reached("not at rest after " + std::to_string(moves_max) + " moves");
      result.moves.push_back({i, result.allocation[i], state.ranges()[*to]});
      result.allocation[i] = state.ranges()[*to];
      state.move(i, *to);
      moved = true;
    }
  }
  return result;
}

Result<std::vector<Move>> gaining_moves(const Network& network, const MigrationWeights& weights,
                                        const Allocation& allocation) {
  const MigrationState state(network, weights, allocation);
  std::vector<Move> moves;
  for (std::size_t i = 0; i < network.size(); ++i) {
    const auto to = state.destination(i);
    if (!to) return tl::unexpected<Fault>(to.error());
    if (*to != state.served_by(i)) moves.push_back({i, allocation[i], state.ranges()[*to]});
  }
  return moves;
}

std::vector<RangeLoad> loads_of(const Network& network, const MigrationWeights& weights, const Allocation& allocation) {
  const MigrationState state(network, weights, allocation);
  std::vector<RangeLoad> result;
  for (std::size_t r = 0; r < state.ranges().size(); ++r) {
    RangeLoad& entry = result.emplace_back(RangeLoad{state.ranges()[r], state.keys(r).size(), {}});
    if (weights.rule == MigrationRule::share) entry.load.lower = entry.load.upper = capacity(state.keys(r));
    else entry.load = {*state.load(r).lower(), *state.load(r).upper()};  // e^-w <= 1: never infinite
  }
  return result;
}

BalanceClaim balance_claim(const Network& network, const MigrationWeights& weights, const Allocation& allocation) {
  constexpr int margin_digits = 6;
  // A load may be e^30000 times another, which is beyond the checker's exponentials; any lower bound is sufficient.
  const Rational margin_max = 1'000'000;
  const MigrationState state(network, weights, allocation);
  std::vector<std::optional<std::size_t>> lightest(state.ranges().size());
  for (std::size_t i = 0; i < network.size(); ++i) {
    auto& chosen = lightest[state.served_by(i)];
    if (weights.may_gain[i] && (!chosen || weights.keys[i] > weights.keys[*chosen])) chosen = i;
  }
  BalanceClaim claim;
  claim.rule = weights.rule;
  claim.allocation = allocation;
  for (const auto& [length, ranges] : state.of_length())
    for (const std::size_t here : ranges)
      for (const std::size_t there : ranges) {
        if (there == here || !lightest[here]) continue;
        const std::size_t node = *lightest[here];
        const auto margin = moving_margin(state.load(here), state.load(there), state.own(node)).lower();
        const Rational shown = margin ? round_decimal(*margin, margin_digits, Rounding::down) : Rational(0);
        claim.comparisons.push_back({node, state.ranges()[there], std::clamp(shown, Rational(0), margin_max)});
      }
  return claim;
}

}  // namespace p2pllm::reference
