#pragma once

#include <variant>

#include "reference/layers/step_memory.hpp"

namespace p2pllm::reference {

/// Runs a micro-step: the one text that a prover and a judge run, over their own openings (STEP-4, STEP-6).
/// @param before  as it is after micro-steps 1 .. micro - 1
/// @returns the bytes of the state after it, the last one as a state of STEP-1; nothing if the state before does not
/// fit
///   the schedule, or an opening does not fit its root
[[nodiscard]] std::optional<Bytes> run_micro_step(StepMemory& memory, const MicroState& before, std::int64_t micro);

/// The hash of a state after a micro-step (STEP-5).
[[nodiscard]] Hash hash_after(const ModelShape& shape, const StepPlace& place, ByteView after);

/// The micro-step of attention (STEP-4).
void attend(StepMemory& memory, const AttendPart& part, std::int64_t before, MicroState& state);

}  // namespace p2pllm::reference
