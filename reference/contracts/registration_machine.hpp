#pragma once

#include "model/contracts/registration.hpp"
#include "reference/contracts/machine.hpp"

// The transitions of a registration (REG-1); their rules are in registration_rules.hpp.
namespace p2pllm::reference {

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
  sla_closed,  ///< inside any operation that ends an accepted SLA
};

/// The statuses, and the rows with their guards in words (REG-1).
[[nodiscard]] const Machine& registration_machine();
[[nodiscard]] const Transition& row_of(RegistrationOperation operation);

}  // namespace p2pllm::reference
