#pragma once

#include "kernels/layers/prefill_rules.hpp"
#include "kernels/layers/product.cuh"
#include "kernels/simt/tensor.hpp"

// The product of a matrix of exact layers and many vectors (LAYER-4) by the tensor cores. The weights and the two bytes
// of each number are multiplied exactly, so that the numbers are those of product.cuh.
namespace p2pllm::kernels {

inline constexpr int groups_together = 2;  ///< of vectors: products that do not wait for one another
inline constexpr int prefill_threads = static_cast<int>(prefill_warps) * simt::warp_size;

/// Takes the same as the product of few vectors. @pre blocks > 0
struct PrefillArguments : ProductArguments {};

/// The parts of the block's vectors for one tile of columns and for the next; each thread brings four words of both.
struct PrefillStorage {
  static_assert(prefill_vectors * tile_column_groups == 4 * prefill_threads);
  simt::SharedArray<simt::FourWords, 2 * prefill_threads> upper, lower;
};

/// What a lane multiplies in one tile: four rows' weights in four groups of columns, and what tile and row share.
struct LaneWeights {
  simt::FourWords rows[lane_column_groups];
  simt::FourWords multipliers_and_sums;
};
struct LaneVectors {
  simt::FourWords upper, lower;
};
/// What a row's sum over a tile is multiplied by, and the sum of the row's weights there.
struct RowFactors {
  std::int32_t multiplier, weight_sum;
};

/// The rows, vectors and sums of one lane.
class PrefillLane {
 public:
  P2PLLM_AGENT PrefillLane(const simt::Thread& thread, const PrefillArguments& arguments)
      : thread_(thread), arguments_(arguments), lane_(thread.lane()) {
    const std::int64_t vectors = arguments.vector_exponents.size();
    const std::int64_t parts = vectors / prefill_vectors + (vectors % prefill_vectors != 0 ? 1 : 0);
    first_tile_ = simt::cell(thread.block() / parts, prefill_tiles, std::int64_t{0});
    first_vector_ = simt::cell(thread.block() % parts, prefill_vectors, std::int64_t{0});
    groups_ = groups_of_vectors(vectors - first_vector_);
    tile_ = first_tile_ + prefill_tile<std::int64_t>(thread.warp(), lane_);
  }

  /// Whether the warp has a row of the matrix.
  [[nodiscard]] P2PLLM_AGENT bool has_rows() const {
    return simt::cell(first_tile_ + prefill_tile<std::int64_t>(thread_.warp(), 0), tile_row_count, std::int64_t{0}) <
           arguments_.rows;
  }
  /// Zeros for a tile that the matrix lacks.
  [[nodiscard]] P2PLLM_AGENT LaneWeights weights(std::int64_t block) const {
    LaneWeights result = {};
    if (simt::cell(tile_, tile_row_count, std::int64_t{0}) >= arguments_.rows) return result;
    const std::int64_t tile = simt::cell(tile_, arguments_.blocks, block), row = prefill_row(lane_);
    P2PLLM_UNROLLED
    for (std::int64_t k = 0; k < lane_column_groups; ++k)
      result.rows[k] = arguments_.tiles.load_four(
          weight_word(tile, prefill_column_group<std::int64_t>(lane_, k / 2, k % 2), row));
    result.multipliers_and_sums = arguments_.tiles.load_four(multiplier_word(tile, row));
    return result;
  }
  /// What the thread brings for all: four words of a vector. Zeros for a vector that is none.
  [[nodiscard]] P2PLLM_AGENT LaneVectors vectors(std::int64_t block) const {
    const std::int64_t vector = first_vector_ + brought_vector<std::int64_t>(thread_.index());
    if (vector >= arguments_.vector_exponents.size()) return {};
    const std::int64_t word = vector_word(simt::cell(vector, arguments_.blocks, block),
                                          brought_column_group<std::int64_t>(thread_.index()));
    return {arguments_.upper.load_four(word), arguments_.lower.load_four(word)};
  }

