#pragma once

#include <algorithm>
#include <cstdint>

#include "model/layers/model_shape.hpp"
#include "model/numbers/integer.hpp"

// The rules by which a layer computes, number by number. The exponents are ordinary numbers, because each rule is
// proved for each exponent by itself.
namespace p2pllm::reference {

/// The greatest magnitude of a number in a row: -2^31 is no number of a row, so that each has its negative.
inline constexpr std::int64_t row_most = (std::int64_t{1} << 31) - 1;
inline constexpr std::int64_t block_most = 32767;              ///< of a number with a common exponent
inline constexpr std::int64_t unit30 = std::int64_t{1} << 30;  ///< one, for sines and weights of attention

/// 2^exponent as an integer like `like`. @param exponent  0 .. 62
template <Integer N>
[[nodiscard]] N power_like(const N& like, std::int64_t exponent) {
  return integer_like(like, std::int64_t{1} << exponent);
}

/// The value times 2^-shift, rounded to the nearest integer, and up if two are as near (LAYER-3).
/// @param shift  0 .. 61 @pre the value's magnitude is at most 2^62
template <Integer N>
[[nodiscard]] N rounded_shift(const N& value, std::int64_t shift) {
  const std::int64_t unit = std::int64_t{1} << shift;
  return div_floor(value + integer_like(value, unit / 2), unit);
}

/// The value times 2^-shift, rounded if the shift is positive, and exactly if it is negative.
template <Integer N>
[[nodiscard]] N scaled(const N& value, std::int64_t shift) {
  return rounded_shift(value * power_like(value, std::max<std::int64_t>(0, -shift)), std::max<std::int64_t>(0, shift));
}

/// The value within [-most, most], the nearest of them if it is outside.
template <Integer N>
[[nodiscard]] N clamped(const N& value, std::int64_t most) {
  return minimum(maximum(value, integer_like(value, -most)), integer_like(value, most));
}
/// The value as a number of a row (LAYER-3).
template <Integer N>
[[nodiscard]] N saturated(const N& value) {
  return clamped(value, row_most);
}
template <Integer N>
[[nodiscard]] N magnitude(const N& value) {
  return maximum(value, integer_like(value, 0) - value);
}

/// A number of a row as one with the exponent of its vector (LAYER-3).
template <Integer N>
[[nodiscard]] N block_number(const N& value, std::int64_t exponent) {
  return clamped(rounded_shift(value, exponent), block_most);
}

/// The number of a row that the sum of a row of a matrix gives (LAYER-4).
/// @param sum  of the sums of blocks times their multipliers
/// @param weight_exponent  16 .. 45 @param exponent  of the vector, 0 .. 16
template <Integer N>
[[nodiscard]] N product_number(const N& sum, std::int64_t weight_exponent, std::int64_t exponent) {
  return saturated(rounded_shift(sum, weight_exponent - exponent));
}

/// A number of the row of a token (LAYER-5).
template <Integer N>
[[nodiscard]] N embedded_number(const N& weight, const N& multiplier, std::int64_t weight_exponent,
                                std::int64_t fraction_bits) {
  return saturated(scaled(weight * multiplier, weight_exponent - fraction_bits));
}

/// The sine between two neighbours of the table (LAYER-6).
/// @param part  0 .. 2^20 - 1: how far after the first
template <Integer N>
[[nodiscard]] N sine_between(const N& first, const N& second, const N& part) {
  return first + rounded_shift((second - first) * part, 20);
}
/// A pair of numbers that is turned by an angle (LAYER-6): the first one, and the second.
template <Integer N>
[[nodiscard]] N turned_first(const N& first, const N& second, const N& sine, const N& cosine) {
  return saturated(rounded_shift(first * cosine - second * sine, 30));
}
template <Integer N>
[[nodiscard]] N turned_second(const N& first, const N& second, const N& sine, const N& cosine) {
  return saturated(rounded_shift(first * sine + second * cosine, 30));
}

/// The power between two neighbours of the table (LAYER-7). @param part  0 .. 255: how far after the first
template <Integer N>
[[nodiscard]] N power_between(const N& first, const N& second, const N& part) {
  return first - div_floor((first - second) * part, 256);
}
/// The score of a position, a logarithm to the base 2 in units of 2^-16 (LAYER-7).
/// @param sum  of the products of query and key
/// @param exponents  those of query and key together, 0 .. 32
template <Integer N>
[[nodiscard]] N score(const N& sum, const N& score_scale, std::int64_t fraction_bits, std::int64_t exponents) {
  return scaled(score_scale * sum, 2 * fraction_bits + 4 - exponents);
}
/// How far a score is below the greatest one, as far as it matters (LAYER-7).
template <Integer N>
[[nodiscard]] N score_distance(const N& greatest, const N& value) {
  return minimum(greatest - value, integer_like(value, std::int64_t{1} << 22));
}
/// A part of the numerator of a weighted mean: the weight is taken in the unit of the greatest exponent (LAYER-7).
template <Integer N>
[[nodiscard]] N weighted(const N& weight, const N& value, std::int64_t exponent, std::int64_t greatest_exponent) {
  return div_floor(weight, std::int64_t{1} << (greatest_exponent - exponent)) * value;
}
/// The numerator of the mean, before it is divided (LAYER-7).
/// @param dropped  the bits of the weights' sum beyond 30
template <Integer N>
[[nodiscard]] N mean_numerator(const N& sum, std::int64_t dropped, std::int64_t greatest_exponent) {
  const N numerator = rounded_shift(sum, dropped);
  return numerator * power_like(numerator, greatest_exponent);
}

/// A factor of the mean square of a norm (LAYER-8).
/// @param dropped  the bits of the greatest magnitude beyond 23
template <Integer N>
[[nodiscard]] N square(const N& value, std::int64_t dropped) {
  const N part = rounded_shift(value, dropped);
  return part * part;
}
/// The mean square that a norm divides by (LAYER-8). @param numbers  of the row
template <Integer N>
[[nodiscard]] N mean_square(const N& sum, std::int64_t numbers, const N& epsilon, std::int64_t dropped) {
  return div_floor(sum, numbers) + div_floor(epsilon, std::int64_t{1} << (2 * dropped));
}
/// A number of a row in units of the root of the mean square, in units of 2^-20 (LAYER-8).
/// @param reciprocal  floor(2^61 / root), where root is that of the mean square times 2^lifted
template <Integer N>
[[nodiscard]] N unit_number(const N& value, const N& reciprocal, std::int64_t lifted, std::int64_t dropped) {
  return rounded_shift(value * reciprocal, 41 - lifted / 2 + dropped);
}
/// The number that a norm returns (LAYER-8). @param gain_exponent  0 .. 30
template <Integer N>
[[nodiscard]] N normed_number(const N& unit, const N& gain, std::int64_t gain_exponent, std::int64_t fraction_bits) {
  return saturated(rounded_shift(unit * gain, 20 + gain_exponent - fraction_bits));
}

/// How far the sigmoid's argument is from 0, as the argument of the power (LAYER-9); log2(e) is 94548 / 2^16.
template <Integer N>
[[nodiscard]] N sigmoid_distance(const N& value, std::int64_t fraction_bits) {
  return minimum(div_floor(magnitude(value) * integer_like(value, 94548), std::int64_t{1} << fraction_bits),
                 integer_like(value, std::int64_t{1} << 22));
}
/// The numerator of the sigmoid, whose denominator is 2^30 + power (LAYER-9).
template <Integer N>
[[nodiscard]] N sigmoid_numerator(const N& value, const N& power) {
  const N one = integer_like(value, unit30);
  return select(value < integer_like(value, 0), power, one) * one;
}
/// What passes the gate (LAYER-9). @param sigmoid  of the gate, 0 .. 2^30
template <Integer N>
[[nodiscard]] N gated(const N& gate, const N& sigmoid, const N& up, std::int64_t fraction_bits) {
  return saturated(rounded_shift(rounded_shift(gate * sigmoid, 30) * up, fraction_bits));
}
/// The sum of two rows, number by number (LAYER-9).
template <Integer N>
[[nodiscard]] N residual_number(const N& row, const N& change) {
  return saturated(row + change);
}

}  // namespace p2pllm::reference
