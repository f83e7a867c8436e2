#include "apps/p2pllm/simulation/gpu_ascent.hpp"

#include "optimized/simulation/device_ascent.hpp"

namespace p2pllm::app {

void GpuAscent::ascend(std::span<optimized::GroupPrices* const> groups, const optimized::AscentConstants& constants,
                       std::int64_t steps) {
  {
    const std::scoped_lock lock(mutex_);
    if (gpu_.device) {
      try {
        return optimized::DeviceAscent(*gpu_.device).ascend(groups, constants, steps);
      } catch (const optimized::DeviceError& error) {
        fall_back(gpu_, error);
      }
    }
  }
  for (optimized::GroupPrices* const group : groups)
    for (std::int64_t step = 0; step < steps; ++step) group->step(constants);
}

}  // namespace p2pllm::app
