#pragma once

#include "model/crypto/merkle_range.hpp"
#include "model/layers/commitment_record.hpp"
#include "model/layers/model_shape.hpp"

namespace p2pllm::reference {

/// The states of the steps of a computation, one after the other, from its rows and its cache (STEP-1 .. STEP-3).
class StepStates {
 public:
  /// @param model  the id of the model
  StepStates(const Hash& model, const ModelShape& shape, const Computation& computation);

  /// Appends what is kept of the next position for a head of a layer. @param entry  the bytes of STEP-3
  void keep(std::int64_t layer, std::int64_t kv_head, ByteView entry);
  /// All of the positions before the first one is kept: the computation begins.
  void begin();
  /// A row enters the first layer of the range.
  void enter(std::span<const std::int32_t> row);
  /// A step ends, whose entries are kept. @param row  what leaves the layer
  void leave(std::span<const std::int32_t> row);

  [[nodiscard]] const CommitmentRecord& record();

 private:
  std::int64_t kv_heads_;
  StepState state_;
  std::vector<MerkleTree> heads_;
  MerkleTree cache_, outputs_;
  CommitmentRecord record_;
};

}  // namespace p2pllm::reference
