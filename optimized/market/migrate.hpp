#pragma once

#include "model/market/allocation.hpp"
#include "model/progress.hpp"
#include "optimized/counted.hpp"
#include "optimized/market/columns.hpp"
#include "optimized/market/wide.hpp"

namespace p2pllm::optimized {

class MarketLoops;

/// What decides the weights of nodes in a migration (MIG-1), in columns: a weight falls as its key rises.
///
/// Law: node i weighs 1 / (keys[i] * unit) under the share rule and e^-(keys[i] * unit) under the revenue rule,
/// exactly.
struct MigrationKeys {
  MigrationRule rule = MigrationRule::share;
  std::vector<Wide> keys;      ///< one per node; > 0 under the share rule
  Rational unit = 1;           ///< > 0
  std::vector<bool> may_gain;  ///< one per node: false at price 0 under the revenue rule (MIG-3)
};
[[nodiscard]] MigrationKeys share_keys(const MarketColumns& market);
/// The keys at frozen prices, w = a p + d.
/// @param prices  one per node
/// @param alpha   in [0, 1]
/// @returns nothing if an integer needs more than 128 bits
[[nodiscard]] std::optional<MigrationKeys> revenue_keys(const MarketColumns& market, const Column& prices,
                                                        const Rational& alpha);

inline constexpr std::size_t migration_moves_max = 10'000'000;

/// The allocation given in the file.
[[nodiscard]] Allocation initial_allocation(const MarketColumns& market);

/// Moves nodes until no node gains (MIG-2 .. MIG-6).
///
/// A tournament over the loads of each length keeps the least loaded range at hand, so a node that stays costs one
/// comparison, and a move costs two paths of the tournament. Loads are exact sums of weights in doubles; a comparison
/// that these leave open is decided with 100 bits, and at last exactly (MIG-8).
/// @returns the moves in order and the allocation at rest: those of the definition, whichever arithmetic decided; an
///          error if a comparison of sums of exponentials could not be decided or after migration_moves_max moves
/// O(n) per sweep and O(log targets) per move.
[[nodiscard]] Result<Counted<Migration>> migrate(const MarketColumns& market, const MigrationKeys& keys,
                                                 const Progress& progress = {});

/// For every node that gains by moving from `allocation` alone, its best move (MIG-5), in file order; empty when at
/// rest. The same decisions and errors as in migrate. O(n).
/// @param allocation  a target of MIG-2 for every node
/// @param loops       who scores the nodes; null: the processor
[[nodiscard]] Result<Counted<std::vector<Move>>> gaining_moves(const MarketColumns& market, const MigrationKeys& keys,
                                                               const Allocation& allocation,
                                                               MarketLoops* loops = nullptr);

/// The load of every target, by range (MIG-1): exact under the share rule, otherwise enclosed to about 100 bits. O(n).
[[nodiscard]] std::vector<RangeLoad> loads_of(const MarketColumns& market, const MigrationKeys& keys,
                                              const Allocation& allocation);

/// The evidence that an allocation is at rest (MIG-9). It is true only if the allocation is at rest. O(n + targets^2).
[[nodiscard]] BalanceClaim balance_claim(const MarketColumns& market, const MigrationKeys& keys,
                                         const Allocation& allocation);

}  // namespace p2pllm::optimized
