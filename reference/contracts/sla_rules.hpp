#pragma once

#include "reference/contracts/parameter_rules.hpp"
#include "reference/contracts/sla_machine.hpp"

// The agreement on one job (SLA): escrow, delivery, publication, and its end. The rules of disputes are in
// dispute_rules.hpp. Facts that a rule cannot know (the identity of the sender, whether an opening fits) are passed in
// as truth values. If an account does not cover the value that it must pay, the operation fails in the ledger. One
// account may be both parties.
namespace p2pllm::reference {

inline constexpr std::int64_t offence_non_delivery = 1;
inline constexpr std::int64_t offence_fraud = 2;

/// Value that enters and leaves the SLA in a step, and the offence of the provider that the step proves.
template <Integer N>
struct SlaFlow {
  N from_client, from_provider, to_client, to_provider;
  N offence;  ///< 0 none, 1 non-delivery, 2 fraud
};
template <Integer N>
using SlaStep = Step<N, Sla<N>, SlaFlow<N>>;

template <Integer N>
[[nodiscard]] N as_integer(const N& like, SlaStatus status) {
  return integer_like(like, static_cast<std::int64_t>(status));
}
/// An SLA that holds nothing, in the given status: before a proposal, and after the end.
template <Integer N>
[[nodiscard]] Sla<N> sla_empty(const N& like, SlaStatus status = SlaStatus::none) {
  const N zero = integer_like(like, 0);
  return {.status = integer_like(like, static_cast<std::int64_t>(status)),
          .escrow = zero,
          .bond = zero,
          .challenge_bond = zero,
          .challenge_until = zero,
          .demand_by = zero,
          .demanded = zero,
          .left = zero,
          .right = zero,
          .turn = zero,
          .deadline = zero,
          .refined = zero,
          .micro_steps = zero,
          .shown_by = zero,
          .shown = zero,
          .owed = zero,
          .acknowledged = zero};
}
template <Integer N>
[[nodiscard]] SlaFlow<N> no_sla_flow(const N& like) {
  const N zero = integer_like(like, 0);
  return {.from_client = zero, .from_provider = zero, .to_client = zero, .to_provider = zero, .offence = zero};
}
/// The provider receives the price of so many units and all bonds, and the client the rest (SLA-8).
/// @param units  in [0, units of the terms]
template <Integer N>
[[nodiscard]] SlaFlow<N> settled_for(const Sla<N>& sla, const SlaTerms<N>& terms, const N& units) {
  SlaFlow<N> flow = no_sla_flow(sla.status);
  const N payment = sla_payment(terms, units);
  flow.to_provider = payment + sla.bond + sla.challenge_bond;
  flow.to_client = sla.escrow - payment;
  return flow;
}
/// The client receives everything, because it has been harmed (SLA-8).
template <Integer N>
[[nodiscard]] SlaFlow<N> all_to_client(const Sla<N>& sla, std::int64_t offence) {
  SlaFlow<N> flow = no_sla_flow(sla.status);
  flow.to_client = sla_value(sla);
  flow.offence = integer_like(sla.status, offence);
  return flow;
}
template <Integer N>
[[nodiscard]] Guard<N> sla_status_guard(SlaOperation operation, const Sla<N>& sla) {
  return status_guard(row_of(operation), sla.status);
}

/// The form of terms (SLA-2): the conditions that do not depend on the height. Products are taken only of bounded
/// factors.
template <Integer N>
[[nodiscard]] std::vector<Guard<N>> sla_terms_form(const SlaTerms<N>& terms, const Parameters<N>& p) {
  const N zero = integer_like(terms.price, 0), one = integer_like(terms.price, 1);
  const auto within = [](const N& low, const N& x, const N& high) {
    return Guard<N>{Reason::terms_out_of_range, land(low <= x, x <= high)};
  };
  const N steps = minimum(terms.units, p.steps_max) * minimum(terms.steps_per_unit, p.steps_max);
  return {within(zero, terms.price, p.price_max),
          within(one, terms.units, p.steps_max),
          within(one, terms.steps_per_unit, p.steps_max),
          within(one, steps, p.steps_max),
          within(one, terms.first_units, terms.units),
          within(zero, terms.accept_by, terms.deliver_by - terms.turn),
          within(p.window_min, terms.window, p.window_max),
          within(p.turn_min, terms.turn, p.turn_max),
          within(zero, terms.bond, integer_like(zero, amount_max))};
}

/// The client locks the payment (SLA-4).
/// @pre sla_terms_form holds
template <Integer N>
[[nodiscard]] SlaStep<N> sla_propose(const Sla<N>& sla, const SlaTerms<N>& terms, const Parameters<N>& p,
                                     const N& height) {
  Sla<N> next = sla_empty(height, SlaStatus::proposed);
  next.escrow = sla_payment(terms);
  SlaFlow<N> flow = no_sla_flow(height);
  flow.from_client = next.escrow;
  return {{sla_status_guard(SlaOperation::propose, sla),
           {Reason::too_late, height <= terms.accept_by},
           {Reason::too_early, terms.deliver_by <= height + p.deliver_within_max}},
          next,
          flow};
}

/// The provider agrees, states that it holds the input, and locks the bond: from its account, never from its stake
/// (SLA-4).
/// @param serves  its registration is Active and serves the range of the terms
template <Integer N>
[[nodiscard]] SlaStep<N> sla_accept(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height,
                                    const Truth<N>& is_provider, const Truth<N>& serves) {
  Sla<N> next = sla;
  next.status = as_integer(height, SlaStatus::active);
  next.bond = terms.bond;
  SlaFlow<N> flow = no_sla_flow(height);
  flow.from_provider = terms.bond;
  return {{sla_status_guard(SlaOperation::accept, sla),
           {Reason::not_permitted, is_provider},
           {Reason::too_late, height <= terms.accept_by},
           {Reason::range_not_served, serves}},
          next,
          flow};
}

/// The client withdraws a proposal that has not been accepted (SLA-4).
template <Integer N>
[[nodiscard]] SlaStep<N> sla_cancel(const Sla<N>& sla, const Truth<N>& is_client) {
  return {{sla_status_guard(SlaOperation::cancel, sla), {Reason::not_permitted, is_client}},
          sla_empty(sla.status, SlaStatus::cancelled),
          all_to_client(sla, 0)};
}

/// Anyone ends a proposal that was not accepted in time (SLA-4).
template <Integer N>
[[nodiscard]] SlaStep<N> sla_expire(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height) {
  return {{sla_status_guard(SlaOperation::expire, sla), {Reason::too_early, terms.accept_by < height}},
          sla_empty(height, SlaStatus::expired),
          all_to_client(sla, 0)};
}

/// Whether the client is waiting for the output that it demanded.
template <Integer N>
[[nodiscard]] Truth<N> demand_is_pending(const Sla<N>& sla) {
  return integer_like(sla.status, 0) < sla.demand_by;
}

/// The client demands what left with a unit that it does not have, once (SLA-6).
template <Integer N>
[[nodiscard]] SlaStep<N> sla_demand(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height,
                                    const Truth<N>& is_client, const N& unit) {
  Sla<N> next = sla;
  next.demanded = unit;
  next.demand_by = height + terms.turn;
  return {{sla_status_guard(SlaOperation::demand, sla),
           {Reason::not_permitted, is_client},
           {Reason::no_such_unit, land(sla.acknowledged < unit, unit <= sla.shown)},
           {Reason::already_demanded, sla.demanded == integer_like(height, 0)},
           {Reason::too_late, height < sla.challenge_until}},
          next,
          no_sla_flow(height)};
}

/// The provider publishes the bytes; the client has a whole window to examine them (SLA-6, SLA-14).
/// @param bytes_fit  the last state hashes to the output that was delivered, and names the row of the demanded unit
template <Integer N>
[[nodiscard]] SlaStep<N> sla_publish(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height,
                                     const Truth<N>& is_provider, const Truth<N>& bytes_fit) {
  Sla<N> next = sla;
  next.demand_by = integer_like(height, 0);
  next.challenge_until = maximum(sla.challenge_until, height + terms.window);
  return {{sla_status_guard(SlaOperation::publish, sla),
           {Reason::not_permitted, is_provider},
           {Reason::no_demand, demand_is_pending(sla)},
           {Reason::too_late, height <= sla.demand_by},
           {Reason::wrong_opening, bytes_fit}},
          next,
          no_sla_flow(height)};
}

/// Anyone reports that the demanded output was not published; the effect is as if nothing had been delivered (SLA-6).
template <Integer N>
[[nodiscard]] SlaStep<N> sla_miss(const Sla<N>& sla, const N& height) {
  return {{sla_status_guard(SlaOperation::miss, sla),
           {Reason::no_demand, demand_is_pending(sla)},
           {Reason::too_early, sla.demand_by < height}},
          sla_empty(height, SlaStatus::breached),
          all_to_client(sla, offence_non_delivery)};
}

/// The client accepts what the provider delivered (SLA-7).
template <Integer N>
[[nodiscard]] SlaStep<N> sla_acknowledge(const Sla<N>& sla, const SlaTerms<N>& terms, const Truth<N>& is_client) {
  return {{sla_status_guard(SlaOperation::acknowledge, sla),
           {Reason::not_permitted, is_client},
           {Reason::not_delivered, sla.shown_by == integer_like(sla.status, provider_turn)}},
          sla_empty(sla.status, SlaStatus::settled),
          settled_for(sla, terms, sla.owed)};
}

/// Anyone settles what was not challenged (SLA-7).
template <Integer N>
[[nodiscard]] SlaStep<N> sla_finalize(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height) {
  return {{sla_status_guard(SlaOperation::finalize, sla),
           {Reason::demand_pending, lnot(demand_is_pending(sla))},
           {Reason::too_early, sla.challenge_until <= height}},
          sla_empty(height, SlaStatus::settled),
          settled_for(sla, terms, sla.owed)};
}

/// Anyone ends an SLA whose provider did not deliver (SLA-7).
template <Integer N>
[[nodiscard]] SlaStep<N> sla_timeout(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height) {
  return {{sla_status_guard(SlaOperation::timeout, sla), {Reason::too_early, terms.deliver_by < height}},
          sla_empty(height, SlaStatus::breached),
          all_to_client(sla, offence_non_delivery)};
}

}  // namespace p2pllm::reference
