#pragma once

#include "tests/small_worlds/session_provider_ledger.hpp"

// The world of an honest provider. The client and strangers do what they like, and decide when a message arrives.
namespace p2pllm::small_worlds::session {

/// What the provider knows, and what the client holds of it. The inputs of k units are a number of k bits.
struct Provider {
  Byte units = 0, inputs = 0;  ///< of its last receipt
  Byte vouched = 0;            ///< by the client, as the provider knows
  Byte closing = 0;            ///< it answers no more orders
  Byte said = 0;               ///< the client's last word, how many units it pays, and 1; 0: none
  Byte restored = 0;           ///< it lost what it knew after a backup
  Receipts receipts{};
  std::array<Byte, 7> unused{};
};

class ProviderWorld : public ProviderLedger<Provider> {
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
    receipts(here, visit);
    without_receipt(here, visit);
    turns(here, visit);
    messages(here, visit);
    restorations(here, visit);
  }

  [[nodiscard]] std::string_view broken_law(const From& here) const {
    const auto law = ProviderLedger::broken_law(here);
    if (!law.empty() || !here.ended()) return law;
    if (here.at.offence != 0) return "an honest provider is in breach";
    // A bond of the client that it won counts as a payment.
    if (here.at.to_provider < bond + std::max(here.at.party.vouched, here.at.party.units))
      return "an honest provider is not paid";
    return {};
  }

 private:
  // The provider.

  [[nodiscard]] At block_after(const From& here) const {
    At next = here.at;
    ++next.height;
    next.left_out = static_cast<Byte>(next.plan[0].planned != 0 ? next.left_out + 1 : 0);
    constexpr I ready = 2;  // by then the first units are computed
    if (next.party.units < agreement().first && next.height >= ready && here.is(St::active)) {
      next.party.units = static_cast<Byte>(agreement().first);
      next.party.receipts.sign(next.party.units, next.party.inputs);
    }
    next.plan = planned(here, next.party, next.height);
    const auto ends = [&](Op operation) {
      return next.plan[0].planned == plan(operation).planned && !lacks(Without::silence_before_delivery);
    };
    if (ends(Op::deliver) || ends(Op::settle)) next.party.closing = 1;
    return next;
  }

  // The client.

  /// What it can do with each receipt of the provider.
  template <typename Visit>
  void receipts(const From& here, const Visit& visit) const {
    const Provider& s = here.at.party;
    if (here.is(St::disputed)) return;
    SlaInputs in;
    for (in.units = 1; in.units <= agreement().units; ++in.units)
      for (I inputs = 0; inputs <= all_right(in.units); ++inputs) {
        const bool is_shown = here.is(St::delivered) && here.sla.shown == in.units && here.at.inputs == inputs;
        const bool has_signed = s.receipts.has(in.units, inputs);
        if (!has_signed && !is_shown) continue;
        in.is_signed = has_signed;
        for (in.had = 0; in.had <= s.vouched; ++in.had)
          if (const auto next = show(here, Op::close, in, all_right(in.units), inputs))
            visit(Move{"the client closes", in.units, -1, in.had}, *next);
        in.is_signed = true;
        if (const auto next = show(here, Op::challenge, in, is_shown ? here.at.states : all_right(in.units), inputs))
          visit(Move{"the client challenges", in.units}, *next);
        in.is_signed = false;  // the last state is wrong for inputs that the client chooses
        if (in.units <= agreement().first) continue;
        if (const auto next = show(here, Op::challenge, in, all_right(in.units - 1), inputs))
          visit(Move{"the client challenges on other inputs", in.units}, *next);
      }
    // Two receipts for the same units are no offence, for their inputs are not the same.
    in.answer = false;
    in.is_signed = true;
    if (s.receipts.are_two(agreement().units))
      if (const auto next = take(here, Op::convict, in)) visit(Move{"the client convicts"}, *next);
  }
  /// The rules refuse all of this, for it is not signed, or not its own to send.
  template <typename Visit>
  void without_receipt(const From& here, const Visit& visit) const {
    SlaInputs in;
    in.units = agreement().first;
    in.is_signed = false;
    if (auto next = show(here, Op::close, in, 0, 0)) {
      if (lacks(Without::units_of_receipt)) {  // it owes nothing, and nobody can answer
        Sla<I> sla = unpacked(next->sla);
        sla.shown_by = provider_turn;
        sla.shown = sla.owed = 0;
        next->sla = packed(sla);
      }
      visit(Move{"the client closes without a receipt"}, *next);
    }
    in.sender = false;
    in.is_signed = true;
    for (in.units = 0; in.units <= agreement().units; ++in.units)
      if (const auto next = take(here, Op::settle, in)) visit(Move{"the client settles", in.units}, *next);
  }
  // Off the ledger.

  template <typename Visit>
  void messages(const From& here, const Visit& visit) const {
    const Provider& s = here.at.party;
    At next = here.at;
    if (s.vouched < s.units) {
      next.party.vouched = s.units;
      visit(Move{"a voucher", s.units}, next);
    }
    const bool answers = s.closing == 0 && s.said == 0 && s.vouched >= s.units && here.is(St::active);
    if (answers && agreement().first <= s.units && s.units < agreement().units)
      for (I row = 0; row < 2; ++row) {
        next.party = s;
        next.party.inputs = static_cast<Byte>(s.inputs | row << s.units);
        ++next.party.units;
        next.party.receipts.sign(next.party.units, next.party.inputs);
        visit(Move{"an order", next.party.units, next.party.inputs}, next);
      }
    next.party = s;
    if (s.closing == 0) {
      next.party.closing = 1;
      visit(Move{"the provider waits no more"}, next);
      next.party = s;
    }
    if (s.said != 0) return;
    for (I units = 0; units <= agreement().units; ++units) {
      next.party.said = static_cast<Byte>(units + 1);
      visit(Move{"the client's last word", units}, next);
    }
  }
  /// The provider goes on from a backup of fewer units.
  template <typename Visit>
  void restorations(const From& here, const Visit& visit) const {
    const Provider& s = here.at.party;
    if (!agreement().restored || s.restored != 0 || !here.is(St::active)) return;
    if (here.at.plan[0].planned != 0 || here.height >= terms().deliver_by - 1) return;
    for (I units = agreement().first; units < s.units; ++units) {
      At next = here.at;
      next.party.units = static_cast<Byte>(units);
      next.party.inputs = first_of(s.inputs, units);
      next.party.vouched = std::min(s.vouched, static_cast<Byte>(units - 1));
      next.party.restored = 1;
      visit(Move{"a backup", units}, next);
    }
  }
};

}  // namespace p2pllm::small_worlds::session
