#include "model/crypto/merkle.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace p2pllm {
namespace {

// No two of these are equal, whatever the kind, so a leaf is never an inner node or the root of an empty list.
constexpr std::string_view leaf_tag_prefix = "p2pllm/1/leaf/";
constexpr std::string_view node_tag = "p2pllm/1/node";
constexpr std::string_view empty_tag = "p2pllm/1/empty";

Hash node_of(const Hash& left, const Hash& right) {
  std::array<std::uint8_t, 2 * sizeof(Hash)> children;
  std::copy(right.begin(), right.end(), std::copy(left.begin(), left.end(), children.begin()));
  return hash_tagged(node_tag, children);
}

/// Returns the level above: pairs are hashed, and an odd last node is kept unchanged.
void rise(std::vector<Hash>& level) {
  const std::size_t pairs = level.size() / 2;
  for (std::size_t k = 0; k < pairs; ++k) level[k] = node_of(level[2 * k], level[2 * k + 1]);
  if (level.size() % 2 != 0) level[pairs] = level.back();
  level.resize(pairs + level.size() % 2);
}

std::vector<Hash> lowest_level(std::span<const MerkleLeaf> leaves) {
  std::vector<Hash> level(leaves.size());
  std::transform(leaves.begin(), leaves.end(), level.begin(), [](const MerkleLeaf& leaf) { return leaf.hash; });
  return level;
}

/// A node of one level, on the way from a leaf to the root.
struct Walk {
  MerklePlace place;

  [[nodiscard]] bool at_root() const { return place.count <= 1; }
  [[nodiscard]] std::uint64_t sibling() const { return place.index ^ 1U; }
  [[nodiscard]] bool has_sibling() const { return sibling() < place.count; }
  [[nodiscard]] bool is_right() const { return place.index % 2 != 0; }
  void rise() { place = {place.index / 2, place.count / 2 + place.count % 2}; }
};

}  // namespace

MerkleLeaf merkle_leaf(std::string_view kind, ByteView content) {
  std::array<char, hash_tag_bytes_max> tag;
  if (leaf_tag_prefix.size() + kind.size() > tag.size())
    throw std::length_error("a kind of leaf has at most 241 bytes");
  const auto end = std::ranges::copy(kind, std::ranges::copy(leaf_tag_prefix, tag.begin()).out).out;
  return {hash_tagged({tag.begin(), end}, content)};
}

Hash merkle_node(const Hash& left, const Hash& right) { return node_of(left, right); }

Hash merkle_root(std::span<const MerkleLeaf> leaves) {
  if (leaves.empty()) return hash_tagged(empty_tag, {});
  std::vector<Hash> level = lowest_level(leaves);
  while (level.size() > 1) rise(level);
  return level.front();
}

std::size_t merkle_proof_length(MerklePlace place) {
  std::size_t length = 0;
  if (place.index < place.count)
    for (Walk walk{place}; !walk.at_root(); walk.rise()) length += walk.has_sibling() ? 1 : 0;
  return length;
}

MerkleProof merkle_proof(std::span<const MerkleLeaf> leaves, std::uint64_t index) {
  if (index >= leaves.size()) throw std::out_of_range("a Merkle proof is of a leaf of the list");
  MerkleProof proof;
  std::vector<Hash> level = lowest_level(leaves);
  for (Walk walk{{index, leaves.size()}}; !walk.at_root(); walk.rise(), rise(level))
    if (walk.has_sibling()) proof.push_back(level[walk.sibling()]);
  return proof;
}

bool merkle_verify(const Hash& root, const MerkleLeaf& leaf, MerklePlace place, std::span<const Hash> proof) {
  if (place.index >= place.count || proof.size() != merkle_proof_length(place)) return false;
  Hash node = leaf.hash;
  auto next = proof.begin();
  for (Walk walk{place}; !walk.at_root(); walk.rise()) {
    if (!walk.has_sibling()) continue;
    node = walk.is_right() ? node_of(*next, node) : node_of(node, *next);
    ++next;
  }
  return node == root;
}

}  // namespace p2pllm
