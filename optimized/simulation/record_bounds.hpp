#pragma once

#include <optional>
#include <span>

#include "kernels/portable/interval.hpp"
#include "model/simulation/record.hpp"
#include "optimized/simulation/group_prices.hpp"

namespace p2pllm::optimized {

/// What a record needs of one group beside its counts, enclosed (SIM-16).
struct GroupBounds {
  RangeRecord record;                  ///< without its range
  kernels::DoubleInterval throughput;  ///< the least quotient of 1 / cost and share; infinite for nobody
  double regret_bound = 0;             ///< an upper bound of the greatest relative regret (PRICE-9)
};

/// @param sensitivity  encloses a
/// @param capacities   enclose 1 / cost of every node of the market, in file order
/// @returns nothing if doubles enclose something by no finite number
/// O(n log n).
[[nodiscard]] std::optional<GroupBounds> group_bounds(const GroupPrices& group,
                                                      const kernels::DoubleInterval& sensitivity,
                                                      std::span<const kernels::DoubleInterval> capacities);

/// An interval whose ends are finite, as rationals.
[[nodiscard]] Enclosure enclosure_of(const kernels::DoubleInterval& value);

}  // namespace p2pllm::optimized
