#pragma once

#include <bit>
#include <concepts>
#include <span>
#include <vector>

#include "model/assert.hpp"
#include "model/layers/exact_model.hpp"
#include "model/layers/tables.hpp"
#include "reference/layers/layer_rules.hpp"

// The rules of a layer on whole vectors, in the order in which LAYER-9 applies them.
namespace p2pllm::reference {

/// The number of binary digits of a magnitude: 0 for 0 (LAYER-3).
[[nodiscard]] inline std::int64_t bit_length(std::int64_t magnitude) {
  return static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(magnitude)));
}
/// floor(a / b). @pre a >= 0, b > 0
[[nodiscard]] inline std::int64_t quotient(std::int64_t a, std::int64_t b) { return a / b; }
/// The greatest integer whose square is at most the value, digit by digit (LAYER-8). @pre 0 <= value < 2^62
[[nodiscard]] std::int64_t square_root(std::int64_t value);
[[nodiscard]] inline std::int64_t to_machine(std::int64_t value) { return value; }

/// An integer that has a value, on which a vector can therefore branch: a machine integer, or one without bounds.
template <typename N>
concept ConcreteInteger = Integer<N> && std::same_as < Truth<N>,
bool > &&std::constructible_from<N, std::int64_t>&& requires(const N& a) {
  { bit_length(a) } -> std::same_as<std::int64_t>;
  { quotient(a, a) } -> std::convertible_to<N>;
  { square_root(a) } -> std::convertible_to<N>;
  { to_machine(a) } -> std::same_as<std::int64_t>;
};

/// Numbers with a common exponent: values in units of 2^(exponent - fraction_bits) (LAYER-1).
template <ConcreteInteger N>
struct BlockVector {
  std::vector<N> values;
  std::int64_t exponent = 0;  ///< 0 .. 16
};

template <ConcreteInteger N>
[[nodiscard]] N greatest_magnitude(std::span<const N> row) {
  N greatest(0);
  for (const N& value : row) greatest = maximum(greatest, magnitude(value));
  return greatest;
}

/// The numbers of a row with a common exponent (LAYER-3).
template <ConcreteInteger N>
[[nodiscard]] BlockVector<N> block_vector(std::span<const N> row) {
  BlockVector<N> result;
  result.exponent = std::max<std::int64_t>(0, bit_length(greatest_magnitude(row)) - 15);
  for (const N& value : row) result.values.push_back(block_number(value, result.exponent));
  return result;
}

/// The sum of a row of a matrix before it is rounded (LAYER-4): of a whole row, or of a part of whole blocks.
/// @param vector  matrix.columns numbers
template <ConcreteInteger N>
[[nodiscard]] N row_sum(const ExactMatrix& matrix, std::int64_t r, std::span<const N> vector) {
  N sum(0);
  for (std::int64_t b = 0; b < matrix.blocks(); ++b) {
    N block(0);
    const std::int64_t end = std::min(matrix.columns, (b + 1) * block_columns);
    for (std::int64_t c = b * block_columns; c < end; ++c)
      block = block + N(matrix.weights[static_cast<std::size_t>(r * matrix.stride() + c)]) *
                          vector[static_cast<std::size_t>(c)];
    sum = sum + block * N(matrix.multipliers[static_cast<std::size_t>(r * matrix.blocks() + b)]);
  }
  return sum;
}

/// The product of a matrix and a vector: a row of `matrix.rows` numbers (LAYER-4).
template <ConcreteInteger N>
[[nodiscard]] std::vector<N> product(const ExactMatrix& matrix, const BlockVector<N>& vector) {
  std::vector<N> result;
  for (std::int64_t r = 0; r < matrix.rows; ++r)
    result.push_back(product_number(row_sum<N>(matrix, r, vector.values), matrix.exponents[static_cast<std::size_t>(r)],
                                    vector.exponent));
  return result;
}

/// By what a norm multiplies (LAYER-8): nothing where the mean of the squares is 0, so that every result is.
template <ConcreteInteger N>
struct NormScale {
  std::int64_t dropped = 0;
  std::int64_t lifted = 0;
  N reciprocal = N(0);
};

/// The bits of the greatest magnitude beyond 23 (LAYER-8).
template <ConcreteInteger N>
[[nodiscard]] std::int64_t norm_dropped(const N& greatest) {
  return std::max<std::int64_t>(0, bit_length(greatest) - 23);
}

/// @param sum  of the squares of `numbers` numbers, each without its `dropped` bits
template <ConcreteInteger N>
[[nodiscard]] NormScale<N> norm_scale(const N& sum, std::int64_t numbers, std::int64_t epsilon, std::int64_t dropped) {
  const N mean = mean_square(sum, numbers, N(epsilon), dropped);
  if (mean == N(0)) return {};
  const std::int64_t lifted = (62 - bit_length(mean)) / 2 * 2;
  const N reciprocal = quotient(N(std::int64_t{1} << 61), square_root(N(mean * power_like(mean, lifted))));
  return {.dropped = dropped, .lifted = lifted, .reciprocal = reciprocal};
}

