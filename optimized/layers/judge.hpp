#pragma once

#include <optional>

#include "model/layers/model_file.hpp"
#include "model/layers/steps.hpp"

namespace p2pllm::optimized {

/// The number of micro-steps of a step (STEP-4).
/// @param shape  one that MODEL-1 allows @param position  below its context
[[nodiscard]] std::int64_t micro_step_count(const ModelShape& shape, std::int64_t position);

/// Judges one micro-step (STEP-6), on its own: it shares no rule with the reference's judge.
/// @param model  the id of the model @param computation, place  as the terms of the dispute say
/// @param before  the bytes of the micro-state before, whose hash is agreed
/// @param after  the hash of the micro-state after, or of the state after if it is the last micro-step
/// @returns for every input what the reference's judge returns
/// Never throws for any input.
[[nodiscard]] Judgement judge(const Hash& model, const Computation& computation, const StepPlace& place,
                              ByteView before, const Hash& after, ByteView witness);

/// Reads the manifest of a model (MODEL-2).
/// @returns nothing if the bytes are not the manifest with this id, or its sizes break MODEL-1
[[nodiscard]] std::optional<ModelManifest> read_manifest_of(const Hash& model, ByteView bytes);
/// Whether a computation with a model of these sizes has this position in this layer.
[[nodiscard]] bool has_place(const ModelShape& shape, const Computation& computation, const StepPlace& place);

}  // namespace p2pllm::optimized
