#include "optimized/contracts/state_map.hpp"

#include <oneapi/tbb/parallel_invoke.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "model/assert.hpp"
#include "optimized/contracts/hash_batch.hpp"

namespace p2pllm::optimized {
namespace {

constexpr std::size_t parallel_from = 512;  ///< fewer nodes are hashed sooner than other threads wake
constexpr std::size_t in_part = 256;        ///< nodes that are hashed level by level, so that they stay in the cache

bool bit_at(const Hash& key, std::uint8_t bit) { return (key[bit >> 3U] >> (7U - (bit & 7U)) & 1U) != 0; }

/// The first bit in which two keys differ. @pre they differ
std::uint8_t parting_bit(const Hash& a, const Hash& b) {
  const auto byte = static_cast<unsigned>(std::ranges::mismatch(a, b).in1 - a.begin());
  return static_cast<std::uint8_t>(
      8 * byte + static_cast<unsigned>(std::countl_zero(static_cast<std::uint8_t>(a[byte] ^ b[byte]))));
}

void add_node(HashBatch& batch, std::uint8_t bit, const Hash& zero, const Hash& one) {
  const std::span<std::uint8_t> content = batch.add("p2pllm/1/map", 1 + 2 * sizeof(Hash));
  content[0] = bit;
  std::memcpy(&content[1], zero.data(), sizeof(Hash));
  std::memcpy(&content[1 + sizeof(Hash)], one.data(), sizeof(Hash));
}

}  // namespace

StateMap::Place StateMap::end_of_way(const Hash& key) const {
  Place place = top_;
  while (!is_leaf(place)) place = inner_[place].child[bit_at(key, inner_[place].bit) ? 1 : 0];
  return place;
}

/// Stale nodes have stale parents, so the way up ends at the first one.
void StateMap::make_stale(Place inner) {
  for (; inner != none && !inner_[inner].is_stale; inner = inner_[inner].parent) {
    inner_[inner].is_stale = true;
    ++stale_;
  }
}

void StateMap::replace_child(Place parent, Place child, Place by) {
  if (parent == none) top_ = by;
  else inner_[parent].child[inner_[parent].child[0] == child ? 0 : 1] = by;
  parent_of(by) = parent;
}

StateMap::Entry StateMap::insert(const Hash& key, const MerkleLeaf& leaf) {
  Entry entry = static_cast<Entry>(leaves_.size());
  if (free_leaves_.empty()) {
    P2PLLM_ASSERT(entry < leaf_mark);
    leaves_.emplace_back();
  } else {
    entry = free_leaves_.back();
    free_leaves_.pop_back();
  }
  leaves_[entry] = {key, leaf.hash, none};
  const Place own = entry | leaf_mark;
  if (top_ == none) {
    top_ = own;
    return entry;
  }
  const Hash& other = leaf_at(end_of_way(key)).key;
  P2PLLM_ASSERT(other != key);
  const std::uint8_t bit = parting_bit(key, other);
  Place below = top_;  // the first node on the way that parts at a later bit, or the leaf
  while (!is_leaf(below) && inner_[below].bit < bit)
    below = inner_[below].child[bit_at(key, inner_[below].bit) ? 1 : 0];
  Place node = static_cast<Place>(inner_.size());
  if (free_inner_.empty()) {
    inner_.emplace_back();
  } else {
    node = free_inner_.back();
    free_inner_.pop_back();
  }
  const Place above = parent_of(below);
  replace_child(above, below, node);
  const bool is_one = bit_at(key, bit);
  inner_[node].child[is_one ? 1 : 0] = own;
  inner_[node].child[is_one ? 0 : 1] = below;
  inner_[node].bit = bit;
  inner_[node].is_stale = true;
  ++stale_;
  parent_of(own) = parent_of(below) = node;
  make_stale(above);
  return entry;
}

void StateMap::update(Entry entry, const MerkleLeaf& leaf) {
  leaves_[entry].hash = leaf.hash;
  make_stale(leaves_[entry].parent);
}

void StateMap::erase(Entry entry) {
  const Place own = entry | leaf_mark, parent = leaves_[entry].parent;
  free_leaves_.push_back(entry);
  if (parent == none) {
    top_ = none;
    return;
  }
  const Place above = inner_[parent].parent;
  replace_child(above, parent, inner_[parent].child[inner_[parent].child[0] == own ? 1 : 0]);
  free_inner_.push_back(parent);
  make_stale(above);
}

/// The nodes of a level do not depend on each other: the lowest level is hashed first, each level together.
void StateMap::rehash_levels(Place top) {
  thread_local std::vector<Place> nodes;         // level by level
  thread_local std::vector<std::size_t> levels;  // the place of the first node of each
  thread_local HashBatch batch;
  nodes.assign(1, top);
  levels.assign(1, 0);
  while (levels.back() < nodes.size()) {
    const std::size_t end = nodes.size();
    for (std::size_t k = levels.back(); k < end; ++k)
      for (const Place child : inner_[nodes[k]].child)
        if (!is_leaf(child) && inner_[child].is_stale) nodes.push_back(child);
    levels.push_back(end);
  }
  for (std::size_t level = levels.size() - 1; level-- > 0;) {
    const std::span<const Place> places(&nodes[levels[level]], levels[level + 1] - levels[level]);
    batch.clear();
    for (const Place place : places) {
      const Inner& node = inner_[place];
      add_node(batch, node.bit, hash_of(node.child[0]), hash_of(node.child[1]));
    }
    const std::span<const Hash> hashes = batch.hash();
    for (std::size_t k = 0; k < places.size(); ++k) {
      inner_[places[k]].hash = hashes[k];
      inner_[places[k]].is_stale = false;
    }
  }
}

/// The levels below `depth` are in parts, each of which is hashed by one thread.
void StateMap::rehash(Place place, int depth) {
  if (depth > 0) {
    const auto refresh = [&](Place child) {
      if (!is_leaf(child) && inner_[child].is_stale) rehash(child, depth - 1);
    };
    const Inner& node = inner_[place];
    oneapi::tbb::parallel_invoke([&] { refresh(node.child[0]); }, [&] { refresh(node.child[1]); });
  }
  rehash_levels(place);
}

const Hash& StateMap::root() {
  if (top_ == none) return empty_;
  if (!is_leaf(top_) && inner_[top_].is_stale)
    rehash(top_, stale_ < parallel_from ? 0 : static_cast<int>(std::bit_width(stale_ / in_part)));
  stale_ = 0;
  return hash_of(top_);
}

MapProof StateMap::proof(const Hash& key) {
  (void)root();
  MapProof proof;
  if (top_ == none) return proof;
  const Place end = end_of_way(key);
  proof.witness = MapEntry{leaf_at(end).key, {leaf_at(end).hash}};
  for (Place child = end, node = parent_of(end); node != none; child = node, node = inner_[node].parent)
    proof.steps.push_back({inner_[node].bit, hash_of(inner_[node].child[inner_[node].child[0] == child ? 1 : 0])});
  return proof;
}

}  // namespace p2pllm::optimized
