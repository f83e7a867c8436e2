#pragma once

#include "tests/small_worlds/session_provider_ledger.hpp"

// The world of an honest provider with a credit of many units: it computes rows ahead of their orders, and throws away
// what the order then does not name. The client and strangers do what they like, and decide when a message arrives.
namespace p2pllm::small_worlds::session {

/// What the provider knows, and what the client holds of it. The inputs of k units are a number of k bits.
struct PaceProvider {
  Byte units = 0, inputs = 0;              ///< of its last receipt
  Byte ahead = 0, ahead_inputs = 0;        ///< the units computed after those, and their inputs
  Byte ordered = 0, ordered_inputs = 0;    ///< the order in hand; 0: none
  Byte thrown = 0;                         ///< the units thrown away
  Byte vouched = 0;                        ///< by the client, as the provider knows
  Byte kept_vouched = 0, kept_thrown = 0;  ///< as it stored them
  Byte closing = 0;                        ///< it answers no more orders
  Byte said = 0;                           ///< the client's last word, how many units it pays, and 1; 0: none
  Byte restored = 0;                       ///< it lost what it knew after a backup
  Receipts receipts{};

  void sign() { receipts.sign(units, inputs); }
  /// The units that it computed.
  [[nodiscard]] I work() const { return units + thrown + std::max<I>(ahead, ordered == 0 ? I{0} : I{ordered} - units); }
};

class PaceProviderWorld : public ProviderLedger<PaceProvider> {
 public:
  using ProviderLedger::ProviderLedger;

  [[nodiscard]] At first() const { return first_place(terms()); }

  template <typename Visit>
  void moves(const From& here, const Visit& visit) const {
    if (here.at.plan[0].planned == 0 || here.at.left_out < agreement().left_out_max)
      visit(Move{"the block ends"}, block_after(here));
    if (here.at.plan[0].planned != 0) {
      const auto next = act(here, here.at.plan[0]);
      At after = next ? *next : here.at;
      after.plan = {after.plan[1]};
      visit(Move{row_of(operation_of(here.at.plan[0])).operation}, after);
    }
    strangers(here, visit);
    with_receipts(here, visit);
    turns(here, visit);
    vouchers(here, visit);
    if (here.is(St::active) && here.at.party.units >= agreement().first && here.at.party.closing == 0 &&
        here.at.party.said == 0) {
      rows(here, visit);
      orders(here, visit);
    }
    receipt(here, visit);
    words(here, visit);
    losses(here, visit);
  }

  [[nodiscard]] std::string_view broken_law(const From& here) const {
    const auto law = ProviderLedger::broken_law(here);
    const PaceProvider& s = here.at.party;
    if (law.empty() && s.restored == 0 && s.receipts.are_two(agreement().units))
      return "an honest provider signs two receipts for the same units";
    if (!law.empty() || !here.ended()) return law;
    if (here.at.offence != 0) return "an honest provider is in breach";
    // A bond of the client that it won counts as a payment.
    const I paid = here.at.to_provider - bond;
    if (paid < std::max(s.vouched, s.units)) return "an honest provider is not paid";
    const I allowed = agreement().credit - (lacks(Without::allowance) ? 1 : 0);
    if (s.restored == 0 && s.work() - paid > allowed) return "a provider loses more work than its credit";
    return {};
  }

 private:
  [[nodiscard]] At block_after(const From& here) const {
    At next = here.at;
    ++next.height;
    next.left_out = static_cast<Byte>(next.plan[0].planned != 0 ? next.left_out + 1 : 0);
    if (next.party.units < agreement().first && here.is(St::active)) {
      next.party.units = static_cast<Byte>(agreement().first);
      next.party.sign();
    }
    next.plan = planned(here, next.party, next.height);
    const auto ends = [&](Op operation) { return next.plan[0].planned == plan(operation).planned; };
    if (ends(Op::deliver) || ends(Op::settle)) next.party.closing = 1;
    return next;
  }

  // The client.

  /// It closes with a receipt, and says that it has none of the units, those it vouched for, or all. It challenges.
  template <typename Visit>
  void with_receipts(const From& here, const Visit& visit) const {
    const PaceProvider& s = here.at.party;
    if (here.is(St::disputed)) return;
    SlaInputs in;
    for (in.units = 1; in.units <= agreement().units; ++in.units)
      for (I inputs = 0; inputs <= all_right(in.units); ++inputs) {
        const bool is_shown = here.is(St::delivered) && here.sla.shown == in.units && here.at.inputs == inputs;
        const bool has_signed = s.receipts.has(in.units, inputs);
        if (!has_signed && !is_shown) continue;
        in.is_signed = has_signed;
        for (in.had = 0; in.had <= in.units; ++in.had) {
          if (in.had != 0 && in.had != s.vouched && in.had != in.units) continue;
          if (const auto next = show(here, Op::close, in, all_right(in.units), inputs))
            visit(Move{"the client closes", in.units, -1, in.had}, *next);
        }
        in.is_signed = true;
        if (const auto next = show(here, Op::challenge, in, is_shown ? here.at.states : all_right(in.units), inputs))
          visit(Move{"the client challenges", in.units}, *next);
      }
  }

