#pragma once

#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "model/layers/layer_engine.hpp"

namespace p2pllm::app {

/// The implementation of LAYER with this name, "fast", "reference" or "cuda"; or what a sentence says is missing for
/// it.
/// @param threads  of the fast one; 0: as many as there are processors
/// @param model  outlives the engine
[[nodiscard]] tl::expected<std::unique_ptr<LayerEngine>, std::string> engine_of(const std::string& name, int threads,
                                                                                const ExactModel& model);

/// Says on the standard error what is missing for --engine. @returns the exit code for it
[[nodiscard]] int complain_of_engine(const std::string& name, const std::string& missing);

/// What `run` returns; if a device fails on the way, a sentence on the standard error and the exit code for memory or
/// machines that fail (docs/errors.md).
[[nodiscard]] int unless_device_fails(const std::function<int()>& run);

}  // namespace p2pllm::app
