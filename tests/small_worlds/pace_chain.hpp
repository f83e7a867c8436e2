#pragma once

#include <deque>
#include <map>

#include "tests/small_worlds/session_search.hpp"

// An honest client with a chain of two providers, neither of them honest. The second answers with tokens, which the
// client orders on at the first. No ledger is asked: at any time it may do its worst, so that the client pays for all
// that it ordered, and is shown one unit that it demands. A wrong receipt is not in this world: it gives all back.
namespace p2pllm::small_worlds::session {

struct PaceChain {
  Byte ordered = 0, inputs = 0;  ///< at the first provider, and which of the tokens are right that it ordered on
  Byte had = 0, tokens = 0;      ///< the units whose token the client has, and which of these are right
  Byte first = 0;                ///< the units of the first provider's receipt
  Byte ordered_on = 0;           ///< the units ordered at the second provider
  Byte second = 0;               ///< the units of the second provider's receipt
  Byte vouched = 0;              ///< to both
  friend auto operator<=>(const PaceChain&, const PaceChain&) = default;
};

class PaceChainWorld {
 public:
  explicit PaceChainWorld(const Agreement& agreement) : agreement_(agreement) {}

  /// Visits all places, until the law breaks.
  Found run() const {
    Found found;
    const Byte first = static_cast<Byte>(agreement_.first);
    std::map<PaceChain, std::pair<PaceChain, std::string>> from;
    const PaceChain start{.ordered = first, .inputs = all_right(first)};
    std::deque<PaceChain> waiting{start};
    from[start];
    for (; !waiting.empty(); waiting.pop_front()) {
      const PaceChain here = waiting.front();
      if (lost(here) > std::max(agreement_.first, agreement_.credit) - 1 - (lacks(Without::allowance) ? 1 : 0)) {
        found.law = "a client of a chain loses too many units";
        for (PaceChain at = here; at != start; at = from[at].first)
          found.moves.insert(found.moves.begin(), from[at].second);
        break;
      }
      moves(here, [&](const Move& move, const PaceChain& next) {
        ++found.steps;
        if (from.try_emplace(next, here, text_of(move)).second) waiting.push_back(next);
      });
    }
    found.states = static_cast<I>(from.size());
    return found;
  }

 private:
  [[nodiscard]] bool lacks(Without what) const { return agreement_.without == what; }
  /// Whether all tokens are right that the client ordered the unit on.
  [[nodiscard]] static bool is_good(const PaceChain& s, I unit) {
    const I known = std::min<I>(unit, s.ordered);
    return first_of(s.inputs, known) == all_right(known);
  }
  /// The first units, of which each is good.
  [[nodiscard]] static I good_of(const PaceChain& s, I units) {
    I bits = 0;
    for (I u = 1; u <= units; ++u)
      if (is_good(s, u)) bits |= I{1} << (u - 1);
    return bits;
  }
  /// The greatest number of units without use that the client pays to one of the two.
  [[nodiscard]] static I lost(const PaceChain& s) {
    const I good = std::popcount(static_cast<unsigned>(good_of(s, s.ordered)));
    const I one = s.ordered - std::min<I>(good, s.second + 1);
    const I of_use = good_of(s, s.ordered_on);
    const I arrived = std::popcount(static_cast<unsigned>(first_of(of_use & s.had & s.tokens, s.second)));
    const I two = s.ordered_on - std::min<I>(std::popcount(static_cast<unsigned>(of_use)), arrived + 1);
    return std::max(one, two);
  }
  template <typename Visit>
  void moves(const PaceChain& s, const Visit& visit) const {
    tokens(s, visit);
    order(s, visit);
    for (I units = agreement_.first; units <= agreement_.units; ++units)
      if (is_boundary(agreement_, units)) chunk(s, static_cast<Byte>(units), visit);
  }
  template <typename Visit>
  void tokens(const PaceChain& s, const Visit& visit) const {
    const I last = std::min(agreement_.units, std::max(agreement_.first, s.vouched + agreement_.credit));
    for (I u = 1; u <= last; ++u) {
      if (is_right(s.had, u) || (u > agreement_.first && !is_right(s.had, u - 1))) continue;
      for (const bool right : {false, true}) {
        if (u <= s.second && right != is_good(s, u)) continue;
        PaceChain next = s;
        next.had = static_cast<Byte>(s.had | I{1} << (u - 1));
        if (right) next.tokens = static_cast<Byte>(s.tokens | I{1} << (u - 1));
        visit(Move{right ? "a right token comes" : "a wrong token comes", u}, next);
      }
    }
  }
  template <typename Visit>
  void order(const PaceChain& s, const Visit& visit) const {
    if (s.ordered >= agreement_.units) return;
    const I units = std::min(agreement_.units, s.ordered + agreement_.chunk);
    const I wrong = first_of(s.had & (s.tokens ^ s.inputs >> 1), s.ordered - 1) & ~all_right(agreement_.first - 1);
    if (wrong != 0 && !lacks(Without::row_ordered_on)) return;
    if (units - s.vouched > agreement_.credit || first_of(s.had, units - 1) != all_right(units - 1)) return;
    PaceChain next = s;
    next.ordered = static_cast<Byte>(units);
    for (I u = s.ordered; u < units; ++u)
      if (is_right(s.tokens, u)) next.inputs = static_cast<Byte>(next.inputs | I{1} << u);
    visit(Move{"an order to the first", units, next.inputs}, next);
  }
  template <typename Visit>
  void chunk(const PaceChain& s, Byte units, const Visit& visit) const {
    PaceChain next = s;
    if (s.first < units && units <= s.ordered) {
      next.first = units;
      visit(Move{"a receipt of the first", units}, next);
      next = s;
    }
    if (s.ordered_on < units && units <= s.first && units - s.vouched <= agreement_.credit) {
      next.ordered_on = units;
      visit(Move{"an order to the second", units}, next);
      next = s;
    }
    const I other = s.tokens ^ good_of(s, agreement_.units);  // tokens that answer other inputs
    if (s.second < units && units <= s.ordered_on) {          // those of the receipt come later
      const I gone = first_of(s.had & other, units);
      next.second = units;
      next.had = static_cast<Byte>(s.had & ~gone);
      next.tokens = static_cast<Byte>(s.tokens & ~gone);
      visit(Move{"a receipt of the second", units}, next);
      next = s;
    }
    const I known = std::min(units, s.second);
    if (s.vouched >= units || units > (lacks(Without::second_receipt) ? s.first : s.second)) return;
    if (first_of(s.had & ~other, known) != all_right(known)) return;
    next.vouched = units;
    visit(Move{"a voucher to both", units}, next);
  }

  Agreement agreement_;
};

}  // namespace p2pllm::small_worlds::session