  /// Adds the products of a tile. @param vectors  the first element of its vectors in the storage
  P2PLLM_AGENT void add(const PrefillStorage& storage, int vectors, const LaneWeights& weights) {
    RowFactors factors[lane_rows];
    P2PLLM_UNROLLED
    for (int k = 0; k < lane_rows; ++k) {
      const std::uint32_t word = weights.multipliers_and_sums.words[k];
      factors[k] = {static_cast<std::int32_t>(word & 0xffff), static_cast<std::int16_t>(word >> 16)};
    }
    P2PLLM_UNROLLED
    for (int first = 0; first < prefill_vector_groups; first += groups_together) {
      if (first >= groups_) continue;
      P2PLLM_UNROLLED
      for (int group = first; group < first + groups_together; ++group) {
        const int at = vectors + static_cast<int>(bringing_thread<std::int64_t>(group, lane_));
        const LaneVectors both{storage.upper.load(at), storage.lower.load(at)};
        P2PLLM_UNROLLED
        for (int part = 0; part < prefill_warp_tiles; ++part)
          add_part(sums_[part][group], part, both, weights, factors);
      }
    }
  }
  P2PLLM_AGENT void store() const {
    const std::int64_t row = simt::cell(tile_, tile_row_count, prefill_row(lane_));
    P2PLLM_UNROLLED
    for (std::int64_t k = 0; k < prefill_warp_tiles * prefill_vector_groups * simt::sum_registers; ++k) {
      const std::int64_t at = k % simt::sum_registers, group = k / simt::sum_registers % prefill_vector_groups;
      const std::int64_t part = k / simt::sum_registers / prefill_vector_groups;
      store_number(row + row_summed(part, at), first_vector_ + summed_vector(group, lane_, at), sums_[part][group][at]);
    }
  }

 private:
  /// The sums with the lower parts begin at what the sums with the upper parts amount to.
  P2PLLM_AGENT void add_part(std::int64_t* sums, std::int64_t part, const LaneVectors& vectors,
                             const LaneWeights& weights, const RowFactors* factors) const {
    simt::SumFragment sum = multiplied(part, vectors.upper, weights, {});
    P2PLLM_UNROLLED
    for (std::int64_t at = 0; at < simt::sum_registers; ++at)
      sum.sums[at] = static_cast<std::int32_t>(
          sum_of_parts<std::int64_t>(sum.sums[at], 0, factors[row_summed(part, at)].weight_sum));
    sum = multiplied(part, vectors.lower, weights, sum);
    P2PLLM_UNROLLED
    for (std::int64_t at = 0; at < simt::sum_registers; ++at)
      sums[at] = simt::plus_product(sums[at], sum.sums[at], factors[row_summed(part, at)].multiplier);
  }
  [[nodiscard]] P2PLLM_AGENT simt::SumFragment multiplied(std::int64_t part, const simt::FourWords& vectors,
                                                       const LaneWeights& weights, simt::SumFragment sum) const {
    P2PLLM_UNROLLED
    for (std::int64_t step = 0; step < steps_of_tile; ++step) {
      simt::LeftFragment left;
      P2PLLM_UNROLLED
      for (std::int64_t at = 0; at < simt::left_registers; ++at)
        left.words[at] = weights.rows[2 * step + at / 2].words[row_given(part, at)];
      sum = simt::multiplied(thread_, left, {{vectors.words[2 * step], vectors.words[2 * step + 1]}}, sum);
    }
    return sum;
  }
  P2PLLM_AGENT void store_number(std::int64_t row, std::int64_t vector, std::int64_t sum) const {
    if (row >= arguments_.rows || vector >= arguments_.vector_exponents.size()) return;
    const std::int64_t number =
        product_number(sum, arguments_.exponents.load(row), arguments_.vector_exponents.load(vector));
    arguments_.product.store(simt::cell(vector, arguments_.rows, row), static_cast<std::int32_t>(number));
  }

  const simt::Thread& thread_;
  const PrefillArguments& arguments_;
  std::int64_t lane_, first_tile_ = 0, first_vector_ = 0, groups_ = 0, tile_ = 0;
  std::int64_t sums_[prefill_warp_tiles][prefill_vector_groups][simt::sum_registers] = {};
};

/// A block has 256 rows and 64 vectors, and a warp 32 of these rows. Blocks with the same rows follow one another, so
/// that they find the weights in the cache. While a tile is multiplied, the next is loaded.
P2PLLM_AGENT void prefill(const simt::Thread& thread, PrefillStorage& storage, const PrefillArguments& arguments) {
  PrefillLane lane(thread, arguments);
  const bool has_rows = lane.has_rows();
  LaneWeights weights = lane.weights(0);
  LaneVectors vectors = lane.vectors(0);
  for (std::int64_t block = 0; block < arguments.blocks; ++block) {
    const int half = static_cast<int>(block % 2) * prefill_threads;
    storage.upper.store(half + thread.index(), vectors.upper);
    storage.lower.store(half + thread.index(), vectors.lower);
    thread.barrier();
    const LaneWeights own = weights;
    if (block + 1 < arguments.blocks) {
      weights = lane.weights(block + 1);
      vectors = lane.vectors(block + 1);
    }
    if (has_rows) lane.add(storage, half, own);
  }
  lane.store();
}

}  // namespace p2pllm::kernels
