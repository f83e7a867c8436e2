#pragma once

#include "model/layers/commitment_record.hpp"
#include "model/layers/model_shape.hpp"
#include "optimized/contracts/hash_batch.hpp"
#include "optimized/layers/growing_trees.hpp"

namespace p2pllm::optimized {

/// The states of the steps of a computation, and the leaves of COMMIT-4, while it runs (STEP-1 .. STEP-3).
///
/// Rows and entries of the cache are written to their places in messages as they are computed. The hashes follow for
/// many steps together, for a state alone is a chain of hashes that leaves a processor idle. Of the rows and entries of
/// several positions, and of the nodes of all trees at one level, none waits for another.
class StepCommitment {
 public:
  /// @param model  the id of the model
  StepCommitment(const Hash& model, const ModelShape& shape, const Computation& computation);

  /// Makes places for `count` more positions.
  void open(std::size_t count);
  /// Writes a row of the k-th position of those that were opened last. Several threads may write different ones.
  /// @param layer  of the range from 0: the one that the row enters; the number of layers for one that leaves the last
  void put_row(std::size_t k, std::size_t layer, std::span<const std::int32_t> row);
  /// Writes what is kept of that position for a head (STEP-3).
  void put_key(std::size_t k, std::size_t layer, std::size_t head, std::span<const std::int16_t> numbers,
               std::int64_t exponent);
  void put_value(std::size_t k, std::size_t layer, std::size_t head, std::span<const std::int16_t> numbers,
                 std::int64_t exponent);
  /// The positions that were opened are written. Those before the first one of the computation come before all others
  /// and not with them; they need no rows.
  void close();

  /// The commitment to all positions that were closed, until another is.
  [[nodiscard]] const CommitmentRecord& record();

 private:
  /// The places of a position that is pending in the lists of messages and hashes.
  [[nodiscard]] std::size_t row_place(std::size_t k, std::size_t layer) const { return k * (layers_ + 1) + layer; }
  [[nodiscard]] std::size_t entry_place(std::size_t k, std::size_t layer, std::size_t head) const {
    return (k * layers_ + layer) * heads_ + head;
  }
  [[nodiscard]] bool has_begun() const {
    return position_ >= static_cast<std::size_t>(record_.computation.first_position);
  }
  void hash_pending();
  void hash_caches();
  void hash_rows();
  void hash_outputs();
  void hash_states();
  void set_input();

  std::size_t layers_, heads_;            ///< of the range; of keys in a layer
  std::size_t whole_chunks_, rest_;       ///< of a row, and the numbers after them
  std::size_t position_ = 0;              ///< the first one that is pending
  std::size_t pending_ = 0, opened_ = 0;  ///< positions that are written, and those that are being written
  HashForm whole_chunk_, last_chunk_, entry_, head_;
  NodeForm node_;
  HashBatch batch_;

  // Of the pending positions:
  std::vector<Hash> rows_;  ///< of each, of the row that enters and of those that leave a layer
  std::vector<Hash> chunks_, entries_, roots_;
  std::vector<Hash> caches_;   ///< the cache root after each step
  std::vector<Hash> outputs_;  ///< the root of the rows that left, before each and after the last
  std::vector<std::size_t> firsts_;

  GrowingTrees head_trees_;
  ReplacedTree cache_tree_;
  GrowingTrees output_tree_{1};
  std::vector<Hash> input_leaves_;
  CommitmentRecord record_;
};

}  // namespace p2pllm::optimized
