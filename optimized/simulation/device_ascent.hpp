#pragma once

#include "optimized/device_error.hpp"
#include "optimized/simulation/ascent_loops.hpp"

namespace p2pllm::optimized {

/// Steps of ascent by the kernel of a device. Throws DeviceError if the device fails.
class DeviceAscent final : public AscentLoops {
 public:
  /// @param device  outlives this object
  explicit DeviceAscent(kernels::Device& device) : device_(device) {}

  void ascend(std::span<GroupPrices* const> groups, const AscentConstants& constants, std::int64_t steps) override;

 private:
  kernels::Device& device_;
};

}  // namespace p2pllm::optimized
