#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/unit/sla_step.hpp"

// A session of many units under one agreement, as one honest party meets it: the places of such a world, and what the
// ledger does there. Every transition is made by a rule of the reference. A world adds what the rules cannot know: who
// signed what, and which states are right.
namespace p2pllm::small_worlds::session {

using namespace reference;
using I = std::int64_t;
using Byte = std::uint8_t;
using Op = SlaOperation;
using St = SlaStatus;

/// What a world does without: a guard of a rule, or a habit of the honest party.
enum class Without {
  nothing,
  silence_when_delivered,   ///< the client takes messages although it saw a delivery
  any_receipt,              ///< only what is delivered can be challenged
  order,                    ///< a provider shows units that nobody ordered
  challenge_after_demand,   ///< a challenge is possible while a demand is pending
  finalize_after_demand,    ///< a delivery is final while a demand is pending
  challenge_in_time,        ///< an SLA can be challenged after the last height of a delivery
  frontier,                 ///< the client takes receipts that do not extend what it holds
  demand,                   ///< no output can be demanded
  voucher_after_output,     ///< the client vouches for units whose output it lacks
  silence_after_final,      ///< the client orders units after its last word
  convict,                  ///< the client convicts nobody
  silence_before_delivery,  ///< the provider answers orders while its delivery waits
  claim_in_dispute,         ///< nothing can be claimed in a dispute
  provider_settles,         ///< the client can settle with its own last word
  receipt,                  ///< the client closes without a receipt
  units_of_receipt,         ///< the client closes and says itself how little it owes
  provider_delivered,       ///< the client can acknowledge its own close
  answer,                   ///< a close cannot be answered
  inputs_of_receipt,        ///< a dispute runs on inputs that the client chooses
  inputs_of_conviction,     ///< two receipts convict whatever their inputs are
  price_of_challenge,       ///< a challenge may have no bond
  first_lacking,            ///< the client demands the last output that it lacks
  voucher_after_receipt,    ///< the client vouches for units that it has no receipt for
  credit,                   ///< the client orders one unit more than its credit
  stored_close,             ///< a crash of the client forgets the receipt that it closes with
  row_ordered_on,           ///< the client orders on after it ordered on a row that was not the one
  thrown,                   ///< what a provider threw away does not count
  thrown_of_orders,         ///< what a provider threw away does not count for orders
  silence_after_delivery,   ///< the provider signs a receipt for the order in hand while its delivery waits
  second_receipt,           ///< the client vouches to both providers of a chain before the second one's receipt
  allowance                 ///< nothing, but the law allows one unit less to be lost
};

/// One agreement, who may be late, and what is missing.
struct Agreement {
  I units = 2, first = 1, window = 2, turn = 1, deliver_by = 4;
  I challenge_bond = 2;
  I micro_steps = 2;
  I left_out_max = 0;     ///< blocks in a row that may leave out the moves of the honest party
  bool restored = false;  ///< the provider may lose what it knew after a backup, once
  bool whole = false;     ///< a published output is that of all units
  /// Both only to compare the counts with those of a model that differs in them: a receipt is taken to be signed for
  /// fewer units than the first, and a close may say that the client has more units than it shows.
  bool any_prefix = false, any_close = false;
  I credit = 1;          ///< units that are ordered or computed ahead of the vouchers
  I chunk = 1;           ///< units of an order after the first
  bool crashes = false;  ///< the honest party may crash, and keeps what it stored
  /// Only to compare the counts: a client knows which rows out of the first units are right, all but the last.
  bool knows_first = false;
  Without without = Without::nothing;
};
constexpr I bond = 2;
/// Whether an order may end with so many units.
inline bool is_boundary(const Agreement& a, I units) {
  return units >= a.first && units <= a.units && ((units - a.first) % a.chunk == 0 || units == a.units);
}

inline SlaTerms<I> terms_of(const Agreement& a) {
  return {.price = 1,
          .units = a.units,
          .steps_per_unit = 1,
          .accept_by = 0,
          .deliver_by = a.deliver_by,
          .window = a.window,
          .turn = a.turn,
          .bond = bond,
          .first_units = a.first};
}
inline Parameters<I> parameters_of(const Agreement& a) {
  return {.min_stake = 100,
          .launch_stake = 200,
          .min_fee = 1,
          .update_cooldown = 1,
          .unbonding = 9,
          .jail = 1,
          .evidence_age_max = 8,
          .deliver_within_max = 8,
          .window_min = 2,
          .window_max = 6,
          .turn_min = 1,
          .turn_max = 4,
          .steps_max = std::max(a.units, a.micro_steps),
          .price_max = 10,
          .challenge_bond_min = std::max(a.challenge_bond, I{1}),
          .closing_min = 1,
          .closing_max = 5};
}

// Bit k - 1 of a number tells whether the state after step k is right, or which of two rows entered unit k.
constexpr Byte first_of(I bits, I count) { return static_cast<Byte>(bits & ((I{1} << count) - 1)); }
constexpr Byte all_right(I count) { return first_of(-1, count); }
constexpr bool is_right(I bits, I step) { return (bits >> (step - 1) & 1) != 0; }

/// An operation that the honest party planned for this block as it saw the end of the last one.
struct Planned {
  Byte planned = 0;  ///< 1 and the number of the operation; 0: none
  Byte units = 0;
  Byte bits = 0;  ///< the states that a client shows, or the inputs that a provider shows
  Byte had = 0;   ///< units that the client has; or whether it agrees
};
inline Planned plan(Op operation, I units = 0, I bits = 0, I had = 0) {
  return {static_cast<Byte>(static_cast<I>(operation) + 1), static_cast<Byte>(units), static_cast<Byte>(bits),
          static_cast<Byte>(had)};
}
using Plan = std::array<Planned, 2>;
inline Op operation_of(const Planned& planned) { return static_cast<Op>(planned.planned - 1); }

using Numbers = std::array<I, 17>;
using Packed = std::array<Byte, 17>;
inline Packed packed(const Sla<I>& sla) {
  Packed bytes;
  const auto numbers = std::bit_cast<Numbers>(sla);
  std::transform(numbers.begin(), numbers.end(), bytes.begin(), [](I value) { return static_cast<Byte>(value); });
  return bytes;
}
inline Sla<I> unpacked(const Packed& bytes) {
  Numbers numbers;
  std::copy(bytes.begin(), bytes.end(), numbers.begin());
  return std::bit_cast<Sla<I>>(numbers);
}

/// A place in a world: 48 bytes, so that many are kept.
/// @tparam Party  what the honest party knows, and what the other holds of it: 15 bytes
template <typename Party>
struct Place {
  Byte height = 0, left_out = 0;
  Packed sla{};
  Byte to_client = 0, to_provider = 0, offence = 0;  ///< how the SLA ended
  Byte states = 0, inputs = 0;                       ///< of what is shown, or disputed
  Byte micro = 0;                                    ///< the states after the micro-steps of the refined step
  Plan plan{};
  Party party{};
};

/// A place with its numbers unpacked.
template <typename Party>
struct Here {
  Place<Party> at;
  Sla<I> sla;
  I height;

