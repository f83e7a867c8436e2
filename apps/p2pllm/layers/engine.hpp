#pragma once

#include <memory>
#include <string>

#include "apps/p2pllm/gpu.hpp"
#include "model/layers/layer_engine.hpp"

namespace p2pllm::app {

/// The processor's implementation of LAYER.
/// @param threads  0: as many as there are processors @param model  outlives the engine
[[nodiscard]] std::unique_ptr<LayerEngine> fast_layers(int threads, const ExactModel& model);

/// The implementation of LAYER with this name, and the GPU that it runs on if it does; that of the processor has none.
class ChosenLayers {
 public:
  /// @param name     "fast", "reference", "cuda" or "cuda-or-fast"
  /// @param threads  of the fast one; 0: as many as there are processors
  /// @param model    outlives this object
  /// @throws DeviceError if "cuda" has no GPU
  ChosenLayers(const std::string& name, int threads, const ExactModel& model);

  /// Calls use(engine), and once more with the processor's engine if a device fails and the processor may take over.
  template <typename Use>
  void run(const Use& use) {
    try {
      use(*engine_);
      return;
    } catch (const optimized::DeviceError& error) {
      take_over(error);
    }
    use(*engine_);
  }

 private:
  void take_over(const optimized::DeviceError& error);

  const ExactModel* model_;
  int threads_;
  Gpu gpu_;
  std::unique_ptr<LayerEngine> engine_;
};

}  // namespace p2pllm::app
