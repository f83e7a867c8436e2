#pragma once

#include <cstdint>

#include "kernels/hash/merkle.cuh"
#include "kernels/layers/attention.cuh"
#include "kernels/layers/prefill.cuh"
#include "kernels/layers/product.cuh"
#include "kernels/market/ascent.cuh"
#include "kernels/market/equilibrium.cuh"
#include "kernels/market/filtered_min_plus.cuh"
#include "kernels/market/migration.cuh"
#include "kernels/market/min_plus.cuh"
#include "kernels/market/regret.cuh"
#include "kernels/market/scan.cuh"

// Over how many blocks each kernel runs, from its arguments.
namespace p2pllm::kernels {

inline constexpr std::int64_t grid_blocks_max = (std::int64_t{1} << 31) - 1;  ///< that a launch takes
inline constexpr std::int64_t blocks_in_turn = 4096;  ///< at most, of kernels whose work goes round the blocks

/// The parts of a size that make it up, the last perhaps shorter.
[[nodiscard]] constexpr std::int64_t parts_of(std::int64_t size, std::int64_t part) {
  return size / part + (size % part != 0 ? 1 : 0);
}
[[nodiscard]] constexpr std::int64_t in_turn(std::int64_t blocks) {
  return blocks < blocks_in_turn ? blocks : blocks_in_turn;
}

template <class F, class Bits>
[[nodiscard]] std::int64_t blocks_of(const ScanArguments<F, Bits>& arguments) {
  return parts_of(scan_warps(arguments.price.size()), scan_block_threads / simt::warp_size);
}
[[nodiscard]] inline std::int64_t blocks_of(const ProductArguments& arguments) {
  return parts_of(arguments.rows, tile_row_count) * arguments.vector_exponents.size();
}
[[nodiscard]] inline std::int64_t blocks_of(const PrefillArguments& arguments) {
  return parts_of(arguments.rows, prefill_tiles * tile_row_count) *
         parts_of(arguments.vector_exponents.size(), prefill_vectors);
}
[[nodiscard]] inline std::int64_t blocks_of(const MinPlusArguments& arguments) {
  return in_turn(arguments.least.size() / min_plus_clients);
}
[[nodiscard]] inline std::int64_t blocks_of(const QuantizeArguments& arguments) {
  const std::int64_t latencies = arguments.latencies.size(), labels = arguments.labels.size();
  return in_turn(parts_of(latencies < labels ? labels : latencies, quantize_threads));
}
[[nodiscard]] inline std::int64_t blocks_of(const FilteredMinPlusArguments& arguments) {
  return in_turn(parts_of(filter_warps(arguments.exact.least.size() / min_plus_clients), FilterStorage::warps));
}
[[nodiscard]] inline std::int64_t blocks_of(const AscentArguments& arguments) {
  return in_turn(arguments.sizes.size());
}
inline constexpr int group_threads = 256;  ///< of a block whose warps have a group each
[[nodiscard]] inline std::int64_t group_blocks(const ChunkTable& chunks) {
  return in_turn(parts_of(chunks.group_count(), group_threads / simt::warp_size));
}
[[nodiscard]] inline std::int64_t blocks_of(const DemandSumArguments& arguments) {
  return in_turn(arguments.columns.chunks.size());
}
[[nodiscard]] inline std::int64_t blocks_of(const DemandTotalArguments& arguments) {
  return group_blocks(arguments.chunks);
}
[[nodiscard]] inline std::int64_t blocks_of(const RegretArguments& arguments) {
  return in_turn(arguments.columns.chunks.size());
}
[[nodiscard]] inline std::int64_t blocks_of(const EquilibriumChunkArguments& arguments) {
  return in_turn(arguments.work.chunks.size());
}
[[nodiscard]] inline std::int64_t blocks_of(const EquilibriumGroupArguments& arguments) {
  return group_blocks(arguments.work.chunks);
}
[[nodiscard]] inline std::int64_t blocks_of(const ScoreArguments& arguments) {
  return in_turn(parts_of(arguments.scores.size(), score_threads));
}
[[nodiscard]] inline std::int64_t blocks_of(const MerkleArguments& arguments) {
  return in_turn(parts_of(chunk_count(arguments.bytes, arguments.chunk_bytes), merkle_threads));
}
[[nodiscard]] inline std::int64_t blocks_of(const PrepareArguments& arguments) { return arguments.exponents.size(); }
[[nodiscard]] inline std::int64_t blocks_of(const GateArguments& arguments) {
  return in_turn(parts_of(arguments.numbers.size(), row_threads));
}
[[nodiscard]] inline std::int64_t blocks_of(const AddArguments& arguments) {
  return in_turn(parts_of(arguments.rows.size(), row_threads));
}
[[nodiscard]] inline std::int64_t blocks_of(const SplitHeadsArguments& arguments) {
  return arguments.query_exponents.size() / arguments.shape.heads * arguments.shape.all_heads();
}
[[nodiscard]] inline std::int64_t blocks_of(const AttendArguments& arguments) {
  return arguments.query_exponents.size();
}

inline constexpr int large_group_threads = 256;  ///< of a block that has a large group, or a large chunk

/// A warp for parts of at most a hundred nodes on average: more threads would wait.
[[nodiscard]] constexpr int threads_of_parts(std::int64_t nodes, std::int64_t parts) {
  return nodes <= 100 * parts ? simt::warp_size : large_group_threads;
}

/// The threads of a block of each kernel.
/// @{
template <class F, class Bits>
[[nodiscard]] constexpr int threads_of(const ScanArguments<F, Bits>& /*arguments*/) {
  return scan_block_threads;
}
[[nodiscard]] constexpr int threads_of(const ProductArguments& /*arguments*/) { return product_threads; }
[[nodiscard]] constexpr int threads_of(const PrefillArguments& /*arguments*/) { return prefill_threads; }
[[nodiscard]] constexpr int threads_of(const MinPlusArguments& /*arguments*/) { return min_plus_threads; }
[[nodiscard]] constexpr int threads_of(const QuantizeArguments& /*arguments*/) { return quantize_threads; }
[[nodiscard]] constexpr int threads_of(const FilteredMinPlusArguments& /*arguments*/) { return filter_threads; }
[[nodiscard]] inline int threads_of(const AscentArguments& arguments) {
  return threads_of_parts(arguments.price.size(), arguments.sizes.size());
}
[[nodiscard]] inline int threads_of(const DemandSumArguments& arguments) {
  return threads_of_parts(arguments.own.size(), arguments.sums.size());
}
[[nodiscard]] inline int threads_of(const RegretArguments& arguments) {
  return threads_of_parts(arguments.own.size(), arguments.sums.size());
}
[[nodiscard]] inline int threads_of(const EquilibriumChunkArguments& arguments) {
  return threads_of_parts(arguments.work.cost.size(), arguments.work.sums.size());
}
[[nodiscard]] constexpr int threads_of(const DemandTotalArguments& /*arguments*/) { return group_threads; }
[[nodiscard]] constexpr int threads_of(const EquilibriumGroupArguments& /*arguments*/) { return group_threads; }
[[nodiscard]] constexpr int threads_of(const ScoreArguments& /*arguments*/) { return score_threads; }
[[nodiscard]] constexpr int threads_of(const MerkleArguments& /*arguments*/) { return merkle_threads; }
[[nodiscard]] constexpr int threads_of(const PrepareArguments& /*arguments*/) { return row_threads; }
[[nodiscard]] constexpr int threads_of(const GateArguments& /*arguments*/) { return row_threads; }
[[nodiscard]] constexpr int threads_of(const AddArguments& /*arguments*/) { return row_threads; }
[[nodiscard]] constexpr int threads_of(const SplitHeadsArguments& /*arguments*/) { return simt::warp_size; }
[[nodiscard]] constexpr int threads_of(const AttendArguments& /*arguments*/) { return attend_threads; }
/// @}

}  // namespace p2pllm::kernels
