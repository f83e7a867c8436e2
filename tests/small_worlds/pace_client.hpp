#pragma once

#include "tests/small_worlds/session_rules.hpp"

// The world of an honest client with a credit of many units: rows come before their receipts, orders and vouchers. The
// provider and strangers do what they like, and decide when a message arrives.
namespace p2pllm::small_worlds::session {

/// What a receipt says: its states are right up to one and wrong from there on, and which of its rows are right for the
/// inputs that were ordered. A right state binds right rows.
struct PaceReceipt {
  Byte units = 0, right = 0, outputs = 0;

  [[nodiscard]] bool is_wrong() const { return right < units; }
  /// The receipt of the first units.
  [[nodiscard]] PaceReceipt of(Byte count) const {
    return count >= units ? *this : PaceReceipt{count, std::min(right, count), first_of(outputs, count)};
  }
};

/// What the client knows and has signed.
struct PaceClient {
  Byte ordered = 0, inputs = 0;  ///< which of the rows are right that it ordered on
  Byte had = 0, rows = 0;        ///< the units whose row it has, and which of these rows are right
  PaceReceipt receipt;           ///< the last one
  Byte vouched = 0;
  Byte stopped = 0;  ///< it orders no more
  Byte checked = 0;  ///< it computed all that it has a receipt for
  Byte said = 0;     ///< its last word, how many units it pays, and 1; 0: none
  Byte harmed = 0;   ///< it was given a wrong row under a receipt or a delivery
  Byte seen = 0;     ///< the status at the end of the last block
  Byte closed = 0;   ///< the units that it closes with, which it stored
  Byte unused = 0;
};

class PaceClientWorld : public Ledger<PaceClient> {
 public:
  using Ledger::Ledger;

  [[nodiscard]] At first() const {
    At place = first_place(terms());
    place.party.ordered = static_cast<Byte>(agreement().first);
    place.party.inputs = all_right(agreement().first);
    place.party.seen = static_cast<Byte>(St::active);
    return place;
  }

  template <typename Visit>
  void moves(const From& here, const Visit& to) const {
    const auto visit = [&](const Move& move, const At& next) { to(move, after_a_look(next)); };
    if (here.at.plan[0].planned == 0 || here.at.left_out < agreement().left_out_max)
      visit(Move{"the block ends"}, block_after(here));
    if (here.at.plan[0].planned != 0) {
      const auto next = act(here, here.at.plan[0]);
      At after = next ? *next : here.at;
      after.plan = {};
      visit(Move{row_of(operation_of(here.at.plan[0])).operation}, after);
    }
    strangers(here, visit);
    provider_disputes(here, visit);
    if (here.is(St::disputed)) return;
    showing(here, visit);
    payments(here, visit);
    if (here.at.party.seen != static_cast<Byte>(St::active)) return;
    if (here.at.party.said == 0) {
      rows(here, visit);
      receipts(here, visit);
      words(here, visit);
    }
    decisions(here, visit);
  }

  [[nodiscard]] std::string_view broken_law(const From& here) const {
    const auto law = Ledger::broken_law(here);
    if (!law.empty() || !here.ended()) return law;
    const PaceClient& c = here.at.party;
    if (c.seen == static_cast<Byte>(St::disputed))
      return here.is(St::breached) ? "" : "a client loses a dispute that it should win";
    if (c.harmed != 0 && here.at.to_client < agreement().units + bond)
      return "a client with a wrong output is not made whole";
    if (!here.is(St::settled)) return {};
    const I paid = here.at.to_provider - bond;
    const I allowed = std::max(agreement().first, agreement().credit) - (lacks(Without::allowance) ? 2 : 1);
    return paid - of_use(c, paid) > allowed ? "a client pays for too much without use" : "";
  }

 private:
  /// How many of the first units are of use: the row is there and right, and all rows that it was ordered on are right.
  [[nodiscard]] static I of_use(const PaceClient& c, I units) {
    I count = 0;
    for (I u = 1; u <= units; ++u) {
      const I known = std::min<I>(u, c.ordered);
      if (is_right(c.rows, u) && first_of(c.inputs, known) == all_right(known)) ++count;
    }
    return count;
  }
  [[nodiscard]] static bool has(const PaceClient& c, I u) { return is_right(c.had, u); }
  [[nodiscard]] static bool has_all(const PaceClient& c, I units) { return first_of(c.had, units) == all_right(units); }

