#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "model/crypto/sha256.hpp"

namespace p2pllm {

/// The hash of one list entry under a tag that no inner node has (COMMIT-5). Only `merkle_leaf` makes one.
struct MerkleLeaf {
  Hash hash{};
  auto operator<=>(const MerkleLeaf&) const = default;
};

/// @param kind  the kind of entry in the list, such as "step": a constant of the protocol of at most 241 bytes; throws
///   if it is longer
[[nodiscard]] MerkleLeaf merkle_leaf(std::string_view kind, ByteView content);

/// The hash of an inner node (COMMIT-5).
[[nodiscard]] Hash merkle_node(const Hash& left, const Hash& right);

/// The root of a list of leaves (COMMIT-5): neighbours are hashed in pairs, level by level, and a node without a
/// neighbour moves up unchanged. Two lists with the same root are equal unless SHA-256 has a collision. O(n) hashes.
[[nodiscard]] Hash merkle_root(std::span<const MerkleLeaf> leaves);

/// The position of a leaf, and the number of leaves in its list.
struct MerklePlace {
  std::uint64_t index = 0;  ///< from 0, below count
  std::uint64_t count = 0;
};

/// The siblings from the leaf upwards, with none at a level where the node moves up alone.
using MerkleProof = std::vector<Hash>;

/// The number of siblings in the proof for this place: at most ceil(log2 count); 0 outside the list.
[[nodiscard]] std::size_t merkle_proof_length(MerklePlace place);

/// Makes the proof that leaf `index` is in the list (COMMIT-6). O(n) hashes.
/// @param index  below leaves.size(); throws otherwise
[[nodiscard]] MerkleProof merkle_proof(std::span<const MerkleLeaf> leaves, std::uint64_t index);

/// Whether the proof shows `leaf` at `place` under `root` (COMMIT-6).
/// @returns true if so: every list of `count` leaves with this root has this leaf at `index`, and no other leaf can be
///   shown there, unless SHA-256 has a collision. The proof does not establish `count`, which the caller must know.
///   false otherwise, also for a proof whose length does not fit the place.
[[nodiscard]] bool merkle_verify(const Hash& root, const MerkleLeaf& leaf, MerklePlace place,
                                 std::span<const Hash> proof);

}  // namespace p2pllm
