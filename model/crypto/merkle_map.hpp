#pragma once

#include <optional>
#include <span>
#include <vector>

#include "model/crypto/merkle.hpp"

namespace p2pllm {

/// An entry of a map (COMMIT-7). The leaf must determine the key, as it does if both are hashes of one text.
struct MapEntry {
  Hash key{};
  MerkleLeaf leaf{};
};

/// Bit `bit` of a key, counted from the most significant bit of its first byte. @param bit  below 256
[[nodiscard]] bool bit_of_key(const Hash& key, std::size_t bit);

/// The root of a map (COMMIT-7): the same for every order of the entries. O(n log n), and n - 1 hashes.
/// @pre no two keys are equal
[[nodiscard]] Hash map_root(std::vector<MapEntry> entries);

/// A node on the way from a leaf to the root: the bit by which it parts its entries, and the root of the other side.
struct MapStep {
  std::uint8_t bit = 0;
  Hash sibling{};
};

/// What a map has for a key (COMMIT-8): the entry at which the way of the key ends, which is the key's own if the map
/// has it, and the way from there upwards. An empty map has no entry.
struct MapProof {
  std::optional<MapEntry> witness;
  std::vector<MapStep> steps;

  [[nodiscard]] bool shows_presence_of(const Hash& key) const { return witness && witness->key == key; }
};

/// Makes the proof for a key, which need not be in the map (COMMIT-8). O(n log n).
/// @pre no two keys of the entries are equal
[[nodiscard]] MapProof map_proof(std::vector<MapEntry> entries, const Hash& key);

/// Whether the proof is one for the key under this root (COMMIT-8).
/// @param proof  its witness's key must have been computed from the witness's leaf's text
/// @returns true if so: every map with this root has the witness, and has the key only if it is the witness's, unless
///   SHA-256 has a collision
[[nodiscard]] bool map_verify(const Hash& root, const Hash& key, const MapProof& proof);

}  // namespace p2pllm
