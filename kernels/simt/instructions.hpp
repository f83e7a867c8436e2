#pragma once

#include <cstdint>

#include "kernels/simt/thread.hpp"

// Instructions of a device that C++ has no operator for, and the same in C++.
namespace p2pllm::kernels::simt {

/// sum + the products of the four bytes of two words, as signed numbers. One instruction of a device (dp4a).
[[nodiscard]] P2PLLM_AGENT std::int32_t dot4(std::uint32_t a, std::uint32_t b, std::int32_t sum) {
#if defined(__CUDA_ARCH__)
  return __dp4a(static_cast<int>(a), static_cast<int>(b), sum);
#else
  for (int k = 0; k < 32; k += 8) sum += static_cast<std::int8_t>(a >> k) * static_cast<std::int8_t>(b >> k);
  return sum;
#endif
}

/// The lesser of a + b, modulo 2^32, and c. One instruction of a device since Hopper.
[[nodiscard]] P2PLLM_AGENT std::uint32_t add_min(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
#if defined(__CUDA_ARCH__)
  return __viaddmin_u32(a, b, c);
#else
  return a + b < c ? a + b : c;
#endif
}

/// The bits of a word that are set.
[[nodiscard]] P2PLLM_AGENT int bit_count(std::uint32_t word) {
  return P2PLLM_SIMT(__popc(word), __builtin_popcount(word));
}
/// The place of the lowest bit that is set. @pre word != 0
[[nodiscard]] P2PLLM_AGENT int lowest_bit(std::uint32_t word) {
  return P2PLLM_SIMT(__ffs(static_cast<int>(word)) - 1, __builtin_ctz(word));
}

/// sum + a * b. One instruction of a device (mad.wide), which nvcc does not choose for a product of 64 bits.
[[nodiscard]] P2PLLM_AGENT std::int64_t plus_product(std::int64_t sum, std::int32_t a, std::int32_t b) {
#if defined(__CUDA_ARCH__)
  asm("mad.wide.s32 %0, %1, %2, %0;" : "+l"(sum) : "r"(a), "r"(b));
  return sum;
#else
  return sum + std::int64_t{a} * b;
#endif
}

/// The word with its bytes in the other order.
[[nodiscard]] P2PLLM_AGENT std::uint32_t swapped_bytes(std::uint32_t word) {
  return P2PLLM_SIMT(__byte_perm(word, 0, 0x0123), __builtin_bswap32(word));
}

/// 32 of the 64 bits of two words, `bits` below the upper one's. @pre 0 <= bits < 32
[[nodiscard]] P2PLLM_AGENT std::uint32_t funnel(std::uint32_t upper, std::uint32_t lower, int bits) {
#if defined(__CUDA_ARCH__)
  return __funnelshift_l(lower, upper, static_cast<unsigned>(bits));
#else
  const std::uint64_t both = static_cast<std::uint64_t>(upper) << 32 | lower;
  return static_cast<std::uint32_t>(both << bits >> 32);
#endif
}

}  // namespace p2pllm::kernels::simt
