// The program p2pllm with the simulated machine in the place of a GPU. P2PLLM_SIMULATED_CALLS says how many calls it
// answers before it is lost; 0: it is absent.
#include <cstdlib>
#include <limits>

#include "apps/p2pllm/gpu.hpp"
#include "kernels/simt/simulated_device.hpp"

namespace {

using p2pllm::kernels::DeviceFault;

const bool is_in_place = [] {
  p2pllm::app::open_gpu = []() -> p2pllm::kernels::DeviceResult<std::unique_ptr<p2pllm::kernels::Device>> {
    p2pllm::kernels::simt::DeviceLimits limits;
    if (const char* const calls = std::getenv("P2PLLM_SIMULATED_CALLS"))
      limits.calls = std::strtoll(calls, nullptr, 10);
    if (limits.calls == 0) return tl::unexpected(DeviceFault{DeviceFault::Kind::absent, "no device"});
    return p2pllm::kernels::simt::simulated_device(1, limits);
  };
  return true;
}();

}  // namespace
