#pragma once

#include "optimized/contracts/channel_rules.hpp"
#include "optimized/contracts/dispute_rules.hpp"

// What holds for every object of the fast ledger between two blocks (LEDGER-5, SLA-3).
namespace p2pllm::optimized {

/// The value that a channel holds.
template <Integer N>
[[nodiscard]] N value_of(const Channel<N>& channel) {
  const N zero = integer_like(channel.status, 0);
  const Truth<N> has_a = is_one_of(channel.status, ChannelStatus::opening, ChannelStatus::open, ChannelStatus::closing);
  const Truth<N> has_b = is_one_of(channel.status, ChannelStatus::open, ChannelStatus::closing);
  return select(has_a, channel.deposit_a, zero) + select(has_b, channel.deposit_b, zero);
}

template <Integer N>
[[nodiscard]] Truth<N> is_final(const Sla<N>& sla) {
  return is_one_of(sla.status, SlaStatus::settled, SlaStatus::breached, SlaStatus::cancelled, SlaStatus::expired);
}

/// Whether the amounts of an SLA are those of its status and terms (SLA-3).
template <Integer N>
[[nodiscard]] Truth<N> holds_its_amounts(const Sla<N>& sla, const SlaTerms<N>& terms, const Parameters<N>& p) {
  const N zero = integer_like(sla.status, 0);
  const Truth<N> is_paid = lor(is_one_of(sla.status, SlaStatus::proposed), is_open(sla));
  const Truth<N> is_disputed = is_one_of(sla.status, SlaStatus::disputed);
  const Truth<N> has_bond =
      lor(land(is_disputed, land(p.challenge_bond_min <= sla.challenge_bond, terms.price <= sla.challenge_bond)),
          land(lnot(is_disputed), sla.challenge_bond == zero));
  return land(has_bond, land(sla.escrow == select(is_paid, terms.price * terms.units, zero),
                             sla.bond == select(is_open(sla), terms.bond, zero)));
}

/// Whether the deadlines of a delivery are at most a window and a turn away, and other states have none (SLA-3).
template <Integer N>
[[nodiscard]] Truth<N> has_its_deadlines(const Sla<N>& sla, const SlaTerms<N>& terms, const N& height) {
  const N zero = integer_like(height, 0), one = integer_like(height, 1);
  const Truth<N> is_delivered = is_one_of(sla.status, SlaStatus::delivered), waits = awaits_output(sla);
  const Truth<N> window = select_truth(is_delivered, is_within(one, sla.challenge_until, height + terms.window),
                                       sla.challenge_until == zero);
  const Truth<N> of_a_unit = is_within(one, sla.demanded, sla.shown);
  const Truth<N> asked = select_truth(waits, land(of_a_unit, sla.demand_by <= height + terms.turn),
                                      land(sla.demand_by == zero, lor(sla.demanded == zero, of_a_unit)));
  return land(land(window, asked), lor(is_delivered, sla.demanded == zero));
}

/// Whether the units shown are owed, by no more than all units, and there are none where nothing is shown (SLA-3).
template <Integer N>
[[nodiscard]] Truth<N> has_its_units(const Sla<N>& sla, const SlaTerms<N>& terms) {
  const N zero = integer_like(sla.status, 0), one = integer_like(sla.status, 1);
  const Truth<N> is_delivered = is_one_of(sla.status, SlaStatus::delivered);
  const Truth<N> is_disputed = is_one_of(sla.status, SlaStatus::disputed);
  const Truth<N> by_a_party = lor(is_shown_by(sla, provider_turn), is_shown_by(sla, client_turn));
  const Truth<N> owed =
      land(land(sla.shown <= sla.owed, sla.owed <= terms.units), is_within(zero, sla.acknowledged, sla.owed));
  const Truth<N> no_party = land(is_shown_by(sla, 0), sla.acknowledged == zero);
  return select_truth(is_delivered, land(land(by_a_party, terms.first_units <= sla.shown), owed),
                      land(no_party, select_truth(is_disputed, land(one <= sla.shown, owed),
                                                  land(sla.shown == zero, sla.owed == zero))));
}

/// Whether the interval of a dispute is one of steps of the job, with somebody on turn; and nothing of it elsewhere
/// (SLA-3).
template <Integer N>
[[nodiscard]] Truth<N> has_its_interval(const Sla<N>& sla, const SlaTerms<N>& terms, const Parameters<N>& p,
                                        const N& height) {
  const N zero = integer_like(height, 0), one = integer_like(height, 1);
  const N steps = sla.shown * terms.steps_per_unit;
  const N most = select(is_of_micro_steps(sla), sla.micro_steps, steps);
  const Truth<N> interval = land(land(zero <= sla.left, sla.left < sla.right), sla.right <= most);
  const Truth<N> level =
      select_truth(is_of_micro_steps(sla), land(sla.refined <= steps, is_within(one, sla.micro_steps, p.steps_max)),
                   land(sla.refined == zero, sla.micro_steps == zero));
  const Truth<N> turn = lor(has_turn(sla, provider_turn), land(has_turn(sla, client_turn), lnot(is_single_step(sla))));
  const Truth<N> runs = land(land(interval, land(turn, level)), is_within(one, sla.deadline, height + terms.turn));
  const Truth<N> nothing = land(land(land(sla.left == zero, sla.right == zero), sla.turn == zero),
                                land(land(sla.refined == zero, sla.micro_steps == zero), sla.deadline == zero));
  return select_truth(is_one_of(sla.status, SlaStatus::disputed), runs, nothing);
}

/// Whether an SLA is as its status says, at this height or later (SLA-3).
template <Integer N>
[[nodiscard]] Truth<N> is_sound(const Sla<N>& sla, const SlaTerms<N>& terms, const Parameters<N>& p, const N& height) {
  const Truth<N> has_status =
      lor(is_final(sla), lor(is_open(sla), is_one_of(sla.status, SlaStatus::none, SlaStatus::proposed)));
  return land(land(has_status, land(holds_its_amounts(sla, terms, p), has_its_units(sla, terms))),
              land(has_its_deadlines(sla, terms, height), has_its_interval(sla, terms, p, height)));
}

/// Whether anyone can end an object at a height after all its deadlines (LEDGER-5).
template <Integer N>
[[nodiscard]] Truth<N> can_be_ended(const Sla<N>& sla, const SlaTerms<N>& terms, const N& late) {
  const auto can = [](const N& reason) { return reason == integer_like(reason, 0); };
  return lor(lor(can(reason_expire(sla, terms, late)), can(reason_timeout(sla, terms, late))),
             lor(can(reason_miss(sla, late)), lor(can(reason_finalize(sla, late)), can(reason_forfeit(sla, late)))));
}
template <Integer N>
[[nodiscard]] Truth<N> can_be_ended(const Channel<N>& channel, const N& late) {
  const auto can = [](const N& reason) { return reason == integer_like(reason, 0); };
  return lor(can(reason_reclaim(channel, late)), can(reason_settle(channel, late)));
}

}  // namespace p2pllm::optimized
