#pragma once

#include <array>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "optimized/layers/fast_layers.hpp"
#include "optimized/layers/head_cache.hpp"
#include "optimized/layers/step_commitment.hpp"

namespace p2pllm::optimized {

/// A sequence in a range of layers. Positions go through a layer in batches, so that its weights are read once for all
/// of a batch; each position has an exponent of its own.
class FastRun : public LayerRun {
 public:
  FastRun(const FastLayers& engine, const LayerRange& layers);

  void append(std::span<std::int32_t> rows) override;
  [[nodiscard]] std::int64_t positions() const override { return static_cast<std::int64_t>(positions_); }
  [[nodiscard]] CacheEntry cache_entry(std::int64_t layer, std::int64_t kv_head, CachePart part,
                                       std::int64_t position) const override;
  void begin_commitment(const Hash& model) override;
  [[nodiscard]] const CommitmentRecord& commitment() override;

 private:
  static constexpr std::size_t batch = 16;  ///< positions

  struct KeysAndValues {
    std::vector<HeadCache> heads;
  };

  void append_batch(std::span<std::int32_t> rows);
  void run_layer(std::size_t number, std::span<std::int32_t> rows);
  void find_angles(std::size_t count);
  void split_heads(std::size_t k, std::size_t layer);
  void read_head(std::size_t k, std::size_t head, const KeysAndValues& cache);
  void set_vector(std::size_t k, const std::int32_t* numbers, std::size_t count, std::size_t stride);
  void multiply(const StackedMatrix& matrix, std::size_t count);
  void norm(std::size_t k, std::span<const std::int32_t> row, const ExactGain& gain, std::size_t stride);
  [[nodiscard]] std::int32_t* product(std::size_t k) { return &products_[k * product_size_]; }
  template <typename Run>
  void for_positions(std::size_t count, const Run& run) const;

  const FastLayers* engine_;
  LayerRange layers_;
  std::size_t width_, hidden_, heads_, kv_heads_, head_width_;
  std::size_t positions_ = 0;
  std::size_t room_ = 0;  ///< positions for which the cache has room
  std::vector<KeysAndValues> caches_;
  std::optional<StepCommitment> commitment_;  ///< none before it is begun

  // Of each position of a batch:
  std::size_t number_size_ = 0, product_size_ = 0, vector_size_ = 0;
  AlignedVector<std::int32_t> numbers_;   ///< a row on its way into a block
  AlignedVector<std::int32_t> products_;  ///< of a matrix
  AlignedVector<std::int16_t> blocks_, prepared_, queries_;
  AlignedVector<std::int32_t> cosines_, sines_;
  std::vector<std::int64_t> query_exponents_;
  std::array<kernels::MatrixVector, batch> vectors_{};

  /// Entries of the cache that were asked for since the last append.
  mutable std::mutex shown_lock_;
  mutable std::deque<std::vector<std::int16_t>> shown_;
  mutable std::size_t shown_count_ = 0;
};

}  // namespace p2pllm::optimized
