#pragma once

#include <optional>

#include "proofs/symbolic.hpp"

namespace p2pllm::proofs {

/// A state machine over integers as Horn clauses, for which Z3's Spacer determines the reachable states.
///
/// Spacer finds invariants on its own; an invariant is trusted only after `proves` has shown it inductive with Z3's
/// ordinary solver. If Spacer reports a state as reachable, the caller that planted it shows that it is.
class ReachableStates {
 public:
  /// @param state  the machine's variables: distinct unknowns of `context`
  ReachableStates(z3::context& context, std::vector<SymInt> state);

  /// The machine may begin with these values if the condition on their unknowns holds.
  void add_start(const SymBool& condition, const std::vector<SymInt>& values);
  /// From any state that satisfies the condition the machine may go to the state with these values. Condition and
  /// values are terms over `state` and further unknowns, the inputs: any that satisfy the condition.
  void add_step(const SymBool& condition, const std::vector<SymInt>& values);

  enum class Answer { unreachable, reachable, unknown };
  struct Finding {
    Answer answer = Answer::unknown;
    std::optional<SymBool> invariant;  ///< over `state`, if `unreachable`
  };
  /// Whether a state that satisfies `bad`, a formula over `state`, can be reached.
  [[nodiscard]] Finding query(const SymBool& bad) const;

  /// Whether the invariant holds at every start, is kept by every step and excludes `bad`, by the ordinary solver.
  [[nodiscard]] bool proves(const SymBool& invariant, const SymBool& bad) const;

 private:
  struct Rule {
    z3::expr condition;
    z3::expr_vector values;
  };
  [[nodiscard]] bool is_unsatisfiable(const z3::expr& formula) const;
  [[nodiscard]] z3::expr at(const z3::expr& formula, const z3::expr_vector& values) const;

  z3::context* context_;
  z3::expr_vector state_;
  std::vector<Rule> starts_, steps_;
};

}  // namespace p2pllm::proofs
