#pragma once

#include "proofs/obligation.hpp"
#include "reference/contracts/sla_invariants.hpp"

namespace p2pllm::proofs {

/// One operation on an unknown SLA at an unknown height, with every truth that a rule is told left open.
struct SlaMove {
  reference::SlaOperation operation;
  contracts::Sla<SymInt> before;
  reference::SlaStep<SymInt> step;
  [[nodiscard]] SymBool enabled() const { return all_hold(step.guards); }
};

/// Unknown SLA, terms, parameters and height. The rules read price, units and steps per unit only as payment and number
/// of steps: with one unit both are still any number, and the proofs stay linear.
class SlaWorld {
 public:
  explicit SlaWorld(Scope& scope);

  /// All sixteen operations.
  [[nodiscard]] std::vector<SlaMove> moves() const;
  /// The parameters keep their constraints.
  [[nodiscard]] SymBool constrained() const;
  /// And what the terms' form says of payment, steps and times; contracts-sla-2-form proves that it does.
  [[nodiscard]] SymBool well_formed() const;
  [[nodiscard]] SymBool invariants(const contracts::Sla<SymInt>& state, const SymInt& at) const;
  [[nodiscard]] SymBool in(contracts::SlaStatus status) const { return reference::sla_status_is(sla, status); }
  [[nodiscard]] SymInt number(std::int64_t value) const { return integer_like(height, value); }
  [[nodiscard]] SymBool truth(bool value) const { return SymBool(height.term().ctx().bool_val(value)); }

  SymInt height, challenge_bond;
  contracts::Sla<SymInt> sla;
  contracts::SlaTerms<SymInt> terms;
  contracts::Parameters<SymInt> parameters;
  SymBool permitted, fits, agrees;
};

}  // namespace p2pllm::proofs
