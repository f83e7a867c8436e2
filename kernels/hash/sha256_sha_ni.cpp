#include <immintrin.h>

#include <algorithm>
#include <utility>

#include "kernels/hash/sha256_lanes.hpp"

// Several messages in one stream of SHA instructions: each waits for the one before it in its own message, and the
// processor takes those of the other messages meanwhile.
namespace p2pllm::kernels {
namespace {

/// The state of one message as the instructions want it: words A, B, E, F and C, D, G, H, from the top.
struct Halves {
  __m128i abef, cdgh;
};

/// Reverses the bytes of each word: words are big-endian (FIPS 180-4, 3.1).
__m128i reversed(__m128i words) {
  return _mm_shuffle_epi8(words, _mm_set_epi64x(0x0c0d'0e0f'0809'0a0b, 0x0405'0607'0001'0203));
}

/// Four rounds of each message, and the words of the schedule that come 16 rounds later.
template <int quarter, std::size_t lanes>
void four_rounds(Halves (&state)[lanes], __m128i (&words)[4][lanes]) {
  constexpr int now = quarter % 4, next = (quarter + 1) % 4, after = (quarter + 2) % 4, last = (quarter + 3) % 4;
  const __m128i constants = _mm_load_si128(reinterpret_cast<const __m128i*>(&sha256_constants[4 * quarter]));
  for (std::size_t k = 0; k < lanes; ++k) {
    const __m128i sum = _mm_add_epi32(words[now][k], constants);
    state[k].cdgh = _mm_sha256rnds2_epu32(state[k].cdgh, state[k].abef, sum);
    state[k].abef = _mm_sha256rnds2_epu32(state[k].abef, state[k].cdgh, _mm_shuffle_epi32(sum, 0x0e));
    if constexpr (quarter < 12) {
      const __m128i begun = _mm_sha256msg1_epu32(words[now][k], words[next][k]);
      const __m128i seventh = _mm_alignr_epi8(words[last][k], words[after][k], 4);
      words[now][k] = _mm_sha256msg2_epu32(_mm_add_epi32(begun, seventh), words[last][k]);
    }
  }
}

template <std::size_t lanes>
void add_block(Halves (&state)[lanes], const std::uint8_t* (&at)[lanes]) {
  Halves before[lanes];
  __m128i words[4][lanes];
  for (std::size_t k = 0; k < lanes; ++k) {
    before[k] = state[k];
    for (std::size_t part = 0; part < 4; ++part)
      words[part][k] = reversed(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at[k] + 16 * part)));
    at[k] += 64;
  }
  [&]<int... quarter>(std::integer_sequence<int, quarter...>) { (four_rounds<quarter>(state, words), ...); }
  (std::make_integer_sequence<int, 16>());
  for (std::size_t k = 0; k < lanes; ++k) {
    state[k].abef = _mm_add_epi32(state[k].abef, before[k].abef);
    state[k].cdgh = _mm_add_epi32(state[k].cdgh, before[k].cdgh);
  }
}

Halves start() {
  const auto word = [](std::size_t k) { return static_cast<int>(sha256_start[k]); };
  return {_mm_set_epi32(word(0), word(1), word(4), word(5)), _mm_set_epi32(word(2), word(3), word(6), word(7))};
}

void put(const Halves& state, Sha256Digest& digest) {
  const __m128i feba = _mm_shuffle_epi32(state.abef, 0x1b), dchg = _mm_shuffle_epi32(state.cdgh, 0xb1);
  auto* out = reinterpret_cast<__m128i*>(digest.data());
  _mm_storeu_si128(out, reversed(_mm_blend_epi16(feba, dchg, 0xf0)));
  _mm_storeu_si128(out + 1, reversed(_mm_alignr_epi8(dchg, feba, 8)));
}

/// All blocks that every message has go together; what a longer message has more follows alone.
template <std::size_t lanes>
void hash_lanes(const Sha256Job* jobs) {
  Halves state[lanes];
  const std::uint8_t* at[lanes];
  std::size_t common = jobs[0].count;
  for (std::size_t k = 0; k < lanes; ++k) {
    state[k] = start();
    at[k] = jobs[k].blocks;
    common = std::min(common, jobs[k].count);
  }
  for (std::size_t block = 0; block < common; ++block) add_block(state, at);
  for (std::size_t k = 0; k < lanes; ++k) {
    Halves rest[1] = {state[k]};
    const std::uint8_t* next[1] = {at[k]};
    for (std::size_t block = common; block < jobs[k].count; ++block) add_block(rest, next);
    put(rest[0], *jobs[k].digest);
  }
}

}  // namespace

void hash_by_sha_ni(const Sha256Job* jobs, std::size_t size) {
  switch (size) {
    case 4: return hash_lanes<4>(jobs);
    case 3: return hash_lanes<3>(jobs);
    case 2: return hash_lanes<2>(jobs);
    default: return hash_lanes<1>(jobs);
  }
}

}  // namespace p2pllm::kernels
