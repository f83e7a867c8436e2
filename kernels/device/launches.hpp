#pragma once

#include <variant>

#include "kernels/device/grids.hpp"

namespace p2pllm::kernels {

/// The kernels, each named by its arguments.
using KernelArguments =
    std::variant<ScanArguments<float, std::uint32_t>, ScanArguments<double, std::uint64_t>, MinPlusArguments,
                 QuantizeArguments, FilteredMinPlusArguments, AscentArguments, DemandSumArguments, DemandTotalArguments,
                 RegretArguments, EquilibriumChunkArguments, EquilibriumGroupArguments, ScoreArguments, MerkleArguments,
                 PrepareArguments, SplitHeadsArguments, AttendArguments, GateArguments, AddArguments, ProductArguments,
                 PrefillArguments>;

/// Launches a kernel on a stream of CUDA, over at least one block. Defined in one file a topic.
/// @returns the status of the runtime, 0 for success
template <class Arguments>
[[nodiscard]] int launch_on(void* stream, const Arguments& arguments);

}  // namespace p2pllm::kernels
