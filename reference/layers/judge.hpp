#pragma once

#include "model/layers/steps.hpp"

namespace p2pllm::reference {

/// Judges one micro-step (STEP-6).
/// @param model  the id of the model @param computation, place  as the terms of the dispute say
/// @param before  the bytes of the micro-state before, whose hash is agreed
/// @param after  the hash of the micro-state after, or of the state after if it is the last micro-step
/// @returns right: `after` is the hash of the one state that follows `before` here. wrong: it is the hash of no such
///   state. Both hold unless SHA-256 has a collision, whoever made the witness. unfit: anything else; never for the
///   witness that `MicroRun` makes of a state that it reached.
/// Never throws for any input, and takes at most some hundred microseconds.
[[nodiscard]] Judgement judge(const Hash& model, const Computation& computation, const StepPlace& place,
                              ByteView before, const Hash& after, ByteView witness);

}  // namespace p2pllm::reference
