#include "apps/p2pllm/layers/engine.hpp"

#include <thread>

#include "optimized/layers/fast_layers.hpp"
#include "reference/layers/reference_layers.hpp"

namespace p2pllm::app {

std::unique_ptr<LayerEngine> engine_of(const std::string& name, int threads, const ExactModel& model) {
  if (name == "reference") return std::make_unique<reference::ReferenceLayers>(model);
  const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
  return std::make_unique<optimized::FastLayers>(model, threads > 0 ? static_cast<std::size_t>(threads) : processors);
}

}  // namespace p2pllm::app
