#pragma once

#include <memory>
#include <string>

#include "model/layers/layer_engine.hpp"

namespace p2pllm::app {

/// The implementation of LAYER with this name, "fast" or "reference".
/// @param threads  of the fast one; 0: as many as there are processors
/// @param model  outlives the engine
[[nodiscard]] std::unique_ptr<LayerEngine> engine_of(const std::string& name, int threads, const ExactModel& model);

}  // namespace p2pllm::app
