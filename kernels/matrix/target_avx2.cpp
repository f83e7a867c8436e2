#include <immintrin.h>

#include "kernels/matrix/attention_parts.hpp"
#include "kernels/matrix/put_products.hpp"
#include "kernels/matrix/row_functions.hpp"
#include "kernels/matrix/targets.hpp"

namespace p2pllm::kernels {
namespace {

[[gnu::always_inline]] inline __m256i load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
[[gnu::always_inline]] inline __m128i load_half(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}
[[gnu::always_inline]] inline void store(std::int64_t* to, __m256i numbers) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), numbers);
}
[[gnu::always_inline]] inline __m256i in_each_lane(const void* four_bytes) {
  std::int32_t value = 0;
  __builtin_memcpy(&value, four_bytes, sizeof value);
  return _mm256_set1_epi32(value);
}
[[gnu::always_inline]] inline __m256i add_pairs(__m256i sums, __m256i a, __m256i b) {
  return _mm256_add_epi32(sums, _mm256_madd_epi16(a, b));
}

void prepare(const std::int16_t* vector, std::size_t blocks, std::int16_t* prepared) {
  std::copy_n(vector, blocks * tile_columns, prepared);
}

/// One stream of weights, and this far ahead of it they are fetched: from memory it then takes half the time.
constexpr std::size_t tiles_ahead = 4;
constexpr std::size_t quarters = 4;  ///< of a tile's rows: two lanes a row, since a lane has the sum of two products

template <std::size_t vectors>
void multiply_some(const PackedMatrix& matrix, std::size_t tile, const MatrixVector* vector) {
  __m256i sums[vectors][quarters] = {};
  const WeightTile* from = matrix.tiles + tile * matrix.blocks;
  for (std::size_t block = 0; block < matrix.blocks; ++block, ++from) {
    __m256i pairs[vectors][quarters] = {};
#pragma GCC unroll 4
    for (std::size_t four = 0; four < tile_columns / 4; ++four) {
      _mm_prefetch(&from[tiles_ahead].weights[four], _MM_HINT_T0);
#pragma GCC unroll 4
      for (std::size_t quarter = 0; quarter < quarters; ++quarter) {
        const __m256i weights = _mm256_cvtepi8_epi16(load_half(&from->weights[four][4 * quarter]));
#pragma GCC unroll 2
        for (std::size_t v = 0; v < vectors; ++v) {
          std::int64_t numbers = 0;
          __builtin_memcpy(&numbers, vector[v].prepared + block * tile_columns + 4 * four, sizeof numbers);
          pairs[v][quarter] = add_pairs(pairs[v][quarter], weights, _mm256_set1_epi64x(numbers));
        }
      }
    }
#pragma GCC unroll 4
    for (std::size_t quarter = 0; quarter < quarters; ++quarter) {
      const __m256i both = _mm256_cvtepu32_epi64(load_half(&from->multipliers_and_sums[4 * quarter]));
      const __m256i multipliers = _mm256_and_si256(both, _mm256_set1_epi64x(0xffff));
#pragma GCC unroll 2
      for (std::size_t v = 0; v < vectors; ++v) {
        const __m256i two = pairs[v][quarter], whole = _mm256_add_epi32(two, _mm256_srli_epi64(two, 32));
        sums[v][quarter] = _mm256_add_epi64(sums[v][quarter], _mm256_mul_epi32(whole, multipliers));
      }
    }
  }
  for (std::size_t v = 0; v < vectors; ++v) {
    std::array<std::int64_t, tile_rows> rows;
    for (std::size_t quarter = 0; quarter < quarters; ++quarter) store(&rows[4 * quarter], sums[v][quarter]);
    put_products(matrix, tile, rows.data(), vector[v]);
  }
}