  // What it knows.

  [[nodiscard]] static bool has_wrong_row(const From& here, const PaceClient& c) {
    const I rows = first_of(c.had & ~c.rows, 8);  // the wrong ones
    if (first_of(rows & ~c.receipt.outputs, c.receipt.units) != 0) return true;
    return here.is(St::delivered) && first_of(rows & ~here.at.inputs, here.sla.shown) != 0;
  }
  /// Nothing that it knows has an effect on a dispute, which it began and should win.
  [[nodiscard]] static At after_a_look(At next) {
    const From there(next);
    if (there.ended()) return next;
    if (there.is(St::disputed)) {
      next.party = {};
      next.party.seen = static_cast<Byte>(St::disputed);
      return next;
    }
    if (next.party.harmed == 0 && has_wrong_row(there, next.party)) next.party.harmed = 1;
    if (there.is(St::delivered)) next.party.stopped = 1;
    return next;
  }
  static constexpr I both(I states, I outputs) { return states | outputs << 4; }
  [[nodiscard]] static Planned with(Op operation, const PaceReceipt& r, I had = 0) {
    return plan(operation, r.units, both(all_right(r.right), r.outputs), had);
  }
  /// A receipt, or a delivery, of which the client knows that a state is wrong.
  [[nodiscard]] static std::optional<Planned> known_wrong(const From& here, const PaceClient& c) {
    if (c.checked != 0 && c.receipt.is_wrong()) return with(Op::challenge, c.receipt);
    if (here.is(St::delivered) && !is_right(here.at.states, here.sla.shown))
      return plan(Op::challenge, here.sla.shown, both(here.at.states, here.at.inputs));
    return {};
  }
  /// The unit to demand; 0: it lacks none of the units shown. A row that is not the one shown is lacking.
  [[nodiscard]] I lacking(const From& here, const PaceClient& c) const {
    I unit = 0;
    for (I u = here.sla.acknowledged + 1; u <= here.sla.shown; ++u) {
      if (has(c, u) && is_right(c.rows, u) == is_right(here.at.inputs, u)) continue;
      if (unit == 0 || lacks(Without::first_lacking)) unit = u;
    }
    return unit;
  }

  // What it does on the ledger.

  [[nodiscard]] Planned planned(const From& here, const PaceClient& c, I height) const {
    if (here.is(St::active)) {
      const auto wrong = known_wrong(here, c);
      if (wrong && height <= terms().deliver_by && c.said == 0) return *wrong;
      if (height > terms().deliver_by) return plan(Op::timeout);
      if (c.stopped == 0 || c.receipt.units < agreement().first || c.said != 0) return {};
      return with(Op::close, c.vouched >= agreement().first ? c.receipt.of(c.vouched) : c.receipt, c.vouched);
    }
    if (here.is(St::delivered)) return planned_when_delivered(here, c, height);
    if (here.sla.turn == client_turn && height <= here.sla.deadline)
      return plan(Op::side, 0, 0, mid_is_right(here) ? 1 : 0);
    return height > here.sla.deadline ? plan(Op::forfeit) : Planned{};
  }
  [[nodiscard]] Planned planned_when_delivered(const From& here, const PaceClient& c, I height) const {
    if (demand_is_pending(here.sla)) return height > here.sla.demand_by ? plan(Op::miss) : Planned{};
    if (height >= here.sla.challenge_until) return plan(Op::finalize);
    if (const auto wrong = known_wrong(here, c)) return *wrong;
    const I unit = lacking(here, c);
    return unit != 0 && here.sla.demanded == 0 ? plan(Op::demand, unit) : Planned{};
  }
  [[nodiscard]] At block_after(const From& here) const {
    At next = here.at;
    ++next.height;
    next.left_out = static_cast<Byte>(next.plan[0].planned != 0 ? next.left_out + 1 : 0);
    if (here.is(St::delivered)) {
      next.party.seen = static_cast<Byte>(St::delivered);
      next.party.checked = 1;  // a delivery makes it check all that it holds
    }
    const Planned then = planned(here, next.party, next.height);
    if (then.planned == plan(Op::close).planned) next.party.closed = then.units;
    next.plan = {then};
    return next;
  }
  /// When it planned to close or to challenge, it held the receipt, or saw the delivery.
  [[nodiscard]] std::optional<At> act(const From& here, const Planned& planned) const {
    const Op operation = operation_of(planned);
    SlaInputs in;
    in.unit = in.units = planned.units;
    in.had = planned.had;
    if (operation == Op::challenge || operation == Op::close)
      return show(here, operation, in, planned.bits & 15, planned.bits >> 4);
    in.answer = planned.had != 0;
    return take(here, operation, in);
  }

