#pragma once

#include "kernels/layers/product_rules.hpp"
#include "kernels/simt/fragment_rules.hpp"

// Which rows, vectors and columns the lanes of the prefill kernel take. Templates over the integer type, so that proofs
// show that every row has one lane, and that both factors of a product are of one column.
namespace p2pllm::kernels {

inline constexpr std::int64_t prefill_warps = 8;             ///< of a block, each with rows of its own
inline constexpr std::int64_t prefill_warp_tiles = 2;        ///< of sixteen rows, of a warp
inline constexpr std::int64_t prefill_vector_groups = 8;     ///< of eight vectors, of a block
inline constexpr std::int64_t prefill_positions_least = 16;  ///< from which on a batch takes this kernel

inline constexpr std::int64_t prefill_tiles = prefill_warps * prefill_warp_tiles;
inline constexpr std::int64_t prefill_vectors = prefill_vector_groups * simt::fragment_columns;
inline constexpr std::int64_t lane_rows = 4;           ///< whose words lie together in a tile
inline constexpr std::int64_t steps_of_tile = 2;       ///< products of 32 columns
inline constexpr std::int64_t lane_column_groups = 4;  ///< of a tile, of a vector's parts as of the weights

/// The tile of the block whose rows a lane has: half of the groups have the first of their warp, half the second.
template <Integer T>
[[nodiscard]] constexpr T prefill_tile(const T& warp, const T& lane) {
  return warp * integer_like(warp, prefill_warp_tiles) + div_floor(simt::group_of(lane), 4);
}
/// The first row in that tile of the four that a lane has.
template <Integer T>
[[nodiscard]] constexpr T prefill_row(const T& lane) {
  const T group = simt::group_of(lane);
  return (group - div_floor(group, 4) * integer_like(lane, 4)) * integer_like(lane, lane_rows);
}
/// The group of four columns of a tile that a lane has as its word of a step.
/// @param half  of the step: 0 or 1
template <Integer T>
[[nodiscard]] constexpr T prefill_column_group(const T& lane, const T& step, const T& half) {
  return simt::place_in_group(lane) * integer_like(lane, lane_column_groups) + (step * integer_like(lane, 2) + half);
}
/// The thread of the block that brings, for every warp, the four words of a vector that a lane multiplies.
/// @param group  of eight vectors
template <Integer T>
[[nodiscard]] constexpr T bringing_thread(const T& group, const T& lane) {
  return group * integer_like(group, simt::fragment_columns * lane_column_groups) + lane;
}
/// What a thread brings: a vector of the block, and the first of four groups of columns.
/// @{
template <Integer T>
[[nodiscard]] constexpr T brought_vector(const T& thread) {
  return div_floor(thread, lane_column_groups);
}
template <Integer T>
[[nodiscard]] constexpr T brought_column_group(const T& thread) {
  const T quarter = thread - brought_vector(thread) * integer_like(thread, lane_column_groups);
  return quarter * integer_like(thread, lane_column_groups);
}
/// @}
/// The groups of eight vectors that a block has. @param left  vectors from the block's first on
template <Integer T>
[[nodiscard]] constexpr T groups_of_vectors(const T& left) {
  const T groups = div_floor(left + integer_like(left, simt::fragment_columns - 1), simt::fragment_columns);
  const T most = integer_like(left, prefill_vector_groups);
  return select(groups < most, groups, most);
}
/// The vector of the block that a sum belongs to.
template <Integer T>
[[nodiscard]] constexpr T summed_vector(const T& group, const T& lane, const T& at) {
  return group * integer_like(group, simt::fragment_columns) + simt::sum_column(lane, at);
}

/// Which of its four rows a lane gives as a register of the left matrix, and which it gets as one of the sums. A warp
/// multiplies two left matrices, `part` 0 and 1, so that their 32 rows are those of its tiles.
/// @{
template <Integer T>
[[nodiscard]] constexpr T row_given(const T& part, const T& at) {
  return part * integer_like(part, 2) + simt::parity(at);
}
template <Integer T>
[[nodiscard]] constexpr T row_summed(const T& part, const T& at) {
  return part * integer_like(part, 2) + div_floor(at, 2);
}
/// @}

}  // namespace p2pllm::kernels
