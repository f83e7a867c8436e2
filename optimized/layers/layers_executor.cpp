#include "optimized/layers/layers_executor.hpp"

#include "model/layers/micro_state.hpp"
#include "optimized/layers/judge.hpp"

namespace p2pllm::optimized {
namespace {

using contracts::StepOfTerms;
using contracts::StepStart;

/// The micro-step of a step of the terms; nothing if no model of layers has a unit of so many steps.
std::optional<StepPlace> place_of(const StepOfTerms& step, std::int64_t micro) {
  const std::int64_t layers = step.layers.last - step.layers.first;
  if (layers < 1 || step.steps_per_unit != layers || step.step < 1 || step.first_position < 0 ||
      step.first_position > context_max)
    return std::nullopt;
  return StepPlace{.position = step.first_position + (step.step - 1) / layers,
                   .layer = step.layers.first + (step.step - 1) % layers,
                   .micro = micro};
}

Computation computation_of(const StepOfTerms& step) { return {step.layers, step.first_position}; }

}  // namespace

std::optional<StepStart> LayersExecutor::start(const StepOfTerms& step, ByteView manifest, ByteView state,
                                               const Hash* row) const {
  const auto place = place_of(step, 1);
  const auto model = read_manifest_of(step.model, manifest);
  const auto before = decode_step_state(state);
  if (!place || !model || !before || !has_place(model->shape, computation_of(step), *place)) return std::nullopt;
  if (before->position != place->position || before->layer != place->layer) return std::nullopt;
  if ((row != nullptr) != (place->layer == step.layers.first)) return std::nullopt;
  const MicroState first = first_micro_state(*before, row != nullptr ? *row : before->row);
  return StepStart{micro_step_count(model->shape, place->position), micro_state_hash(encode_micro_state(first))};
}

Judgement LayersExecutor::judge(const StepOfTerms& step, std::int64_t micro, ByteView before, const Hash& after,
                                ByteView witness) const {
  const auto place = place_of(step, micro);
  if (!place) return Judgement::unfit;
  return optimized::judge(step.model, computation_of(step), *place, before, after, witness);
}

bool LayersExecutor::shows(const StepOfTerms& last, ByteView state, std::int64_t unit, ByteView row,
                           const MerkleProof& proof) const {
  const auto after = decode_step_state(state);
  if (!after || last.steps_per_unit < 1 || unit < 1) return false;
  const std::int64_t units = last.step / last.steps_per_unit;
  return merkle_verify(after->outputs, row_leaf(unit, row_hash(row)),
                       {static_cast<std::uint64_t>(unit - 1), static_cast<std::uint64_t>(units)}, proof);
}

const contracts::StepExecutor* find_executor(std::string_view name) {
  static const LayersExecutor layers;
  if (name == "sample") return &contracts::sample_executor();
  return name == "layers" ? &layers : nullptr;
}

}  // namespace p2pllm::optimized