  // The provider.

  /// Every receipt of so many units that extends an older one.
  template <typename Visit>
  static void extensions(const PaceReceipt& old, I units, const Visit& visit) {
    const I right_max = old.is_wrong() ? old.right : units;
    for (I right = old.right; right <= right_max; ++right)
      for (I outputs = 0; outputs <= all_right(units); ++outputs) {
        if (first_of(outputs, old.units) != old.outputs) continue;
        if ((all_right(right) & ~outputs & ~all_right(old.units)) != 0) continue;
        visit(PaceReceipt{static_cast<Byte>(units), static_cast<Byte>(right), static_cast<Byte>(outputs)});
      }
  }
  /// It delivers, or answers, what the client ordered, with one of its vouchers or none.
  template <typename Visit>
  void showing(const From& here, const Visit& visit) const {
    const PaceClient& c = here.at.party;
    const Op operation = here.is(St::active) ? Op::deliver : Op::answer;
    SlaInputs in;
    for (in.units = 1; in.units <= agreement().units; ++in.units) {
      in.is_signed = is_boundary(agreement(), in.units) && in.units <= c.ordered;
      for (in.had = 0; in.had <= c.vouched; in.had += std::max<I>(c.vouched, 1)) {
        if (!step(operation, here.sla, here.height, in)) continue;
        extensions({}, in.units, [&](const PaceReceipt& r) {
          if (const auto next = show(here, operation, in, all_right(r.right), r.outputs))
            visit(Move{operation == Op::deliver ? "the provider delivers" : "the provider answers", r.units,
                       all_right(r.right), in.had},
                  *next);
        });
      }
    }
  }
  /// It takes what the client signed.
  template <typename Visit>
  void payments(const From& here, const Visit& visit) const {
    const PaceClient& c = here.at.party;
    SlaInputs in;
    in.units = c.vouched;
    if (const auto next = c.vouched > 0 ? take(here, Op::claim, in) : std::nullopt)
      visit(Move{"the provider claims", in.units}, *next);
    in.units = c.said - 1;
    if (const auto next = c.said != 0 ? take(here, Op::settle, in) : std::nullopt)
      visit(Move{"the provider settles", in.units}, *next);
    if (auto next = take(here, Op::publish)) {
      const I u = here.sla.demanded;
      const bool right = is_right(here.at.inputs, u);
      next->party = with_row(c, u, right);
      if (!right) next->party.harmed = 1;
      visit(Move{"the provider publishes", u}, *next);
    }
  }

  // Off the ledger.

