#pragma once

#include <cstdint>
#include <string>

#include "kernels/device/device.hpp"

namespace p2pllm::kernels {

/// Measures the kernels at the sizes of a data centre, or at a part of these sizes, and prints each beside what the
/// bytes that it must move would take at the measured bandwidth of the same device.
/// @param part  the sizes are divided by it: 1 on a GPU
/// @returns the figures as JSON: {"device", "figures": [{"work", "bytes", "seconds", "ceiling_seconds", "share",
/// "asked"}]}
[[nodiscard]] std::string bench(Device& device, std::int64_t part);

}  // namespace p2pllm::kernels
