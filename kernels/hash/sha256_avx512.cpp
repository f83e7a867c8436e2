#include <immintrin.h>

#include <algorithm>
#include <utility>

#include "kernels/hash/sha256_lanes.hpp"

// 16 messages at once: each word of the state, and each of the schedule, is one vector with a lane for every message.
namespace p2pllm::kernels {
namespace {

using Lanes = __m512i;

Lanes exclusive_or(Lanes a, Lanes b, Lanes c) { return _mm512_ternarylogic_epi32(a, b, c, 0x96); }
Lanes choice(Lanes of, Lanes one, Lanes zero) { return _mm512_ternarylogic_epi32(of, one, zero, 0xca); }
Lanes majority(Lanes a, Lanes b, Lanes c) { return _mm512_ternarylogic_epi32(a, b, c, 0xe8); }
Lanes big_sigma0(Lanes a) {
  return exclusive_or(_mm512_ror_epi32(a, 2), _mm512_ror_epi32(a, 13), _mm512_ror_epi32(a, 22));
}
Lanes big_sigma1(Lanes e) {
  return exclusive_or(_mm512_ror_epi32(e, 6), _mm512_ror_epi32(e, 11), _mm512_ror_epi32(e, 25));
}
Lanes small_sigma0(Lanes w) {
  return exclusive_or(_mm512_ror_epi32(w, 7), _mm512_ror_epi32(w, 18), _mm512_srli_epi32(w, 3));
}
Lanes small_sigma1(Lanes w) {
  return exclusive_or(_mm512_ror_epi32(w, 17), _mm512_ror_epi32(w, 19), _mm512_srli_epi32(w, 10));
}

/// Reverses the bytes of each word: words are big-endian (FIPS 180-4, 3.1).
Lanes reversed(Lanes words) {
  return _mm512_shuffle_epi8(words,
                             _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d'0e0f'0809'0a0b, 0x0405'0607'0001'0203)));
}

/// Word j of row k becomes word k of row j.
[[gnu::always_inline]] inline void transpose(Lanes (&rows)[16]) {
  Lanes pairs[16];
  for (int k = 0; k < 16; k += 2) {
    pairs[k] = _mm512_unpacklo_epi32(rows[k], rows[k + 1]);
    pairs[k + 1] = _mm512_unpackhi_epi32(rows[k], rows[k + 1]);
  }
  for (int k = 0; k < 16; k += 4)
    for (int j = 0; j < 2; ++j) {
      rows[k + 2 * j] = _mm512_unpacklo_epi64(pairs[k + j], pairs[k + j + 2]);
      rows[k + 2 * j + 1] = _mm512_unpackhi_epi64(pairs[k + j], pairs[k + j + 2]);
    }
  for (int k = 0; k < 4; ++k) {
    const Lanes even_low = _mm512_shuffle_i32x4(rows[k], rows[k + 4], 0x88);
    const Lanes odd_low = _mm512_shuffle_i32x4(rows[k], rows[k + 4], 0xdd);
    const Lanes even_high = _mm512_shuffle_i32x4(rows[k + 8], rows[k + 12], 0x88);
    const Lanes odd_high = _mm512_shuffle_i32x4(rows[k + 8], rows[k + 12], 0xdd);
    pairs[k] = _mm512_shuffle_i32x4(even_low, even_high, 0x88);
    pairs[k + 4] = _mm512_shuffle_i32x4(odd_low, odd_high, 0x88);
    pairs[k + 8] = _mm512_shuffle_i32x4(even_low, even_high, 0xdd);
    pairs[k + 12] = _mm512_shuffle_i32x4(odd_low, odd_high, 0xdd);
  }
  std::copy(pairs, pairs + 16, rows);
}

/// A round (FIPS 180-4, 6.2.2). The words of the state stay where they are, and their names move on. What waits longest
/// is added last.
template <int number>
[[gnu::always_inline]] inline void round(Lanes (&state)[8], Lanes word_and_constant) {
  const auto at = [&](int name) -> Lanes& { return state[static_cast<std::size_t>((name - number) & 7)]; };
  const Lanes begun = _mm512_add_epi32(_mm512_add_epi32(at(7), word_and_constant), choice(at(4), at(5), at(6)));
  const Lanes sigma1 = big_sigma1(at(4));
  const Lanes first = _mm512_add_epi32(_mm512_add_epi32(begun, sigma1), majority(at(0), at(1), at(2)));
  at(3) = _mm512_add_epi32(_mm512_add_epi32(at(3), begun), sigma1);
  at(7) = _mm512_add_epi32(first, big_sigma0(at(0)));
}

/// Round `number`, whose word replaces the one of 16 rounds before.
template <int number>
[[gnu::always_inline]] inline void round_with_word(Lanes (&state)[8], Lanes (&words)[16]) {
  Lanes& word = words[number % 16];
  if constexpr (number >= 16) {
    const Lanes sigmas =
        _mm512_add_epi32(small_sigma0(words[(number + 1) % 16]), small_sigma1(words[(number + 14) % 16]));
    word = _mm512_add_epi32(_mm512_add_epi32(word, words[(number + 9) % 16]), sigmas);
  }
  round<number>(state, _mm512_add_epi32(word, _mm512_set1_epi32(static_cast<int>(sha256_constants[number]))));
}

/// @param active  the lanes whose state changes
[[gnu::always_inline]] inline void add_block(Lanes (&state)[8], const std::uint8_t* const (&at)[16], __mmask16 active) {
  Lanes words[16], changed[8];
  for (int k = 0; k < 16; ++k) words[k] = reversed(_mm512_loadu_si512(at[k]));
  transpose(words);
  std::copy(state, state + 8, changed);
  [&]<int... number>(std::integer_sequence<int, number...>) __attribute__((always_inline)) {
    (round_with_word<number>(changed, words), ...);
  }
  (std::make_integer_sequence<int, 64>());
  for (int k = 0; k < 8; ++k) state[k] = _mm512_mask_add_epi32(state[k], active, state[k], changed[k]);
}

}  // namespace

/// A lane whose message has ended takes its last block again, and its state stays.
void hash_by_avx512(const Sha256Job* jobs, std::size_t size) {
  Lanes state[8];
  for (std::size_t k = 0; k < 8; ++k) state[k] = _mm512_set1_epi32(static_cast<int>(sha256_start[k]));
  const std::uint8_t* at[16];
  for (std::size_t k = 0; k < 16; ++k) at[k] = jobs[k < size ? k : 0].blocks;
  for (std::size_t block = 0;; ++block) {
    unsigned active = 0;
    for (std::size_t k = 0; k < size; ++k)
      if (block < jobs[k].count) active |= 1U << k;
    if (active == 0) break;
    add_block(state, at, static_cast<__mmask16>(active));
    for (std::size_t k = 0; k < size; ++k)
      if (block + 1 < jobs[k].count) at[k] += 64;
  }
  Lanes rows[16];
  std::fill(std::copy(state, state + 8, rows), rows + 16, _mm512_setzero_si512());
  transpose(rows);
  for (std::size_t k = 0; k < size; ++k)
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(jobs[k].digest->data()), _mm512_castsi512_si256(reversed(rows[k])));
}

}  // namespace p2pllm::kernels
