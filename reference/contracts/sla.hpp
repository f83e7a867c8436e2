#pragma once

#include "reference/contracts/machine.hpp"

// What an SLA is (SLA-1 .. SLA-3); its rules stand in sla_rules.hpp and dispute_rules.hpp.
namespace p2pllm::contracts {

enum class SlaStatus { none, proposed, active, delivered, disputed, settled, breached, cancelled, expired };
enum class SlaOperation {
  propose,
  accept,
  cancel,
  expire,
  deliver,
  demand,
  publish,
  miss,
  acknowledge,
  finalize,
  timeout,
  challenge,
  post_mid,
  side,
  judge,
  forfeit
};

/// The SLA's table (SLA-1): the row of an operation has its number.
[[nodiscard]] const Machine& sla_machine();
[[nodiscard]] inline const Transition& row_of(SlaOperation operation) {
  return sla_machine().transitions[static_cast<std::size_t>(operation)];
}

/// What both sides agreed to, for good (SLA-2). Amounts in the smallest unit, times in blocks.
template <Integer N>
struct SlaTerms {
  N price;           ///< of one unit
  N units;           ///< > 0
  N steps_per_unit;  ///< > 0; the computation has n = units * steps_per_unit steps
  N accept_by;       ///< the last height at which the provider may accept
  N deliver_by;      ///< the last height at which it may deliver
  N window;          ///< W: blocks from a delivery or publication in which the client may challenge
  N turn;            ///< T: blocks for a turn of a dispute, and for a publication
  N bond;            ///< of the provider
};

/// The state of one SLA (SLA-3). What has no meaning in a status is 0 there.
template <Integer N>
struct Sla {
  N status;           ///< SlaStatus
  N escrow;           ///< the client's payment
  N bond;             ///< the provider's
  N challenge_bond;   ///< the client's, in a dispute
  N challenge_until;  ///< the first height at which a delivery cannot be challenged any more
  N demand_by;        ///< the last height for the publication that was demanded; 0: none is pending
  N demanded;         ///< 1 once the output was demanded
  N left, right;      ///< disputed: the state after step `left` is agreed, the one after `right` is not
  N turn;             ///< 1 the provider's, 2 the client's
  N deadline;         ///< the last height of this turn
};

inline constexpr std::int64_t provider_turn = 1;
inline constexpr std::int64_t client_turn = 2;

/// n, the number of steps of the computation.
template <Integer N>
[[nodiscard]] N sla_steps(const SlaTerms<N>& terms) {
  return terms.units * terms.steps_per_unit;
}
/// What the client pays.
template <Integer N>
[[nodiscard]] N sla_payment(const SlaTerms<N>& terms) {
  return terms.price * terms.units;
}
/// What the SLA holds: its part of the supply.
template <Integer N>
[[nodiscard]] N sla_value(const Sla<N>& sla) {
  return sla.escrow + sla.bond + sla.challenge_bond;
}
/// Whether an SLA binds its provider: accepted and not ended.
template <Integer N>
[[nodiscard]] Truth<N> sla_is_open(const Sla<N>& sla) {
  return status_is(sla.status, SlaStatus::active, SlaStatus::delivered, SlaStatus::disputed);
}

}  // namespace p2pllm::contracts
