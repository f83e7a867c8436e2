#include "kernels/portable/target_functions.hpp"
#include "kernels/portable/targets.hpp"

namespace p2pllm::kernels {

const Target avx512_target = target_named("AVX-512");

}  // namespace p2pllm::kernels
