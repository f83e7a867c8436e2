#pragma once

#include <string>

#include "model/layers/model_shape.hpp"
#include "model/layers/steps.hpp"

namespace p2pllm::app {

/// What a micro-step does, in words: "product: tile 3 of 12 of the matrix gate" (STEP-4).
/// @pre the schedule of the position has the micro-step
[[nodiscard]] std::string micro_step_text(const ModelShape& shape, const StepPlace& place);

/// "position 20, layer 3, micro-step 7 of 61"
[[nodiscard]] std::string place_text(const ModelShape& shape, const StepPlace& place);

}  // namespace p2pllm::app
