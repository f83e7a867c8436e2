#pragma once

#include <immintrin.h>

#include "kernels/matrix/attention_parts.hpp"
#include "kernels/matrix/row_functions.hpp"

// What the targets with AVX-512 share. `Pairs::add(sums, a, b)` adds to each lane two products of int16 numbers.
namespace p2pllm::kernels {
namespace {

[[gnu::always_inline]] inline __m512i load(const void* from) { return _mm512_loadu_si512(from); }

/// Four bytes, in each lane.
[[gnu::always_inline]] inline __m512i in_each_lane(const void* four_bytes) {
  std::int32_t value = 0;
  __builtin_memcpy(&value, four_bytes, sizeof value);
  return _mm512_set1_epi32(value);
}

/// The products of 8 rows from their sums: `product_number` in each lane.
[[gnu::always_inline]] inline __m256i product_numbers(__m512i sums, const std::uint8_t* exponents,
                                                      const MatrixVector& vector) {
  const __m512i of_rows = _mm512_cvtepu8_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(exponents)));
  const __m512i bits = _mm512_sub_epi64(of_rows, _mm512_set1_epi64(vector.exponent));
  const __m512i half = _mm512_srli_epi64(_mm512_sllv_epi64(_mm512_set1_epi64(1), bits), 1);
  const __m512i rounded = _mm512_srav_epi64(_mm512_add_epi64(sums, half), bits);
  const __m512i not_above = _mm512_min_epi64(rounded, _mm512_set1_epi64(number_max));
  return _mm512_cvtepi64_epi32(_mm512_max_epi64(not_above, _mm512_set1_epi64(-number_max)));
}
/// Writes the products of the rows of a tile that the matrix has, from their sums in order.
[[gnu::always_inline]] inline void put_tile(const PackedMatrix& matrix, std::size_t tile, __m512i first, __m512i second,
                                            const MatrixVector& vector) {
  const std::uint8_t* exponents = matrix.exponents + tile * tile_rows;
  const __m512i numbers = _mm512_inserti64x4(_mm512_castsi256_si512(product_numbers(first, exponents, vector)),
                                             product_numbers(second, exponents + 8, vector), 1);
  const std::size_t left = std::min(matrix.rows - tile * tile_rows, tile_rows);
  _mm512_mask_storeu_epi32(vector.product + tile * tile_rows, static_cast<__mmask16>((1U << left) - 1), numbers);
}

inline void put_key_sums(__m512i low, __m512i high, std::int64_t* sums) {
  const auto widened = [](__m256i half) { return _mm512_cvtepi32_epi64(half); };
  const __m512i first = _mm512_add_epi64(_mm512_slli_epi64(widened(_mm512_castsi512_si256(high)), 8),
                                         widened(_mm512_castsi512_si256(low)));
  const __m512i second = _mm512_add_epi64(_mm512_slli_epi64(widened(_mm512_extracti64x4_epi64(high, 1)), 8),
                                          widened(_mm512_extracti64x4_epi64(low, 1)));
  _mm512_storeu_si512(sums, first);
  _mm512_storeu_si512(sums + 8, second);
}

template <typename Pairs, std::size_t groups>
void multiply_key_groups(const QueryParts& query, std::size_t width, const std::int16_t* keys, std::int64_t* sums) {
  __m512i low[groups] = {}, high[groups] = {};
  for (std::size_t d = 0; d < width; d += 2) {
    const __m512i low_pair = in_each_lane(&query.low[d]), high_pair = in_each_lane(&query.high[d]);
#pragma GCC unroll 4
    for (std::size_t g = 0; g < groups; ++g) {
      const __m512i pair_of_keys = load(keys + g * key_group * width + d * key_group);
      low[g] = Pairs::add(low[g], low_pair, pair_of_keys);
      high[g] = Pairs::add(high[g], high_pair, pair_of_keys);
    }
  }
  for (std::size_t g = 0; g < groups; ++g) put_key_sums(low[g], high[g], sums + g * key_group);
}

template <typename Pairs>
void multiply_keys(const std::int16_t* query, std::size_t width, const std::int16_t* keys, std::size_t positions,
                   std::int64_t* sums) {
  const QueryParts parts(query, width);
  const std::size_t groups = (positions + key_group - 1) / key_group;
  std::size_t g = 0;
  for (; g + 4 <= groups; g += 4)
    multiply_key_groups<Pairs, 4>(parts, width, keys + g * key_group * width, sums + g * key_group);
  for (; g < groups; ++g)
    multiply_key_groups<Pairs, 1>(parts, width, keys + g * key_group * width, sums + g * key_group);
}

inline void add_mixed(__m256i low, __m256i middle, __m256i high, std::int64_t* sums) {
  __m512i sum = _mm512_add_epi64(load(sums), _mm512_cvtepi32_epi64(low));
  sum = _mm512_add_epi64(sum, _mm512_slli_epi64(_mm512_cvtepi32_epi64(middle), 10));
  sum = _mm512_add_epi64(sum, _mm512_slli_epi64(_mm512_cvtepi32_epi64(high), 20));
  _mm512_storeu_si512(sums, sum);
}

template <typename Pairs, std::size_t groups>
void mix_groups(const WeightParts& weights, std::size_t pairs, const std::int16_t* values, std::size_t width,
                std::int64_t* sums) {
  __m512i low[groups] = {}, middle[groups] = {}, high[groups] = {};
  for (std::size_t j = 0; j < pairs; ++j) {
    const __m512i l = in_each_lane(&weights.low[2 * j]), m = in_each_lane(&weights.middle[2 * j]),
                  h = in_each_lane(&weights.high[2 * j]);
#pragma GCC unroll 4
    for (std::size_t g = 0; g < groups; ++g) {
      const __m512i pair_of_values = load(values + j * 2 * width + g * 32);
      low[g] = Pairs::add(low[g], l, pair_of_values);
      middle[g] = Pairs::add(middle[g], m, pair_of_values);
      high[g] = Pairs::add(high[g], h, pair_of_values);
    }
  }
  for (std::size_t g = 0; g < groups; ++g) {
    add_mixed(_mm512_castsi512_si256(low[g]), _mm512_castsi512_si256(middle[g]), _mm512_castsi512_si256(high[g]),
              sums + g * 16);
    add_mixed(_mm512_extracti64x4_epi64(low[g], 1), _mm512_extracti64x4_epi64(middle[g], 1),
              _mm512_extracti64x4_epi64(high[g], 1), sums + g * 16 + 8);
  }
}

template <typename Pairs>
void mix_values(const std::int32_t* weights, std::size_t positions, const std::int16_t* values, std::size_t width,
                std::int64_t* sums) {
  std::fill_n(sums, width, 0);
  for (std::size_t j = 0; j < positions; j += WeightParts::many) {
    const std::size_t count = std::min(positions - j, WeightParts::many), pairs = (count + 1) / 2;
    const WeightParts parts(weights + j, count);
    const std::int16_t* from = values + j * width;
    std::size_t d = 0;
    for (; d + 64 <= width; d += 64) mix_groups<Pairs, 4>(parts, pairs, from + 2 * d, width, sums + d);
    for (; d < width; d += 16) mix_groups<Pairs, 1>(parts, pairs, from + 2 * d, width, sums + d);
  }
}

}  // namespace
}  // namespace p2pllm::kernels