  // Off the ledger.

  template <typename Visit>
  void vouchers(const From& here, const Visit& visit) const {
    At next = here.at;
    for (Byte units = static_cast<Byte>(next.party.vouched + 1); units <= next.party.units; ++units) {
      next.party.vouched = units;
      visit(Move{"a voucher", units}, next);
    }
  }
  /// The next row in, which the provider computes ahead of its order if its credit allows.
  template <typename Visit>
  void rows(const From& here, const Visit& visit) const {
    const PaceProvider& s = here.at.party;
    const I unit = s.units + s.ahead + 1, thrown = lacks(Without::thrown) ? 0 : s.thrown;
    if (unit > agreement().units || unit + thrown - s.vouched > agreement().credit || s.ordered >= unit) return;
    At next = here.at;
    ++next.party.ahead;
    for (I row = 0; row < 2; ++row) {
      next.party.ahead_inputs = static_cast<Byte>(s.ahead_inputs | row << s.ahead);
      visit(Move{"a row is computed ahead", unit}, next);
    }
  }
  /// An order: what was computed ahead on other rows than it names, and all after that, is thrown away.
  template <typename Visit>
  void orders(const From& here, const Visit& visit) const {
    const PaceProvider& s = here.at.party;
    if (s.ordered != 0) return;
    const bool counts = !lacks(Without::thrown) && !lacks(Without::thrown_of_orders);
    for (I units = s.units + 1; units <= agreement().units; ++units)
      for (I more = 0; more <= all_right(units - s.units); ++more) {
        const I compared = std::min<I>(units - s.units, s.ahead);
        const I same = std::countr_zero(static_cast<unsigned>(more ^ s.ahead_inputs));
        const I gone = same < compared ? s.ahead - same : 0;
        if (units + (counts ? s.thrown + gone : 0) - s.vouched > agreement().credit) continue;
        At next = here.at;
        next.party.ordered = static_cast<Byte>(units);
        next.party.ordered_inputs = static_cast<Byte>(s.inputs | more << s.units);
        next.party.thrown = static_cast<Byte>(s.thrown + gone);
        next.party.ahead = static_cast<Byte>(s.ahead - gone);
        next.party.ahead_inputs = first_of(s.ahead_inputs, next.party.ahead);
        visit(Move{"an order", units, next.party.ordered_inputs}, next);
      }
  }
  /// The provider answers the order in hand, and stores what it signs and knows.
  template <typename Visit>
  void receipt(const From& here, const Visit& visit) const {
    const PaceProvider& s = here.at.party;
    if (s.ordered == 0 || !here.is(St::active)) return;
    if (s.closing != 0 && !lacks(Without::silence_after_delivery)) return;
    At next = here.at;
    const I used = std::min<I>(s.ordered - s.units, s.ahead);
    next.party.units = s.ordered;
    next.party.inputs = s.ordered_inputs;
    next.party.ahead = static_cast<Byte>(s.ahead - used);
    next.party.ahead_inputs = static_cast<Byte>(s.ahead_inputs >> used);
    next.party.ordered = next.party.ordered_inputs = 0;
    next.party.kept_vouched = s.vouched;
    next.party.kept_thrown = s.thrown;
    next.party.sign();
    visit(Move{"a receipt", s.ordered}, next);
  }
  template <typename Visit>
  void words(const From& here, const Visit& visit) const {
    At next = here.at;
    if (next.party.closing == 0) {
      next.party.closing = 1;
      visit(Move{"the provider waits no more"}, next);
      next.party.closing = 0;
    }
    if (next.party.said != 0) return;
    for (I units = 0; units <= agreement().units; ++units) {
      next.party.said = static_cast<Byte>(units + 1);
      visit(Move{"the client's last word", units}, next);
    }
  }
  /// The provider goes on with what it stored, or from a backup of fewer units.
  template <typename Visit>
  void losses(const From& here, const Visit& visit) const {
    const PaceProvider& s = here.at.party;
    At next = here.at;
    next.party.ahead = next.party.ahead_inputs = next.party.ordered = next.party.ordered_inputs = 0;
    if (agreement().crashes && (s.ahead != 0 || s.ordered != 0 || s.vouched != s.kept_vouched)) {
      next.party.vouched = s.kept_vouched;
      next.party.thrown = s.kept_thrown;
      visit(Move{"the provider crashes"}, next);
    }
    if (!agreement().restored || s.restored != 0 || !here.is(St::active)) return;
    if (here.at.plan[0].planned != 0 || here.height >= terms().deliver_by - 1) return;
    next.party.thrown = next.party.kept_thrown = 0;
    next.party.restored = 1;
    for (I units = agreement().first; units < s.units; ++units) {
      next.party.units = static_cast<Byte>(units);
      next.party.inputs = first_of(s.inputs, units);
      next.party.vouched = std::min(s.vouched, next.party.units);
      next.party.kept_vouched = std::min(s.kept_vouched, next.party.units);
      visit(Move{"a backup", units}, next);
    }
  }
};

}  // namespace p2pllm::small_worlds::session
