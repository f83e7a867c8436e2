#pragma once

#include "model/contracts/parameters.hpp"
#include "model/contracts/sla.hpp"
#include "model/contracts/units.hpp"
#include "optimized/contracts/ruling.hpp"

// The rules of the fast ledger for SLAs outside a dispute (SLA-1 .. SLA-8).
namespace p2pllm::optimized {

/// What an SLA's end costs its provider beside the bond.
enum class Offence { none, non_delivery, fraud };

template <Integer N>
void set_status(Sla<N>& sla, SlaStatus status) {
  sla.status = integer_like(sla.status, static_cast<std::int64_t>(status));
}

/// Whether the SLA binds its provider (REG-7).
template <Integer N>
[[nodiscard]] Truth<N> is_open(const Sla<N>& sla) {
  return is_one_of(sla.status, SlaStatus::active, SlaStatus::delivered, SlaStatus::disputed);
}
template <Integer N>
[[nodiscard]] Truth<N> awaits_output(const Sla<N>& sla) {
  return lnot(sla.demand_by <= integer_like(sla.demand_by, 0));
}

/// Whether a party showed what is on the ledger (SLA-3).
template <Integer N>
[[nodiscard]] Truth<N> is_shown_by(const Sla<N>& sla, std::int64_t party) {
  return sla.shown_by == integer_like(sla.shown_by, party);
}

/// Whether terms are within the limits of the genesis (SLA-2).
///
/// A product is taken only of factors that are within their limits, so machine integers hold it.
template <Integer N>
[[nodiscard]] Truth<N> terms_fit(const SlaTerms<N>& terms, const Parameters<N>& p) {
  const N zero = integer_like(terms.price, 0), one = integer_like(terms.price, 1);
  const Truth<N> factors =
      land(is_within(one, terms.units, p.steps_max), is_within(one, terms.steps_per_unit, p.steps_max));
  const N steps = select(factors, terms.units, one) * select(factors, terms.steps_per_unit, one);
  const Truth<N> job = land(land(factors, is_within(one, terms.first_units, terms.units)),
                            land(steps <= p.steps_max, is_within(zero, terms.price, p.price_max)));
  const Truth<N> waits =
      land(is_within(p.turn_min, terms.turn, p.turn_max), is_within(p.window_min, terms.window, p.window_max));
  const Truth<N> in_time = land(zero <= terms.accept_by, terms.accept_by <= terms.deliver_by - terms.turn);
  return land(land(job, waits), land(in_time, is_within(zero, terms.bond, integer_like(zero, amount_max))));
}

/// SLA-4. The status is that of an SLA that does not exist.
template <Integer N>
[[nodiscard]] N reason_propose(const SlaTerms<N>& terms, const Parameters<N>& p, const N& height) {
  return FirstReason<N>(height)
      .require(lnot(terms.accept_by < height), Reason::too_late)
      .require(terms.deliver_by - p.deliver_within_max <= height, Reason::too_early)
      .code();
}
/// SLA-4. @param sla  all 0. @returns what the client pays
template <Integer N>
[[nodiscard]] N propose(Sla<N>& sla, const SlaTerms<N>& terms) {
  set_status(sla, SlaStatus::proposed);
  sla.escrow = terms.units * terms.price;
  return sla.escrow;
}

/// SLA-4. @param serves  the provider's registration is Active and has all layers of the job
template <Integer N>
[[nodiscard]] N reason_accept(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height, const Truth<N>& is_provider,
                              const Truth<N>& serves) {
  return FirstReason<N>(height)
      .require(is_one_of(sla.status, SlaStatus::proposed), Reason::wrong_status)
      .require(is_provider, Reason::not_permitted)
      .require(lnot(terms.accept_by < height), Reason::too_late)
      .require(serves, Reason::range_not_served)
      .code();
}
/// SLA-4. @returns what the provider pays
template <Integer N>
[[nodiscard]] N accept(Sla<N>& sla, const SlaTerms<N>& terms) {
  set_status(sla, SlaStatus::active);
  sla.bond = terms.bond;
  return terms.bond;
}

/// SLA-4.
template <Integer N>
[[nodiscard]] N reason_cancel(const Sla<N>& sla, const Truth<N>& is_client) {
  return FirstReason<N>(sla.status)
      .require(is_one_of(sla.status, SlaStatus::proposed), Reason::wrong_status)
      .require(is_client, Reason::not_permitted)
      .code();
}
/// SLA-4.
template <Integer N>
[[nodiscard]] N reason_expire(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height) {
  return FirstReason<N>(height)
      .require(is_one_of(sla.status, SlaStatus::proposed), Reason::wrong_status)
      .require(terms.accept_by < height, Reason::too_early)
      .code();
}

/// SLA-6.
template <Integer N>
[[nodiscard]] N reason_demand(const Sla<N>& sla, const N& height, const Truth<N>& is_client, const N& unit) {
  return FirstReason<N>(height)
      .require(is_one_of(sla.status, SlaStatus::delivered), Reason::wrong_status)
      .require(is_client, Reason::not_permitted)
      .require(land(lnot(unit <= sla.acknowledged), unit <= sla.shown), Reason::no_such_unit)
      .require(sla.demanded == integer_like(height, 0), Reason::already_demanded)
      .require(height < sla.challenge_until, Reason::too_late)
      .code();
}
/// SLA-6.
template <Integer N>
void demand(Sla<N>& sla, const SlaTerms<N>& terms, const N& height, const N& unit) {
  sla.demanded = unit;
  sla.demand_by = height + terms.turn;
}

/// SLA-6. @param bytes_fit  they are the output that was delivered and the row of the demanded unit
template <Integer N>
[[nodiscard]] N reason_publish(const Sla<N>& sla, const N& height, const Truth<N>& is_provider,
                               const Truth<N>& bytes_fit) {
  return FirstReason<N>(height)
      .require(is_one_of(sla.status, SlaStatus::delivered), Reason::wrong_status)
      .require(is_provider, Reason::not_permitted)
      .require(awaits_output(sla), Reason::no_demand)
      .require(lnot(sla.demand_by < height), Reason::too_late)
      .require(bytes_fit, Reason::wrong_opening)
      .code();
}
/// SLA-6, SLA-14.
template <Integer N>
void publish(Sla<N>& sla, const SlaTerms<N>& terms, const N& height) {
  sla.demand_by = integer_like(height, 0);
  sla.challenge_until = maximum(height + terms.window, sla.challenge_until);
}

/// SLA-6.
template <Integer N>
[[nodiscard]] N reason_miss(const Sla<N>& sla, const N& height) {
  return FirstReason<N>(height)
      .require(is_one_of(sla.status, SlaStatus::delivered), Reason::wrong_status)
      .require(awaits_output(sla), Reason::no_demand)
      .require(sla.demand_by < height, Reason::too_early)
      .code();
}
/// SLA-7.
template <Integer N>
[[nodiscard]] N reason_acknowledge(const Sla<N>& sla, const Truth<N>& is_client) {
  return FirstReason<N>(sla.status)
      .require(is_one_of(sla.status, SlaStatus::delivered), Reason::wrong_status)
      .require(is_client, Reason::not_permitted)
      .require(is_shown_by(sla, provider_turn), Reason::not_delivered)
      .code();
}
/// SLA-7.
template <Integer N>
[[nodiscard]] N reason_finalize(const Sla<N>& sla, const N& height) {
  return FirstReason<N>(height)
      .require(is_one_of(sla.status, SlaStatus::delivered), Reason::wrong_status)
      .require(lnot(awaits_output(sla)), Reason::demand_pending)
      .require(lnot(height < sla.challenge_until), Reason::too_early)
      .code();
}
/// SLA-7.
template <Integer N>
[[nodiscard]] N reason_timeout(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height) {
  return FirstReason<N>(height)
      .require(is_one_of(sla.status, SlaStatus::active), Reason::wrong_status)
      .require(terms.deliver_by < height, Reason::too_early)
      .code();
}

/// Ends an SLA, which holds nothing from then on (SLA-8). @returns all that it held
template <Integer N>
[[nodiscard]] N end(Sla<N>& sla, SlaStatus status) {
  const N all = sla.challenge_bond + sla.bond + sla.escrow;
  const N zero = integer_like(all, 0);
  sla = {zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero};
  set_status(sla, status);
  return all;
}

/// What both parties get of an SLA that is settled (SLA-8).
template <Integer N>
struct Shares {
  N of_client, of_provider;
};
/// Settles an SLA for the first units (SLA-8). @param units  at most those of the terms
template <Integer N>
[[nodiscard]] Shares<N> settle(Sla<N>& sla, const SlaTerms<N>& terms, const N& units) {
  const N unpaid = sla.escrow - units * terms.price;
  return {unpaid, end(sla, SlaStatus::settled) - unpaid};
}

}  // namespace p2pllm::optimized
