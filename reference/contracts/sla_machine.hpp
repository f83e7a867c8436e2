#pragma once

#include "model/contracts/sla.hpp"
#include "reference/contracts/machine.hpp"

// The transitions of an SLA (SLA-1); their rules are in sla_rules.hpp and dispute_rules.hpp.
namespace p2pllm::reference {

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
  forfeit,
  refine,
  close,
  answer,
  claim,
  settle,
  convict
};

/// The SLA's table (SLA-1). The number of an operation is the number of its row.
[[nodiscard]] const Machine& sla_machine();
[[nodiscard]] inline const Transition& row_of(SlaOperation operation) {
  return sla_machine().transitions[static_cast<std::size_t>(operation)];
}

/// Whether an SLA binds its provider: it was accepted and has not ended.
template <Integer N>
[[nodiscard]] Truth<N> sla_is_open(const Sla<N>& sla) {
  return status_is(sla.status, SlaStatus::active, SlaStatus::delivered, SlaStatus::disputed);
}

}  // namespace p2pllm::reference
