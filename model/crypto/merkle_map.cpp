#include "model/crypto/merkle_map.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "model/assert.hpp"

namespace p2pllm {
namespace {

constexpr std::string_view node_tag = "p2pllm/1/map";
constexpr std::string_view empty_tag = "p2pllm/1/empty-map";

using Entries = std::span<const MapEntry>;

Hash node_of(std::uint8_t bit, const Hash& zero, const Hash& one) {
  std::array<std::uint8_t, 1 + 2 * sizeof(Hash)> content{bit};
  std::ranges::copy(one, std::ranges::copy(zero, content.begin() + 1).out);
  return hash_tagged(node_tag, content);
}

/// The first bit in which two keys differ. @pre they differ
std::uint8_t first_difference(const Hash& a, const Hash& b) {
  std::size_t byte = 0;
  while (a[byte] == b[byte]) ++byte;
  const auto differing = static_cast<std::uint8_t>(a[byte] ^ b[byte]);
  return static_cast<std::uint8_t>(8 * byte + static_cast<std::size_t>(std::countl_zero(differing)));
}

/// The bit by which the root of at least two entries parts them, and the two parts.
struct Parts {
  std::uint8_t bit;
  Entries zero, one;
};
/// @param entries  by rising key
Parts parts_of(Entries entries) {
  const std::uint8_t bit = first_difference(entries.front().key, entries.back().key);
  const auto is_zero = [bit](const MapEntry& entry) { return !bit_of_key(entry.key, bit); };
  const auto zeros = static_cast<std::size_t>(std::ranges::partition_point(entries, is_zero) - entries.begin());
  return {bit, entries.first(zeros), entries.subspan(zeros)};
}

Hash root_of(Entries entries) {
  if (entries.empty()) return hash_tagged(empty_tag, {});
  if (entries.size() == 1) return entries.front().leaf.hash;
  const Parts parts = parts_of(entries);
  return node_of(parts.bit, root_of(parts.zero), root_of(parts.one));
}

void sort(std::vector<MapEntry>& entries) {
  std::ranges::sort(entries, {}, &MapEntry::key);
  P2PLLM_ASSERT(std::ranges::adjacent_find(entries, {}, &MapEntry::key) == entries.end());
}

}  // namespace

bool bit_of_key(const Hash& key, std::size_t bit) { return (key[bit / 8] >> (7 - bit % 8) & 1) != 0; }

Hash map_root(std::vector<MapEntry> entries) {
  sort(entries);
  return root_of(entries);
}

MapProof map_proof(std::vector<MapEntry> entries, const Hash& key) {
  sort(entries);
  MapProof proof;
  Entries left = entries;
  while (left.size() > 1) {
    const Parts parts = parts_of(left);
    const bool is_one = bit_of_key(key, parts.bit);
    proof.steps.push_back({parts.bit, root_of(is_one ? parts.zero : parts.one)});
    left = is_one ? parts.one : parts.zero;
  }
  if (!left.empty()) proof.witness = left.front();
  std::ranges::reverse(proof.steps);
  return proof;
}

bool map_verify(const Hash& root, const Hash& key, const MapProof& proof) {
  Hash node = proof.witness ? proof.witness->leaf.hash : hash_tagged(empty_tag, {});
  for (const MapStep& step : proof.steps)
    node = bit_of_key(key, step.bit) ? node_of(step.bit, step.sibling, node) : node_of(step.bit, node, step.sibling);
  return node == root;
}

}  // namespace p2pllm
