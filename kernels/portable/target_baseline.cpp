#include "kernels/portable/target_functions.hpp"
#include "kernels/portable/targets.hpp"

namespace p2pllm::kernels {

const Target baseline_target = target_named("baseline");

}  // namespace p2pllm::kernels