  explicit Here(const Place<Party>& place) : at(place), sla(unpacked(place.sla)), height(place.height) {}
  [[nodiscard]] bool is(St status) const { return sla.status == static_cast<I>(status); }
  [[nodiscard]] bool ended() const { return is(St::settled) || is(St::breached); }
};

/// A move, and what it names.
struct Move {
  std::string_view what;
  I units = -1, bits = -1, had = -1;
};
inline std::string text_of(const Move& move) {
  std::string text(move.what);
  if (move.units >= 0) text += " " + std::to_string(move.units);
  if (move.bits >= 0) text += ":";
  for (I k = 1; move.bits >= 0 && k <= move.units; ++k) text += is_right(move.bits, k) ? "1" : "0";
  if (move.had >= 0) text += " (" + std::to_string(move.had) + ")";
  return text;
}

/// The rules of the reference, of which one guard may be missing.
class Rules {
 public:
  explicit Rules(const Agreement& agreement)
      : agreement_(agreement), terms_(terms_of(agreement)), parameters_(parameters_of(agreement)) {}
  [[nodiscard]] const Agreement& agreement() const { return agreement_; }
  [[nodiscard]] const SlaTerms<I>& terms() const { return terms_; }
  [[nodiscard]] const Parameters<I>& parameters() const { return parameters_; }
  [[nodiscard]] bool lacks(Without what) const { return agreement_.without == what; }
  [[nodiscard]] I ends_by(const Sla<I>& sla) const { return sla_ends_by(sla, terms_, parameters_); }

