#include "bench/q8_matrix.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace p2pllm::bench {

Q8Matrix::Q8Matrix(std::size_t rows, std::size_t columns, std::uint64_t seed)
    : rows_(rows),
      blocks_(columns / 32),
      by_row_(rows * blocks_),
      by_8_(rows / 8 * blocks_),
      by_16_(rows / 16 * blocks_) {
  std::mt19937_64 random(seed);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t b = 0; b < blocks_; ++b) {
      Block& block = by_row_[r * blocks_ + b];
      block.scale = static_cast<std::uint16_t>(0x1400 + random() % 1024);  // 2^-10 .. 2^-9
      Tile8& tile8 = by_8_[r / 8 * blocks_ + b];
      Tile16& tile16 = by_16_[r / 16 * blocks_ + b];
      tile8.scales[r % 8] = tile16.scales[r % 16] = block.scale;
      for (std::size_t c = 0; c < 32; ++c) {
        const auto weight = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
        block.weights[c] = tile8.weights[c / 4][r % 8][c % 4] = weight;
        tile16.weights[c / 4][r % 16][c % 4] = static_cast<std::uint8_t>(weight + 128);
      }
    }
}

Q8Matrix::Vector::Vector(const std::vector<float>& values) {
  for (std::size_t b = 0; b < values.size() / 32; ++b) {
    float greatest = 0;
    for (std::size_t c = 0; c < 32; ++c) greatest = std::max(greatest, std::abs(values[b * 32 + c]));
    const float scale = greatest / 127;
    std::int32_t sum = 0;
    for (std::size_t c = 0; c < 32; ++c) {
      numbers.push_back(static_cast<std::int8_t>(scale > 0 ? std::lround(values[b * 32 + c] / scale) : 0));
      sum += numbers.back();
    }
    scales.push_back(scale);
    surplus.push_back(-128 * sum);
  }
}

#if defined(__x86_64__)
namespace {

using Vector = Q8Matrix::Vector;

[[gnu::target("avx2,fma,f16c")]] inline float sum_of(__m256 lanes) {
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps(lanes, 1));
  four = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}

/// As llama.cpp does on AVX2: a row at a time, the sign taken off first so that nothing saturates.
[[gnu::target("avx2,fma,f16c")]] void by_row_avx2(const Q8Matrix& matrix, const Vector& vector, float* out) {
  const __m256i ones = _mm256_set1_epi16(1);
  for (std::size_t r = 0; r < matrix.rows(); ++r) {
    const Q8Matrix::Block* block = matrix.row(r);
    __m256 sums = _mm256_setzero_ps();
    for (std::size_t b = 0; b < matrix.blocks(); ++b, ++block) {
      const __m256i w = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block->weights));
      const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(&vector.numbers[b * 32]));
      const __m256i pairs = _mm256_maddubs_epi16(_mm256_sign_epi8(w, w), _mm256_sign_epi8(x, w));
      const __m256 products = _mm256_cvtepi32_ps(_mm256_madd_epi16(pairs, ones));
      sums = _mm256_fmadd_ps(_mm256_set1_ps(_cvtsh_ss(block->scale) * vector.scales[b]), products, sums);
    }
    out[r] = sum_of(sums);
  }
}

/// The same by the instruction for four products of bytes.
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]] void by_row_vnni(const Q8Matrix& matrix,
                                                                                                const Vector& vector,
                                                                                                float* out) {
  for (std::size_t r = 0; r < matrix.rows(); ++r) {
    const Q8Matrix::Block* block = matrix.row(r);
    __m256 sums = _mm256_setzero_ps();
    for (std::size_t b = 0; b < matrix.blocks(); ++b, ++block) {
      const __m256i w = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block->weights));
      const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(&vector.numbers[b * 32]));
      const __m256i products =
          _mm256_dpbusd_epi32(_mm256_setzero_si256(), _mm256_sign_epi8(w, w), _mm256_sign_epi8(x, w));
      const float scale = _cvtsh_ss(block->scale) * vector.scales[b];
      sums = _mm256_fmadd_ps(_mm256_set1_ps(scale), _mm256_cvtepi32_ps(products), sums);
    }
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1));
    four = _mm_add_ps(four, _mm_movehl_ps(four, four));
    out[r] = _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
  }
}

