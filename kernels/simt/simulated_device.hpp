#pragma once

#include <memory>

#include "kernels/device/device.hpp"

namespace p2pllm::kernels::simt {

/// What a simulated device does not do.
struct DeviceLimits {
  std::size_t bytes = std::size_t{1} << 30;    ///< of its memory
  std::int64_t calls = std::int64_t{1} << 60;  ///< after which it is lost
};

/// A device that runs the kernels on the simulated machine, each launch in an order drawn from the seed. A kernel that
/// breaks a rule of the machine throws std::logic_error: that is a defect of the kernel.
[[nodiscard]] std::unique_ptr<Device> simulated_device(std::uint64_t seed, const DeviceLimits& limits = {});

}  // namespace p2pllm::kernels::simt
