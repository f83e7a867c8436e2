#pragma once

#include <cstring>
#include <limits>

#include "tests/small_worlds/session_rules.hpp"

// Every place of a world of sessions, visited breadth-first.
namespace p2pllm::small_worlds::session {

struct Found {
  I states = 0, steps = 0;
  I last_height = 0;               ///< of an end
  std::string law;                 ///< that does not hold; empty: all hold
  std::vector<std::string> moves;  ///< a shortest way to the place where it does not hold
};

/// Visits all places that the moves of a world lead to, until a law breaks. Invariants are checked after every step.
/// @tparam World  see ClientWorld
template <typename World>
class Search {
 public:
  using At = typename World::At;
  using From = typename World::From;

  explicit Search(const World& world) : world_(world), slots_(1U << 12U) { insert(world.first(), none); }

  Found run() {
    for (std::uint32_t k = 0; k < places_.size(); ++k) {
      const From here(places_[k]);
      if (const auto broken = world_.broken_law(here); !broken.empty()) return violated(broken, k, {});
      if (here.ended()) {
        found_.last_height = std::max(found_.last_height, here.height);
        continue;
      }
      const I end = world_.ends_by(here.sla);
      std::string_view law;
      Move last;
      world_.moves(here, [&](const Move& move, const At& next) {
        ++found_.steps;
        if (!law.empty()) return;
        const From there(next);
        law = world_.fault().empty() ? world_.broken_invariant(there) : world_.fault();
        if (!there.ended() && next.sla != here.at.sla && world_.ends_by(there.sla) > end) law = "the end is put off";
        last = move;
        insert(next, k);
      });
      if (!law.empty()) return violated(law, k, text_of(last));
    }
    found_.states = static_cast<I>(places_.size());
    return found_;
  }

 private:
  using Key = std::array<std::uint64_t, 6>;
  static_assert(sizeof(At) == sizeof(Key) && std::is_trivially_copyable_v<At>);
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  /// Places are one if no rule can tell them apart: which unit was published and which step is refined has no effect on
  /// what follows, and at the end no plan is left.
  static At canonical(At at) {
    Sla<I> sla = unpacked(at.sla);
    if (sla.demand_by == 0) sla.demanded = std::min(sla.demanded, I{1});
    sla.refined = std::min(sla.refined, I{1});
    at.sla = packed(sla);
    return at;
  }
  static std::size_t hash_of(const Key& key) {
    std::uint64_t hash = 0;
    for (const std::uint64_t word : key) {
      hash = (hash ^ word) * 0x9E3779B97F4A7C15U;
      hash ^= hash >> 29U;
    }
    return static_cast<std::size_t>(hash);
  }
  std::uint32_t& slot_of(const Key& key) {
    std::size_t slot = hash_of(key) & (slots_.size() - 1);
    while (slots_[slot] != 0 && keys_[slots_[slot] - 1] != key) slot = (slot + 1) & (slots_.size() - 1);
    return slots_[slot];
  }
  void insert(At at, std::uint32_t from) {
    if (From(at).ended()) at.plan = {}, at.left_out = 0;
    const Key key = std::bit_cast<Key>(canonical(at));
    std::uint32_t& slot = slot_of(key);
    if (slot != 0) return;
    places_.push_back(at);
    keys_.push_back(key);
    from_.push_back(from);
    slot = static_cast<std::uint32_t>(places_.size());
    if (2 * places_.size() < slots_.size()) return;
    slots_.assign(2 * slots_.size(), 0);
    for (std::uint32_t k = 0; k < keys_.size(); ++k) slot_of(keys_[k]) = k + 1;
  }

  /// The way is made again from the places on it.
  Found violated(std::string_view law, std::uint32_t at, const std::string& last) {
    found_.states = static_cast<I>(places_.size());
    found_.law = law;
    if (!last.empty()) found_.moves.push_back(last);
    for (std::uint32_t to = at; from_[to] != none; to = from_[to]) {
      std::string text;
      world_.moves(From(places_[from_[to]]), [&](const Move& move, At next) {
        if (From(next).ended()) next.plan = {}, next.left_out = 0;
        if (text.empty() && std::bit_cast<Key>(canonical(next)) == keys_[to]) text = text_of(move);
      });
      found_.moves.insert(found_.moves.begin(), text);
    }
    return found_;
  }

  const World& world_;
  std::vector<At> places_;
  std::vector<Key> keys_;
  std::vector<std::uint32_t> from_;   ///< the place from which each was first reached
  std::vector<std::uint32_t> slots_;  ///< 1 and the number of a place; 0: free
  Found found_;
};

}  // namespace p2pllm::small_worlds::session
