#pragma once

#include <deque>
#include <map>
#include <set>

#include "tests/small_worlds/session_search.hpp"

// An honest client and an honest provider, of which each may crash. Messages come late, twice and in any order. No
// ledger is asked: the SLA stays active.
namespace p2pllm::small_worlds::session {

/// The inputs of the first units: which of two rows entered each.
struct PaceInputs {
  Byte count = 0, bits = 0;

  [[nodiscard]] PaceInputs of(I units) const { return {static_cast<Byte>(units), first_of(bits, units)}; }
  [[nodiscard]] PaceInputs after(I units) const {
    return {static_cast<Byte>(count - units), static_cast<Byte>(bits >> units)};
  }
  [[nodiscard]] PaceInputs then(PaceInputs more) const {
    return {static_cast<Byte>(count + more.count), static_cast<Byte>(bits | more.bits << count)};
  }
  friend auto operator<=>(const PaceInputs&, const PaceInputs&) = default;
};
enum class PaceKind : Byte { row_in, row_out, order, receipt, voucher };
using PaceMessage = std::pair<PaceKind, PaceInputs>;

struct PaceTalk {
  Byte ordered = 0, received = 0, vouched = 0;  ///< by the client: orders, receipts, vouchers
  PaceInputs chosen;                            ///< the rows in that the client sent
  /// Of each unit, the inputs that the row which the client holds was computed on, and 1; 0: it holds none.
  std::array<Byte, 6> rows{};
  PaceInputs receipted, ahead;              ///< by the provider, and what it computed after those
  Byte thrown = 0, known_vouched = 0;       ///< as the provider knows
  Byte client_fell = 0, provider_fell = 0;  ///< how many times
  std::set<PaceMessage> sent;               ///< all that ever was: each may come at any time, any number of times
  friend auto operator<=>(const PaceTalk&, const PaceTalk&) = default;
};

/// What the honest parties do without.
struct PaceHabits {
  bool same_rows = true;    ///< after a crash, the client sends the same rows in
  bool named_rows = true;   ///< a row out names the inputs that it answers
  bool kept_orders = true;  ///< a crash of the client forgets no order
};

class PaceTalkWorld {
 public:
  PaceTalkWorld(const Agreement& agreement, I crashes, PaceHabits habits)
      : agreement_(agreement), crashes_(crashes), habits_(habits) {}

  /// Visits all places, until a law breaks. Without more crashes, there is a way to the end of the session from each.
  Found run() const {
    Found found;
    std::map<PaceTalk, std::size_t> numbers;
    std::vector<const PaceTalk*> places;
    std::vector<std::vector<std::size_t>> before;  // without crashes
    const auto number_of = [&](const PaceTalk& place) {
      const auto [at, is_new] = numbers.try_emplace(place, places.size());
      if (is_new) places.push_back(&at->first), before.emplace_back();
      return at->second;
    };
    PaceTalk start;
    start.ordered = start.chosen.count = start.receipted.count = static_cast<Byte>(agreement_.first);
    start.sent.emplace(PaceKind::receipt, start.chosen);
    for (I u = 1; u <= agreement_.first; ++u) start.sent.emplace(PaceKind::row_out, start.chosen.of(u));
    number_of(start);
    for (std::size_t k = 0; k < places.size() && found.law.empty(); ++k) {
      found.law = broken_law(*places[k]);
      if (!found.law.empty()) break;
      moves(*places[k], [&](const PaceTalk& next, bool crash) {
        ++found.steps;
        const std::size_t to = number_of(next);
        if (!crash) before[to].push_back(k);
      });
    }
    found.states = static_cast<I>(places.size());
    if (found.law.empty() && !all_can_end(places, before)) found.law = "honest parties cannot go on";
    return found;
  }

 private:
  [[nodiscard]] bool all_can_end(const std::vector<const PaceTalk*>& places,
                                 const std::vector<std::vector<std::size_t>>& before) const {
    std::vector<bool> can(places.size());
    std::vector<std::size_t> waiting;
    const auto add = [&](std::size_t k) {
      if (!can[k]) can[k] = true, waiting.push_back(k);
    };
    for (std::size_t k = 0; k < places.size(); ++k)
      if (places[k]->vouched == agreement_.units && places[k]->known_vouched == agreement_.units) add(k);
    while (!waiting.empty()) {
      const std::size_t to = waiting.back();
      waiting.pop_back();
      for (const std::size_t from : before[to]) add(from);
    }
    return std::find(can.begin(), can.end(), false) == can.end();
  }
  [[nodiscard]] static Byte row_of_inputs(PaceInputs inputs) { return static_cast<Byte>(inputs.bits + 1); }
  [[nodiscard]] static Byte row_at(const PaceTalk& s, I u) { return s.rows[static_cast<std::size_t>(u - 1)]; }
  [[nodiscard]] static bool has_rows(const PaceTalk& s, I units) {
    return std::all_of(s.rows.begin(), s.rows.begin() + units, [](Byte row) { return row != 0; });
  }
  [[nodiscard]] static std::string_view broken_law(const PaceTalk& s) {
    for (I u = 1; u <= s.received; ++u)
      if (row_at(s, u) != 0 && row_at(s, u) != row_of_inputs(s.chosen.of(u))) return "honest parties blame each other";
    for (const PaceKind kind : {PaceKind::order, PaceKind::receipt}) {
      I last = 0;
      for (const auto& [of, inputs] : s.sent) {
        if (of != kind) continue;
        if (inputs.count == last) return "an honest party signs twice for the same units";
        last = inputs.count;
      }
    }
    return {};
  }