/// The row divided by the root of its mean square, times the gain (LAYER-8).
template <ConcreteInteger N>
[[nodiscard]] std::vector<N> normed(std::span<const N> row, const ExactGain& gain, std::int64_t epsilon,
                                    std::int64_t fraction_bits) {
  const std::int64_t dropped = norm_dropped(greatest_magnitude(row));
  N sum(0);
  for (const N& value : row) sum = sum + square(value, dropped);
  const NormScale<N> scale = norm_scale(sum, static_cast<std::int64_t>(row.size()), epsilon, dropped);
  std::vector<N> result;
  for (std::size_t i = 0; i < row.size(); ++i)
    result.push_back(normed_number(unit_number(row[i], scale.reciprocal, scale.lifted, scale.dropped),
                                   N(gain.values[i]), gain.exponent, fraction_bits));
  return result;
}

/// The sine of `angle` / 2^32 turns, in units of 2^-30 (LAYER-6).
template <ConcreteInteger N>
[[nodiscard]] N sine(std::uint32_t angle) {
  const auto& table = layer_tables().sine;
  const std::size_t i = angle >> 20;
  return sine_between(N(table[i]), N(table[i + 1]), N(angle & 0xfffff));
}

/// Turns the neighbouring pairs of a head by the angles of a position (LAYER-6).
template <ConcreteInteger N>
void turn(std::span<N> head, std::int64_t position, std::span<const std::uint64_t> frequencies) {
  for (std::size_t pair = 0; pair < frequencies.size(); ++pair) {
    const std::uint64_t turns = frequencies[pair] * static_cast<std::uint64_t>(position);
    const auto angle = static_cast<std::uint32_t>(turns >> 32);
    const N s = sine<N>(angle);
    const N c = sine<N>(angle + (std::uint32_t{1} << 30));
    const N first = head[2 * pair];
    const N second = head[2 * pair + 1];
    head[2 * pair] = turned_first(first, second, s, c);
    head[2 * pair + 1] = turned_second(first, second, s, c);
  }
}

/// 2^(-distance / 2^16) in units of 2^-30 (LAYER-7). @param distance  at least 0
template <ConcreteInteger N>
[[nodiscard]] N power_of_half(const N& distance) {
  const std::int64_t d = to_machine(distance);
  if (d >> 16 > 30) return N(0);
  const auto& table = layer_tables().exp2;
  const auto i = static_cast<std::size_t>((d & 0xffff) >> 8);
  return div_floor(power_between(N(table[i]), N(table[i + 1]), N(d & 0xff)), std::int64_t{1} << (d >> 16));
}

/// The score of a key (LAYER-7).
template <ConcreteInteger N>
[[nodiscard]] N score_of(const BlockVector<N>& query, const BlockVector<N>& key, std::int64_t score_scale,
                         std::int64_t fraction_bits) {
  N sum(0);
  for (std::size_t d = 0; d < key.values.size(); ++d) sum = sum + query.values[d] * key.values[d];
  return score(sum, N(score_scale), fraction_bits, query.exponent + key.exponent);
}

/// Adds the values of a position to the sums of a head (LAYER-7). @param exponent  the greatest of all positions
template <ConcreteInteger N>
void add_weighted(const N& weight, const BlockVector<N>& value, std::int64_t exponent, std::span<N> sums) {
  for (std::size_t d = 0; d < sums.size(); ++d)
    sums[d] = sums[d] + weighted(weight, value.values[d], value.exponent, exponent);
}

/// The mean that a sum of weighted values is of (LAYER-7). @param total  of the weights, at least 2^30
template <ConcreteInteger N>
[[nodiscard]] N mean_of(const N& sum, const N& total, std::int64_t exponent) {
  const std::int64_t dropped = bit_length(total) - 30;
  P2PLLM_ASSERT(dropped >= 0);
  const N divisor = div_floor(total, std::int64_t{1} << dropped);
  const N numerator = mean_numerator(sum, dropped, exponent);
  const N mean = quotient(magnitude(numerator), divisor);
  return saturated(N(select(numerator < N(0), N(N(0) - mean), mean)));
}

/// What one head reads at a position (LAYER-7): the mean of the values, weighted by the scores of their keys.
/// @param keys, values  of the positions up to this one, at least one
template <ConcreteInteger N>
[[nodiscard]] std::vector<N> attended(const BlockVector<N>& query, const std::vector<BlockVector<N>>& keys,
                                      const std::vector<BlockVector<N>>& values, std::int64_t score_scale,
                                      std::int64_t fraction_bits) {
  std::vector<N> scores;
  scores.reserve(keys.size());
  for (const BlockVector<N>& key : keys) scores.push_back(score_of(query, key, score_scale, fraction_bits));
  N greatest = scores[0];
  for (const N& z : scores) greatest = maximum(greatest, z);
  std::int64_t exponent = 0;
  for (const BlockVector<N>& value : values) exponent = std::max(exponent, value.exponent);

  N total(0);
  std::vector<N> sums(values[0].values.size(), N(0));
  for (std::size_t j = 0; j < values.size(); ++j) {
    const N weight = power_of_half(score_distance(greatest, scores[j]));
    total = total + weight;
    add_weighted<N>(weight, values[j], exponent, sums);
  }
  for (N& sum : sums) sum = mean_of(sum, total, exponent);
  return sums;
}

