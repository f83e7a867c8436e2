#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "model/numbers/integer.hpp"

// The scalar rules of LAYER as the fast half computes them. They are templates over the integer type, so that proofs
// compare them with the reference's for all values at once; a shift is by a number that is known. Always inlined:
// each target compiles its own copy, and no linker may keep one for a processor that cannot run it.
namespace p2pllm::kernels {

#define P2PLLM_RULE [[gnu::always_inline]] constexpr

inline constexpr std::int64_t number_max = (std::int64_t{1} << 31) - 1;  ///< of a number of a row
inline constexpr std::int64_t block_number_max = (1 << 15) - 1;          ///< of a number with a block's exponent
inline constexpr std::int64_t one_of_weights = std::int64_t{1} << 30;    ///< 1 as a softmax weight, cosine or sigmoid
inline constexpr std::int64_t distance_max = 1 << 22;                    ///< from which on exp2 is 0
inline constexpr std::int64_t logarithm_of_e = 94548;                    ///< round(2^16 * log2(e))

/// The floor of value / 2^bits.
P2PLLM_RULE std::int64_t shifted_down(std::int64_t value, std::int64_t bits) { return value >> bits; }
template <Integer T>
P2PLLM_RULE T shifted_down(const T& value, std::int64_t bits) {
  return div_floor(value, std::int64_t{1} << bits);
}

P2PLLM_RULE std::int64_t shifted_up(std::int64_t value, std::int64_t bits) { return value << bits; }
template <Integer T>
P2PLLM_RULE T shifted_up(const T& value, std::int64_t bits) {
  return value * integer_like(value, std::int64_t{1} << bits);
}

/// value / 2^bits to the nearest integer, upward from the middle (LAYER-3): half of what a shift by one bit less gives,
/// and no bits need no case of their own. @pre |value| < 2^62
template <Integer T>
P2PLLM_RULE T rounded_down(const T& value, std::int64_t bits) {
  return shifted_down(T(shifted_down(shifted_up(value, 1), bits) + integer_like(value, 1)), 1);
}

/// value * 2^-bits, rounded as above where bits > 0. @param bits  from -16 on
template <Integer T>
P2PLLM_RULE T scaled_down(const T& value, std::int64_t bits) {
  const std::int64_t up = bits < 0 ? -bits : 0, down = bits < 0 ? 0 : bits;
  return rounded_down(shifted_up(value, up), down);
}

template <Integer T>
P2PLLM_RULE T clamped(const T& value, std::int64_t bound) {
  const T most = integer_like(value, bound), least = integer_like(value, -bound);
  const T not_above = select(most < value, most, value);
  return select(not_above < least, least, not_above);
}
/// sat32 of LAYER-3.
template <Integer T>
P2PLLM_RULE T saturated(const T& value) {
  return clamped(value, number_max);
}

template <Integer T>
P2PLLM_RULE T magnitude(const T& value) {
  const T zero = integer_like(value, 0);
  return select(value < zero, T(zero - value), value);
}

/// The bits of a number of at least 0 (LAYER-3).
P2PLLM_RULE std::int64_t bits_of_number(std::int64_t value) {
  return static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(value)));
}

/// The exponent of a block (LAYER-3). @param largest  of the magnitudes of its numbers
P2PLLM_RULE std::int64_t block_exponent(std::int64_t largest) {
  return std::max<std::int64_t>(0, bits_of_number(largest) - 15);
}
template <Integer T>
P2PLLM_RULE T block_number(const T& value, std::int64_t exponent) {
  return clamped(rounded_down(value, exponent), block_number_max);
}

/// A number of the product of a matrix and a vector (LAYER-4). @param sum  over the blocks of the row
/// @param exponent  of the row of the matrix @param vector_exponent  of the vector
template <Integer T>
P2PLLM_RULE T product_number(const T& sum, std::int64_t exponent, std::int64_t vector_exponent) {
  return saturated(rounded_down(sum, exponent - vector_exponent));
}

/// A number of an embedding row (LAYER-5).
template <Integer T>
P2PLLM_RULE T embedded_number(const T& weight, const T& multiplier, std::int64_t exponent, std::int64_t fraction_bits) {
  return saturated(scaled_down(T(weight * multiplier), exponent - fraction_bits));
}

/// The first and the second number of a pair that is turned (LAYER-6).
template <Integer T>
P2PLLM_RULE T turned_first(const T& first, const T& second, const T& cosine, const T& sine) {
  return saturated(rounded_down(T(first * cosine - second * sine), 30));
}
template <Integer T>
P2PLLM_RULE T turned_second(const T& first, const T& second, const T& cosine, const T& sine) {
  return saturated(rounded_down(T(first * sine + second * cosine), 30));
}
/// Between two entries of the table of sines (LAYER-6). @param part  of the way, in 2^-20
template <Integer T>
P2PLLM_RULE T sine_between(const T& entry, const T& next, const T& part) {
  return entry + rounded_down(T((next - entry) * part), 20);
}