  [[nodiscard]] static PaceClient with_row(PaceClient c, I u, bool right) {
    const I bit = I{1} << (u - 1);
    c.had = static_cast<Byte>(c.had | bit);
    c.rows = static_cast<Byte>(right ? c.rows | bit : c.rows & ~bit);
    return c;
  }
  /// With a voucher for its receipt, if it holds the rows that the receipt names.
  [[nodiscard]] PaceClient vouching(PaceClient c) const {
    if (lacks(Without::voucher_after_receipt)) {
      for (Byte k = 1; k <= c.ordered && has_all(c, k); ++k)
        if (is_boundary(agreement(), k)) c.vouched = std::max(c.vouched, k);
    } else if (const Byte k = c.receipt.units;
               k > c.vouched && has_all(c, k) && first_of(c.rows, k) == c.receipt.outputs) {
      c.vouched = k;
    }
    return c;
  }
  template <typename Visit>
  void rows(const From& here, const Visit& visit) const {
    const PaceClient& c = here.at.party;
    At next = here.at;
    const I last = std::min(agreement().units, std::max(agreement().first, c.vouched + agreement().credit));
    for (I u = 1; u <= last; ++u) {
      if (has(c, u) || (u > agreement().first && !has(c, u - 1))) continue;
      for (const bool right : {false, true}) {
        if (u <= c.receipt.units && right != is_right(c.receipt.outputs, u)) continue;
        next.party = vouching(with_row(c, u, right));
        visit(Move{right ? "a right row comes" : "a wrong row comes", u}, next);
      }
    }
  }
  template <typename Visit>
  void receipts(const From& here, const Visit& visit) const {
    const PaceClient& c = here.at.party;
    for (I units = c.receipt.units + 1; units <= c.ordered; ++units)
      if (is_boundary(agreement(), units))
        extensions(c.receipt, units, [&](const PaceReceipt& r) {
          if (first_of(c.had & (c.rows ^ r.outputs), units) != 0) return;  // a row that it has is not the one
          At next = here.at;
          next.party.receipt = r;
          next.party.checked = 0;
          next.party = vouching(next.party);
          visit(Move{"a receipt comes", r.units, all_right(r.right)}, next);
        });
  }
  /// An order, and the last word.
  template <typename Visit>
  void words(const From& here, const Visit& visit) const {
    const PaceClient& c = here.at.party;
    if (!here.is(St::active)) return;
    At next = here.at;
    if (c.stopped == 0 && c.ordered < agreement().units) {
      const I units = std::min(agreement().units, c.ordered + agreement().chunk);
      const I credit = agreement().credit + (lacks(Without::credit) ? 1 : 0);
      // The row of unit u is the one that unit u + 1 was ordered on. The terms name the rows into the first units.
      const I named = agreement().knows_first ? 0 : all_right(agreement().first - 1);
      const I wrong = first_of(c.had & (c.rows ^ c.inputs >> 1), c.ordered - 1) & ~named;
      if ((wrong == 0 || lacks(Without::row_ordered_on)) && units - c.vouched <= credit && has_all(c, units - 1)) {
        next.party.ordered = static_cast<Byte>(units);
        for (I u = c.ordered; u < units; ++u)
          if (is_right(c.rows, u)) next.party.inputs = static_cast<Byte>(next.party.inputs | I{1} << u);
        visit(Move{"an order", units, next.party.inputs}, next);
        next = here.at;
      }
    }
    const bool all = c.receipt.units == c.ordered && c.ordered == c.vouched && !c.receipt.is_wrong();
    if (c.checked == 0 || !all || c.stopped == 0) return;
    next.party.said = static_cast<Byte>(c.vouched + 1);
    visit(Move{"the client's last word", c.vouched}, next);
  }
  template <typename Visit>
  void decisions(const From& here, const Visit& visit) const {
    const PaceClient& c = here.at.party;
    At next = here.at;
    if (c.stopped == 0) {
      next.party.stopped = 1;
      visit(Move{"the client stops"}, next);
      next = here.at;
    }
    if (c.checked == 0 && c.receipt.units > 0) {
      next.party.checked = 1;
      visit(Move{"the client checks"}, next);
      next = here.at;
    }
    if (!agreement().crashes) return;
    const Byte kept = lacks(Without::stored_close) ? c.vouched : std::max(c.vouched, c.closed);
    next.party.receipt = c.receipt.of(kept);
    next.party.had = first_of(c.had, c.vouched);
    next.party.rows = first_of(c.rows, c.vouched);
    next.party.checked = 0;
    next.party.stopped = c.closed > 0 ? 1 : 0;
    next.party.harmed = has_wrong_row(here, next.party) ? 1 : 0;
    if (std::bit_cast<Bytes>(next.party) != std::bit_cast<Bytes>(c)) visit(Move{"the client crashes"}, next);
  }
  using Bytes = std::array<Byte, sizeof(PaceClient)>;
};

}  // namespace p2pllm::small_worlds::session
