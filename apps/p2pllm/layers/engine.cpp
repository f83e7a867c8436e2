#include "apps/p2pllm/layers/engine.hpp"

#include <thread>

#include "optimized/layers/device_layers.hpp"
#include "reference/layers/reference_layers.hpp"

namespace p2pllm::app {

std::unique_ptr<LayerEngine> fast_layers(int threads, const ExactModel& model) {
  const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
  return std::make_unique<optimized::FastLayers>(model, threads > 0 ? static_cast<std::size_t>(threads) : processors);
}

ChosenLayers::ChosenLayers(const std::string& name, int threads, const ExactModel& model)
    : model_(&model), threads_(threads), gpu_(gpu_for(name)) {
  if (name == "reference") {
    engine_ = std::make_unique<reference::ReferenceLayers>(model);
    return;
  }
  try {
    if (gpu_.device) engine_ = std::make_unique<optimized::DeviceLayers>(model, *gpu_.device);
    else engine_ = fast_layers(threads, model);
  } catch (const optimized::DeviceError& error) {
    take_over(error);
  }
}

void ChosenLayers::take_over(const optimized::DeviceError& error) {
  engine_ = nullptr;  // what lies on the device is released before the device
  fall_back(gpu_, error);
  engine_ = fast_layers(threads_, *model_);
}

}  // namespace p2pllm::app
