#pragma once

#include "optimized/contracts/session_rules.hpp"

// The rules of the fast ledger for disputes on a delivery (SLA-9 .. SLA-13).
namespace p2pllm::optimized {

/// Between the agreed and the disputed end; the step whose state is posted next (SLA-10).
template <Integer N>
[[nodiscard]] N middle(const Sla<N>& sla) {
  return sla.left + div_floor(sla.right - sla.left, 2);
}
template <Integer N>
[[nodiscard]] Truth<N> has_turn(const Sla<N>& sla, std::int64_t party) {
  return sla.turn == integer_like(sla.turn, party);
}
template <Integer N>
[[nodiscard]] Truth<N> is_single_step(const Sla<N>& sla) {
  return sla.right - sla.left == integer_like(sla.left, 1);
}
template <Integer N>
void pass_turn(Sla<N>& sla, const SlaTerms<N>& terms, const N& height, std::int64_t to) {
  sla.turn = integer_like(height, to);
  sla.deadline = height + terms.turn;
}

/// SLA-9. @param units  in dispute @param is_receipt  the provider's, or what the ledger shows
template <Integer N>
[[nodiscard]] N reason_challenge(const Sla<N>& sla, const SlaTerms<N>& terms, const Parameters<N>& p, const N& height,
                                 const Truth<N>& is_client, const N& units, const N& bond, const Truth<N>& is_receipt,
                                 const Truth<N>& opens) {
  const N first_late =
      select(is_one_of(sla.status, SlaStatus::active), terms.deliver_by + integer_like(height, 1), sla.challenge_until);
  return FirstReason<N>(height)
      .require(is_one_of(sla.status, SlaStatus::active, SlaStatus::delivered), Reason::wrong_status)
      .require(is_client, Reason::not_permitted)
      .require(lnot(awaits_output(sla)), Reason::demand_pending)
      .require(height < first_late, Reason::too_late)
      .require(is_within(integer_like(units, 1), units, terms.units), Reason::no_such_unit)
      .require(land(p.challenge_bond_min <= bond, terms.price <= bond), Reason::bond_too_low)
      .require(is_receipt, Reason::wrong_receipt)
      .require(opens, Reason::wrong_opening)
      .code();
}
/// SLA-9. The client pays the bond.
template <Integer N>
void challenge(Sla<N>& sla, const SlaTerms<N>& terms, const N& height, const N& units, const N& bond) {
  const N zero = integer_like(height, 0);
  set_status(sla, SlaStatus::disputed);
  sla.challenge_bond = bond;
  sla.challenge_until = sla.demand_by = sla.demanded = sla.left = sla.refined = sla.micro_steps = zero;
  sla.shown_by = sla.acknowledged = zero;
  sla.owed = maximum(units, sla.owed);
  sla.shown = units;
  sla.right = terms.steps_per_unit * units;
  pass_turn(sla, terms, height, provider_turn);
}

/// SLA-10. @param opening_fits  leaf `middle` opens under the delivered root and has the posted states
template <Integer N>
[[nodiscard]] N reason_post_mid(const Sla<N>& sla, const N& height, const Truth<N>& is_provider,
                                const Truth<N>& opening_fits) {
  return FirstReason<N>(height)
      .require(is_one_of(sla.status, SlaStatus::disputed), Reason::wrong_status)
      .require(is_provider, Reason::not_permitted)
      .require(has_turn(sla, provider_turn), Reason::not_on_turn)
      .require(lnot(is_single_step(sla)), Reason::not_adjacent)
      .require(lnot(sla.deadline < height), Reason::too_late)
      .require(opening_fits, Reason::wrong_opening)
      .code();
}
/// SLA-10.
template <Integer N>
void post_mid(Sla<N>& sla, const SlaTerms<N>& terms, const N& height) {
  pass_turn(sla, terms, height, client_turn);
}

/// SLA-10.
template <Integer N>
[[nodiscard]] N reason_side(const Sla<N>& sla, const N& height, const Truth<N>& is_client) {
  return FirstReason<N>(height)
      .require(is_one_of(sla.status, SlaStatus::disputed), Reason::wrong_status)
      .require(is_client, Reason::not_permitted)
      .require(has_turn(sla, client_turn), Reason::not_on_turn)
      .require(lnot(sla.deadline < height), Reason::too_late)
      .code();
}
/// SLA-10. The half that remains begins agreed and ends disputed.
template <Integer N>
void side(Sla<N>& sla, const SlaTerms<N>& terms, const N& height, const Truth<N>& agrees) {
  const N mid = middle(sla);
  sla.right = select(agrees, sla.right, mid);
  sla.left = select(agrees, mid, sla.left);
  pass_turn(sla, terms, height, provider_turn);
}

/// Whether the interval is one of micro-steps (SLA-15).
template <Integer N>
[[nodiscard]] Truth<N> is_of_micro_steps(const Sla<N>& sla) {
  return lnot(sla.refined <= integer_like(sla.refined, 0));
}
/// SLA-15. @param count  of micro-steps @param opening_fits  the last of them opens and ends in the disputed state
template <Integer N>
[[nodiscard]] N reason_refine(const Sla<N>& sla, const Parameters<N>& p, const N& height, const Truth<N>& is_provider,
                              const N& count, const Truth<N>& opening_fits) {
  return FirstReason<N>(height)
      .require(is_one_of(sla.status, SlaStatus::disputed), Reason::wrong_status)
      .require(is_provider, Reason::not_permitted)
      .require(has_turn(sla, provider_turn), Reason::not_on_turn)
      .require(lnot(is_of_micro_steps(sla)), Reason::already_refined)
      .require(is_single_step(sla), Reason::not_adjacent)
      .require(lnot(sla.deadline < height), Reason::too_late)
      .require(land(is_within(integer_like(count, 1), count, p.steps_max), opening_fits), Reason::wrong_opening)
      .code();
}
/// SLA-15.
template <Integer N>
void refine(Sla<N>& sla, const SlaTerms<N>& terms, const N& height, const N& count) {
  sla.refined = sla.right;
  sla.left = integer_like(height, 0);
  sla.right = sla.micro_steps = count;
  pass_turn(sla, terms, height, provider_turn);
}

/// SLA-11. @param witness_fits  the state is the one that both agreed on, and the witness is one of its micro-step
template <Integer N>
[[nodiscard]] N reason_judge(const Sla<N>& sla, const N& height, const Truth<N>& is_provider,
                             const Truth<N>& witness_fits) {
  return FirstReason<N>(height)
      .require(is_one_of(sla.status, SlaStatus::disputed), Reason::wrong_status)
      .require(is_provider, Reason::not_permitted)
      .require(has_turn(sla, provider_turn), Reason::not_on_turn)
      .require(is_of_micro_steps(sla), Reason::not_refined)
      .require(is_single_step(sla), Reason::not_adjacent)
      .require(lnot(sla.deadline < height), Reason::too_late)
      .require(witness_fits, Reason::wrong_witness)
      .code();
}
/// SLA-11. Afterwards the provider wins if the client was on turn.
template <Integer N>
[[nodiscard]] N reason_forfeit(const Sla<N>& sla, const N& height) {
  return FirstReason<N>(height)
      .require(is_one_of(sla.status, SlaStatus::disputed), Reason::wrong_status)
      .require(sla.deadline < height, Reason::too_early)
      .code();
}

}  // namespace p2pllm::optimized
