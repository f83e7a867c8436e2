#pragma once

#include <functional>

#include "reference/layers/micro_step.hpp"
#include "tests/support/step_world.hpp"

namespace p2pllm::testing {

/// The openings in a witness.
[[nodiscard]] inline Bytes openings_in(const Bytes& witness) {
  CborReader reader(witness);
  reader.next_array(2);
  (void)reader.next_bytes();
  const ByteView openings = reader.next_bytes();
  return {openings.begin(), openings.end()};
}
[[nodiscard]] inline Bytes manifest_in(const Bytes& witness) {
  CborReader reader(witness);
  reader.next_array(2);
  const ByteView manifest = reader.next_bytes();
  return {manifest.begin(), manifest.end()};
}

/// A witness that also writes down what was asked for.
class Spy : public reference::WitnessOpenings {
 public:
  using WitnessOpenings::WitnessOpenings;
  [[nodiscard]] ByteView take(const reference::Ask& ask) override {
    asks.push_back(ask);
    return WitnessOpenings::take(ask);
  }
  std::vector<reference::Ask> asks;
};

/// What a micro-step asks for, in order.
[[nodiscard]] inline std::vector<reference::Ask> asks_of(const StepWorld& world, const reference::MicroRecord& record) {
  const Bytes openings = openings_in(record.witness);
  Spy spy(openings);
  reference::StepMemory memory(world.header.manifest, world.computation, record.place.position, record.place.layer,
                               spy);
  const auto state = decode_micro_state(record.before);
  (void)reference::run_micro_step(memory, state.value(), record.place.micro);
  return spy.asks;
}

/// The witness of a prover that answers other questions than those that were asked.
/// @param change  returns whether it changed the question
/// @returns nothing if no question was changed
[[nodiscard]] inline std::optional<Bytes> lie(StepWorld& world, const reference::MicroRecord& record,
                                              const std::function<bool(reference::Ask&)>& change) {
  bool changed = false;
  Bytes openings;
  const Bytes honest = openings_in(record.witness);
  std::size_t at = 0;
  for (reference::Ask ask : asks_of(world, record)) {
    const ByteView answer = ByteView(honest).subspan(at, ask.bytes);
    at += ask.bytes;
    if (ask.part != reference::Part::peaks && change(ask)) {
      const ByteView other = world.run.openings().take(ask);
      openings.insert(openings.end(), other.begin(), other.end());
      (void)world.run.openings().take_record();
      changed = true;
    } else {
      openings.insert(openings.end(), answer.begin(), answer.end());
    }
  }
  if (!changed) return std::nullopt;
  return reference::encode_witness(manifest_in(record.witness), openings);
}

/// Rows of two chunks, heads of keys alike, several positions; and the steps of the last position.
[[nodiscard]] inline ModelShape attacked_shape() {
  return {.layers = 3,
          .width = 270,
          .hidden = 330,
          .heads = 4,
          .kv_heads = 2,
          .head_width = 80,
          .vocabulary = 9,
          .context = 150,
          .fraction_bits = 13};
}

/// A prover that has run three positions after 105 earlier ones, and what it recorded of the last step.
struct Attacked {
  Attacked() : world(random_model(attacked_shape(), 4, Weights::ordinary), {0, 2}, 105) {
    auto caches = empty_caches(world);
    remember_random(world, caches, 105, 8, 5);
    for (std::int64_t token = 0; token < 2; ++token) {
      const auto row = world.row_of(token);
      (void)world.run.run(row);
      (void)world.run.run({});
    }
    const auto row = world.row_of(2);
    (void)world.run.run(row);
    records = world.run.run({});  // position 107, layer 1
  }

  [[nodiscard]] Judgement judge(const reference::MicroRecord& r, const Bytes& witness) const {
    return reference::judge(world.id, world.computation, r.place, r.before, r.after_hash, witness);
  }

  StepWorld world;
  std::vector<reference::MicroRecord> records;
};

[[nodiscard]] inline Attacked& attacked() {
  static Attacked attacked;
  return attacked;
}

}  // namespace p2pllm::testing
