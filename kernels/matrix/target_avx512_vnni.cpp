#include "kernels/matrix/targets.hpp"
#include "kernels/matrix/wide_functions.hpp"

// A vector's numbers are taken as q + 2^15 = 256 * high + low, two unsigned bytes, so that one instruction multiplies
// and adds 64 of them. The surplus is 2^15 times the sum of the weights, which a tile has with its multipliers. The
// instruction for signed sums does not saturate: 64 * 255 * 127 < 2^21 in any case.
namespace p2pllm::kernels {
namespace {

struct Pairs {
  [[gnu::always_inline]] static __m512i add(__m512i sums, __m512i a, __m512i b) {
    return _mm512_dpwssd_epi32(sums, a, b);
  }
};

/// Of each block the lower bytes, then the upper ones.
void prepare(const std::int16_t* vector, std::size_t blocks, std::int16_t* prepared) {
  for (std::size_t block = 0; block < blocks; ++block) {
    const __m512i first = load(vector + block * tile_columns), second = load(vector + block * tile_columns + 32);
    const __m512i top = _mm512_set1_epi16(-32768);
    const auto bytes = [](__m512i a, __m512i b) {
      return _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi16_epi8(a)), _mm512_cvtepi16_epi8(b), 1);
    };
    const auto upper = [&](__m512i a) { return _mm512_srli_epi16(_mm512_xor_si512(a, top), 8); };
    _mm512_storeu_si512(prepared + block * tile_columns, bytes(first, second));
    _mm512_storeu_si512(prepared + block * tile_columns + 32, bytes(upper(first), upper(second)));
  }
}

template <std::size_t tiles, std::size_t vectors>
void multiply_some(const PackedMatrix& matrix, std::size_t tile, const MatrixVector* vector) {
  __m512i even[tiles][vectors] = {}, odd[tiles][vectors] = {};
  const WeightTile* from = matrix.tiles + tile * matrix.blocks;
  const __m512i surplus = _mm512_set1_epi32(static_cast<std::int32_t>(0x80000000U));  // -2^15 for the upper half
  for (std::size_t block = 0; block < matrix.blocks; ++block, ++from) {
    __m512i low[tiles][vectors], high[tiles][vectors];
#pragma GCC unroll 4
    for (std::size_t t = 0; t < tiles; ++t) {
      const __m512i start = _mm512_madd_epi16(load(&from[t * matrix.blocks].multipliers_and_sums), surplus);
#pragma GCC unroll 4
      for (std::size_t v = 0; v < vectors; ++v) {
        low[t][v] = start;
        high[t][v] = _mm512_setzero_si512();
      }
    }
#pragma GCC unroll 16
    for (std::size_t four = 0; four < tile_columns / 4; ++four) {
      __m512i weights[tiles];
#pragma GCC unroll 4
      for (std::size_t t = 0; t < tiles; ++t) {
        weights[t] = load(&from[t * matrix.blocks].weights[four]);
        asm("" : "+v"(weights[t]));  // kept, where the compiler would load it again for each use
      }
#pragma GCC unroll 4
      for (std::size_t v = 0; v < vectors; ++v) {
        const std::int16_t* numbers = vector[v].prepared + block * tile_columns + 2 * four;
        const __m512i lower = in_each_lane(numbers), upper = in_each_lane(numbers + 32);
#pragma GCC unroll 4
        for (std::size_t t = 0; t < tiles; ++t) {
          low[t][v] = _mm512_dpbusd_epi32(low[t][v], lower, weights[t]);
          high[t][v] = _mm512_dpbusd_epi32(high[t][v], upper, weights[t]);
        }
      }
    }
#pragma GCC unroll 4
    for (std::size_t t = 0; t < tiles; ++t) {
      const __m512i both = load(&from[t * matrix.blocks].multipliers_and_sums);
      const __m512i multipliers = _mm512_and_si512(both, _mm512_set1_epi32(0xffff));
      const __m512i odd_multipliers = _mm512_srli_epi64(multipliers, 32);
#pragma GCC unroll 4
      for (std::size_t v = 0; v < vectors; ++v) {
        const __m512i sums = _mm512_add_epi32(_mm512_slli_epi32(high[t][v], 8), low[t][v]);
        even[t][v] = _mm512_add_epi64(even[t][v], _mm512_mul_epi32(sums, multipliers));
        odd[t][v] = _mm512_add_epi64(odd[t][v], _mm512_mul_epi32(_mm512_srli_epi64(sums, 32), odd_multipliers));
      }
    }
  }
  const __m512i first = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11),
                second = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
  for (std::size_t t = 0; t < tiles; ++t)
    for (std::size_t v = 0; v < vectors; ++v) {
      put_tile(matrix, tile + t, _mm512_permutex2var_epi64(even[t][v], first, odd[t][v]),
               _mm512_permutex2var_epi64(even[t][v], second, odd[t][v]), vector[v]);
    }
}

void multiply(const PackedMatrix& matrix, std::size_t begin, std::size_t end, std::span<const MatrixVector> vectors) {
  std::size_t tile = begin;
  if (vectors.size() == 1)
    for (; tile + 4 <= end; tile += 4) multiply_some<4, 1>(matrix, tile, vectors.data());
  for (; tile + 2 <= end; tile += 2) {
    std::size_t v = 0;
    for (; v + 4 <= vectors.size(); v += 4) multiply_some<2, 4>(matrix, tile, &vectors[v]);
    for (; v + 2 <= vectors.size(); v += 2) multiply_some<2, 2>(matrix, tile, &vectors[v]);
    for (; v < vectors.size(); ++v) multiply_some<2, 1>(matrix, tile, &vectors[v]);
  }
  for (; tile < end; ++tile)
    for (const MatrixVector& vector : vectors) multiply_some<1, 1>(matrix, tile, &vector);
}

}  // namespace

const MatrixTarget avx512_vnni_matrix_target = {
    "AVX-512 VNNI", prepare, multiply, multiply_keys<Pairs>, mix_values<Pairs>, softmax, norm, to_block,
    gate,           add,     rotate};

}  // namespace p2pllm::kernels
