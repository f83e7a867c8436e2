#pragma once

#include "reference/layers/prover_openings.hpp"

namespace p2pllm::reference {

/// What a dispute about a micro-step needs (STEP-6).
struct MicroRecord {
  StepPlace place;
  Bytes before;  ///< the micro-state before
  Bytes after;   ///< the micro-state after, or the state of STEP-1 after the last micro-step
  Hash after_hash{};
  Bytes witness;
};

/// A computation in micro-steps (STEP-4): what a prover does in a dispute.
class MicroRun {
 public:
  /// @param header, tensors  of one model; both outlive this object
  MicroRun(const ModelHeader& header, const TensorSource& tensors, const Computation& computation);

  /// Appends what an earlier computation kept of a position for a head, before the first step.
  /// @param entry  the bytes of STEP-3
  void remember(std::int64_t layer, std::int64_t kv_head, ByteView entry);
  /// Goes on at a later step, after all that the steps before it kept is remembered, those of its own position too.
  /// @param outputs  the hashes of the rows that left the range @param row  the hash of the row that left the step
  /// before
  void resume(std::int64_t position, std::int64_t layer, std::span<const Hash> outputs, const Hash& row);
  /// The state before the step that is next, or under way.
  [[nodiscard]] const StepState& state() const { return state_; }
  /// Begins a step: at the first layer of the range, and at the step that was resumed, the row that enters is given; at
  /// others it is what left the layer before. @param row  `width` numbers from -(2^31 - 1) to 2^31 - 1; a row with
  /// another number has no witness
  void begin(std::span<const std::int32_t> row);
  /// @pre a step is under way
  [[nodiscard]] MicroRecord next();
  [[nodiscard]] bool is_under_way() const { return micro_ != 0; }
  /// All trees as they are now, for whoever opens something else.
  [[nodiscard]] ProverOpenings& openings() { return openings_; }
  /// Begins a step and runs it to its end.
  [[nodiscard]] std::vector<MicroRecord> run(std::span<const std::int32_t> row);

 private:
  const ModelHeader* header_;
  Bytes manifest_;
  Computation computation_;
  ProverOpenings openings_;
  StepState state_;
  MicroState micro_state_;
  std::int64_t micro_ = 0;  // the number of the micro-step that is next; 0 between steps
};

/// The bytes of a witness: encode [manifest, openings] (STEP-6).
[[nodiscard]] Bytes encode_witness(ByteView manifest, ByteView openings);

}  // namespace p2pllm::reference