/// A lane a row, so that no sum crosses lanes.
[[gnu::target("avx2,fma,f16c")]] void by_tile_avx2(const Q8Matrix& matrix, const Vector& vector, float* out) {
  const __m256i ones = _mm256_set1_epi16(1);
  for (std::size_t rows_8 = 0; rows_8 < matrix.rows() / 8; ++rows_8) {
    const Q8Matrix::Tile8* tile = matrix.tiles8(rows_8);
    __m256 sums = _mm256_setzero_ps();
    for (std::size_t b = 0; b < matrix.blocks(); ++b, ++tile) {
      _mm_prefetch(tile[16].weights, _MM_HINT_T0);
      _mm_prefetch(reinterpret_cast<const char*>(tile[16].weights) + 64, _MM_HINT_T0);
      _mm_prefetch(reinterpret_cast<const char*>(tile[16].weights) + 128, _MM_HINT_T0);
      _mm_prefetch(reinterpret_cast<const char*>(tile[16].weights) + 192, _MM_HINT_T0);
      __m256i products = _mm256_setzero_si256();
#pragma GCC unroll 8
      for (std::size_t four = 0; four < 8; ++four) {
        const __m256i w = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(tile->weights[four]));
        std::int32_t numbers = 0;
        __builtin_memcpy(&numbers, &vector.numbers[b * 32 + four * 4], 4);
        const __m256i x = _mm256_set1_epi32(numbers);
        const __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8(x, w));
        products = _mm256_add_epi32(products, _mm256_madd_epi16(pairs, ones));
      }
      const __m256 scales = _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(tile->scales)));
      const __m256 scale = _mm256_mul_ps(scales, _mm256_set1_ps(vector.scales[b]));
      sums = _mm256_fmadd_ps(scale, _mm256_cvtepi32_ps(products), sums);
    }
    _mm256_storeu_ps(out + rows_8 * 8, sums);
  }
}

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")]] void by_tile_vnni(const Q8Matrix& matrix,
                                                                                                 const Vector& vector,
                                                                                                 float* out) {
  constexpr std::size_t tiles = 4;
  for (std::size_t rows_64 = 0; rows_64 < matrix.rows() / 64; ++rows_64) {
    const Q8Matrix::Tile16* from = matrix.tiles16(rows_64 * tiles);
    __m512 sums[tiles] = {};
    for (std::size_t b = 0; b < matrix.blocks(); ++b, ++from) {
      __m512i products[tiles];
#pragma GCC unroll 4
      for (std::size_t t = 0; t < tiles; ++t) products[t] = _mm512_set1_epi32(vector.surplus[b]);
#pragma GCC unroll 8
      for (std::size_t four = 0; four < 8; ++four) {
        std::int32_t numbers = 0;
        __builtin_memcpy(&numbers, &vector.numbers[b * 32 + four * 4], 4);
        const __m512i x = _mm512_set1_epi32(numbers);
#pragma GCC unroll 4
        for (std::size_t t = 0; t < tiles; ++t)
          products[t] =
              _mm512_dpbusd_epi32(products[t], _mm512_loadu_si512(from[t * matrix.blocks()].weights[four]), x);
      }
#pragma GCC unroll 4
      for (std::size_t t = 0; t < tiles; ++t) {
        const auto* scales = reinterpret_cast<const __m256i*>(from[t * matrix.blocks()].scales);
        const __m512 scale =
            _mm512_mul_ps(_mm512_cvtph_ps(_mm256_loadu_si256(scales)), _mm512_set1_ps(vector.scales[b]));
        sums[t] = _mm512_fmadd_ps(scale, _mm512_cvtepi32_ps(products[t]), sums[t]);
      }
    }
    for (std::size_t t = 0; t < tiles; ++t) _mm512_storeu_ps(out + (rows_64 * tiles + t) * 16, sums[t]);
  }
}

}  // namespace

std::vector<Q8Kernel> q8_kernels() {
  std::vector<Q8Kernel> kernels;
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    kernels.push_back({"Q8_0 by rows, AVX2", "AVX2", by_row_avx2});
    kernels.push_back({"Q8_0 by tiles, AVX2", "AVX2", by_tile_avx2});
  }
  if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vl")) {
    kernels.push_back({"Q8_0 by rows, VNNI", "AVX-512 VNNI", by_row_vnni});
    kernels.push_back({"Q8_0 by tiles, VNNI", "AVX-512 VNNI", by_tile_vnni});
  }
  return kernels;
}
#else
std::vector<Q8Kernel> q8_kernels() { return {}; }
#endif

}  // namespace p2pllm::bench
