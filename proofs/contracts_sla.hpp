#pragma once

#include "proofs/obligation.hpp"
#include "reference/contracts/sla_invariants.hpp"

namespace p2pllm::proofs {

/// That some of all units cost no more, and have no more steps, than all of them; contracts-sla-8-products proves it.
[[nodiscard]] SymBool products_grow(const contracts::SlaTerms<SymInt>& terms, const SymInt& units);

/// One operation on an unknown SLA at an unknown height; every truth value passed to a rule is left open.
struct SlaMove {
  reference::SlaOperation operation;
  contracts::Sla<SymInt> before;
  reference::SlaStep<SymInt> step;
  [[nodiscard]] SymBool enabled() const { return all_hold(step.guards); }
};

/// The move of this operation.
[[nodiscard]] const SlaMove& of(const std::vector<SlaMove>& moves, reference::SlaOperation operation);
/// All guards of a step except those with a certain reason: a rule that omits a check.
[[nodiscard]] SymBool enabled_without(const reference::SlaStep<SymInt>& step, contracts::Reason forgotten);

/// Unknown SLA, terms, parameters and height. Prices and steps of units are products; about them the proofs use what
/// contracts-sla-8-products proves, and are linear else.
class SlaWorld {
 public:
  explicit SlaWorld(Scope& scope);

  /// All operations.
  [[nodiscard]] std::vector<SlaMove> moves() const;
  /// The parameters keep their constraints.
  [[nodiscard]] SymBool constrained() const;
  /// The conditions of the terms' form on payment, steps and times; contracts-sla-2-form proves that it implies them.
  [[nodiscard]] SymBool well_formed() const;
  [[nodiscard]] SymBool invariants(const contracts::Sla<SymInt>& state, const SymInt& at) const;
  [[nodiscard]] SymBool in(contracts::SlaStatus status) const { return reference::sla_status_is(sla, status); }
  [[nodiscard]] SymInt number(std::int64_t value) const { return integer_like(height, value); }
  [[nodiscard]] SymBool truth(bool value) const { return SymBool(height.term().ctx().bool_val(value)); }

  SymInt height, challenge_bond;
  contracts::Sla<SymInt> sla;
  contracts::SlaTerms<SymInt> terms;
  contracts::Parameters<SymInt> parameters;
  SymBool permitted;
  SymInt unit, micro_steps;
  SymInt named, had;  ///< units that an operation names, and those that the client has
  SymBool fits, agrees;
  SymBool is_signed, is_vouched;  ///< an order, a receipt or the last word; a voucher
};

}  // namespace p2pllm::proofs
