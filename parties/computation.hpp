#pragma once

#include <functional>

#include "model/contracts/commitment.hpp"
#include "model/contracts/operation.hpp"
#include "model/contracts/session_message.hpp"
#include "model/contracts/step_executor.hpp"

// What the provider of a computation, and a client that repeats it, do with its states (COMMIT-4, SLA-10, SLA-15).
namespace p2pllm::parties {

using namespace contracts;

/// The micro-steps of one step (STEP-5).
struct MicroSteps {
  std::vector<Hash> states;  ///< the hashes of all micro-states; the last is that of the state after the step
  std::vector<MerkleLeaf> leaves;
};
/// @param states  as in the result
[[nodiscard]] MicroSteps micro_steps_of(const Hash& model, std::int64_t step, std::vector<Hash> states);
/// @param bytes  of all micro-states, the last of which is the state after the step
[[nodiscard]] MicroSteps micro_steps_of(const Hash& model, std::int64_t step, const std::vector<Bytes>& bytes);

/// All states state_0 .. state_N of a computation, and the leaves to which its provider commits (COMMIT-4).
struct ComputedSteps {
  Hash model{};
  std::vector<Bytes> states;
  std::vector<MerkleLeaf> leaves;
  std::vector<std::vector<Bytes>> micro_states;  ///< of step j at j - 1
};

/// Executes a step. @returns its micro-states, from the state before it to the state after it
using StepFunction = std::function<std::vector<Bytes>(const StepOfTerms&, const Bytes&)>;
/// Executes all steps.
/// @pre the input is a state of the model
[[nodiscard]] ComputedSteps compute(const StepFunction& step, const Hash& model, const LayerRange& layers, Bytes input,
                                    std::int64_t steps);
/// Executes all steps of the sample model.
[[nodiscard]] ComputedSteps compute(const Hash& model, const LayerRange& layers, Bytes input, std::int64_t steps);

/// What a party shows of a computation: its first steps.
/// @param ordered  units and inputs of which all steps are shown @param steps_per_unit  as in the terms
[[nodiscard]] ShownUnits shown_units(const Hash& sla, const OrderedUnits& ordered, std::int64_t steps_per_unit,
                                     const ComputedSteps& work);
/// The delivery of the units that the terms order.
[[nodiscard]] Deliver delivery(const Hash& sla, const SlaRecord& job, const ComputedSteps& work);
/// What the provider does on its turn of a dispute: it opens the middle, refines the last step, or has the last
/// micro-step judged.
[[nodiscard]] Operation turn_of_provider(const SlaRecord& job, const Hash& sla, const ComputedSteps& work);
/// What a client does on its turn that knows the states.
[[nodiscard]] Side turn_of_client(const SlaRecord& job, const Hash& sla, const ComputedSteps& truth);

}  // namespace p2pllm::parties