void multiply(const PackedMatrix& matrix, std::size_t begin, std::size_t end, std::span<const MatrixVector> vectors) {
  for (std::size_t tile = begin; tile < end; ++tile) {
    std::size_t v = 0;
    for (; v + 2 <= vectors.size(); v += 2) multiply_some<2>(matrix, tile, &vectors[v]);
    if (v < vectors.size()) multiply_some<1>(matrix, tile, &vectors[v]);
  }
}

/// 8 positions, half a group.
void multiply_half_group(const QueryParts& query, std::size_t width, const std::int16_t* keys, std::int64_t* sums) {
  __m256i low = _mm256_setzero_si256(), high = _mm256_setzero_si256();
  for (std::size_t d = 0; d < width; d += 2) {
    const __m256i pair_of_keys = load(keys + d * key_group);
    low = add_pairs(low, in_each_lane(&query.low[d]), pair_of_keys);
    high = add_pairs(high, in_each_lane(&query.high[d]), pair_of_keys);
  }
  const auto put = [](__m128i upper, __m128i lower, std::int64_t* to) {
    const __m256i shifted = _mm256_slli_epi64(_mm256_cvtepi32_epi64(upper), 8);
    store(to, _mm256_add_epi64(shifted, _mm256_cvtepi32_epi64(lower)));
  };
  put(_mm256_castsi256_si128(high), _mm256_castsi256_si128(low), sums);
  put(_mm256_extracti128_si256(high, 1), _mm256_extracti128_si256(low, 1), sums + 4);
}

void multiply_keys(const std::int16_t* query, std::size_t width, const std::int16_t* keys, std::size_t positions,
                   std::int64_t* sums) {
  const QueryParts parts(query, width);
  for (std::size_t j = 0; j < positions; j += key_group) {
    multiply_half_group(parts, width, keys + j * width, sums + j);
    multiply_half_group(parts, width, keys + j * width + key_group, sums + j + 8);
  }
}

void add_mixed(__m128i low, __m128i middle, __m128i high, std::int64_t* sums) {
  __m256i sum = _mm256_add_epi64(load(sums), _mm256_cvtepi32_epi64(low));
  sum = _mm256_add_epi64(sum, _mm256_slli_epi64(_mm256_cvtepi32_epi64(middle), 10));
  store(sums, _mm256_add_epi64(sum, _mm256_slli_epi64(_mm256_cvtepi32_epi64(high), 20)));
}

void mix_eight(const WeightParts& weights, std::size_t pairs, const std::int16_t* values, std::size_t width,
               std::int64_t* sums) {
  __m256i low = _mm256_setzero_si256(), middle = low, high = low;
  for (std::size_t j = 0; j < pairs; ++j) {
    const __m256i pair_of_values = load(values + j * 2 * width);
    low = add_pairs(low, in_each_lane(&weights.low[2 * j]), pair_of_values);
    middle = add_pairs(middle, in_each_lane(&weights.middle[2 * j]), pair_of_values);
    high = add_pairs(high, in_each_lane(&weights.high[2 * j]), pair_of_values);
  }
  add_mixed(_mm256_castsi256_si128(low), _mm256_castsi256_si128(middle), _mm256_castsi256_si128(high), sums);
  add_mixed(_mm256_extracti128_si256(low, 1), _mm256_extracti128_si256(middle, 1), _mm256_extracti128_si256(high, 1),
            sums + 4);
}

void mix_values(const std::int32_t* weights, std::size_t positions, const std::int16_t* values, std::size_t width,
                std::int64_t* sums) {
  std::fill_n(sums, width, 0);
  for (std::size_t j = 0; j < positions; j += WeightParts::many) {
    const std::size_t count = std::min(positions - j, WeightParts::many);
    const WeightParts parts(weights + j, count);
    for (std::size_t d = 0; d < width; d += 8)
      mix_eight(parts, (count + 1) / 2, values + j * width + 2 * d, width, sums + d);
  }
}

}  // namespace

const MatrixTarget avx2_matrix_target = {"AVX2", prepare,  multiply, multiply_keys, mix_values, softmax,
                                         norm,   to_block, gate,     add,           rotate};

}  // namespace p2pllm::kernels
