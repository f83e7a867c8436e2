#pragma once

#include "optimized/contracts/sla_rules.hpp"

// The rules of the fast ledger for what the parties of a session show and sign (SLA-5, SLA-17 .. SLA-19).
namespace p2pllm::optimized {

/// Whether a party can show so many units, and say that the client has so many of them (SLA-5).
template <Integer N>
[[nodiscard]] Truth<N> can_be_shown(const SlaTerms<N>& terms, const N& units, const N& had, const N& had_most) {
  return land(is_within(terms.first_units, units, terms.units), is_within(integer_like(had, 0), had, had_most));
}

/// What is known of what a provider shows (SLA-5).
template <Integer N>
struct ShownFacts {
  Truth<N> is_ordered, is_vouched, opens;
};

/// SLA-5. @param had  the units of the client's voucher
template <Integer N>
[[nodiscard]] N reason_deliver(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height,
                               const Truth<N>& is_provider, const N& units, const N& had, const ShownFacts<N>& facts) {
  return FirstReason<N>(height)
      .require(is_one_of(sla.status, SlaStatus::active), Reason::wrong_status)
      .require(is_provider, Reason::not_permitted)
      .require(lnot(terms.deliver_by < height), Reason::too_late)
      .require(can_be_shown(terms, units, had, terms.units), Reason::no_such_unit)
      .require(facts.is_ordered, Reason::wrong_order)
      .require(facts.is_vouched, Reason::wrong_voucher)
      .require(facts.opens, Reason::wrong_opening)
      .code();
}
/// SLA-18. @param had  the units that the client says it has @param is_signed  the provider's receipt
template <Integer N>
[[nodiscard]] N reason_close(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height, const Truth<N>& is_client,
                             const N& units, const N& had, const Truth<N>& is_signed, const Truth<N>& opens) {
  return FirstReason<N>(height)
      .require(is_one_of(sla.status, SlaStatus::active), Reason::wrong_status)
      .require(is_client, Reason::not_permitted)
      .require(lnot(terms.deliver_by < height), Reason::too_late)
      .require(can_be_shown(terms, units, had, units), Reason::no_such_unit)
      .require(is_signed, Reason::wrong_receipt)
      .require(opens, Reason::wrong_opening)
      .code();
}
/// SLA-18.
template <Integer N>
[[nodiscard]] N reason_answer(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height, const Truth<N>& is_provider,
                              const N& units, const N& had, const ShownFacts<N>& facts) {
  return FirstReason<N>(height)
      .require(is_one_of(sla.status, SlaStatus::delivered), Reason::wrong_status)
      .require(is_provider, Reason::not_permitted)
      .require(is_shown_by(sla, client_turn), Reason::not_closed)
      .require(lnot(awaits_output(sla)), Reason::demand_pending)
      .require(height < sla.challenge_until, Reason::too_late)
      .require(can_be_shown(terms, units, had, terms.units), Reason::no_such_unit)
      .require(lnot(units <= sla.shown), Reason::not_more)
      .require(facts.is_ordered, Reason::wrong_order)
      .require(facts.is_vouched, Reason::wrong_voucher)
      .require(facts.opens, Reason::wrong_opening)
      .code();
}
/// SLA-5, SLA-18. A party shows units; what was owed or had stays so.
template <Integer N>
void show(Sla<N>& sla, const SlaTerms<N>& terms, const N& height, std::int64_t party, const N& units, const N& had) {
  set_status(sla, SlaStatus::delivered);
  sla.shown_by = integer_like(height, party);
  sla.shown = units;
  sla.acknowledged = maximum(had, sla.acknowledged);
  sla.owed = maximum(maximum(had, units), sla.owed);
  sla.challenge_until = maximum(height + terms.window, sla.challenge_until);
}

/// SLA-18. @param is_signed  the client's voucher
template <Integer N>
[[nodiscard]] N reason_claim(const Sla<N>& sla, const SlaTerms<N>& terms, const N& units, const Truth<N>& is_signed) {
  return FirstReason<N>(units)
      .require(is_one_of(sla.status, SlaStatus::delivered, SlaStatus::disputed), Reason::wrong_status)
      .require(lnot(terms.units < units), Reason::no_such_unit)
      .require(lnot(units <= sla.owed), Reason::not_more)
      .require(is_signed, Reason::wrong_voucher)
      .code();
}
/// SLA-18. @param is_signed  the client's last word
template <Integer N>
[[nodiscard]] N reason_settle(const Sla<N>& sla, const SlaTerms<N>& terms, const N& units, const Truth<N>& is_provider,
                              const Truth<N>& is_signed) {
  return FirstReason<N>(units)
      .require(is_one_of(sla.status, SlaStatus::active, SlaStatus::delivered), Reason::wrong_status)
      .require(is_provider, Reason::not_permitted)
      .require(is_within(integer_like(units, 0), units, terms.units), Reason::no_such_unit)
      .require(is_signed, Reason::wrong_final)
      .code();
}
/// SLA-19. @param differ  the two receipts @param are_signed  those that the ledger does not show
template <Integer N>
[[nodiscard]] N reason_convict(const Sla<N>& sla, const Truth<N>& differ, const Truth<N>& are_signed) {
  return FirstReason<N>(sla.status)
      .require(is_open(sla), Reason::wrong_status)
      .require(differ, Reason::no_offence)
      .require(are_signed, Reason::wrong_receipt)
      .code();
}

}  // namespace p2pllm::optimized
