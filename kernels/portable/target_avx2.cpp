#include "kernels/portable/target_functions.hpp"
#include "kernels/portable/targets.hpp"

namespace p2pllm::kernels {

const Target avx2_target = target_named("AVX2");

}  // namespace p2pllm::kernels
