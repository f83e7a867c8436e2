#include "apps/p2pllm/layers/engine.hpp"

#include <fmt/core.h>

#include <thread>

#include "apps/command_line.hpp"
#include "optimized/layers/device_layers.hpp"
#include "reference/layers/reference_layers.hpp"

namespace p2pllm::app {
namespace {

struct OwnedDevice {
  std::unique_ptr<kernels::Device> device;
};
/// Layers on a device that nobody else uses.
class CudaLayers : private OwnedDevice, public optimized::DeviceLayers {
 public:
  CudaLayers(const ExactModel& model, std::unique_ptr<kernels::Device> own)
      : OwnedDevice{std::move(own)}, DeviceLayers(model, *OwnedDevice::device) {}
};

tl::expected<std::unique_ptr<LayerEngine>, std::string> cuda_engine(const ExactModel& model) {
  auto device = kernels::open_device();
  if (!device) return tl::unexpected(device.error().what);
  try {
    return std::make_unique<CudaLayers>(model, std::move(*device));
  } catch (const optimized::DeviceError& fault) {
    return tl::unexpected(std::string(fault.what()));
  }
}

}  // namespace

tl::expected<std::unique_ptr<LayerEngine>, std::string> engine_of(const std::string& name, int threads,
                                                                  const ExactModel& model) {
  if (name == "cuda") return cuda_engine(model);
  if (name == "reference") return std::make_unique<reference::ReferenceLayers>(model);
  const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
  return std::make_unique<optimized::FastLayers>(model, threads > 0 ? static_cast<std::size_t>(threads) : processors);
}

int complain_of_engine(const std::string& name, const std::string& missing) {
  print_error(fmt::format("--engine {}: no GPU can be used ({}); --engine fast computes the same on the processor",
                          name, missing));
  return exit_component_missing;
}

int unless_device_fails(const std::function<int()>& run) {
  try {
    return run();
  } catch (const optimized::DeviceError& fault) {
    print_error(fmt::format("the device failed ({}); --engine fast computes the same on the processor", fault.what()));
    return exit_undecided;
  }
}

}  // namespace p2pllm::app
