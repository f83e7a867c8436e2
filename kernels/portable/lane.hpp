#pragma once

#include <cmath>
#include <cstdint>

// A lane function computes one element of a batch. It has no branch and calls nothing but IEEE operations and fma, so
// that a compiler turns a loop over it into vector instructions whose bits equal those of the scalar code. It is always
// inlined: each target compiles its own copy, and no linker may keep an AVX-512 copy for a processor without AVX-512.
#if defined(__CUDACC__)
#define P2PLLM_LANE __host__ __device__ __forceinline__
#else
#define P2PLLM_LANE [[gnu::always_inline]] inline
#endif

namespace p2pllm::kernels {

P2PLLM_LANE std::uint64_t bits_of(double value) { return __builtin_bit_cast(std::uint64_t, value); }
P2PLLM_LANE double double_of(std::uint64_t bits) { return __builtin_bit_cast(double, bits); }

inline constexpr double infinity = __builtin_huge_val();
/// The one NaN that every function here returns, so that the bits of a NaN are equal on every target too.
inline constexpr double canonical_nan = __builtin_nan("");

/// The most, relatively, by which rounding to nearest is off.
inline constexpr double eps = 0x1p-53;

/// Adding this to |v| < 2^51 rounds v to the nearest integer, ties to even, and leaves it in the low bits of the sum.
inline constexpr double rounding_shift = 0x1.8p52;

inline constexpr std::uint64_t exponent_bias = 1023;

/// a + b - sum exactly, where sum = a + b rounded and either |a| >= |b| or a = 0 (Dekker's Fast2Sum).
P2PLLM_LANE double fast_sum_error(double a, double b, double sum) { return (a - sum) + b; }

}  // namespace p2pllm::kernels
