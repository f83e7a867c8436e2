#include "tests/ptx/scalar.cuh"

namespace p2pllm::kernels {

#define P2PLLM_KERNEL(name, expression) \
  __global__ void ptx_##name([[maybe_unused]] Word a, [[maybe_unused]] Word b, Word* result) { *result = expression; }
P2PLLM_SCALARS(P2PLLM_KERNEL)

}  // namespace p2pllm::kernels
