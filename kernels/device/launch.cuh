#pragma once

#include <cuda_runtime.h>

#include "kernels/device/launches.hpp"

namespace p2pllm::kernels {

/// The status of a launch over the blocks and threads that the arguments ask for.
template <class Arguments>
[[nodiscard]] int launched(void (*kernel)(Arguments), void* stream, const Arguments& arguments) {
  kernel<<<static_cast<unsigned>(blocks_of(arguments)), threads_of(arguments), 0, static_cast<cudaStream_t>(stream)>>>(
      arguments);
  return cudaGetLastError();
}

}  // namespace p2pllm::kernels
