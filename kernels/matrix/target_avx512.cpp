#include "kernels/matrix/targets.hpp"
#include "kernels/matrix/wide_functions.hpp"

namespace p2pllm::kernels {
namespace {

struct Pairs {
  [[gnu::always_inline]] static __m512i add(__m512i sums, __m512i a, __m512i b) {
    return _mm512_add_epi32(sums, _mm512_madd_epi16(a, b));
  }
};

void prepare(const std::int16_t* vector, std::size_t blocks, std::int16_t* prepared) {
  std::copy_n(vector, blocks * tile_columns, prepared);
}

/// Weights of 8 rows and 4 columns, widened, by four numbers of the vector: two lanes a row.
template <std::size_t tiles, std::size_t vectors>
void multiply_some(const PackedMatrix& matrix, std::size_t tile, const MatrixVector* vector) {
  __m512i sums[tiles][vectors][2] = {};
  const WeightTile* from = matrix.tiles + tile * matrix.blocks;
  for (std::size_t block = 0; block < matrix.blocks; ++block, ++from) {
    __m512i pairs[tiles][vectors][2] = {};
#pragma GCC unroll 4
    for (std::size_t four = 0; four < tile_columns / 4; ++four)
#pragma GCC unroll 4
      for (std::size_t t = 0; t < tiles; ++t)
#pragma GCC unroll 2
        for (std::size_t half = 0; half < 2; ++half) {
          const auto* weights = reinterpret_cast<const __m256i*>(&from[t * matrix.blocks].weights[four][8 * half]);
          const __m512i wide = _mm512_cvtepi8_epi16(_mm256_loadu_si256(weights));
#pragma GCC unroll 4
          for (std::size_t v = 0; v < vectors; ++v) {
            std::int64_t numbers = 0;
            __builtin_memcpy(&numbers, vector[v].prepared + block * tile_columns + 4 * four, sizeof numbers);
            pairs[t][v][half] = Pairs::add(pairs[t][v][half], wide, _mm512_set1_epi64(numbers));
          }
        }
#pragma GCC unroll 4
    for (std::size_t t = 0; t < tiles; ++t)
#pragma GCC unroll 2
      for (std::size_t half = 0; half < 2; ++half) {
        const auto* both = reinterpret_cast<const __m256i*>(&from[t * matrix.blocks].multipliers_and_sums[8 * half]);
        const __m512i multipliers =
            _mm512_and_si512(_mm512_cvtepu32_epi64(_mm256_loadu_si256(both)), _mm512_set1_epi64(0xffff));
#pragma GCC unroll 4
        for (std::size_t v = 0; v < vectors; ++v) {
          const __m512i two = pairs[t][v][half], whole = _mm512_add_epi32(two, _mm512_srli_epi64(two, 32));
          sums[t][v][half] = _mm512_add_epi64(sums[t][v][half], _mm512_mul_epi32(whole, multipliers));
        }
      }
  }
  for (std::size_t t = 0; t < tiles; ++t)
    for (std::size_t v = 0; v < vectors; ++v) put_tile(matrix, tile + t, sums[t][v][0], sums[t][v][1], vector[v]);
}

void multiply(const PackedMatrix& matrix, std::size_t begin, std::size_t end, std::span<const MatrixVector> vectors) {
  std::size_t tile = begin;
  if (vectors.size() == 1)
    for (; tile + 4 <= end; tile += 4) multiply_some<4, 1>(matrix, tile, vectors.data());
  for (; tile + 2 <= end; tile += 2) {
    std::size_t v = 0;
    for (; v + 3 <= vectors.size(); v += 3) multiply_some<2, 3>(matrix, tile, &vectors[v]);
    for (; v < vectors.size(); ++v) multiply_some<2, 1>(matrix, tile, &vectors[v]);
  }
  for (; tile < end; ++tile)
    for (const MatrixVector& vector : vectors) multiply_some<1, 1>(matrix, tile, &vector);
}

}  // namespace

const MatrixTarget avx512_matrix_target = {
    "AVX-512", prepare, multiply, multiply_keys<Pairs>, mix_values<Pairs>, softmax, norm, to_block, gate, add, rotate};

}  // namespace p2pllm::kernels
