#pragma once

#include <string>
#include <vector>

#include "proofs/obligation.hpp"
#include "reference/market/path_rules.hpp"

// Labels, costs and preferences with unknown entries, for the proofs about chains and frontiers.
namespace p2pllm::proofs {

using Label = reference::PathLabel<SymReal>;
using Preference = reference::Preference<SymReal>;

/// Three unrelated unknowns of either sign, which covers more than the labels of ROUTE-2.
[[nodiscard]] inline Label any_label(const Scope& scope, const std::string& name) {
  return {scope.real("w_" + name), scope.real("p_" + name), scope.real("t_" + name)};
}

/// An unknown weight without price and time, as seen by a client that compares only weights.
[[nodiscard]] inline Label any_weight(const Scope& scope, const std::string& name) {
  return {scope.real("w_" + name), scope.number(0), scope.number(0)};
}

[[nodiscard]] inline SymBool same(const Label& a, const Label& b) {
  return land(a.weight == b.weight, land(a.price == b.price, a.time == b.time));
}

/// Whether a = b or a comes before b.
[[nodiscard]] inline SymBool at_most(const Label& a, const Label& b) { return lnot(reference::precedes(b, a)); }

[[nodiscard]] inline SymBool all(const Scope& scope, const std::vector<SymBool>& facts) {
  SymBool result = scope.truth(true);
  for (const SymBool& fact : facts) result = land(result, fact);
  return result;
}

[[nodiscard]] inline SymBool any(const Scope& scope, const std::vector<SymBool>& facts) {
  SymBool result = scope.truth(false);
  for (const SymBool& fact : facts) result = lor(result, fact);
  return result;
}

/// alpha in [0, 1], scales > 0.
[[nodiscard]] inline Preference any_preference(Scope& scope) {
  const SymReal alpha = scope.non_negative("alpha");
  scope.assume(alpha <= scope.number(1));
  return {alpha, scope.positive("price_scale"), scope.positive("cost_scale")};
}

struct Cost {
  SymReal price;
  SymReal time;
};

[[nodiscard]] inline Cost any_cost(const Scope& scope, const std::string& name) {
  return {scope.real("p_" + name), scope.real("t_" + name)};
}
[[nodiscard]] inline Cost operator+(const Cost& a, const Cost& b) { return {a.price + b.price, a.time + b.time}; }
[[nodiscard]] inline SymBool same(const Cost& a, const Cost& b) { return land(a.price == b.price, a.time == b.time); }
[[nodiscard]] inline SymBool weakly_dominates(const Cost& a, const Cost& b) {
  return reference::weakly_dominates(a.price, a.time, b.price, b.time);
}
[[nodiscard]] inline SymBool dominates(const Cost& a, const Cost& b) {
  return reference::dominates(a.price, a.time, b.price, b.time);
}
[[nodiscard]] inline SymReal weight(const Preference& preference, const Cost& cost) {
  return reference::path_weight(preference, cost.price, cost.time);
}
[[nodiscard]] inline Label label(const Preference& preference, const Cost& cost) {
  return reference::path_label(preference, cost.price, cost.time);
}

/// Parts of the topics that have files of their own.
[[nodiscard]] std::vector<Obligation> chain_obligations();
[[nodiscard]] std::vector<Obligation> route_certificate_obligations();
[[nodiscard]] std::vector<Obligation> alpha_obligations();
[[nodiscard]] std::vector<Obligation> chain_of_a_point_obligations();

}  // namespace p2pllm::proofs