  template <typename Visit>
  void moves(const PaceTalk& s, const Visit& visit) const {
    client(s, visit);
    for (const auto& [kind, inputs] : s.sent) {
      if (kind == PaceKind::row_in) row_in(s, inputs, visit);
      else if (kind == PaceKind::order) order(s, inputs, visit);
      else arrival(s, kind, inputs, visit);
    }
    crashes(s, visit);
  }
  template <typename Visit>
  void client(const PaceTalk& s, const Visit& visit) const {
    const I units = agreement_.units, count = s.chosen.count;
    if (count < units && row_at(s, count) != 0 && count + 1 - s.vouched <= agreement_.credit)
      for (Byte row = 0; row < (habits_.same_rows || s.client_fell == 0 ? 1 : 2); ++row) {
        PaceTalk next = s;
        next.chosen = s.chosen.then({1, row});
        next.sent.emplace(PaceKind::row_in, next.chosen);
        visit(next, false);
      }
    const I last = std::min(units, s.ordered + agreement_.chunk);
    if (s.ordered < units && last <= count && last - s.vouched <= agreement_.credit) {
      PaceTalk next = s;
      next.ordered = static_cast<Byte>(last);
      next.sent.emplace(PaceKind::order, s.chosen.of(last));
      visit(next, false);
    }
    if (s.received > s.vouched && has_rows(s, s.received)) {
      PaceTalk next = s;
      next.vouched = s.received;
      next.sent.emplace(PaceKind::voucher, PaceInputs{s.received, 0});
      visit(next, false);
    }
  }
  /// A row out or a receipt comes to the client, or a voucher to the provider.
  template <typename Visit>
  void arrival(const PaceTalk& s, PaceKind kind, PaceInputs inputs, const Visit& visit) const {
    const Byte units = inputs.count;
    const bool is_mine = units <= s.chosen.count && inputs == s.chosen.of(units);
    PaceTalk next = s;
    if (kind == PaceKind::row_out) {
      if (units > s.chosen.count || row_at(s, units) != 0 || (habits_.named_rows && !is_mine)) return;
      next.rows[units - 1U] = row_of_inputs(inputs);
    } else if (kind == PaceKind::receipt) {
      if (units <= s.received || units > s.ordered || !is_mine) return;
      next.received = units;
    } else {
      if (units <= s.known_vouched) return;
      next.known_vouched = units;
    }
    visit(next, false);
  }
  /// The provider computes a row ahead of its order.
  template <typename Visit>
  void row_in(const PaceTalk& s, PaceInputs inputs, const Visit& visit) const {
    const PaceInputs computed = s.receipted.then(s.ahead);
    if (inputs.count != computed.count + 1 || inputs.of(computed.count) != computed) return;
    if (inputs.count + s.thrown - s.known_vouched > agreement_.credit) return;
    PaceTalk next = s;
    next.ahead = inputs.after(s.receipted.count);
    next.sent.emplace(PaceKind::row_out, inputs);
    visit(next, false);
  }
  /// The provider answers an order, and throws away what it computed ahead on other rows.
  template <typename Visit>
  void order(const PaceTalk& s, PaceInputs inputs, const Visit& visit) const {
    if (inputs.count <= s.receipted.count || inputs.of(s.receipted.count) != s.receipted) return;
    const PaceInputs more = inputs.after(s.receipted.count);
    const I compared = std::min(more.count, s.ahead.count);
    const I same = std::countr_zero(static_cast<unsigned>(more.bits ^ s.ahead.bits));
    const I gone = same < compared ? s.ahead.count - same : 0;
    if (inputs.count + s.thrown + gone - s.known_vouched > agreement_.credit) return;
    PaceTalk next = s;
    next.thrown = static_cast<Byte>(s.thrown + gone);
    next.ahead = s.ahead.of(s.ahead.count - gone);
    next.ahead = next.ahead.after(std::min(more.count, next.ahead.count));
    next.receipted = inputs;
    for (I u = s.receipted.count + 1; u <= inputs.count; ++u) next.sent.emplace(PaceKind::row_out, inputs.of(u));
    next.sent.emplace(PaceKind::receipt, inputs);
    visit(next, false);
  }
  template <typename Visit>
  void crashes(const PaceTalk& s, const Visit& visit) const {
    if (s.client_fell < crashes_) {
      PaceTalk next = s;
      if (!habits_.kept_orders) next.ordered = std::max(static_cast<Byte>(agreement_.first), s.vouched);
      next.chosen = s.chosen.of(next.ordered);
      std::fill(next.rows.begin() + s.vouched, next.rows.end(), Byte{0});
      next.received = s.vouched;
      ++next.client_fell;
      visit(next, true);
    }
    if (s.provider_fell < crashes_) {
      PaceTalk next = s;
      next.ahead = {};
      next.known_vouched = 0;
      ++next.provider_fell;
      visit(next, true);
    }
  }

  Agreement agreement_;
  I crashes_;
  PaceHabits habits_;
};

}  // namespace p2pllm::small_worlds::session
