#include "reference/layers/layers_executor.hpp"

#include "model/layers/model_file.hpp"
#include "reference/layers/judge.hpp"
#include "reference/layers/schedule.hpp"

namespace p2pllm::reference {
namespace {

using namespace contracts;

/// Where a step runs. @param micro  of its micro-steps @pre a unit has as many steps as the range has layers
StepPlace place_of(const StepOfTerms& step, std::int64_t micro) {
  const std::int64_t before = step.step - 1, width = step.steps_per_unit;
  return {step.first_position + before / width, step.layers.first + before % width, micro};
}
bool is_by_layers(const StepOfTerms& step) {
  return step.steps_per_unit >= 1 && step.steps_per_unit == step.layers.last - step.layers.first;
}

}  // namespace

std::optional<StepStart> LayersExecutor::start(const StepOfTerms& step, ByteView manifest, ByteView state,
                                               const Hash* row) const {
  if (!is_by_layers(step) || hash_tagged(model_tag, manifest) != step.model) return std::nullopt;
  const auto decoded = decode_manifest(manifest);
  if (!decoded || !shape_fault(decoded->shape).empty()) return std::nullopt;
  const StepPlace place = place_of(step, 0);
  if (step.layers.last > decoded->shape.layers || place.position >= decoded->shape.context) return std::nullopt;
  const auto before = decode_step_state(state);
  if (!before || before->position != place.position || before->layer != place.layer) return std::nullopt;
  if ((place.layer == step.layers.first) != (row != nullptr)) return std::nullopt;
  const MicroState first = first_micro_state(*before, row != nullptr ? *row : before->row);
  return StepStart{micro_step_count(decoded->shape, place.position), micro_state_hash(encode_micro_state(first))};
}

Judgement LayersExecutor::judge(const StepOfTerms& step, std::int64_t micro, ByteView before, const Hash& after,
                                ByteView witness) const {
  if (!is_by_layers(step)) return Judgement::unfit;
  return reference::judge(step.model, {step.layers, step.first_position}, place_of(step, micro), before, after,
                          witness);
}

bool LayersExecutor::shows(const StepOfTerms& last, ByteView state, std::int64_t unit, ByteView row,
                           const MerkleProof& proof) const {
  const auto end = decode_step_state(state);
  const MerklePlace place{static_cast<std::uint64_t>(unit - 1),
                          static_cast<std::uint64_t>(last.step / last.steps_per_unit)};
  return end && merkle_verify(end->outputs, row_leaf(unit, row_hash(row)), place, proof);
}

const StepExecutor* find_executor(std::string_view name) {
  static const LayersExecutor layers;
  if (name == "sample") return &sample_executor();
  return name == "layers" ? &layers : nullptr;
}

}  // namespace p2pllm::reference
