#pragma once

#include <mutex>

#include "apps/p2pllm/gpu.hpp"
#include "optimized/simulation/ascent_loops.hpp"

namespace p2pllm::app {

/// Steps of ascent on a GPU, of several runs one after the other; by the processor where it takes over.
class GpuAscent final : public optimized::AscentLoops {
 public:
  explicit GpuAscent(Gpu gpu) : gpu_(std::move(gpu)) {}

  /// Throws DeviceError if the device fails and the processor may not take over.
  void ascend(std::span<optimized::GroupPrices* const> groups, const optimized::AscentConstants& constants,
              std::int64_t steps) override;
  [[nodiscard]] bool has_device() const { return gpu_.device != nullptr; }

 private:
  std::mutex mutex_;
  Gpu gpu_;
};

}  // namespace p2pllm::app
