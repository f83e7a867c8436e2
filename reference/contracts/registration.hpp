#pragma once

#include "reference/contracts/machine.hpp"

// What a registration is (REG-1); its rules stand in registration_rules.hpp.
namespace p2pllm::contracts {

enum class NodeStatus { none, active, jailed, unbonding, withdrawn, tombstoned };

enum class RegistrationOperation {
  enroll,  ///< register
  update,
  migrate,
  top_up,
  unbond,
  rebond,
  withdraw,
  unjail,
  slash,       ///< inside timeout, miss, judge, forfeit
  report,      ///< evidence of an equivocation
  sla_opened,  ///< inside accept
  sla_closed,  ///< inside whatever ends an accepted SLA
};

/// Statuses, rows and their guards in words (REG-1).
[[nodiscard]] const Machine& registration_machine();
[[nodiscard]] const Transition& row_of(RegistrationOperation operation);

/// The numbers of a registration; all are 0 before the first `register`.
template <Integer N>
struct Registration {
  N status;  ///< a NodeStatus
  N stake;
  N version;  ///< of range and price; goes on when a node that withdrew comes back (REG-2)
  N updated_at;
  N release_at;    ///< from here on the stake may be withdrawn; 0 unless Unbonding
  N jailed_until;  ///< from here on not jailed; kept through Unbonding and Withdrawn (REG-6)
  N open_slas;     ///< accepted and not ended
};

}  // namespace p2pllm::contracts