/// What passes a gate (LAYER-9).
template <ConcreteInteger N>
[[nodiscard]] N gated_by(const N& gate, const N& up, std::int64_t fraction_bits) {
  const N power = power_of_half(sigmoid_distance(gate, fraction_bits));
  return gated(gate, N(quotient(sigmoid_numerator(gate, power), N(N(unit30) + power))), up, fraction_bits);
}

/// The numbers between the two halves of the feed-forward part (LAYER-9).
template <ConcreteInteger N>
[[nodiscard]] std::vector<N> gated_row(std::span<const N> gate, std::span<const N> up, std::int64_t fraction_bits) {
  std::vector<N> result;
  for (std::size_t i = 0; i < gate.size(); ++i) result.push_back(gated_by(gate[i], up[i], fraction_bits));
  return result;
}

/// Keys and values of a layer: `keys[head][position]`.
template <ConcreteInteger N>
struct LayerCache {
  std::vector<std::vector<BlockVector<N>>> keys;
  std::vector<std::vector<BlockVector<N>>> values;
};

/// Runs one position through a layer (LAYER-9): changes the row, and adds the position's keys and values to the cache.
template <ConcreteInteger N>
void run_layer(const ExactModel& model, const ExactLayer& layer, std::int64_t position, LayerCache<N>& cache,
               std::vector<N>& row) {
  const ModelShape& shape = model.shape;
  const auto width = static_cast<std::size_t>(shape.head_width);
  const auto head_of = [&](std::vector<N>& all, std::size_t h) { return std::span<N>(all).subspan(h * width, width); };
  const auto add = [&](const std::vector<N>& change) {
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = residual_number(row[i], change[i]);
  };

  const BlockVector<N> in = block_vector<N>(normed<N>(row, layer.attention_norm, model.epsilon, shape.fraction_bits));
  std::vector<N> queries = product(layer.query, in);
  std::vector<N> keys = product(layer.key, in);
  std::vector<N> values = product(layer.value, in);
  for (std::size_t h = 0; h < static_cast<std::size_t>(shape.kv_heads); ++h) {
    turn(head_of(keys, h), position, model.frequencies);
    cache.keys[h].push_back(block_vector<N>(head_of(keys, h)));
    cache.values[h].push_back(block_vector<N>(head_of(values, h)));
  }
  std::vector<N> read;
  for (std::size_t h = 0; h < static_cast<std::size_t>(shape.heads); ++h) {
    turn(head_of(queries, h), position, model.frequencies);
    const std::size_t group = h * static_cast<std::size_t>(shape.kv_heads) / static_cast<std::size_t>(shape.heads);
    const std::vector<N> head = attended(block_vector<N>(head_of(queries, h)), cache.keys[group], cache.values[group],
                                         model.score_scale, shape.fraction_bits);
    read.insert(read.end(), head.begin(), head.end());
  }
  add(product(layer.output, block_vector<N>(read)));

  const BlockVector<N> fed = block_vector<N>(normed<N>(row, layer.feed_norm, model.epsilon, shape.fraction_bits));
  const std::vector<N> gate = product(layer.gate, fed);
  const std::vector<N> up = product(layer.up, fed);
  add(product(layer.down, block_vector<N>(gated_row<N>(gate, up, shape.fraction_bits))));
}

/// The row of a token (LAYER-5).
template <ConcreteInteger N>
[[nodiscard]] std::vector<N> embedded(const ExactModel& model, std::int64_t token) {
  const ExactMatrix& matrix = model.embedding;
  std::vector<N> row;
  for (std::int64_t c = 0; c < matrix.columns; ++c)
    row.push_back(
        embedded_number(N(matrix.weights[static_cast<std::size_t>(token * matrix.stride() + c)]),
                        N(matrix.multipliers[static_cast<std::size_t>(token * matrix.blocks() + c / block_columns)]),
                        matrix.exponents[static_cast<std::size_t>(token)], model.shape.fraction_bits));
  return row;
}

/// The logits of a row that leaves the last layer (LAYER-10).
template <ConcreteInteger N>
[[nodiscard]] std::vector<N> logits_of(const ExactModel& model, std::span<const N> row) {
  return product(model.head_matrix(),
                 block_vector<N>(normed<N>(row, model.norm, model.epsilon, model.shape.fraction_bits)));
}

}  // namespace p2pllm::reference
