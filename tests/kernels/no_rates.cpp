#include "tests/kernels/gpu_rates.hpp"

namespace p2pllm::kernels {

Rates measured_rates() { return {}; }

}  // namespace p2pllm::kernels
