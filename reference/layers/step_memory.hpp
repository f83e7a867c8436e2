#pragma once

#include <optional>
#include <vector>

#include "model/layers/model_file.hpp"
#include "reference/layers/layer_vectors.hpp"
#include "reference/layers/openings.hpp"
#include "reference/layers/schedule.hpp"

namespace p2pllm::reference {

/// What a micro-step reads and writes, each part checked against the root that binds it (STEP-6). The first part that
/// does not fit is kept in mind: from then on numbers are 0, tiles are missing, and nothing is written.
class StepMemory {
 public:
  /// @param manifest, openings  outlive this object
  StepMemory(const ModelManifest& manifest, const Computation& computation, std::int64_t position, std::int64_t layer,
             Openings& openings)
      : manifest_(&manifest), computation_(computation), position_(position), layer_(layer), openings_(&openings) {}

  [[nodiscard]] const ModelShape& shape() const { return manifest_->shape; }
  [[nodiscard]] const ModelManifest& manifest() const { return *manifest_; }
  [[nodiscard]] const Computation& computation() const { return computation_; }
  [[nodiscard]] std::int64_t position() const { return position_; }
  [[nodiscard]] std::int64_t layer() const { return layer_; }
  [[nodiscard]] bool failed() const { return failed_; }
  void refuse() { failed_ = true; }

  /// Numbers [first, first + count) of a register, each from -(2^31 - 1) to 2^31 - 1.
  /// @pre all of them are in chunks that are complete
  [[nodiscard]] std::vector<std::int64_t> numbers(const MicroState& state, Register r, std::int64_t first,
                                                  std::int64_t count);
  /// Appends numbers to a register, of which `before` are in whole chunks and in the buffer.
  void append(MicroState& state, Register r, std::int64_t before, std::span<const std::int64_t> numbers);

  /// A tile of a matrix of the layer, as a matrix of its own whose columns are those that have weights.
  [[nodiscard]] std::optional<ExactMatrix> tile(LayerTensor tensor, std::int64_t index);
  /// The factors of a norm from the tile that has the number `first`.
  [[nodiscard]] std::optional<ExactGain> factors(LayerTensor tensor, std::int64_t first);

  struct KeptPosition {
    BlockVector<std::int64_t> key;
    BlockVector<std::int64_t> value;
  };
  /// Keys and values of positions [first, first + count) of a head.
  [[nodiscard]] std::vector<KeptPosition> kept(const MicroState& state, std::int64_t kv_head, std::int64_t first,
                                               std::int64_t count);
  /// Appends this position's key and value.
  void keep(MicroState& state, std::int64_t kv_head, const KeptPosition& entry);
  /// Appends the result to the rows that left the range.
  void leave(MicroState& state);

 private:
  [[nodiscard]] ByteView take(const Ask& ask);
  [[nodiscard]] std::vector<Hash> take_hashes(const TreeName& tree, Part part, const MerkleRange& range,
                                              std::size_t count);
  /// The contents of a run of leaves of `leaf_bytes` each, of which the last may be shorter.
  [[nodiscard]] ByteView open(const TreeName& tree, const MerkleRange& range, const Hash& root, std::size_t leaf_bytes,
                              std::size_t bytes);
  [[nodiscard]] ByteView open_tensor(LayerTensor tensor, std::int64_t index, std::int64_t tiles, std::size_t bytes,
                                     std::int64_t& exponent);
  [[nodiscard]] MerklePeaks open_peaks(const TreeName& tree, std::int64_t count, const Hash& root);
  /// The tree and the place of a head of this layer among the heads of the range.
  [[nodiscard]] MerkleRange head_place(std::int64_t kv_head) const;

  const ModelManifest* manifest_;
  Computation computation_;
  std::int64_t position_;
  std::int64_t layer_;
  Openings* openings_;
  bool failed_ = false;
};

}  // namespace p2pllm::reference
