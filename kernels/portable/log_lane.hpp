#pragma once

#include "kernels/portable/exp_lane.hpp"

namespace p2pllm::kernels {

// Coefficients of ln((1 + s) / (1 - s)) = s (2 + z (c0 + c1 z + ... + c6 z^6)), z = s^2, by proofs/kernels/log.sollya.
inline constexpr double log_c0 = 0x1.5555555555558p-1;
inline constexpr double log_c1 = 0x1.9999999995303p-2;
inline constexpr double log_c2 = 0x1.2492492df3035p-2;
inline constexpr double log_c3 = 0x1.c71c62e0b72cbp-3;
inline constexpr double log_c4 = 0x1.7462b661a6659p-3;
inline constexpr double log_c5 = 0x1.39fe212aea87bp-3;
inline constexpr double log_c6 = 0x1.2b5b8533b7489p-3;

inline constexpr double normal_min = 0x1p-1022;
inline constexpr std::uint64_t bits_of_one = 0x3ff0000000000000;
inline constexpr std::uint64_t bits_of_sqrt_half = 0x3fe6a09e667f3bcd;
inline constexpr std::uint64_t mantissa_mask = 0x000fffffffffffff;
/// With this in its upper bits, an integer below 2^52 in the lower ones is the double 2^52 + integer.
inline constexpr std::uint64_t bits_of_two_52 = 0x4330000000000000;

/// c0 + c1 z + ... + c6 z^6 by Estrin's scheme.
P2PLLM_LANE double log_polynomial(double z) {
  const double z2 = z * z;
  const double p01 = std::fma(log_c1, z, log_c0);
  const double p23 = std::fma(log_c3, z, log_c2);
  const double p45 = std::fma(log_c5, z, log_c4);
  const double p456 = std::fma(log_c6, z2, p45);
  const double p26 = std::fma(p456, z2, p23);
  return std::fma(p26, z2, p01);
}

/// ln(2^k (1 + f)) for f in [sqrt(1/2) - 1, sqrt(2) - 1], an integer |k| <= 1100:
/// k ln 2 + f - f^2/2 + s (f^2/2 + z p(z)), s = f / (2 + f), z = s^2. The first three terms are kept in two doubles.
P2PLLM_LANE double log_reduced(double k, double f) {
  const double divisor = 2.0 + f;
  const double s = f / divisor;
  const double z = s * s;
  const double half = 0.5 * f;
  const double half_square = half * f;
  const double half_square_low = std::fma(half, f, -half_square);
  const double curvature = std::fma(z, log_polynomial(z), half_square);
  const double tail = s * curvature;
  const double u = f - half_square;
  const double u_low = fast_sum_error(f, -half_square, u) - half_square_low;
  const double k_ln2 = k * ln2_high;  // exact
  const double v = k_ln2 + u;
  const double v_low = fast_sum_error(k_ln2, u, v) + u_low;
  const double k_tail = std::fma(k, ln2_low, tail);
  const double rest = v_low + k_tail;
  return v + rest;
}

/// ln x; see log.hpp.
P2PLLM_LANE double log_lane(double x) {
  const bool is_subnormal = x < normal_min;
  const double scaled = is_subnormal ? x * 0x1p54 : x;
  const std::uint64_t shifted = bits_of(scaled) + (bits_of_one - bits_of_sqrt_half);
  const double exponent = double_of((shifted >> 52) | bits_of_two_52) - (0x1p52 + 1023);
  const double k = is_subnormal ? exponent - 54 : exponent;
  const double f = double_of((shifted & mantissa_mask) + bits_of_sqrt_half) - 1.0;
  double result = log_reduced(k, f);
  result = x == infinity ? infinity : result;
  result = x == 0 ? -infinity : result;
  return x >= 0 ? result : canonical_nan;
}

}  // namespace p2pllm::kernels
