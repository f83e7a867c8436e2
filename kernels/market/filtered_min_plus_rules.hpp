#pragma once

#include "model/numbers/integer.hpp"

// What the filtered step of routing with latency reads and what it keeps. Templates over the integer type, so that
// proofs show for every size that indices are in range and that the filter keeps what can be among the least two.
namespace p2pllm::kernels {

inline constexpr std::int64_t filter_parts = 32;  ///< of a row, each of consecutive positions
inline constexpr std::int64_t filter_lanes = 32;  ///< which read a part together
inline constexpr std::int64_t filter_pairs = 32;  ///< of a row and a client, that a warp has at a time
inline constexpr std::int64_t filter_clients = 8;
inline constexpr std::int64_t filter_rows = filter_pairs / filter_clients;
inline constexpr std::int64_t filter_list = 32;  ///< positions that one pair keeps before they are weighed

/// A quantized number that is this says only that the number is no less. Two of them have a sum of 32 bits.
inline constexpr std::int64_t filter_cap = (std::int64_t{1} << 31) - 1;
inline constexpr std::int64_t filter_none = (std::int64_t{1} << 32) - 1;  ///< above every sum
/// A rounded sum of two numbers exceeds the sum of their floors by at most this.
inline constexpr std::int64_t filter_margin = 2;

/// What no sum of the least two weights exceeds, from the second least of the parts' least sums. A sum below the cap
/// has no capped summand, so that two weights are at most the bound; from the cap on nothing is known, and all is kept.
template <Integer T>
[[nodiscard]] constexpr T filter_bound(const T& second) {
  return select(second < integer_like(second, filter_cap), second + integer_like(second, filter_margin),
                integer_like(second, filter_none));
}

/// The positions of each part but the last, a multiple of the lanes.
template <Integer T>
[[nodiscard]] constexpr T part_width(const T& width) {
  const T whole = width + integer_like(width, filter_parts * filter_lanes - 1);
  return div_floor(whole, filter_parts * filter_lanes) * integer_like(width, filter_lanes);
}
template <Integer T>
[[nodiscard]] constexpr T part_begin(const T& part, const T& width) {
  return part * part_width(width);
}
/// One past the last position of a part; not beyond its first if the row ends before it.
template <Integer T>
[[nodiscard]] constexpr T part_end(const T& part, const T& width) {
  const T end = part_begin(part, width) + part_width(width);
  return select(width < end, width, end);
}

/// The warps that `rows` rows take.
template <Integer T>
[[nodiscard]] constexpr T filter_warps(const T& rows) {
  return div_floor(T(rows + integer_like(rows, filter_rows - 1)), filter_rows);
}
/// The row that a warp reads as its k-th: beyond the last row the last again, which is not stored twice.
template <Integer T>
[[nodiscard]] constexpr T filter_row(const T& warp, const T& k, const T& rows) {
  const T row = warp * integer_like(warp, filter_rows) + k;
  return select(row < rows, row, rows - integer_like(rows, 1));
}

/// The place of a part's least sum in shared memory. A column more than there are pairs: the lanes of a warp, which
/// read the parts of one pair, then meet different banks.
template <Integer T>
[[nodiscard]] constexpr T minimum_place(const T& warp, const T& part, const T& pair) {
  return (warp * integer_like(warp, filter_parts) + part) * integer_like(warp, filter_pairs + 1) + pair;
}
/// The place of the k-th position that a pair keeps.
template <Integer T>
[[nodiscard]] constexpr T kept_place(const T& warp, const T& k, const T& pair) {
  return (warp * integer_like(warp, filter_list) + k) * integer_like(warp, filter_pairs) + pair;
}

}  // namespace p2pllm::kernels
