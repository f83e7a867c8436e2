#pragma once

#include <functional>
#include <memory>
#include <string>

#include "optimized/device_error.hpp"

// Where --engine may name a GPU: "cuda" needs one; with "cuda-or-fast" the processor takes over where there is none,
// and where one fails midway.
namespace p2pllm::app {

/// What opens the first GPU; a test puts a simulated machine in its place.
using GpuOpener = kernels::DeviceResult<std::unique_ptr<kernels::Device>> (*)();
extern GpuOpener open_gpu;

/// What an engine computes on.
struct Gpu {
  std::unique_ptr<kernels::Device> device;  ///< null: the processor
  bool may_fall_back = false;
};
/// @param engine  as on the command line; no GPU is opened for "fast" and "reference"
/// @throws DeviceError if "cuda" has no GPU
[[nodiscard]] Gpu gpu_for(const std::string& engine);

/// Leaves the device to itself and says so on the standard error.
/// @throws the error again if the processor may not take over
void fall_back(Gpu& gpu, const optimized::DeviceError& error);

/// What `run` returns; where it ends with a DeviceError, a line on the standard error and the exit code
/// (docs/errors.md).
[[nodiscard]] int unless_device_fails(const std::function<int()>& run);

}  // namespace p2pllm::app