/// The score of a position (LAYER-7). @param shift  2F + 4 less the exponents of query and key
template <Integer T>
P2PLLM_RULE T position_score(const T& product, const T& score_scale, std::int64_t shift) {
  return scaled_down(T(score_scale * product), shift);
}
template <Integer T>
P2PLLM_RULE T capped_distance(const T& distance) {
  const T most = integer_like(distance, distance_max);
  return select(most < distance, most, distance);
}
/// Between two entries of the table of exp2 (LAYER-7). @param part  of the way, in 2^-8 @param halvings  0 .. 64
template <Integer T>
P2PLLM_RULE T exp2_between(const T& entry, const T& next, const T& part, std::int64_t halvings) {
  return shifted_down(T(entry - shifted_down(T((entry - next) * part), 8)), halvings > 30 ? 31 : halvings);
}
/// The weight of a value in units of the greatest exponent of all values (LAYER-7).
template <Integer T>
P2PLLM_RULE T weight_of_value(const T& weight, std::int64_t exponent, std::int64_t greatest_exponent) {
  return shifted_down(weight, greatest_exponent - exponent);
}
/// The bits of a sum of weights beyond 30.
P2PLLM_RULE std::int64_t divisor_shift(std::int64_t sum_of_weights) { return bits_of_number(sum_of_weights) - 30; }
/// What the sum of the weights, shifted by as many bits, divides. @param exponent  the greatest of the values
template <Integer T>
P2PLLM_RULE T mean_numerator(const T& sum, std::int64_t dropped, std::int64_t exponent) {
  return shifted_up(rounded_down(sum, dropped), exponent);
}
/// A number that a head reads (LAYER-7). @param sum  of the values by weight
/// @param total  the sum of all weights, at least 2^30 @param exponent  the greatest of the values
P2PLLM_RULE std::int64_t mean_of_values(std::int64_t sum, std::int64_t total, std::int64_t exponent) {
  const std::int64_t dropped = divisor_shift(total);
  return saturated(mean_numerator(sum, dropped, exponent) / (total >> dropped));
}

/// The bits by which a row is shifted down before its squares are summed (LAYER-8).
P2PLLM_RULE std::int64_t square_shift(std::int64_t largest) {
  return std::max<std::int64_t>(0, bits_of_number(largest) - 23);
}
template <Integer T>
P2PLLM_RULE T short_square(const T& value, std::int64_t shift) {
  const T short_number = rounded_down(value, shift);
  return short_number * short_number;
}
/// The mean of the squares of a row, with epsilon.
template <Integer T>
P2PLLM_RULE T mean_of_squares(const T& sum, std::int64_t count, const T& epsilon, std::int64_t shift) {
  return div_floor(sum, count) + shifted_down(epsilon, 2 * shift);
}
/// The greatest integer whose square is at most `value`. @param value  2^60 .. 2^62 - 1
P2PLLM_RULE std::int64_t floor_root(std::int64_t value) {
  std::int64_t root = 0;
  for (std::int64_t bit = std::int64_t{1} << 30; bit > 0; bit >>= 1) {
    const std::int64_t next = root + bit;
    root = next * next <= value ? next : root;
  }
  return root;
}

/// By what the numbers of a row are multiplied and then shifted down (LAYER-8).
struct NormScale {
  std::int64_t reciprocal = 0;
  std::int64_t root_shift = 0;
};
/// @param mean  1 .. 2^48, of the squares of numbers that were shifted down by `shift`
P2PLLM_RULE NormScale norm_scale(std::int64_t mean, std::int64_t shift) {
  const std::int64_t up = (62 - bits_of_number(mean)) & ~std::int64_t{1};
  return {(std::int64_t{1} << 61) / floor_root(mean << up), 41 - up / 2 + shift};
}
/// A number times the reciprocal of the root, in 2^-20. @param root_shift  41 - k/2 + s of LAYER-8
template <Integer T>
P2PLLM_RULE T unit_number(const T& value, const T& reciprocal, std::int64_t root_shift) {
  return rounded_down(T(value * reciprocal), root_shift);
}
template <Integer T>
P2PLLM_RULE T gained_number(const T& unit, const T& gain, std::int64_t gain_exponent, std::int64_t fraction_bits) {
  return saturated(rounded_down(T(unit * gain), 20 + gain_exponent - fraction_bits));
}

/// How far below 0 the exponent of silu's exponential lies (LAYER-9).
template <Integer T>
P2PLLM_RULE T sigmoid_distance(const T& gate, std::int64_t fraction_bits) {
  const T factor = integer_like(gate, logarithm_of_e);
  return capped_distance(shifted_down(T(magnitude(gate) * factor), fraction_bits));
}
/// The numerator of the sigmoid. @param exponential  e^-|gate|, in 2^-30; the denominator is 2^30 more
template <Integer T>
P2PLLM_RULE T sigmoid_numerator(const T& gate, const T& exponential) {
  const T one = integer_like(gate, one_of_weights);
  return T(select(gate < integer_like(gate, 0), exponential, one) * one);
}
/// The quotient of two positive numbers, rounded down. @param near  it, or one more, or one less
template <Integer T>
P2PLLM_RULE T corrected_quotient(const T& near, const T& numerator, const T& denominator) {
  const T zero = integer_like(near, 0), one = integer_like(near, 1), remainder = numerator - near * denominator;
  return near + select(remainder < zero, T(zero - one), select(denominator <= remainder, one, zero));
}
template <Integer T>
P2PLLM_RULE T gated_number(const T& gate, const T& sigmoid, const T& up, std::int64_t fraction_bits) {
  return saturated(rounded_down(T(rounded_down(T(gate * sigmoid), 30) * up), fraction_bits));
}

/// The sum of two numbers of rows (LAYER-9).
template <Integer T>
P2PLLM_RULE T added_number(const T& number, const T& more) {
  return saturated(T(number + more));
}

}  // namespace p2pllm::kernels
