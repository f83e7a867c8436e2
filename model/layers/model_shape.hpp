#pragma once

#include <cstdint>

namespace p2pllm {

/// The greatest sizes for which no rule of LAYER leaves 64 bits (MODEL-1).
inline constexpr std::int64_t columns_max = 1 << 15;     ///< of a matrix
inline constexpr std::int64_t head_width_max = 256;      ///< numbers of a head
inline constexpr std::int64_t context_max = 1 << 17;     ///< positions
inline constexpr std::int64_t vocabulary_max = 1 << 20;  ///< tokens
inline constexpr std::int64_t model_layers_max = 1 << 10;
inline constexpr std::int64_t fraction_bits_min = 12;
inline constexpr std::int64_t fraction_bits_max = 18;

inline constexpr std::int64_t block_columns = 64;  ///< columns of a row that share a multiplier (MODEL-3)
inline constexpr std::int64_t weight_max = 127;
inline constexpr std::int64_t multiplier_max = 1 << 15;
inline constexpr std::int64_t exponent_min = 16;  ///< of a row of a matrix
inline constexpr std::int64_t exponent_max = 45;
inline constexpr std::int64_t gain_max = 32767;
inline constexpr std::int64_t gain_exponent_max = 30;
inline constexpr std::int64_t epsilon_max = (std::int64_t{1} << 36) - 1;

/// The sizes of a model (MODEL-1).
struct ModelShape {
  std::int64_t layers = 0;
  std::int64_t width = 0;       ///< numbers of a residual row
  std::int64_t hidden = 0;      ///< numbers between the two halves of the feed-forward part
  std::int64_t heads = 0;       ///< of queries
  std::int64_t kv_heads = 0;    ///< of keys and values; divides `heads`
  std::int64_t head_width = 0;  ///< even
  std::int64_t vocabulary = 0;
  std::int64_t context = 0;        ///< positions of a sequence
  std::int64_t fraction_bits = 0;  ///< the residual row counts in units of 2^-fraction_bits

  [[nodiscard]] std::int64_t query_width() const { return heads * head_width; }
  [[nodiscard]] std::int64_t kv_width() const { return kv_heads * head_width; }

  bool operator==(const ModelShape&) const = default;
};

/// The least multiple of `block_columns` that is at least `columns`: a stored row ends in weights of zero.
[[nodiscard]] constexpr std::int64_t padded_columns(std::int64_t columns) {
  return (columns + block_columns - 1) / block_columns * block_columns;
}

}  // namespace p2pllm