  /// The step of the rule; nothing if the rule refuses.
  [[nodiscard]] std::optional<SlaStep<I>> step(Op operation, const Sla<I>& sla, I height, SlaInputs in) const {
    if (is_never_possible(operation, sla)) return {};
    in.bond = agreement_.challenge_bond;
    auto step = sla_step(operation, sla, terms_, parameters_, height, in);
    for (const auto& guard : step.guards)
      if (!guard.holds && !is_ignored(operation, guard.reason, sla)) return {};
    return step;
  }

 private:
  [[nodiscard]] bool is_never_possible(Op operation, const Sla<I>& sla) const {
    switch (agreement_.without) {
      case Without::demand: return operation == Op::demand;
      case Without::answer: return operation == Op::answer;
      case Without::claim_in_dispute: return operation == Op::claim && sla.status == static_cast<I>(St::disputed);
      default: return false;
    }
  }
  [[nodiscard]] bool is_ignored(Op operation, Reason reason, const Sla<I>& sla) const {
    const auto ignored = [&](Op of, Reason what) { return operation == of && reason == what; };
    if (agreement_.any_close && ignored(Op::close, Reason::no_such_unit)) return true;
    switch (agreement_.without) {
      case Without::order: return reason == Reason::wrong_order;
      case Without::challenge_after_demand: return ignored(Op::challenge, Reason::demand_pending);
      case Without::finalize_after_demand: return ignored(Op::finalize, Reason::demand_pending);
      case Without::challenge_in_time:
        return ignored(Op::challenge, Reason::too_late) && sla.status == static_cast<I>(St::active);
      case Without::provider_settles: return ignored(Op::settle, Reason::not_permitted);
      case Without::receipt:
      case Without::units_of_receipt: return ignored(Op::close, Reason::wrong_receipt);
      case Without::provider_delivered: return ignored(Op::acknowledge, Reason::not_delivered);
      case Without::inputs_of_receipt: return ignored(Op::challenge, Reason::wrong_receipt);
      case Without::inputs_of_conviction: return ignored(Op::convict, Reason::no_offence);
      case Without::price_of_challenge: return ignored(Op::challenge, Reason::bond_too_low);
      default: return false;
    }
  }

  Agreement agreement_;
  SlaTerms<I> terms_;
  Parameters<I> parameters_;
};

/// What both worlds share: how a step of the ledger changes a place, what strangers can do, and the laws of all SLAs.
template <typename Party>
class Ledger : public Rules {
 public:
  using At = Place<Party>;
  using From = Here<Party>;
  using Rules::Rules;

