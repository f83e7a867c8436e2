#include "optimized/contracts/state_map.hpp"

#include <map>

#include "properties/generators/network.hpp"
#include "properties/property.hpp"

// The map that is kept, against the root of all its entries, which is computed anew each time.
namespace p2pllm::properties {
namespace {

/// A key that differs from a few others in few bits, or in all.
Hash draw_key() {
  Hash key{};
  key.fill(static_cast<std::uint8_t>(draw_one_of<int>({0, 0x55, 0xff})));
  for (auto left = draw_integer(0, 3); left > 0; --left) {
    const auto bit = static_cast<std::size_t>(draw_one_of<int>({0, 1, 7, 8, 100, 254, 255}));
    key[bit / 8] ^= static_cast<std::uint8_t>(0x80U >> bit % 8);
  }
  return key;
}

MerkleLeaf leaf_of(const Hash& key, std::int64_t version) {
  Bytes text(key.begin(), key.end());
  text.push_back(static_cast<std::uint8_t>(version));
  return merkle_leaf("state", text);
}

struct Known {
  optimized::StateMap::Entry entry;
  MerkleLeaf leaf;
};

/// The map beside its entries in a form that needs no thought.
struct Both {
  optimized::StateMap map;
  std::map<Hash, Known> known;

  [[nodiscard]] std::vector<MapEntry> entries() const {
    std::vector<MapEntry> entries;
    for (const auto& [key, one] : known) entries.push_back({key, one.leaf});
    return entries;
  }
  void change(const Hash& key, std::int64_t version) {
    const MerkleLeaf leaf = leaf_of(key, version);
    const auto found = known.find(key);
    if (found == known.end()) {
      known[key] = {map.insert(key, leaf), leaf};
    } else {
      map.update(found->second.entry, leaf);
      found->second.leaf = leaf;
    }
  }
  void erase(const Hash& key) {
    map.erase(known.at(key).entry);
    known.erase(key);
  }
  void expect_equal_to_all() {
    expect_equal(map.size(), known.size(), "entries");
    expect(map.root() == map_root(entries()), "another root than that of all entries");
  }
  void expect_proof(const Hash& key) {
    const MapProof proof = map.proof(key), expected = map_proof(entries(), key);
    expect(map_verify(map.root(), key, proof), "a proof is refused");
    expect(proof.shows_presence_of(key) == known.contains(key), "a proof of the wrong kind");
    expect(proof.witness.has_value() == expected.witness.has_value(), "a witness in one proof alone");
    expect(!proof.witness || proof.witness->key == expected.witness->key, "another witness");
    expect_equal(proof.steps.size(), expected.steps.size(), "steps");
  }
};

PROPERTY("a map that is kept has the root and the proofs of its entries, whatever came before", "[COMMIT-7][COMMIT-8]",
         300) {
  Both both;
  bool was_empty_again = false, is_reused = false, was_erased = false;
  for (std::int64_t left = draw_integer(1, 60), version = 0; left > 0; --left, ++version) {
    const Hash key = draw_key();
    const bool is_known = both.known.contains(key);
    if (is_known && draw_coin()) {
      both.erase(key);
      was_erased = true;
      was_empty_again = was_empty_again || both.known.empty();
    } else {
      is_reused = is_reused || (was_erased && !is_known);
      both.change(key, version);
    }
    if (draw_integer(0, 2) == 0) both.expect_equal_to_all();
    if (draw_integer(0, 3) == 0) both.expect_proof(draw_key());
  }
  both.expect_equal_to_all();
  both.expect_proof(draw_key());
  reach("the map was emptied and went on", was_empty_again);
  reach("an erased entry's place was used again", is_reused);
  reach("more than 20 entries", both.known.size() > 20);
  reach("one entry", both.known.size() == 1);
}

PROPERTY("a large map has the root of all its entries after each batch of changes", "[COMMIT-7]", 5) {
  Both both;
  const std::int64_t size = draw_integer(2000, 3000);
  const auto key_of = [](std::int64_t number) {
    return hash_tagged("key", ByteView(reinterpret_cast<const std::uint8_t*>(&number), sizeof number));
  };
  for (std::int64_t k = 0; k < size; ++k) both.change(key_of(k), 0);
  both.expect_equal_to_all();
  for (int round = 1; round < 4; ++round) {
    for (auto left = draw_integer(1, 200); left > 0; --left) both.change(key_of(draw_integer(0, size + 100)), round);
    for (auto left = draw_integer(1, 50); left > 0; --left)
      if (const Hash key = key_of(draw_integer(0, size)); both.known.contains(key)) both.erase(key);
    both.expect_equal_to_all();
  }
  reach("more than 2,000 entries", both.known.size() > 2000);
}

}  // namespace
}  // namespace p2pllm::properties
