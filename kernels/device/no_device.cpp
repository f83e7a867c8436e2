#include "kernels/device/device.hpp"

// A build without CUDA.
namespace p2pllm::kernels {

DeviceResult<std::unique_ptr<Device>> open_device() {
  return tl::unexpected(DeviceFault{DeviceFault::Kind::absent, "this program was built without CUDA"});
}

}  // namespace p2pllm::kernels
