#pragma once

#include <span>

#include "optimized/simulation/group_prices.hpp"

namespace p2pllm::optimized {

/// Steps of ascent of all nodes of many groups by somebody else than the processor's vector units, with the same bits:
/// a device (device_ascent.hpp).
class AscentLoops {
 public:
  AscentLoops() = default;
  virtual ~AscentLoops() = default;
  AscentLoops(const AscentLoops&) = delete;
  AscentLoops& operator=(const AscentLoops&) = delete;

  /// What GroupPrices::step gives, `steps` times for each group. Throws if it cannot be done; nothing has changed then.
  /// @param groups  each of at least two nodes
  virtual void ascend(std::span<GroupPrices* const> groups, const AscentConstants& constants, std::int64_t steps) = 0;
};

}  // namespace p2pllm::optimized
