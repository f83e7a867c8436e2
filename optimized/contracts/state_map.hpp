#pragma once

#include <cstdint>
#include <vector>

#include "model/crypto/merkle_map.hpp"

namespace p2pllm::optimized {

/// A map (COMMIT-7) that is kept while its entries change: the root costs hashes for what changed since the last one,
/// and not for all entries.
///
/// Memory: 68 bytes an entry and 48 bytes an inner node, of which there is one less. Not for several threads at once,
/// but `root` uses all of them.
class StateMap {
 public:
  /// Names an entry until it is erased.
  using Entry = std::uint32_t;

  /// Adds an entry. O(length of the key's way).
  /// @param leaf  determines the key
  /// @pre the map does not have the key
  Entry insert(const Hash& key, const MerkleLeaf& leaf);
  /// Replaces an entry's leaf. O(nodes that this makes stale).
  void update(Entry entry, const MerkleLeaf& leaf);
  /// Removes an entry; its name may be given to another.
  void erase(Entry entry);

  /// The hash of an entry's leaf.
  [[nodiscard]] const Hash& leaf(Entry entry) const { return leaves_[entry].hash; }
  [[nodiscard]] std::size_t size() const { return leaves_.size() - free_leaves_.size(); }
  /// The root (COMMIT-7). Hashes the inner nodes that are stale, on all processors where they are many.
  [[nodiscard]] const Hash& root();
  /// The proof for a key, which need not be in the map (COMMIT-8). O(length of the key's way) and the cost of `root`.
  [[nodiscard]] MapProof proof(const Hash& key);

 private:
  /// A place in `inner_`, or with `leaf_mark` one in `leaves_`.
  using Place = std::uint32_t;
  static constexpr Place leaf_mark = 0x8000'0000;
  static constexpr Place none = 0xffff'ffff;

  struct Leaf {
    Hash key{};
    Hash hash{};
    Place parent = none;
  };
  struct Inner {
    Hash hash{};
    Place child[2] = {none, none};
    Place parent = none;
    std::uint8_t bit = 0;
    bool is_stale = true;
  };

  [[nodiscard]] static bool is_leaf(Place place) { return (place & leaf_mark) != 0; }
  [[nodiscard]] Leaf& leaf_at(Place place) { return leaves_[place & ~leaf_mark]; }
  [[nodiscard]] Place& parent_of(Place place) { return is_leaf(place) ? leaf_at(place).parent : inner_[place].parent; }
  [[nodiscard]] const Hash& hash_of(Place place) { return is_leaf(place) ? leaf_at(place).hash : inner_[place].hash; }
  /// The leaf at which the way of a key ends. @pre not empty
  [[nodiscard]] Place end_of_way(const Hash& key) const;
  void make_stale(Place inner);
  void replace_child(Place parent, Place child, Place by);
  void rehash_levels(Place inner);
  /// @param depth  of so many levels both sides are hashed at the same time
  void rehash(Place inner, int depth);

  std::vector<Leaf> leaves_;
  std::vector<Inner> inner_;
  std::vector<Entry> free_leaves_;
  std::vector<Place> free_inner_;
  Place top_ = none;
  std::size_t stale_ = 0;  ///< at least the number of stale nodes
  Hash empty_ = map_root({});
};

}  // namespace p2pllm::optimized
