#pragma once

#include "model/numbers/integer.hpp"

// Where the Merkle kernel finds the bytes of a message. Templates over the integer type, so that proofs show them in
// range for every size.
namespace p2pllm::kernels {

inline constexpr std::int64_t word_bytes = 4;
inline constexpr std::int64_t block_words = 16;  ///< of SHA-256
inline constexpr std::int64_t digest_words = 8;  ///< of SHA-256
inline constexpr std::int64_t chunk_bytes_max = 1 << 20;

/// The chunks of some bytes; the last may be shorter.
template <Integer T>
[[nodiscard]] constexpr T chunk_count(const T& bytes, std::int64_t chunk_bytes) {
  return div_floor(T(bytes + integer_like(bytes, chunk_bytes - 1)), chunk_bytes);
}
/// The first word of a chunk. @param chunk_bytes  a multiple of 4
template <Integer T>
[[nodiscard]] constexpr T chunk_word(const T& chunk, std::int64_t chunk_bytes) {
  return chunk * integer_like(chunk, chunk_bytes / word_bytes);
}
/// The bytes of a chunk.
template <Integer T>
[[nodiscard]] constexpr T chunk_length(const T& chunk, const T& bytes, std::int64_t chunk_bytes) {
  const T left = bytes - chunk * integer_like(chunk, chunk_bytes);
  const T whole = integer_like(chunk, chunk_bytes);
  return select(left < whole, left, whole);
}
/// The blocks of 64 bytes of a message of so many bytes, with its padding (FIPS 180-4, 5.1.1).
template <Integer T>
[[nodiscard]] constexpr T padded_blocks(const T& bytes) {
  return div_floor(T(bytes + integer_like(bytes, 1 + 8 + 63)), 64);
}

}  // namespace p2pllm::kernels
