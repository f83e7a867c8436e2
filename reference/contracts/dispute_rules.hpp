#pragma once

#include "reference/contracts/session_rules.hpp"

// Disputes on a delivery: the parties halve the computation until one step is left, and that step's micro-steps until
// one of them is left, which is executed again.
namespace p2pllm::reference {

/// The step, or micro-step, whose state the provider must post next: after half of the disputed ones, rounded down
/// (SLA-10).
template <Integer N>
[[nodiscard]] N dispute_mid(const Sla<N>& sla) {
  return div_floor(sla.left + sla.right, 2);
}
/// Whether only one step, or one micro-step, is disputed.
template <Integer N>
[[nodiscard]] Truth<N> one_step_left(const Sla<N>& sla) {
  return sla.right == sla.left + integer_like(sla.left, 1);
}
/// Whether `left` and `right` are numbers of micro-steps (SLA-15).
template <Integer N>
[[nodiscard]] Truth<N> is_refined(const Sla<N>& sla) {
  return integer_like(sla.refined, 0) < sla.refined;
}
template <Integer N>
[[nodiscard]] Truth<N> is_on_turn(const Sla<N>& sla, std::int64_t who) {
  return sla.turn == integer_like(sla.turn, who);
}

/// The client disputes what is shown, or another receipt of the provider. All its steps are in doubt, and it is the
/// provider's turn (SLA-9).
///
/// This is not allowed while a demand is pending, because it would free the provider from publishing.
/// @param units  of what is disputed @param bond  the amount that the client risks
/// @param receipt_fits  it is what the ledger shows, or the provider signed it @param opening_fits  as at a delivery
template <Integer N>
[[nodiscard]] SlaStep<N> sla_challenge(const Sla<N>& sla, const SlaTerms<N>& terms, const Parameters<N>& p,
                                       const N& height, const Truth<N>& is_client, const N& units, const N& bond,
                                       const Truth<N>& receipt_fits, const Truth<N>& opening_fits) {
  Sla<N> next = sla_empty(height, SlaStatus::disputed);
  next.escrow = sla.escrow;
  next.bond = sla.bond;
  next.challenge_bond = bond;
  next.right = sla_steps(terms, units);
  next.turn = integer_like(height, provider_turn);
  next.deadline = height + terms.turn;
  next.shown = units;
  next.owed = maximum(sla.owed, units);
  SlaFlow<N> flow = no_sla_flow(height);
  flow.from_client = bond;
  const Truth<N> active = status_is(sla.status, SlaStatus::active);
  return {{sla_status_guard(SlaOperation::challenge, sla),
           {Reason::not_permitted, is_client},
           {Reason::demand_pending, lnot(demand_is_pending(sla))},
           {Reason::too_late,
            lor(land(active, height <= terms.deliver_by), land(lnot(active), height < sla.challenge_until))},
           {Reason::no_such_unit, land(integer_like(units, 1) <= units, units <= terms.units)},
           {Reason::bond_too_low, maximum(p.challenge_bond_min, terms.price) <= bond},
           {Reason::wrong_receipt, receipt_fits},
           {Reason::wrong_opening, opening_fits}},
          next,
          flow};
}

/// The provider opens the state in the middle of the disputed interval (SLA-10).
/// @param opening_fits  leaf dispute_mid(sla) of all opens under the root of the steps, or of the micro-steps, and its
///   state after the step is the posted one
template <Integer N>
[[nodiscard]] SlaStep<N> sla_post_mid(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height,
                                      const Truth<N>& is_provider, const Truth<N>& opening_fits) {
  Sla<N> next = sla;
  next.turn = integer_like(height, client_turn);
  next.deadline = height + terms.turn;
  return {{sla_status_guard(SlaOperation::post_mid, sla),
           {Reason::not_permitted, is_provider},
           {Reason::not_on_turn, is_on_turn(sla, provider_turn)},
           {Reason::not_adjacent, lnot(one_step_left(sla))},
           {Reason::too_late, height <= sla.deadline},
           {Reason::wrong_opening, opening_fits}},
          next,
          no_sla_flow(height)};
}

/// The client takes a side on the state in the middle: the half that begins agreed and ends disputed remains (SLA-10).
template <Integer N>
[[nodiscard]] SlaStep<N> sla_side(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height,
                                  const Truth<N>& is_client, const Truth<N>& agrees) {
  const N mid = dispute_mid(sla);
  Sla<N> next = sla;
  next.left = select(agrees, mid, sla.left);
  next.right = select(agrees, sla.right, mid);
  next.turn = integer_like(height, provider_turn);
  next.deadline = height + terms.turn;
  return {{sla_status_guard(SlaOperation::side, sla),
           {Reason::not_permitted, is_client},
           {Reason::not_on_turn, is_on_turn(sla, client_turn)},
           {Reason::too_late, height <= sla.deadline}},
          next,
          no_sla_flow(height)};
}

/// The provider commits to the micro-steps of the one disputed step, all of which are in doubt (SLA-15).
/// @param micro_steps  their number: a function of the terms and the model, which the provider does not choose
/// @param opening_fits  what is shown fits (SLA-15)
template <Integer N>
[[nodiscard]] SlaStep<N> sla_refine(const Sla<N>& sla, const SlaTerms<N>& terms, const Parameters<N>& p,
                                    const N& height, const Truth<N>& is_provider, const N& micro_steps,
                                    const Truth<N>& opening_fits) {
  Sla<N> next = sla;
  next.refined = sla.right;
  next.micro_steps = micro_steps;
  next.left = integer_like(height, 0);
  next.right = micro_steps;
  next.deadline = height + terms.turn;
  const Truth<N> count_fits = land(integer_like(height, 1) <= micro_steps, micro_steps <= p.steps_max);
  return {{sla_status_guard(SlaOperation::refine, sla),
           {Reason::not_permitted, is_provider},
           {Reason::not_on_turn, is_on_turn(sla, provider_turn)},
           {Reason::already_refined, lnot(is_refined(sla))},
           {Reason::not_adjacent, one_step_left(sla)},
           {Reason::too_late, height <= sla.deadline},
           {Reason::wrong_opening, land(opening_fits, count_fits)}},
          next,
          no_sla_flow(height)};
}

/// A dispute ends: what is owed is paid, or the client receives everything (SLA-8).
template <Integer N>
[[nodiscard]] SlaStep<N> dispute_outcome(const Sla<N>& sla, const SlaTerms<N>& terms, const Truth<N>& provider_wins,
                                         const std::vector<Guard<N>>& guards) {
  const N zero = integer_like(sla.status, 0);
  const SlaFlow<N> settled = settled_for(sla, terms, sla.owed), breached = all_to_client(sla, offence_fraud);
  Sla<N> next = sla_empty(zero, SlaStatus::breached);
  next.status = select(provider_wins, as_integer(zero, SlaStatus::settled), next.status);
  SlaFlow<N> flow = no_sla_flow(zero);
  flow.to_provider = select(provider_wins, settled.to_provider, zero);
  flow.to_client = select(provider_wins, settled.to_client, breached.to_client);
  flow.offence = select(provider_wins, zero, breached.offence);
  return {guards, next, flow};
}

/// The provider shows the one disputed micro-step, which is executed again (SLA-11): the party that computed correctly
/// wins (SLA-13).
/// @param witness_fits  the state hashes to the agreed one, `left`, and the witness is one of the micro-step
/// @param right  the leaf of the micro-step begins at that state, and executing it gives the state to which the leaf
///   commits
template <Integer N>
[[nodiscard]] SlaStep<N> sla_judge(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height,
                                   const Truth<N>& is_provider, const Truth<N>& witness_fits, const Truth<N>& right) {
  return dispute_outcome(sla, terms, right,
                         {sla_status_guard(SlaOperation::judge, sla),
                          {Reason::not_permitted, is_provider},
                          {Reason::not_on_turn, is_on_turn(sla, provider_turn)},
                          {Reason::not_refined, is_refined(sla)},
                          {Reason::not_adjacent, one_step_left(sla)},
                          {Reason::too_late, height <= sla.deadline},
                          {Reason::wrong_witness, witness_fits}});
}

/// A party that lets its turn pass loses (SLA-11).
template <Integer N>
[[nodiscard]] SlaStep<N> sla_forfeit(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height) {
  return dispute_outcome(sla, terms, is_on_turn(sla, client_turn),
                         {sla_status_guard(SlaOperation::forfeit, sla), {Reason::too_early, sla.deadline < height}});
}

}  // namespace p2pllm::reference
