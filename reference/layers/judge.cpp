#include "reference/layers/judge.hpp"

#include "model/layers/micro_state.hpp"
#include "reference/layers/micro_step.hpp"

namespace p2pllm::reference {
namespace {

struct WitnessParts {
  ByteView manifest;
  ByteView openings;
};

CborResult<WitnessParts> decode_witness(ByteView witness) {
  return decode_cbor(witness, [](CborReader& reader) {
    reader.next_array(2);
    const ByteView manifest = reader.next_bytes();
    return WitnessParts{manifest, reader.next_bytes()};
  });
}

/// Whether the model has such a place, and the computation passes it.
bool is_place(const ModelShape& shape, const Computation& computation, const StepPlace& place) {
  const LayerRange& layers = computation.layers;
  return 0 <= layers.first && layers.first <= place.layer && place.layer < layers.last && layers.last <= shape.layers &&
         0 <= computation.first_position && computation.first_position <= place.position &&
         place.position < shape.context && 1 <= place.micro && place.micro <= micro_step_count(shape, place.position);
}

}  // namespace

Judgement judge(const Hash& model, const Computation& computation, const StepPlace& place, ByteView before,
                const Hash& after, ByteView witness) {
  if (witness.size() > witness_bytes_max || before.size() > micro_state_bytes_max) return Judgement::unfit;
  const auto parts = decode_witness(witness);
  if (!parts || hash_tagged(model_tag, parts->manifest) != model) return Judgement::unfit;
  const auto manifest = decode_manifest(parts->manifest);
  if (!manifest || !shape_fault(manifest->shape).empty() || !is_place(manifest->shape, computation, place))
    return Judgement::unfit;
  const auto state = decode_micro_state(before);
  if (!state) return Judgement::unfit;
  WitnessOpenings openings(parts->openings);
  StepMemory memory(*manifest, computation, place.position, place.layer, openings);
  const auto result = run_micro_step(memory, *state, place.micro);
  if (!result || !openings.is_empty()) return Judgement::unfit;
  return hash_after(manifest->shape, place, *result) == after ? Judgement::right : Judgement::wrong;
}

}  // namespace p2pllm::reference
