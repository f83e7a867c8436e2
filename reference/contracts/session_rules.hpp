#pragma once

#include "reference/contracts/sla_rules.hpp"

// Sessions of many units in one SLA: what a party shows of them, the client's exit and its vouchers (SLA-5, SLA-17,
// SLA-18, SLA-19).
namespace p2pllm::reference {

/// What one party shows of a session: the first units, and how many of them the client is known to have (SLA-5).
template <Integer N>
struct SlaShown {
  N units, acknowledged;
};
/// What is on the ledger after it was shown (SLA-5). Nothing that the ledger knew of the client's debt is forgotten.
template <Integer N>
[[nodiscard]] Sla<N> sla_showing(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height, const SlaShown<N>& shown,
                                 std::int64_t by) {
  Sla<N> next = sla;
  next.status = as_integer(height, SlaStatus::delivered);
  next.shown_by = integer_like(height, by);
  next.shown = shown.units;
  next.acknowledged = maximum(sla.acknowledged, shown.acknowledged);
  next.owed = maximum(sla.owed, maximum(shown.units, shown.acknowledged));
  next.challenge_until = maximum(sla.challenge_until, height + terms.window);
  return next;
}
/// Whether so many units can be shown: the first ones that the terms order, or more.
template <Integer N>
[[nodiscard]] Guard<N> sla_units_guard(const SlaTerms<N>& terms, const SlaShown<N>& shown, const N& acknowledged_max) {
  return {Reason::no_such_unit,
          land(land(terms.first_units <= shown.units, shown.units <= terms.units),
               land(integer_like(shown.units, 0) <= shown.acknowledged, shown.acknowledged <= acknowledged_max))};
}
/// The facts about what a provider shows (SLA-5): the client signed an order for these units and inputs, or they are
/// those of the terms; it signed a voucher for the acknowledged units, or there are none; and the last leaf opens under
/// the root, has the model and range of the terms, and ends in the output's hash. Otherwise a correct root would be
/// accepted with another output.
template <Integer N>
struct SlaShownFacts {
  Truth<N> order_fits, voucher_fits, opening_fits;
};

/// The provider commits to the states of the first units and to their output (SLA-5).
template <Integer N>
[[nodiscard]] SlaStep<N> sla_deliver(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height,
                                     const Truth<N>& is_provider, const SlaShown<N>& shown,
                                     const SlaShownFacts<N>& facts) {
  return {{sla_status_guard(SlaOperation::deliver, sla),
           {Reason::not_permitted, is_provider},
           {Reason::too_late, height <= terms.deliver_by},
           sla_units_guard(terms, shown, terms.units),
           {Reason::wrong_order, facts.order_fits},
           {Reason::wrong_voucher, facts.voucher_fits},
           {Reason::wrong_opening, facts.opening_fits}},
          sla_showing(sla, terms, height, shown, provider_turn),
          no_sla_flow(height)};
}

/// The client ends the session with what the provider gave it a receipt for (SLA-18).
/// @param receipt_fits  the provider signed what is shown @param opening_fits  as in SlaShownFacts
template <Integer N>
[[nodiscard]] SlaStep<N> sla_close(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height,
                                   const Truth<N>& is_client, const SlaShown<N>& shown, const Truth<N>& receipt_fits,
                                   const Truth<N>& opening_fits) {
  return {{sla_status_guard(SlaOperation::close, sla),
           {Reason::not_permitted, is_client},
           {Reason::too_late, height <= terms.deliver_by},
           sla_units_guard(terms, shown, shown.units),
           {Reason::wrong_receipt, receipt_fits},
           {Reason::wrong_opening, opening_fits}},
          sla_showing(sla, terms, height, shown, client_turn),
          no_sla_flow(height)};
}

/// The provider shows more units than those with which the client closed (SLA-18).
///
/// This is not allowed while a demand is pending, as a challenge is not.
template <Integer N>
[[nodiscard]] SlaStep<N> sla_answer(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height,
                                    const Truth<N>& is_provider, const SlaShown<N>& shown,
                                    const SlaShownFacts<N>& facts) {
  return {{sla_status_guard(SlaOperation::answer, sla),
           {Reason::not_permitted, is_provider},
           {Reason::not_closed, sla.shown_by == integer_like(height, client_turn)},
           {Reason::demand_pending, lnot(demand_is_pending(sla))},
           {Reason::too_late, height < sla.challenge_until},
           sla_units_guard(terms, shown, terms.units),
           {Reason::not_more, sla.shown < shown.units},
           {Reason::wrong_order, facts.order_fits},
           {Reason::wrong_voucher, facts.voucher_fits},
           {Reason::wrong_opening, facts.opening_fits}},
          sla_showing(sla, terms, height, shown, provider_turn),
          no_sla_flow(height)};
}

/// Anyone shows that the client owes more units (SLA-18).
/// @param voucher_fits  the client signed that it has them
template <Integer N>
[[nodiscard]] SlaStep<N> sla_claim(const Sla<N>& sla, const SlaTerms<N>& terms, const N& units,
                                   const Truth<N>& voucher_fits) {
  Sla<N> next = sla;
  next.owed = units;
  return {{sla_status_guard(SlaOperation::claim, sla),
           {Reason::no_such_unit, units <= terms.units},
           {Reason::not_more, sla.owed < units},
           {Reason::wrong_voucher, voucher_fits}},
          next,
          no_sla_flow(units)};
}

/// The provider takes what the client said last that it pays (SLA-18).
/// @param final_fits  the client signed it
template <Integer N>
[[nodiscard]] SlaStep<N> sla_settle(const Sla<N>& sla, const SlaTerms<N>& terms, const N& units,
                                    const Truth<N>& is_provider, const Truth<N>& final_fits) {
  return {{sla_status_guard(SlaOperation::settle, sla),
           {Reason::not_permitted, is_provider},
           {Reason::no_such_unit, land(integer_like(units, 0) <= units, units <= terms.units)},
           {Reason::wrong_final, final_fits}},
          sla_empty(units, SlaStatus::settled),
          settled_for(sla, terms, units)};
}

/// Anyone shows two receipts of the provider for the same units and inputs that differ (SLA-19).
/// @param both_fit  the provider signed each of them, or the ledger shows it @param differ  in root or output
template <Integer N>
[[nodiscard]] SlaStep<N> sla_convict(const Sla<N>& sla, const Truth<N>& differ, const Truth<N>& both_fit) {
  return {
      {sla_status_guard(SlaOperation::convict, sla), {Reason::no_offence, differ}, {Reason::wrong_receipt, both_fit}},
      sla_empty(sla.status, SlaStatus::breached),
      all_to_client(sla, offence_fraud)};
}

}  // namespace p2pllm::reference
