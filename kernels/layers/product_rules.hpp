#pragma once

#include "model/numbers/integer.hpp"

// Where the product kernel finds its numbers, and how it splits them. Templates over the integer type, so that proofs
// show them in range, and right, for every size.
namespace p2pllm::kernels {

inline constexpr std::int64_t tile_words = 272;         ///< of a WeightTile (kernels/matrix/matrix.hpp)
inline constexpr std::int64_t tile_multipliers = 256;   ///< the words before the multipliers
inline constexpr std::int64_t tile_row_count = 16;      ///< rows of a tile
inline constexpr std::int64_t tile_column_groups = 16;  ///< groups of four columns of a tile

/// The word with four weights of a row. @param group  of four columns of the tile
template <Integer T>
[[nodiscard]] constexpr T weight_word(const T& tile, const T& group, const T& row) {
  return tile * integer_like(tile, tile_words) + (group * integer_like(tile, tile_row_count) + row);
}
/// The word with a row's multiplier, and in the upper half the sum of its weights in the tile.
template <Integer T>
[[nodiscard]] constexpr T multiplier_word(const T& tile, const T& row) {
  return tile * integer_like(tile, tile_words) + (integer_like(tile, tile_multipliers) + row);
}
/// The word with four numbers of the vector. @param block  of 64 columns
template <Integer T>
[[nodiscard]] constexpr T vector_word(const T& block, const T& group) {
  return block * integer_like(block, tile_column_groups) + group;
}

/// A number of the vector in two bytes with a sign: 256 * upper + lower + 128.
/// @{
template <Integer T>
[[nodiscard]] constexpr T upper_part(const T& number) {
  return div_floor(number, 256);
}
template <Integer T>
[[nodiscard]] constexpr T lower_part(const T& number) {
  return number - upper_part(number) * integer_like(number, 256) - integer_like(number, 128);
}
/// @}

/// The sum of products of weights and numbers, from the sums with their parts and the sum of the weights.
template <Integer T>
[[nodiscard]] constexpr T sum_of_parts(const T& upper_sum, const T& lower_sum, const T& weight_sum) {
  return upper_sum * integer_like(upper_sum, 256) + lower_sum + weight_sum * integer_like(upper_sum, 128);
}

}  // namespace p2pllm::kernels
