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

/// The greatest integer whose square is at most `value`. @param value  2^60 .. 2^62 - 1
std::int64_t floor_root(std::int64_t value) {
  std::int64_t root = 0;
  for (std::int64_t bit = std::int64_t{1} << 30; bit > 0; bit >>= 1) {
    const std::int64_t next = root + bit;
    root = next * next <= value ? next : root;
  }
  return root;
}

void norm(const std::int32_t* row, std::size_t count, const NormParameters& parameters, std::int32_t* out) {
  const std::int64_t shift = square_shift(largest_magnitude(row, count));
  std::int64_t squares = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t short_number = rounded_down(std::int64_t{row[i]}, shift);
    squares += short_number * short_number;
  }
  const std::int64_t mean = squares / static_cast<std::int64_t>(count) + (parameters.epsilon >> (2 * shift));
  if (mean == 0) {
    std::fill_n(out, count, 0);
    return;
  }
  const std::int64_t up = (62 - bits_of_number(mean)) & ~std::int64_t{1};
  const std::int64_t reciprocal = (std::int64_t{1} << 61) / floor_root(mean << up);
  const std::int64_t root_shift = 41 - up / 2 + shift;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t unit = unit_number(std::int64_t{row[i]}, reciprocal, root_shift);
    out[i] = static_cast<std::int32_t>(
        gained_number(unit, std::int64_t{parameters.gain[i]}, parameters.gain_exponent, parameters.fraction_bits));
  }
}

/// 2^-distance, in 2^-30. @param distance  in 2^-16, 0 .. 2^22
P2PLLM_RULE std::int64_t exp2_of(std::int64_t distance, const std::int32_t* exp2) {
  const std::int64_t entry = (distance & 0xffff) >> 8;
  return exp2_between<std::int64_t>(exp2[entry], exp2[entry + 1], distance & 0xff, distance >> 16);
}

SoftmaxSums softmax(std::int64_t* products, std::size_t positions, const ScoreParameters& parameters,
                    std::int32_t* weights) {
  std::int64_t best = std::numeric_limits<std::int64_t>::min();
  std::uint8_t value_exponent = 0;
  for (std::size_t j = 0; j < positions; ++j) {
    products[j] = position_score(products[j], parameters.scale, parameters.shift - parameters.key_exponents[j]);
    best = std::max(best, products[j]);
    value_exponent = std::max(value_exponent, parameters.value_exponents[j]);
  }
  std::int64_t sum = 0;
  for (std::size_t j = 0; j < positions; ++j) {
    const std::int64_t weight = exp2_of(capped_distance(best - products[j]), parameters.exp2);
    sum += weight;
    weights[j] = static_cast<std::int32_t>(weight >> (value_exponent - parameters.value_exponents[j]));
  }
  return {sum, value_exponent};
}

void gate(const std::int32_t* gate, const std::int32_t* up, std::size_t count, std::int64_t fraction_bits,
          const std::int32_t* exp2, std::int32_t* out) {
  constexpr std::size_t many = 64;
  std::array<std::int64_t, many> numerators, denominators;
  for (std::size_t begin = 0; begin < count; begin += many) {
    const std::size_t size = std::min(count - begin, many);
    for (std::size_t i = 0; i < size; ++i) {
      const std::int64_t number = gate[begin + i], distance = sigmoid_distance(number, fraction_bits);
      const std::int64_t exponential = exp2_of(distance, exp2);
      numerators[i] = sigmoid_numerator(number, exponential);
      denominators[i] = one_of_weights + exponential;
    }
    for (std::size_t i = 0; i < size; ++i) numerators[i] /= denominators[i];
    for (std::size_t i = 0; i < size; ++i)
      out[begin + i] = static_cast<std::int32_t>(
          gated_number(std::int64_t{gate[begin + i]}, numerators[i], std::int64_t{up[begin + i]}, fraction_bits));
  }
}

void add(const std::int32_t* more, std::size_t count, std::int32_t* row) {
  for (std::size_t i = 0; i < count; ++i)
    row[i] = static_cast<std::int32_t>(saturated(std::int64_t{row[i]} + std::int64_t{more[i]}));
}

void rotate(std::int32_t* head, std::size_t pairs, const std::int32_t* cosines, const std::int32_t* sines) {
  for (std::size_t i = 0; i < pairs; ++i) {
    const std::int64_t first = head[2 * i], second = head[2 * i + 1], cosine = cosines[i], sine = sines[i];
    head[2 * i] = static_cast<std::int32_t>(turned_first(first, second, cosine, sine));
    head[2 * i + 1] = static_cast<std::int32_t>(turned_second(first, second, cosine, sine));
  }
}

/// Writes the products of the rows of a tile that the matrix has. @param sums  of the tile's rows
void put_products(const PackedMatrix& matrix, std::size_t tile, const std::int64_t* sums, const MatrixVector& vector) {
  std::array<std::int32_t, tile_rows> numbers;
  const std::uint8_t* exponents = matrix.exponents + tile * tile_rows;
  for (std::size_t r = 0; r < tile_rows; ++r)
    numbers[r] = static_cast<std::int32_t>(product_number(sums[r], std::int64_t{exponents[r]}, vector.exponent));
  const std::size_t left = matrix.rows - tile * tile_rows;
  std::int32_t* out = vector.product + tile * tile_rows;
  if (left >= tile_rows) std::copy_n(numbers.begin(), tile_rows, out);
  else std::copy_n(numbers.begin(), left, out);
}

}  // namespace
}  // namespace p2pllm::kernels
