#pragma once

#include "model/numbers/integer.hpp"

// Which elements of its three matrices each lane of a warp holds for mma.m16n8k32 on signed bytes (PTX ISA, "Matrix
// Fragments for mma.m16n8k32"). A word has four elements along the inner dimension, the first in its lowest byte. Lanes
// form eight groups of four. Templates over the integer type, so that proofs show that every element has one place.
namespace p2pllm::kernels::simt {

inline constexpr std::int64_t fragment_rows = 16;    ///< of the left matrix and of the sums
inline constexpr std::int64_t fragment_columns = 8;  ///< of the right matrix and of the sums
inline constexpr std::int64_t fragment_words = 8;    ///< along the inner dimension of 32
inline constexpr std::int64_t group_lanes = 4;

inline constexpr int left_registers = 4, right_registers = 2, sum_registers = 4;  ///< of a lane

template <Integer T>
[[nodiscard]] constexpr T group_of(const T& lane) {
  return div_floor(lane, group_lanes);
}
template <Integer T>
[[nodiscard]] constexpr T place_in_group(const T& lane) {
  return lane - group_of(lane) * integer_like(lane, group_lanes);
}
/// 0 for an even number, 1 for an odd one.
template <Integer T>
[[nodiscard]] constexpr T parity(const T& number) {
  return number - div_floor(number, 2) * integer_like(number, 2);
}

/// What a lane's registers hold.
/// @{
template <Integer T>
[[nodiscard]] constexpr T left_row(const T& lane, const T& at) {
  return group_of(lane) + parity(at) * integer_like(lane, 8);
}
template <Integer T>
[[nodiscard]] constexpr T left_word(const T& lane, const T& at) {
  return place_in_group(lane) + div_floor(at, 2) * integer_like(lane, group_lanes);
}
template <Integer T>
[[nodiscard]] constexpr T right_word(const T& lane, const T& at) {
  return place_in_group(lane) + at * integer_like(lane, group_lanes);
}
template <Integer T>
[[nodiscard]] constexpr T right_column(const T& lane, const T& /*at*/) {
  return group_of(lane);
}
template <Integer T>
[[nodiscard]] constexpr T sum_row(const T& lane, const T& at) {
  return group_of(lane) + div_floor(at, 2) * integer_like(lane, 8);
}
template <Integer T>
[[nodiscard]] constexpr T sum_column(const T& lane, const T& at) {
  return place_in_group(lane) * integer_like(lane, 2) + parity(at);
}
/// @}

/// The lane and the register that hold a word.
/// @{
template <Integer T>
[[nodiscard]] constexpr T left_lane(const T& row, const T& word) {
  const T group = row - div_floor(row, 8) * integer_like(row, 8);
  return group * integer_like(row, group_lanes) + place_in_group(word);
}
template <Integer T>
[[nodiscard]] constexpr T left_register(const T& row, const T& word) {
  return div_floor(row, 8) + group_of(word) * integer_like(row, 2);
}
template <Integer T>
[[nodiscard]] constexpr T right_lane(const T& word, const T& column) {
  return column * integer_like(word, group_lanes) + place_in_group(word);
}
template <Integer T>
[[nodiscard]] constexpr T right_register(const T& word, const T& /*column*/) {
  return group_of(word);
}
/// @}

}  // namespace p2pllm::kernels::simt
