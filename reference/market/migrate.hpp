#pragma once

#include "model/market/allocation.hpp"
#include "model/numbers/interval.hpp"
#include "model/progress.hpp"

namespace p2pllm::reference {

/// The weights of nodes in a migration (MIG-1): a weight falls as its key rises, and equal keys give equal weights.
struct MigrationWeights {
  MigrationRule rule = MigrationRule::share;
  std::vector<Rational> keys;  ///< one per node: the cost (weight 1 / key), or w (weight e^-key)
  std::vector<bool> may_gain;  ///< one per node: false at price 0 under the revenue rule
};
[[nodiscard]] MigrationWeights share_weights(const Network& network);
/// The weights at frozen prices. A move by these raises the mover's own revenue (MIG-7); a node at price 0 never gains
/// (MIG-3).
[[nodiscard]] MigrationWeights revenue_weights(const Network& network, const Prices& prices, const Rational& alpha);

inline constexpr std::size_t moves_max = 10'000'000;
inline constexpr Precision migration_precision = {128, 32768};

/// The allocation given in the file.
[[nodiscard]] Allocation initial_allocation(const Network& network);

/// Moves nodes until no node gains (MIG-2 .. MIG-6).
///
/// @returns the moves in order and the allocation at rest; an error if a comparison of exponential sums could not be
///          decided (MIG-8) or after moves_max moves. Every decision is exact.
/// O(targets) comparisons per node and sweep.
[[nodiscard]] Result<Migration> migrate(const Network& network, const MigrationWeights& weights,
                                        const Progress& progress = {});

/// For every node that gains by moving from `allocation` alone, its best move (MIG-5), in file order; empty when at
/// rest.
[[nodiscard]] Result<std::vector<Move>> gaining_moves(const Network& network, const MigrationWeights& weights,
                                                      const Allocation& allocation);

/// The load of every target, by range (MIG-1): exact under the share rule, otherwise enclosed to about 100 bits.
[[nodiscard]] std::vector<RangeLoad> loads_of(const Network& network, const MigrationWeights& weights,
                                              const Allocation& allocation);

/// The evidence that an allocation is at rest (MIG-9). It is true only if the allocation is at rest.
[[nodiscard]] BalanceClaim balance_claim(const Network& network, const MigrationWeights& weights,
                                         const Allocation& allocation);

}  // namespace p2pllm::reference
