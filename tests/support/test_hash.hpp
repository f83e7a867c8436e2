#pragma once

#include "model/crypto/sha256.hpp"

// A second definition of the hash functions of model/crypto/sha256.hpp and optimized/contracts/hash_padded.hpp, for
// programs that search for faults. A program that links the object library `p2pllm_test_hash` has these instead: the
// linker needs no object of an archive for names that are defined already. The product itself has no switch.
namespace p2pllm::testing {

enum class HashChoice { sha256, fast };

/// The hash from now on; SHA-256 until the first call. Everything that was hashed before, such as a chain's id, must be
/// made anew. Not while other threads hash. A tag alone, as of a tree without leaves, has one hash: it is a constant,
/// which a program may keep.
///
/// The fast hash is not cryptographic: folded products of 64 bits over tag and bytes, in four lanes. It is the same on
/// every platform, and inputs that no one made to collide do not.
void choose_hash(HashChoice choice);
[[nodiscard]] HashChoice chosen_hash();

/// Whether an input of a campaign is among the every 256th that run on SHA-256. The bytes decide, so that a file
/// replays as it was found.
[[nodiscard]] bool is_for_sha256(ByteView input);

}  // namespace p2pllm::testing