  /// The place after an operation; nothing if the rule refuses it.
  [[nodiscard]] std::optional<At> take(const From& here, Op operation, const SlaInputs& in = {}) const {
    const auto step = this->step(operation, here.sla, here.height, in);
    if (!step) return {};
    At next = here.at;
    next.sla = packed(step->next);
    const SlaFlow<I>& flow = step->flow;
    if (sla_value(here.sla) + flow.from_client + flow.from_provider !=
        sla_value(step->next) + flow.to_client + flow.to_provider)
      fault_ = "value is made or lost";
    if (flow.to_client + flow.to_provider == 0) return next;
    if (!From(next).ended()) fault_ = "a payout does not end the SLA";
    if (flow.to_client != 0 && flow.to_provider != 0 && !From(next).is(St::settled)) fault_ = "both are paid";
    next.states = next.inputs = next.micro = 0;
    next.to_client = static_cast<Byte>(flow.to_client);
    next.to_provider = static_cast<Byte>(flow.to_provider);
    next.offence = static_cast<Byte>(flow.offence);
    return next;
  }
  /// The place after an operation that shows units, or disputes those of a receipt.
  [[nodiscard]] std::optional<At> show(const From& here, Op operation, const SlaInputs& in, I states, I inputs) const {
    auto next = take(here, operation, in);
    if (!next) return {};
    next->states = first_of(states, in.units);
    next->inputs = first_of(inputs, in.units);
    next->micro = 0;
    return next;
  }
  [[nodiscard]] std::optional<At> refine(const From& here, I micro) const {
    SlaInputs in;
    in.micro_steps = agreement().micro_steps;
    in.fits =
        is_right(micro, in.micro_steps) == is_right(here.at.states, here.sla.right);  // ends in the disputed state
    auto next = take(here, Op::refine, in);
    if (next) next->micro = static_cast<Byte>(micro);
    return next;
  }
  [[nodiscard]] std::optional<At> judge(const From& here) const {
    SlaInputs in;
    in.answer = here.sla.right > 0 && is_right(here.at.micro, here.sla.right);
    return take(here, Op::judge, in);
  }
  /// Whether the state in the middle of the disputed interval is right.
  [[nodiscard]] static bool mid_is_right(const From& here) {
    return is_right(is_refined(here.sla) ? here.at.micro : here.at.states, dispute_mid(here.sla));
  }

  /// What a provider, honest or not, can do in a dispute.
  template <typename Visit>
  void provider_disputes(const From& here, const Visit& visit) const {
    if (!here.is(St::disputed)) return;
    if (const auto next = take(here, Op::post_mid)) visit(Move{"the provider posts the middle"}, *next);
    if (const auto next = judge(here)) visit(Move{"the provider shows the micro-step"}, *next);
    for (I micro = 0; micro <= all_right(agreement().micro_steps); ++micro)
      if (const auto next = refine(here, micro))
        visit(Move{"the provider refines", agreement().micro_steps, micro}, *next);
  }

  /// A law that a step of the ledger broke; empty if none did.
  [[nodiscard]] std::string_view fault() const { return fault_; }

  template <typename Visit>
  void strangers(const From& here, const Visit& visit) const {
    constexpr std::array<std::pair<Op, std::string_view>, 4> ends{{{Op::miss, "a stranger reports the miss"},
                                                                   {Op::finalize, "a stranger finalizes"},
                                                                   {Op::timeout, "a stranger reports the timeout"},
                                                                   {Op::forfeit, "a stranger ends the turn"}}};
    for (const auto& [operation, what] : ends)
      if (const auto next = take(here, operation)) visit(Move{what}, *next);
  }

  /// An invariant that does not hold; empty if all hold. What is without a rule is judged by the harm to a party alone.
  [[nodiscard]] std::string_view broken_invariant(const From& here) const {
    if (!lacks(Without::nothing)) return {};
    for (const auto& invariant : sla_invariants(here.sla, terms(), parameters(), here.height))
      if (!invariant.holds) return invariant.name;
    return {};
  }
  /// A law of all SLAs that does not hold; empty if all hold.
  [[nodiscard]] std::string_view broken_law(const From& here) const {
    if (here.ended()) {
      const I paid = here.at.to_client + here.at.to_provider, locked = agreement().units + bond;
      return paid == locked || paid == locked + agreement().challenge_bond ? "" : "value is made or lost";
    }
    if (here.height > ends_by(here.sla) + agreement().left_out_max) return "it does not end in time";
    bool possible = here.height < sla_closable_from(here.sla, terms());
    if (!possible) strangers(here, [&](const Move&, const At&) { possible = true; });
    return possible ? "" : "nobody can end it";
  }

 protected:
  [[nodiscard]] static At first_place(const SlaTerms<I>& terms) {
    Sla<I> sla = sla_empty(I{0}, St::active);
    sla.escrow = sla_payment(terms);
    sla.bond = terms.bond;
    At place;
    place.sla = packed(sla);
    return place;
  }

 private:
  mutable std::string_view fault_;  ///< of a step
};

}  // namespace p2pllm::small_worlds::session
