#pragma once

#include <algorithm>
#include <array>
#include <limits>

#include "kernels/matrix/layer_rules.hpp"
#include "kernels/matrix/matrix.hpp"

// Included by one source file for each target, which is compiled for that target. Everything has internal linkage, and
// the compiler makes the vectors of these loops; what is faster by hand stands in the file of a target.
namespace p2pllm::kernels {
namespace {

std::int64_t largest_magnitude(const std::int32_t* numbers, std::size_t count) {
  std::int32_t largest = 0;
  for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, numbers[i] < 0 ? -numbers[i] : numbers[i]);
  return largest;
}

std::int64_t to_block(const std::int32_t* numbers, std::size_t count, std::int16_t* out) {
  const std::int64_t exponent = block_exponent(largest_magnitude(numbers, count));
  for (std::size_t i = 0; i < count; ++i)
    out[i] = static_cast<std::int16_t>(block_number(std::int64_t{numbers[i]}, exponent));
  return exponent;
}

void norm(const std::int32_t* row, std::size_t count, const NormParameters& parameters, std::int32_t* out) {
  const std::int64_t shift = square_shift(largest_magnitude(row, count));
  std::int64_t squares = 0;
  for (std::size_t i = 0; i < count; ++i) squares += short_square(std::int64_t{row[i]}, shift);
  const std::int64_t mean = mean_of_squares(squares, static_cast<std::int64_t>(count), parameters.epsilon, shift);
  if (mean == 0) {
    std::fill_n(out, count, 0);
    return;
  }
  const NormScale scale = norm_scale(mean, shift);
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t unit = unit_number(std::int64_t{row[i]}, scale.reciprocal, scale.root_shift);
    out[i] = static_cast<std::int32_t>(
        gained_number(unit, std::int64_t{parameters.gain[i]}, parameters.gain_exponent, parameters.fraction_bits));
  }
}

/// So many numbers are taken at once where a loop has several steps.
constexpr std::size_t many = 64;
using Distances = std::array<std::int32_t, many>;

/// 2^-distance, in 2^-30, of distances in 2^-16 from 0 to 2^22.
void find_powers(const Distances& distances, const std::int32_t* __restrict exp2, Distances& powers) {
  for (std::size_t i = 0; i < many; ++i) {
    const std::int32_t distance = distances[i], entry = (distance & 0xffff) >> 8;
    powers[i] = static_cast<std::int32_t>(
        exp2_between<std::int64_t>(exp2[entry], exp2[entry + 1], distance & 0xff, distance >> 16));
  }
}

/// Turns products into scores. @returns the greatest
std::int64_t find_scores(std::int64_t* __restrict products, std::size_t positions, std::int64_t scale,
                         std::int64_t shift, const std::uint8_t* __restrict key_exponents) {
  std::int64_t best = std::numeric_limits<std::int64_t>::min();
  for (std::size_t j = 0; j < positions; ++j) {
    products[j] = position_score(products[j], scale, shift - std::int64_t{key_exponents[j]});
    best = std::max(best, products[j]);
  }
  return best;
}

SoftmaxSums softmax(std::int64_t* products, std::size_t positions, const ScoreParameters& parameters,
                    std::int32_t* weights) {
  const std::int64_t best =
      find_scores(products, positions, parameters.scale, parameters.shift, parameters.key_exponents);
  const std::uint8_t* exponents = parameters.value_exponents;
  std::uint8_t value_exponent = 0;
  for (std::size_t j = 0; j < positions; ++j) value_exponent = std::max(value_exponent, exponents[j]);
  std::int64_t sum = 0;
  Distances distances{}, powers;
  for (std::size_t begin = 0; begin < positions; begin += many) {
    const std::size_t size = std::min(positions - begin, many);
    for (std::size_t j = 0; j < size; ++j)
      distances[j] = static_cast<std::int32_t>(capped_distance(best - products[begin + j]));
    find_powers(distances, parameters.exp2, powers);
    for (std::size_t j = 0; j < size; ++j) {
      sum += powers[j];
      weights[begin + j] = static_cast<std::int32_t>(
          weight_of_value(std::int64_t{powers[j]}, std::int64_t{exponents[begin + j]}, std::int64_t{value_exponent}));
    }
  }
  return {sum, value_exponent};
}

/// Divides the numerators of sigmoids, at most 2^60, by their denominators, 2^30 .. 2^31. Quotients of doubles are
/// within 1 of the integer quotients, which the remainders then tell; an instruction divides several doubles at once.
void find_sigmoids(const std::int32_t* __restrict gate, std::size_t count, const Distances& powers,
                   Distances& sigmoids) {
  constexpr double one = 1 << 30;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t numerator = sigmoid_numerator(std::int64_t{gate[i]}, std::int64_t{powers[i]});
    const std::int64_t denominator = one_of_weights + powers[i];
    const auto part = static_cast<std::int32_t>(numerator >> 30);
    const auto near = static_cast<std::int32_t>(part * one / (one + powers[i]));
    sigmoids[i] = static_cast<std::int32_t>(corrected_quotient(std::int64_t{near}, numerator, denominator));
  }
}

void gate(const std::int32_t* gate, const std::int32_t* up, std::size_t count, std::int64_t fraction_bits,
          const std::int32_t* exp2, std::int32_t* out) {
  Distances distances{}, powers;
  Distances sigmoids;
  for (std::size_t begin = 0; begin < count; begin += many) {
    const std::size_t size = std::min(count - begin, many);
    for (std::size_t i = 0; i < size; ++i)
      distances[i] = static_cast<std::int32_t>(sigmoid_distance(std::int64_t{gate[begin + i]}, fraction_bits));
    find_powers(distances, exp2, powers);
    find_sigmoids(gate + begin, size, powers, sigmoids);
    for (std::size_t i = 0; i < size; ++i)
      out[begin + i] = static_cast<std::int32_t>(gated_number(std::int64_t{gate[begin + i]}, std::int64_t{sigmoids[i]},
                                                              std::int64_t{up[begin + i]}, fraction_bits));
  }
}

void add(const std::int32_t* more, std::size_t count, std::int32_t* row) {
  for (std::size_t i = 0; i < count; ++i)
    row[i] = static_cast<std::int32_t>(added_number(std::int64_t{row[i]}, std::int64_t{more[i]}));
}

void rotate(std::int32_t* head, std::size_t pairs, const std::int32_t* cosines, const std::int32_t* sines) {
  for (std::size_t i = 0; i < pairs; ++i) {
    const std::int64_t first = head[2 * i], second = head[2 * i + 1], cosine = cosines[i], sine = sines[i];
    head[2 * i] = static_cast<std::int32_t>(turned_first(first, second, cosine, sine));
    head[2 * i + 1] = static_cast<std::int32_t>(turned_second(first, second, cosine, sine));
  }
}

}  // namespace
}  // namespace p2pllm::kernels
