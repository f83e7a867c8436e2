#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

// SHA-256 (FIPS 180-4) of many short messages together. One message is hashed by a chain of dependent instructions, so
// that a processor waits most of the time; several at once fill its pipes.
//
// Nanoseconds a block of 64 bytes, of messages of 1, 2, 3 and 8 blocks, on one core of an AMD EPYC (Zen 5). Hashes that
// follow each other overlap in the processor; one whose message is the hash before it takes 48 a block.
//
//   OpenSSL 3.0, one after the other          46  33  32  32
//   SHA instructions, one message             22  23  24  28
//   SHA instructions, two messages            18  19  20  20
//   SHA instructions, four messages           17  17  17  17
//   AVX-512, 16 messages                      13  13  13  13
//   libipsec-mb 1.3, jobs in bursts of 64     55  28  25  16
//
// So 16 messages of one length go through AVX-512, fewer through the SHA instructions in fours. Debian's libipsec-mb
// has the same kernels. Its plain SHA-256 is offered as jobs alone, each of which costs it about 40 ns, and the
// messages of a ledger are short: that is why these kernels exist.
namespace p2pllm::kernels {

using Sha256Digest = std::array<std::uint8_t, 32>;

/// A message in whole blocks of 64 bytes, padded as FIPS 180-4 (5.1.1) says. @pre at least one block
struct PaddedMessage {
  const std::uint8_t* blocks = nullptr;
  std::size_t count = 0;  ///< blocks
};

/// The number of blocks of a message of so many bytes, with its padding.
[[nodiscard]] constexpr std::size_t sha256_blocks(std::size_t bytes) { return (bytes + 1 + 8 + 63) / 64; }

/// A set of instructions for many messages.
///
/// Law: the digests are those of FIPS 180-4, whatever the target and the order of the messages.
struct Sha256Target {
  using Function = void (*)(std::span<const PaddedMessage> messages, Sha256Digest* digests);

  const char* name;
  Function hash;  ///< digest k is that of message k
};

/// The targets that this processor runs, the fastest first. None if it has neither the SHA instructions nor AVX-512:
/// one message after the other is then the best.
[[nodiscard]] std::span<const Sha256Target* const> sha256_targets();

}  // namespace p2pllm::kernels
