#pragma once

#include <cstdint>
#include <string>

#include "kernels/device/device.hpp"
#include "tests/kernels/gpu_rates.hpp"

namespace p2pllm::kernels {

/// Measures the kernels at the sizes of a data centre, or at a part of these sizes, and prints each beside its ceiling:
/// what the bytes that it must move would take at the measured bandwidth of the same device, or its operations at the
/// measured rate, whichever is longer.
/// @param part  the sizes are divided by it: 1 on a GPU
/// @returns the figures as JSON: {"device", "bandwidth", "rates", "figures": [{"work", "bytes", "operations",
/// "seconds", "ceiling", "ceiling_seconds", "share", "asked"}]}
[[nodiscard]] std::string bench(Device& device, const Rates& rates, std::int64_t part);

}  // namespace p2pllm::kernels
