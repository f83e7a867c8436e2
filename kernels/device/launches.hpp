#pragma once

#include "kernels/device/grids.hpp"

// The launches of the kernels on a stream of CUDA, one file a topic. Each returns the status of the runtime, 0 for
// success.
namespace p2pllm::kernels {

[[nodiscard]] int launch_on(void* stream, const ScanArguments<float, std::uint32_t>& arguments);
[[nodiscard]] int launch_on(void* stream, const ScanArguments<double, std::uint64_t>& arguments);
[[nodiscard]] int launch_on(void* stream, const MinPlusArguments& arguments);
[[nodiscard]] int launch_on(void* stream, const MerkleArguments& arguments);
[[nodiscard]] int launch_on(void* stream, const PrepareArguments& arguments);
[[nodiscard]] int launch_on(void* stream, const SplitHeadsArguments& arguments);
[[nodiscard]] int launch_on(void* stream, const AttendArguments& arguments);
[[nodiscard]] int launch_on(void* stream, const GateArguments& arguments);
[[nodiscard]] int launch_on(void* stream, const AddArguments& arguments);
[[nodiscard]] int launch_on(void* stream, const ProductArguments& arguments);

}  // namespace p2pllm::kernels
