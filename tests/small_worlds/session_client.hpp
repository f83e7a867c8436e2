#pragma once

#include "tests/small_worlds/session_rules.hpp"

// The world of an honest client. The provider and strangers do what they like, and decide when a message arrives.
namespace p2pllm::small_worlds::session {

/// What the client knows and has signed.
struct Client {
  Byte ordered = 0, vouched = 0;
  Byte received = 0, states = 0;  ///< the units of its last receipt, and which of their states are right
  Byte had = 0;                   ///< units whose output it has
  Byte stopped = 0;               ///< it orders no more
  Byte checked = 0;               ///< it computed all that it has a receipt for
  Byte said = 0;                  ///< its last word, how many units it pays, and 1; 0: none
  Byte harmed = 0;                ///< it was given a wrong output
  Byte seen = 0;                  ///< the status at the end of the last block
  std::array<Byte, 5> unused{};
};

class ClientWorld : public Ledger<Client> {
 public:
  using Ledger::Ledger;

  [[nodiscard]] At first() const {
    At place = first_place(terms());
    place.party.ordered = static_cast<Byte>(agreement().first);
    place.party.seen = static_cast<Byte>(St::active);
    return place;
  }

  template <typename Visit>
  void moves(const From& here, const Visit& visit) const {
    if (here.at.plan[0].planned == 0 || here.at.left_out < agreement().left_out_max)
      visit(Move{"the block ends"}, block_after(here));
    if (here.at.plan[0].planned != 0) {
      const auto next = act(here, here.at.plan[0]);
      At after = next ? *next : here.at;
      after.plan = {};
      visit(Move{row_of(operation_of(here.at.plan[0])).operation}, after);
    }
    strangers(here, visit);
    showing(here, visit);
    payments(here, visit);
    provider_disputes(here, visit);
    if (here.at.party.seen == static_cast<Byte>(St::active) || lacks(Without::silence_when_delivered)) {
      messages(here, visit);
      decisions(here, visit);
    }
  }

  [[nodiscard]] std::string_view broken_law(const From& here) const {
    const auto law = Ledger::broken_law(here);
    if (!law.empty() || !here.ended()) return law;
    const Client& c = here.at.party;
    const bool bound_by_word = c.said != 0 && !lacks(Without::silence_after_final);
    if (c.harmed != 0 && here.at.to_client < agreement().units + bond && !bound_by_word)
      return "a client with a wrong output is not made whole";
    // A lost bond counts as a payment. Of the first units, all but the one demanded may be missing.
    const I missing = agreement().whole ? 0 : agreement().first - 1;
    if (here.is(St::settled) && here.at.to_provider - bond > c.had + missing) return "a client pays for what it lacks";
    return {};
  }

 private:
  // The client.

  /// A receipt, or a delivery, of which the client knows that a state is wrong.
  [[nodiscard]] std::optional<Planned> known_wrong(const From& here, const Client& c) const {
    for (I k = 1; c.checked != 0 && k <= c.received; ++k)
      if (!is_right(c.states, k)) {
        const I units = agreement().any_prefix ? k : std::max(k, agreement().first);
        return plan(Op::challenge, units, first_of(c.states, units));
      }
    if (here.is(St::delivered) && !is_right(here.at.states, here.sla.shown))
      return plan(Op::challenge, here.sla.shown, here.at.states);
    return {};
  }
  /// Whether the ledger shows another root for units that the client has a receipt for.
  [[nodiscard]] static bool contradicts(const From& here, const Client& c) {
    return here.sla.shown > 0 && here.sla.shown <= c.received && first_of(c.states, here.sla.shown) != here.at.states;
  }

  /// What it plans for the next block.
  [[nodiscard]] Planned planned(const From& here, const Client& c, I height) const {
    if (here.is(St::active)) {
      const auto wrong = known_wrong(here, c);
      if (wrong && height <= terms().deliver_by && c.said == 0) return *wrong;
      if (height > terms().deliver_by) return plan(Op::timeout);
      if (c.stopped == 0 || c.received < agreement().first || c.said != 0) return {};
      const I units = c.had >= agreement().first ? c.had : c.received;
      return plan(Op::close, units, first_of(c.states, units), c.had);
    }
    if (here.is(St::delivered)) return planned_when_delivered(here, c, height);
    if (here.sla.turn == client_turn && height <= here.sla.deadline)
      return plan(Op::side, 0, 0, mid_is_right(here) ? 1 : 0);
    return height > here.sla.deadline ? plan(Op::forfeit) : Planned{};
  }
  [[nodiscard]] Planned planned_when_delivered(const From& here, const Client& c, I height) const {
    if (demand_is_pending(here.sla)) return height > here.sla.demand_by ? plan(Op::miss) : Planned{};
    if (height >= here.sla.challenge_until) return plan(Op::finalize);
    if (contradicts(here, c) && !lacks(Without::convict)) return plan(Op::convict);
    if (const auto wrong = known_wrong(here, c)) return *wrong;
    if (here.sla.shown > c.had && here.sla.demanded == 0) return plan(Op::demand, here.sla.shown);
    return {};
  }
  [[nodiscard]] At block_after(const From& here) const {
    At next = here.at;
    ++next.height;
    next.left_out = static_cast<Byte>(next.plan[0].planned != 0 ? next.left_out + 1 : 0);
    next.party.seen = static_cast<Byte>(here.sla.status);
    if (here.is(St::delivered)) next.party.checked = 1;  // a delivery makes it check all that it holds
    next.plan = {planned(here, next.party, next.height)};
    return next;
  }

