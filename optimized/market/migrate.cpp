#include "optimized/market/migrate.hpp"

#include <algorithm>

#include "kernels/market/migration_lane.hpp"
#include "optimized/market/demand_keys.hpp"
#include "optimized/market/migrate_state.hpp"

namespace p2pllm::optimized {
namespace {

tl::unexpected<Fault> undecided(const MigrationState& state, const MarketColumns& market, std::size_t node) {
  constexpr long last_bits = 32768;
  return limit_reached("undecided at " + std::to_string(last_bits) + " bits: whether node " +
                       std::string(market.ids[node]) + " gains by moving to " +
                       to_string(state.ranges()[state.undecided_range()]));
}

}  // namespace

MigrationKeys share_keys(const MarketColumns& market) {
  MigrationKeys keys{MigrationRule::share, {}, market.cost.unit(), std::vector<bool>(market.size(), true)};
  keys.keys.reserve(market.size());
  for (std::size_t i = 0; i < market.size(); ++i) keys.keys.push_back(market.cost.integer(i));
  return keys;
}

std::optional<MigrationKeys> revenue_keys(const MarketColumns& market, const Column& prices, const Rational& alpha) {
  const auto scale = demand_scale(market, prices, alpha);
  if (!scale) return std::nullopt;
  MigrationKeys keys{MigrationRule::revenue, {}, scale->unit, {}};
  keys.keys.reserve(market.size());
  keys.may_gain.reserve(market.size());
  for (std::size_t i = 0; i < market.size(); ++i) {
    keys.keys.push_back(scale->weight(prices.integer(i), market.cost.integer(i)));
    keys.may_gain.push_back(prices.integer(i) > 0);
  }
  return keys;
}

Allocation initial_allocation(const MarketColumns& market) {
  Allocation allocation;
  allocation.reserve(market.size());
  for (std::size_t i = 0; i < market.size(); ++i) allocation.push_back({market.first[i], market.last[i]});
  return allocation;
}

Result<Counted<Migration>> migrate(const MarketColumns& market, const MigrationKeys& keys, const Progress& progress) {
  const RangeIndex index = index_ranges(market, market.blocks);
  Migration result{{}, initial_allocation(market)};
  MigrationState state(keys, index, nullptr);
  if (!state.is_decided()) return undecided(state, market, 0);
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t i = 0; i < market.size(); ++i) {
      report(progress, i, market.size());
      const auto to = state.destination(i);
      if (!to) return undecided(state, market, i);
      if (*to == state.served_by(i)) continue;
      if (result.moves.size() == migration_moves_max)
        return limit_reached("not at rest after " + std::to_string(migration_moves_max) + " moves");
      result.moves.push_back({i, result.allocation[i], state.ranges()[*to]});
      result.allocation[i] = state.ranges()[*to];
      if (!state.move(i, *to)) return undecided(state, market, i);
      moved = true;
    }
  }
  return Counted<Migration>{std::move(result), state.counts()};
}

Result<Counted<std::vector<Move>>> gaining_moves(const MarketColumns& market, const MigrationKeys& keys,
                                                 const Allocation& allocation, MarketLoops* loops) {
  using kernels::MigrationScore;
  const RangeIndex index = index_ranges(market, market.blocks);
  MigrationState state(keys, index, &allocation);
  if (!state.is_decided()) return undecided(state, market, 0);
  const std::vector<MigrationScore> scores = state.scores(loops);
  FilterCounts counts;
  std::vector<Move> moves;
  for (std::size_t i = 0; i < market.size(); ++i) {
    std::optional<std::uint32_t> to = state.served_by(i);
    if (scores[i] == MigrationScore::open) to = state.destination(i);
    else if (scores[i] == MigrationScore::moves) to = state.least_loaded(state.served_by(i));
    if (scores[i] == MigrationScore::stays || scores[i] == MigrationScore::moves) ++counts.approximate;
    if (!to) return undecided(state, market, i);
    if (*to != state.served_by(i)) moves.push_back({i, allocation[i], state.ranges()[*to]});
  }
  counts += state.counts();
  return Counted<std::vector<Move>>{std::move(moves), counts};
}

}  // namespace p2pllm::optimized
