#pragma once

#include "kernels/hash/merkle_rules.hpp"
#include "kernels/hash/sha256_lanes.hpp"
#include "kernels/simt/index_rules.hpp"
#include "kernels/simt/instructions.hpp"
#include "kernels/simt/memory.hpp"

// SHA-256 (FIPS 180-4) of many chunks of one text, a thread each: the leaves of a Merkle tree, or the nodes of a level.
// Deterministic from run to run and from device to device.
namespace p2pllm::kernels {

inline constexpr int merkle_threads = 128;

/// Words are in the byte order of the memory: a text's bytes as they are.
struct MerkleArguments {
  simt::DeviceSpan<const std::uint32_t> text;
  std::int64_t bytes = 0;                       ///< of the text, at most 4 * text.size()
  std::int64_t chunk_bytes = 0;                 ///< a multiple of 4, at most chunk_bytes_max
  simt::DeviceSpan<const std::uint8_t> prefix;  ///< that every message begins with, before its chunk
  bool is_level = false;  ///< of nodes of 32 bytes: a last one without a neighbour is kept as it is (COMMIT-5)
  simt::DeviceSpan<std::uint32_t> digests;  ///< digest_words for each chunk
};
struct Sha256State {
  std::uint32_t words[digest_words];
};

[[nodiscard]] P2PLLM_AGENT std::uint32_t rotated(std::uint32_t word, int bits) {
  return simt::funnel(word, word, 32 - bits);
}

/// One block of a message (FIPS 180-4, 6.2.2).
/// @param message  its 16 words; changed
P2PLLM_AGENT void compress(Sha256State& state, std::uint32_t (&message)[block_words]) {
  constexpr auto constants = sha256_constants;
  std::uint32_t a = state.words[0], b = state.words[1], c = state.words[2], d = state.words[3];
  std::uint32_t e = state.words[4], f = state.words[5], g = state.words[6], h = state.words[7];
  P2PLLM_UNROLLED for (int t = 0; t < 64; ++t) {
    std::uint32_t& word = message[t % block_words];
    if (t >= block_words) {
      const std::uint32_t early = message[(t + 1) % block_words], late = message[(t + 14) % block_words];
      word += message[(t + 9) % block_words] + (rotated(early, 7) ^ rotated(early, 18) ^ (early >> 3)) +
              (rotated(late, 17) ^ rotated(late, 19) ^ (late >> 10));
    }
    const std::uint32_t first = h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + ((e & f) ^ (~e & g)) +
                                constants[static_cast<std::size_t>(t)] + word;
    const std::uint32_t second = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + first;
    d = c, c = b, b = a, a = first + second;
  }
  state.words[0] += a, state.words[1] += b, state.words[2] += c, state.words[3] += d;
  state.words[4] += e, state.words[5] += f, state.words[6] += g, state.words[7] += h;
}

/// The message of a chunk: the prefix, the chunk, and the padding.
struct ChunkMessage {
  const MerkleArguments& arguments;
  std::int64_t first_word;  ///< of the chunk
  std::int64_t length;      ///< of the chunk, in bytes
  std::int64_t blocks;

  [[nodiscard]] P2PLLM_AGENT std::uint32_t byte(std::int64_t at) const {
    const std::int64_t in_chunk = at - arguments.prefix.size(), end = block_words * word_bytes * blocks;
    if (in_chunk < 0) return arguments.prefix.load(at);
    if (in_chunk < length)
      return arguments.text.load(first_word + in_chunk / word_bytes) >> (8 * (in_chunk % word_bytes)) & 0xff;
    if (in_chunk == length) return 0x80;
    if (at < end - 8) return 0;
    const std::uint64_t bits = static_cast<std::uint64_t>(arguments.prefix.size() + length) * 8;
    return static_cast<std::uint32_t>(bits >> (8 * (end - 1 - at))) & 0xff;
  }
  /// A word in the order of SHA-256. Words within the chunk are read whole; the others byte by byte.
  [[nodiscard]] P2PLLM_AGENT std::uint32_t word(std::int64_t index) const {
    const std::int64_t at = index * word_bytes, in_chunk = at - arguments.prefix.size();
    if (in_chunk >= 0 && in_chunk + word_bytes <= length) {
      const std::int64_t from = first_word + in_chunk / word_bytes;
      const int shift = static_cast<int>(in_chunk % word_bytes) * 8;
      const std::uint32_t upper = simt::swapped_bytes(arguments.text.load(from));
      return shift == 0 ? upper : simt::funnel(upper, simt::swapped_bytes(arguments.text.load(from + 1)), shift);
    }
    return byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
  }
};

/// The digest of a chunk, a thread; the chunks go round the threads.
P2PLLM_AGENT void merkle(const simt::Thread& thread, simt::NoStorage& /*storage*/, const MerkleArguments& arguments) {
  const std::int64_t chunks = chunk_count(arguments.bytes, arguments.chunk_bytes);
  const std::int64_t stride = thread.numbers();
  for (std::int64_t chunk = thread.number(); chunk < chunks; chunk += stride) {
    const std::int64_t first_word = chunk_word(chunk, arguments.chunk_bytes);
    const std::int64_t length = chunk_length(chunk, arguments.bytes, arguments.chunk_bytes);
    if (arguments.is_level && length == digest_words * word_bytes) {
      for (std::int64_t k = 0; k < digest_words; ++k)
        arguments.digests.store(simt::cell(chunk, digest_words, k), arguments.text.load(first_word + k));
      continue;
    }
    const std::int64_t blocks = padded_blocks(arguments.prefix.size() + length);
    const ChunkMessage message{arguments, first_word, length, blocks};
    Sha256State state;
    constexpr auto start = sha256_start;
    P2PLLM_UNROLLED for (std::size_t k = 0; k < digest_words; ++k) state.words[k] = start[k];
    for (std::int64_t block = 0; block < blocks; ++block) {
      std::uint32_t words[block_words];
      P2PLLM_UNROLLED for (std::int64_t t = 0; t < block_words; ++t) words[t] = message.word(block * block_words + t);
      compress(state, words);
    }
    P2PLLM_UNROLLED for (std::int64_t k = 0; k < digest_words; ++k)
        arguments.digests.store(simt::cell(chunk, digest_words, k), simt::swapped_bytes(state.words[k]));
  }
}

}  // namespace p2pllm::kernels