  [[nodiscard]] std::optional<At> act(const From& here, const Planned& planned) const {
    const Client& c = here.at.party;
    SlaInputs in;
    in.units = planned.units;
    in.had = planned.had;
    in.unit = planned.units;
    const bool is_held = (agreement().first <= in.units || agreement().any_prefix) && in.units <= c.received &&
                         first_of(c.states, in.units) == planned.bits;
    const bool is_shown = in.units == here.sla.shown && planned.bits == here.at.states;
    switch (operation_of(planned)) {
      case Op::challenge:
        in.is_signed = is_shown || (is_held && !lacks(Without::any_receipt));
        return show(here, Op::challenge, in, planned.bits, 0);
      case Op::close: in.is_signed = is_held; return show(here, Op::close, in, planned.bits, 0);
      case Op::side: in.answer = planned.had != 0; return take(here, Op::side, in);
      case Op::convict:
        in.answer = contradicts(here, c);
        in.is_signed = here.sla.shown <= c.received;
        return take(here, Op::convict, in);
      default: return take(here, operation_of(planned), in);
    }
  }

  // The provider.

  /// It delivers, or answers: any states of any units, with any voucher. The rules refuse what the client did not sign.
  template <typename Visit>
  void showing(const From& here, const Visit& visit) const {
    const Client& c = here.at.party;
    const Op operation = here.is(St::active) ? Op::deliver : Op::answer;
    if (operation == Op::answer && !here.is(St::delivered)) return;
    SlaInputs in;
    for (in.units = 1; in.units <= agreement().units; ++in.units) {
      in.is_signed = in.units <= c.ordered;
      for (in.had = 0; in.had <= agreement().units; ++in.had) {
        in.is_vouched = in.had <= c.vouched;
        if (!step(operation, here.sla, here.height, in)) continue;
        for (I states = 0; states <= all_right(in.units); ++states)
          if (const auto next = show(here, operation, in, states, 0))
            visit(Move{operation == Op::deliver ? "the provider delivers" : "the provider answers", in.units, states,
                       in.had},
                  *next);
      }
    }
  }
  /// It takes what the client signed.
  template <typename Visit>
  void payments(const From& here, const Visit& visit) const {
    const Client& c = here.at.party;
    SlaInputs in;
    in.units = c.vouched;
    in.is_vouched = c.vouched > 0;
    if (const auto next = c.vouched > 0 ? take(here, Op::claim, in) : std::nullopt)
      visit(Move{"the provider claims", in.units}, *next);
    in.units = c.said - 1;
    if (const auto next = c.said != 0 ? take(here, Op::settle, in) : std::nullopt)
      visit(Move{"the provider settles", in.units}, *next);
    if (auto next = take(here, Op::publish)) {
      const I had = agreement().whole || here.sla.shown == c.had + 1 ? std::max<I>(c.had, here.sla.shown) : c.had + 1;
      next->party.had = static_cast<Byte>(had);
      if (!is_right(here.at.states, here.sla.shown)) next->party.harmed = 1;
      visit(Move{"the provider publishes"}, *next);
    }
  }

  // Off the ledger.

  /// The client received an output, or a receipt alone.
  [[nodiscard]] Client given(Client c, bool output) const {
    if (!output) {
      if (lacks(Without::voucher_after_output)) c.vouched = std::max(c.vouched, c.received);
      return c;
    }
    c.had = c.received;
    if (!is_right(c.states, c.received)) c.harmed = 1;
    if (c.said == 0 || lacks(Without::silence_after_final)) c.vouched = c.had;
    return c;
  }
  template <typename Visit>
  void messages(const From& here, const Visit& visit) const {
    const Client& c = here.at.party;
    At next = here.at;
    if (c.received < c.ordered) {
      const I kept = lacks(Without::frontier) ? 0 : c.received;
      for (I states = 0; states <= all_right(c.ordered); ++states) {
        if (first_of(states, kept) != first_of(c.states, kept)) continue;
        Client after = c;
        after.received = c.ordered;
        after.states = static_cast<Byte>(states);
        after.checked = 0;
        next.party = given(after, false);
        visit(Move{"a receipt comes", c.ordered, states}, next);
        next.party = given(after, true);
        visit(Move{"a receipt and an output come", c.ordered, states}, next);
      }
    } else if (c.had < c.received) {
      next.party = given(c, true);
      visit(Move{"an output comes"}, next);
    }
  }
  template <typename Visit>
  void decisions(const From& here, const Visit& visit) const {
    const Client& c = here.at.party;
    const bool talks_on = lacks(Without::silence_after_final), active = here.is(St::active);
    const auto become = [&](std::string_view what, auto change) {
      At next = here.at;
      change(next.party);
      visit(Move{what}, next);
    };
    const bool can_order = c.stopped == 0 && active && c.ordered < agreement().units && c.had == c.ordered;
    if (can_order && c.vouched == c.ordered && c.said == 0) become("an order", [](Client& next) { ++next.ordered; });
    if (c.stopped == 0) become("the client stops", [](Client& next) { next.stopped = 1; });
    if (c.checked == 0 && c.received > 0) become("the client checks", [](Client& next) { next.checked = 1; });
    const bool content = c.checked != 0 && c.states == all_right(c.received) && c.had == c.received;
    if (c.said == 0 && content && c.received == c.ordered && (c.stopped != 0 || talks_on) && active)
      become("the client's last word", [&](Client& next) {
        next.said = static_cast<Byte>(c.had + 1);
        if (!talks_on) next.stopped = 1;
      });
    if (talks_on && c.said != 0 && can_order)
      become("an order after the last word", [](Client& next) { ++next.ordered; });
  }
};

}  // namespace p2pllm::small_worlds::session
