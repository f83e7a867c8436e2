#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include "optimized/contracts/flat_table.hpp"

namespace p2pllm::fuzz {

/// Whether plain values are the same, by their bytes, since they have no padding. Word by word, because the sanitizers
/// watch calls of `memcmp`, and a step compares many values.
template <typename T>
[[nodiscard]] bool is_same(const T& a, const T& b) {
  if constexpr (std::is_empty_v<T>) {
    return true;
  } else {
    static_assert(std::has_unique_object_representations_v<T> && sizeof(T) % sizeof(std::uint64_t) == 0);
    const auto word_at = [](const T& value, std::size_t at) {
      std::uint64_t word = 0;
      std::memcpy(&word, reinterpret_cast<const unsigned char*>(&value) + at, sizeof word);
      return word;
    };
    for (std::size_t at = 0; at < sizeof(T); at += sizeof(std::uint64_t))
      if (word_at(a, at) != word_at(b, at)) return false;
    return true;
  }
}

/// An object that a step changed.
template <typename Key, typename Value>
struct Changed {
  Key key{};
  bool was_there = false;
  Value before{};              ///< if it was there
  const Value* now = nullptr;  ///< null if it is gone; valid until the next step
  unsigned depth = 0;          ///< how often it changed, with this step
};

/// A second copy of a table, as it was after the last step.
template <typename Key, typename Value>
class Shadow {
 public:
  using Table = optimized::FlatTable<Key, Value>;
  using Place = typename Table::Place;

  /// Appends what changed since the last call, and copies it. The table must not have forgotten its journal meanwhile.
  /// @param looks_at_all  looks at all objects, and so finds changes of which the journal does not know
  void follow(const Table& table, bool looks_at_all, std::vector<Changed<Key, Value>>& changed) {
    if (!looks_at_all && table.changes().empty()) return;
    if (slots_.size() < table.places()) slots_.resize(table.places());
    if (looks_at_all)
      for (Place place = 0; place < table.places(); ++place) look(table, place, changed);
    else
      for (const auto& change : table.changes()) look(table, change.place, changed);
  }
  /// Forgets all objects, but not its memory.
  void clear() { slots_.clear(); }
  /// How often the object changed.
  [[nodiscard]] unsigned depth(Place place) const { return place < slots_.size() ? slots_[place].depth : 0; }

 private:
  struct Slot {
    Key key{};
    Value value{};
    bool is_there = false;
    unsigned depth = 0;
  };

  void look(const Table& table, Place place, std::vector<Changed<Key, Value>>& changed) {
    Slot& slot = slots_[place];
    const bool is_there = table.holds(place);
    const bool is_other = slot.is_there && is_there && !is_same(slot.key, table.key(place));
    if (!is_other && slot.is_there == is_there && (!is_there || is_same(slot.value, table[place]))) return;
    if (is_other) {
      changed.push_back({slot.key, true, slot.value, nullptr});
      slot = {};
    }
    slot.depth = slot.is_there || is_there ? slot.depth + 1 : 0;
    Changed<Key, Value>& made = changed.emplace_back();
    made.key = slot.is_there ? slot.key : table.key(place);
    made.was_there = slot.is_there;
    made.before = slot.value;
    made.now = is_there ? &table[place] : nullptr;
    made.depth = slot.depth;
    if (!is_there) slot.depth = 0;
    if (!slot.is_there) slot.key = table.key(place);
    slot.is_there = is_there;
    if (is_there) slot.value = table[place];
  }

  std::vector<Slot> slots_;
};

}  // namespace p2pllm::fuzz
