#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "model/crypto/sha256.hpp"

namespace p2pllm {

/// The hash of one entry of a list under a tag that no inner node has (COMMIT-5): made by `merkle_leaf` alone.
struct MerkleLeaf {
  Hash hash{};
  auto operator<=>(const MerkleLeaf&) const = default;
};

/// @param kind  what the list holds, such as "step": a constant of the protocol of at most 241 bytes; a longer one
/// throws
[[nodiscard]] MerkleLeaf merkle_leaf(std::string_view kind, ByteView content);

/// The root of a list of leaves (COMMIT-5): neighbours are hashed in pairs, level by level, a node without a neighbour
/// goes up as it is. Two lists with one root are equal unless SHA-256 has a collision. O(n) hashes.
[[nodiscard]] Hash merkle_root(std::span<const MerkleLeaf> leaves);

/// Which of how many leaves.
struct MerklePlace {
  std::uint64_t index = 0;  ///< from 0, below count
  std::uint64_t count = 0;
};

/// Siblings from the leaf upwards, none where a node goes up alone.
using MerkleProof = std::vector<Hash>;

/// How many siblings the proof of this place has: at most ceil(log2 count); 0 outside the list.
[[nodiscard]] std::size_t merkle_proof_length(MerklePlace place);

/// The proof that leaf `index` is in the list (COMMIT-6). O(n) hashes.
/// @param index  below leaves.size(); throws otherwise
[[nodiscard]] MerkleProof merkle_proof(std::span<const MerkleLeaf> leaves, std::uint64_t index);

/// Whether the proof shows `leaf` at `place` under `root` (COMMIT-6).
/// @returns true: every list of `count` leaves with this root has this leaf at `index`, and no other leaf can be shown
///   there, unless SHA-256 has a collision. It says nothing of `count`: the caller knows it. false: otherwise, also for
///   a proof of another length than the place's.
[[nodiscard]] bool merkle_verify(const Hash& root, const MerkleLeaf& leaf, MerklePlace place,
                                 std::span<const Hash> proof);

}  // namespace p2pllm
