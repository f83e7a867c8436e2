#pragma once

#include "kernels/portable/lane.hpp"

namespace p2pllm::kernels {

// Coefficients of exp(r) = 1 + r + c2 r^2 + ... + c11 r^11 on |r| <= ln(2)/2, by proofs/kernels/exp.sollya.
inline constexpr double exp_c2 = 0x1.000000000000ap-1;
inline constexpr double exp_c3 = 0x1.55555555554fep-3;
inline constexpr double exp_c4 = 0x1.55555555506cp-5;
inline constexpr double exp_c5 = 0x1.1111111126b37p-7;
inline constexpr double exp_c6 = 0x1.6c16c18475a18p-10;
inline constexpr double exp_c7 = 0x1.a01a012fec2f7p-13;
inline constexpr double exp_c8 = 0x1.a0199963c9d9dp-16;
inline constexpr double exp_c9 = 0x1.71df18fbc72f2p-19;
inline constexpr double exp_c10 = 0x1.28adf7a187fb1p-22;
inline constexpr double exp_c11 = 0x1.ad92c7dc41a8dp-26;

inline constexpr double log2_e = 0x1.71547652b82fep+0;
/// ln 2 in two parts: 42 bits, so that a product with an exponent is exact, and the rest rounded to nearest.
inline constexpr double ln2_high = 0x1.62e42fefa38p-1;
inline constexpr double ln2_low = 0x1.ef35793c7673p-45;

/// e^x beyond these rounds to infinity or to zero.
inline constexpr double exp_argument_max = 710;
inline constexpr double exp_argument_min = -746;

/// c2 + c3 r + ... + c11 r^9 by Estrin's scheme.
P2PLLM_LANE double exp_polynomial(double r, double r2) {
  const double r4 = r2 * r2;
  const double p23 = std::fma(exp_c3, r, exp_c2);
  const double p45 = std::fma(exp_c5, r, exp_c4);
  const double p67 = std::fma(exp_c7, r, exp_c6);
  const double p89 = std::fma(exp_c9, r, exp_c8);
  const double p1011 = std::fma(exp_c11, r, exp_c10);
  const double p25 = std::fma(p45, r2, p23);
  const double p69 = std::fma(p89, r2, p67);
  const double p611 = std::fma(p1011, r4, p69);
  return std::fma(p611, r4, p25);
}

/// e^x; see exp.hpp. x = k ln 2 + r + r_low up to the rounding of r_low, and e^x = 2^k (1 + r + r^2 p(r)) (1 + r_low)
/// up to the error of the polynomial. proofs/kernels/exp_*.gappa bound both, and the roundings.
P2PLLM_LANE double exp_lane(double x) {
  const double shifted = std::fma(x, log2_e, rounding_shift);
  const double k = shifted - rounding_shift;
  const double r_high = std::fma(-k, ln2_high, x);  // exact
  const double r = std::fma(-k, ln2_low, r_high);
  const double difference = r_high - r;
  const double r_low = std::fma(-k, ln2_low, difference);
  const double r2 = r * r;
  const double sum = 1.0 + r;
  const double sum_low = std::fma(r_low, sum, fast_sum_error(1.0, r, sum));
  const double tail = std::fma(r2, exp_polynomial(r, r2), sum_low);
  const double mantissa = sum + tail;
  // 2^k may lie outside of the doubles: two halves, of which the first multiplies exactly and the second rounds once.
  // The low bits of `shifted` are those of k, and an integer shifted by 52 bits is added to the exponent.
  const std::uint64_t k_bits = bits_of(shifted);
  const std::uint64_t half_bits = k_bits >> 1;
  const double scaled = double_of(bits_of(mantissa) + (half_bits << 52));
  double result = scaled * double_of((k_bits - half_bits + exponent_bias) << 52);
  // Choices at the end cost less than bounds at the beginning, after which GCC 12 compares each argument four times.
  result = x > exp_argument_max ? infinity : result;
  result = x < exp_argument_min ? 0.0 : result;
  return x != x ? canonical_nan : result;
}

}  // namespace p2pllm::kernels
