#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "model/assert.hpp"
#include "optimized/contracts/state_map.hpp"

namespace p2pllm::optimized {

/// The secret of a table's hash: whoever chooses keys cannot make them collide.
using TableSeed = std::array<std::uint64_t, 4>;
/// Drawn from the system, once a process. No result depends on it.
[[nodiscard]] TableSeed random_table_seed();

/// The objects of one kind, by key, in one array, with a journal of what the open block changed. A key is 32 bytes.
///
/// Places are stable until `keep` or `restore`, references to values until an insertion. Memory: a slot and 16 to 32
/// bytes of index for each object. Not for several threads at once.
template <typename Key, typename Value>
class FlatTable {
 public:
  using Place = std::uint32_t;
  static constexpr Place none = 0xffff'ffff;

  /// The first change of an object in a block.
  struct Change {
    Place place = none;
    bool was_there = false;
    Value before{};      ///< if it was there
    Hash leaf_before{};  ///< of its entry in the map; for `map_changes` alone
  };

  explicit FlatTable(const TableSeed& seed) : seed_(seed) {}

  [[nodiscard]] Place find(const Key& key) const {
    if (index_.empty()) return none;
    const std::uint64_t hash = hash_of(key);
    for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
      const Link& link = index_[at];
      if (link.place == none) return none;
      if (link.tag == tag_of(hash) && is_same(slots_[link.place].key, key)) return link.place;
    }
  }
  [[nodiscard]] const Key& key(Place place) const { return slots_[place].key; }
  [[nodiscard]] const Value& operator[](Place place) const { return slots_[place].value; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// The number of places, of which some may hold nothing.
  [[nodiscard]] Place places() const { return static_cast<Place>(slots_.size()); }
  [[nodiscard]] bool holds(Place place) const { return slots_[place].is_there; }

  /// The value, to be changed.
  [[nodiscard]] Value& change(Place place) {
    note(place);
    return slots_[place].value;
  }
  /// @pre the key is not in the table
  Place insert(const Key& key, const Value& value = {}) {
    Place place = static_cast<Place>(slots_.size());
    if (free_.empty()) {
      slots_.emplace_back();
    } else {
      place = free_.back();
      free_.pop_back();
    }
    slots_[place].key = key;
    note(place);
    slots_[place].value = value;
    link(place);
    slots_[place].is_there = true;
    return place;
  }
  [[nodiscard]] Place find_or_insert(const Key& key) {
    const Place place = find(key);
    return place == none ? insert(key) : place;
  }
  void erase(Place place) {
    note(place);
    unlink(place);
    slots_[place].is_there = false;
  }

  [[nodiscard]] std::vector<Change>& changes() { return changes_; }
  [[nodiscard]] const std::vector<Change>& changes() const { return changes_; }
  [[nodiscard]] StateMap::Entry& entry(Place place) { return slots_[place].entry; }
  /// Forgets the journal: what the block changed stays.
  void keep() {
    for (const Change& change : changes_) {
      Slot& slot = slots_[change.place];
      slot.is_noted = false;
      if (!slot.is_there) free_.push_back(change.place);
    }
    changes_.clear();
  }
  /// Undoes what the block changed.
  void restore() {
    for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
      Slot& slot = slots_[change->place];
      if (slot.is_there && !change->was_there) unlink(change->place);
      if (!slot.is_there && change->was_there) link(change->place);
      slot.value = change->before;
      slot.is_there = change->was_there;
      slot.is_noted = false;
      if (!slot.is_there) free_.push_back(change->place);
    }
    changes_.clear();
  }

 private:
  struct Slot {
    Key key{};
    Value value{};
    StateMap::Entry entry = 0;
    bool is_there = false;
    bool is_noted = false;  ///< the journal has it
  };
  struct Link {
    Place place = none;
    std::uint32_t tag = 0;
  };

  [[nodiscard]] std::size_t mask() const { return index_.size() - 1; }
  [[nodiscard]] static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32U); }
  /// One of the four words of a key.
  [[nodiscard]] static std::uint64_t word(const Key& key, std::size_t k) {
    static_assert(sizeof(Key) == 32);
    std::uint64_t value = 0;
    std::memcpy(&value, reinterpret_cast<const std::uint8_t*>(&key) + sizeof value * k, sizeof value);
    return value;
  }
  [[nodiscard]] static bool is_same(const Key& a, const Key& b) {
    return word(a, 0) == word(b, 0) && word(a, 1) == word(b, 1) && word(a, 2) == word(b, 2) && word(a, 3) == word(b, 3);
  }
  /// Two folded products of the key's words and the secret.
  [[nodiscard]] std::uint64_t hash_of(const Key& key) const {
    const auto fold = [](std::uint64_t a, std::uint64_t b) {
      __extension__ using Wide = unsigned __int128;
      const Wide product = static_cast<Wide>(a) * b;
      return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
    };
    return fold(word(key, 0) ^ seed_[0], word(key, 1) ^ seed_[1]) ^
           std::rotl(fold(word(key, 2) ^ seed_[2], word(key, 3) ^ seed_[3]), 23);
  }
  void note(Place place) {
    Slot& slot = slots_[place];
    if (slot.is_noted) return;
    slot.is_noted = true;
    changes_.push_back({place, slot.is_there, slot.value, {}});
  }
  /// @pre the slot is not counted as there yet, so that `grow` passes it over
  void link(Place place) {
    if (2 * (size_ + 1) > index_.size()) grow();
    put(place);
    ++size_;
  }
  void put(Place place) {
    const std::uint64_t hash = hash_of(slots_[place].key);
    std::size_t at = hash & mask();
    while (index_[at].place != none) at = (at + 1) & mask();
    index_[at] = {place, tag_of(hash)};
  }
  void grow() {
    index_.assign(index_.empty() ? 16 : 2 * index_.size(), {});
    for (Place place = 0; place < slots_.size(); ++place)
      if (slots_[place].is_there) put(place);
  }
  /// Closes the gap, so that a search still ends at the first empty link.
  void unlink(Place place) {
    std::size_t at = hash_of(slots_[place].key) & mask();
    while (index_[at].place != place) at = (at + 1) & mask();
    for (std::size_t next = (at + 1) & mask(); index_[next].place != none; next = (next + 1) & mask()) {
      const std::size_t home = hash_of(slots_[index_[next].place].key) & mask();
      if (((next - home) & mask()) < ((next - at) & mask())) continue;
      index_[at] = index_[next];
      at = next;
    }
    index_[at] = {};
    --size_;
  }

  TableSeed seed_;
  std::vector<Slot> slots_;
  std::vector<Link> index_;  ///< a power of two, at most half full
  std::vector<Change> changes_;
  std::vector<Place> free_;
  std::size_t size_ = 0;
};

}  // namespace p2pllm::optimized
