#pragma once

#include <utility>

#include "reference/contracts/dispute_rules.hpp"

// Conditions that hold for every SLA at every height, and the height at which it ends.
namespace p2pllm::reference {

/// The number of blocks that all halvings of an interval take: `each` times ceil(log2 width).
/// @param width  in [1, 2^20]
template <Integer N>
[[nodiscard]] N halvings_time(const N& width, const N& each) {
  const N zero = integer_like(width, 0);
  return [&]<std::int64_t... k>(std::integer_sequence<std::int64_t, k...>) {
    return (zero + ... + select(integer_like(width, std::int64_t{1} << k) < width, each, zero));
  }
  (std::make_integer_sequence<std::int64_t, 20>{});
}

template <Integer N>
[[nodiscard]] Truth<N> sla_status_is(const Sla<N>& sla, SlaStatus status) {
  return status_is(sla.status, status);
}

/// The first height at which anyone can end this SLA if no party acts before (SLA-12); 0 if it holds nothing.
template <Integer N>
[[nodiscard]] N sla_closable_from(const Sla<N>& sla, const SlaTerms<N>& terms) {
  const N one = integer_like(sla.status, 1), zero = integer_like(sla.status, 0);
  const N delivered = select(demand_is_pending(sla), sla.demand_by + one, sla.challenge_until);
  return select(sla_status_is(sla, SlaStatus::proposed), terms.accept_by + one,
                select(sla_status_is(sla, SlaStatus::active), terms.deliver_by + one,
                       select(sla_status_is(sla, SlaStatus::delivered), delivered,
                              select(sla_status_is(sla, SlaStatus::disputed), sla.deadline + one, zero))));
}

/// A height that no action of any party can postpone, from which on anyone can end this SLA (SLA-12); 0 if it holds
/// nothing. A dispute of N steps counts for (2 ceil(log2 N) + 2 ceil(log2 N_MAX) + 2) T + 1 blocks.
template <Integer N>
[[nodiscard]] N sla_ends_by(const Sla<N>& sla, const SlaTerms<N>& terms, const Parameters<N>& p) {
  const N one = integer_like(sla.status, 1), zero = integer_like(sla.status, 0), two_turns = terms.turn + terms.turn;
  const N refinement = halvings_time(p.steps_max, two_turns) + terms.turn;
  const N dispute = halvings_time(sla_steps(terms), two_turns) + terms.turn + refinement;
  const N to_publish = terms.turn + terms.window - one;  // a demand in the last block of a window
  const N to_answer = terms.window - one;                // an answer in the last block of a window
  const N window_end =
      select(demand_is_pending(sla), maximum(sla.challenge_until, sla.demand_by + terms.window), sla.challenge_until);
  const N answered = select(sla.shown_by == integer_like(zero, client_turn), to_answer, zero);
  const N delivered = select(zero < sla.demanded, window_end, sla.challenge_until + to_publish) + answered + dispute;
  const N turns_left = halvings_time(N(sla.right - sla.left), two_turns) + select(is_refined(sla), zero, refinement) -
                       select(is_on_turn(sla, client_turn), terms.turn, zero);
  return select(status_is(sla.status, SlaStatus::proposed, SlaStatus::active),
                terms.deliver_by + terms.window + to_publish + to_answer + dispute,
                select(sla_status_is(sla, SlaStatus::delivered), delivered,
                       select(sla_status_is(sla, SlaStatus::disputed), sla.deadline + turns_left + one, zero)));
}

/// The conditions that hold for an SLA after every step (SLA-3).
/// @param height  the height of the step, or any later one
template <Integer N>
[[nodiscard]] std::vector<Constraint<N>> sla_invariants(const Sla<N>& sla, const SlaTerms<N>& terms,
                                                        const Parameters<N>& p, const N& height) {
  const N zero = integer_like(height, 0), one = integer_like(height, 1);
  const auto choose = [](const Truth<N>& condition, const Truth<N>& yes, const Truth<N>& no) {
    return lor(land(condition, yes), land(lnot(condition), no));
  };
  const auto in_future = [&](const N& deadline, const N& blocks) {
    return land(zero < deadline, deadline <= height + blocks);
  };
  const Truth<N> delivered = sla_status_is(sla, SlaStatus::delivered),
                 disputed = sla_status_is(sla, SlaStatus::disputed);
  const Truth<N> holds_escrow = lor(sla_status_is(sla, SlaStatus::proposed), sla_is_open(sla));
  const Truth<N> pending = demand_is_pending(sla);
  const Truth<N> on_turn =
      lor(is_on_turn(sla, provider_turn), land(is_on_turn(sla, client_turn), sla.left + one < sla.right));
  const Truth<N> no_dispute =
      land(land(sla.left == zero, sla.right == zero), land(sla.turn == zero, sla.deadline == zero));
  const N steps = sla_steps(terms, sla.shown);
  const N all = select(is_refined(sla), sla.micro_steps, steps);
  const Truth<N> interval = land(zero <= sla.left, land(sla.left < sla.right, sla.right <= all));
  const Truth<N> not_refined = land(sla.refined == zero, sla.micro_steps == zero);
  const Truth<N> refined = land(land(disputed, land(one <= sla.refined, sla.refined <= steps)),
                                land(one <= sla.micro_steps, sla.micro_steps <= p.steps_max));
  const Truth<N> shown =
      lor(sla.shown_by == integer_like(zero, provider_turn), sla.shown_by == integer_like(zero, client_turn));
  const Truth<N> debt = land(land(zero <= sla.acknowledged, sla.acknowledged <= sla.owed),
                             land(sla.shown <= sla.owed, sla.owed <= terms.units));
  const Truth<N> nobody = land(sla.shown_by == zero, sla.acknowledged == zero);
  return {
      {"the status is one of the table", "a transition leads nowhere",
       land(zero <= sla.status, sla.status <= as_integer(zero, SlaStatus::expired))},
      {"the escrow is the payment until the end", "the provider works for less, or money stays behind",
       sla.escrow == select(holds_escrow, sla_payment(terms), zero)},
      {"the bond is that of the terms from acceptance to the end", "the client is not made whole",
       sla.bond == select(sla_is_open(sla), terms.bond, zero)},
      {"a challenge has its bond while it is disputed", "a lost challenge costs less than it can save",
       choose(disputed, maximum(p.challenge_bond_min, terms.price) <= sla.challenge_bond, sla.challenge_bond == zero)},
      {"a party shows the first units or more, all of which are owed",
       "the client pays less than it was shown, or more than it locked",
       choose(delivered, land(shown, land(terms.first_units <= sla.shown, debt)),
              choose(disputed, land(nobody, land(one <= sla.shown, debt)),
                     land(nobody, land(sla.shown == zero, sla.owed == zero))))},
      {"a delivery can be challenged for at most a window", "the provider waits for ever",
       choose(delivered, in_future(sla.challenge_until, terms.window), sla.challenge_until == zero)},
      {"a publication is awaited for at most a turn, of a delivery, once", "the provider waits for ever",
       land(choose(pending, in_future(sla.demand_by, terms.turn), sla.demand_by == zero),
            choose(pending, land(one <= sla.demanded, sla.demanded <= sla.shown),
                   lor(sla.demanded == zero, land(delivered, land(one <= sla.demanded, sla.demanded <= sla.shown)))))},
      {"a publication is awaited of a delivery alone", "a dispute frees the provider from publishing",
       lor(delivered, land(lnot(pending), sla.demanded == zero))},
      {"one step of a dispute is refined, into 1 .. N_MAX micro-steps, or none", "a dispute that is too long to end",
       lor(not_refined, refined)},
      {"0 <= left < right <= n, somebody is on turn for at most a turn", "a dispute that nobody can end",
       choose(disputed, land(interval, land(on_turn, in_future(sla.deadline, terms.turn))), no_dispute)},
  };
}

}  // namespace p2pllm::reference
