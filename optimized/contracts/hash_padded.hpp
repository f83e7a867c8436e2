#pragma once

#include <span>

#include "kernels/hash/sha256.hpp"
#include "model/crypto/sha256.hpp"

namespace p2pllm::optimized {

/// The hashes of messages that begin with a tag and its length (COMMIT-2), and are padded. By the fastest target of
/// this processor, and by OpenSSL one after the other where it has none. A program that replaces the model's hash
/// functions when it is linked replaces this function too (tests/support/test_hash.hpp).
void hash_padded(std::span<const kernels::PaddedMessage> messages, std::span<Hash> hashes);

/// The bytes of such a message, its tag included: the padding ends with the number of their bits (FIPS 180-4, 5.1.1).
[[nodiscard]] inline ByteView without_padding(const kernels::PaddedMessage& message) {
  const std::uint8_t* const end = message.blocks + 64 * message.count;
  std::uint64_t bits = 0;
  for (const std::uint8_t* at = end - 8; at != end; ++at) bits = bits << 8U | *at;
  return {message.blocks, static_cast<std::size_t>(bits / 8)};
}

}  // namespace p2pllm::optimized
