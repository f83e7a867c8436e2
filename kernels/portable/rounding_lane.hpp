#pragma once

#include "kernels/portable/lane.hpp"

// Sums, products and quotients rounded downward or upward, in the rounding mode to nearest: an error-free transform
// gives the sign of the rounding error, and the result moves to its neighbour only where it lies on the wrong side. The
// results are those of IEEE's directed rounding, except that a zero is always +0.
namespace p2pllm::kernels {

inline constexpr double greatest_finite = 0x1.fffffffffffffp+1023;

P2PLLM_LANE double least_of(double a, double b) { return b < a ? b : a; }
P2PLLM_LANE double greatest_of(double a, double b) { return a < b ? b : a; }
P2PLLM_LANE double magnitude(double value) { return double_of(bits_of(value) & 0x7fffffffffffffff); }

/// The next double above; infinity stays.
P2PLLM_LANE double next_up(double value) {
  const std::uint64_t bits = bits_of(value + 0.0);  // -0 becomes +0
  return value < infinity ? double_of(value < 0 ? bits - 1 : bits + 1) : value;
}
/// The next double below; -infinity stays.
P2PLLM_LANE double next_down(double value) { return -next_up(-value); }

/// The exact sum less its rounding; NaN where the sum is infinite, or an operand is the greatest double.
P2PLLM_LANE double sum_error(double a, double b, double sum) {
  const double b_part = sum - a;
  const double a_part = sum - b_part;
  return (a - a_part) + (b - b_part);
}
P2PLLM_LANE double add_down(double a, double b) {
  const double sum = a + b;
  return (sum_error(a, b, sum) >= 0 ? sum : next_down(sum)) + 0.0;
}
P2PLLM_LANE double add_up(double a, double b) {
  const double sum = a + b;
  return (sum_error(a, b, sum) <= 0 ? sum : next_up(sum)) + 0.0;
}

/// A product of ends of intervals, rounded to nearest, and a number of the sign of its rounding error (NaN: no error).
/// Zero times infinity is zero, since no number of an interval is infinite.
struct Product {
  double rounded;
  double error;
};
P2PLLM_LANE Product product_of(double a, double b) {
  // Below this a rounding error may be no double. If both factors are not zero, both are then below 2^200, so that the
  // error times 2^1080 is one.
  constexpr double small = 0x1p-900;
  constexpr double scale = 0x1p540;
  const double product = a * b;
  const double rounded = product != product ? 0.0 : product;
  const double error = std::fma(a, b, -rounded);
  const double scaled_error = std::fma(a * scale, b * scale, -(rounded * scale * scale));
  return {rounded, magnitude(rounded) < small ? scaled_error : error};
}
P2PLLM_LANE double multiply_down(double a, double b) {
  const Product product = product_of(a, b);
  return (product.error < 0 ? next_down(product.rounded) : product.rounded) + 0.0;
}
P2PLLM_LANE double multiply_up(double a, double b) {
  const Product product = product_of(a, b);
  return (product.error > 0 ? next_up(product.rounded) : product.rounded) + 0.0;
}

/// A quotient of an end by an end above zero, rounded to nearest, and a number of the sign of its rounding error (NaN:
/// no error). Infinity by infinity is zero.
P2PLLM_LANE Product quotient_of(double a, double b) {
  // Below this the remainder may be no double; the quotient is then below 2^174, and times 2^600 the remainder is one.
  constexpr double small = 0x1p-900;
  constexpr double scale = 0x1p600;
  const double quotient = a / b;
  const double rounded = quotient != quotient ? 0.0 : quotient;
  const double error = std::fma(-rounded, b, a);
  const double scaled_error = std::fma(-(rounded * scale), b, a * scale);
  return {rounded, magnitude(a) < small ? scaled_error : error};
}
P2PLLM_LANE double divide_down(double a, double b) {
  const Product quotient = quotient_of(a, b);
  return (quotient.error < 0 ? next_down(quotient.rounded) : quotient.rounded) + 0.0;
}
P2PLLM_LANE double divide_up(double a, double b) {
  const Product quotient = quotient_of(a, b);
  return (quotient.error > 0 ? next_up(quotient.rounded) : quotient.rounded) + 0.0;
}

}  // namespace p2pllm::kernels
