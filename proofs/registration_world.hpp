#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proofs/obligation.hpp"
#include "reference/contracts/registration_rules.hpp"

namespace p2pllm::proofs {

[[nodiscard]] inline SymBool all_of(const Scope& scope, const std::vector<SymBool>& parts) {
  SymBool all = scope.truth(true);
  for (const SymBool& part : parts) all = land(all, part);
  return all;
}

using Node = contracts::Registration<SymInt>;
using NodeStep = reference::RegistrationStep<SymInt>;

/// Any parameters, a node at any point of its life, and any inputs of an operation.
struct World {
  /// @param dropped  the constraint that is not assumed
  explicit World(Scope& where, std::string_view dropped = "")
      : scope(where),
        zero(integer_like(where.integer("min_stake"), 0)),
        one(integer_like(zero, 1)),
        p{any("min_stake"), any("launch_stake"), any("min_fee"),  any("K"),     any("U"),     any("J"),
          any("E"),         any("D_max"),        any("W_min"),    any("W_max"), any("T_min"), any("T_max"),
          any("n_max"),     any("price_max"),    any("bond_min"), any("c_min"), any("c_max")},
        node{any("status"),     any("stake"),        any("version"),  any("updated_at"),
             any("release_at"), any("jailed_until"), any("open_slas")},
        height(any("h")) {
    for (const reference::Constraint<SymInt>& constraint : reference::constraints(p))
      if (constraint.name != dropped) scope.assume(constraint.holds);
    scope.assume(zero <= height);
  }
  [[nodiscard]] SymInt any(const std::string& name) const { return scope.integer(name); }
  [[nodiscard]] SymInt amount(const std::string& name) const {
    SymInt value = any(name);
    scope.assume(zero <= value);
    return value;
  }
  [[nodiscard]] SymInt number(std::int64_t value) const { return integer_like(zero, value); }
  [[nodiscard]] SymBool is(const Node& state, contracts::NodeStatus status) const {
    return state.status == reference::status_like(zero, status);
  }
  [[nodiscard]] SymBool is_in_set(const Node& state, reference::StatusSet set) const {
    return reference::status_in(state.status, set);
  }

  /// The conditions that hold for every registration at every height (REG-1).
  [[nodiscard]] SymBool invariant(const Node& n, const SymInt& h) const {
    using namespace reference;
    using enum NodeStatus;
    const SymBool is_unbonding = is(n, unbonding), is_empty = is_in_set(n, status_set(none, withdrawn, tombstoned));
    return all_of(
        scope, {is_in_set(n, status_set(none, active, jailed, unbonding, withdrawn, tombstoned)), zero <= n.stake,
                zero <= n.version, zero <= n.updated_at, zero <= n.jailed_until, zero <= n.open_slas,
                implies(is(n, active), p.min_stake <= n.stake), implies(is_empty, n.stake == zero),
                implies(is_in_set(n, status_set(none, withdrawn)), n.open_slas == zero),
                implies(is(n, none), land(n.version == zero, n.jailed_until == zero)),
                implies(lnot(is(n, none)), one <= n.version), iff(is_unbonding, one <= n.release_at),
                implies(lnot(is_unbonding), n.release_at == zero), n.updated_at <= h, n.release_at <= h + p.unbonding,
                n.jailed_until <= h + p.jail});
  }
  void assume_invariant() const { scope.assume(invariant(node, height)); }

  /// Every operation on `n`, each with inputs of its own, in the order of RegistrationOperation.
  [[nodiscard]] std::vector<NodeStep> steps(const Node& n) const {
    using namespace reference;
    const SymInt stake = amount("stake_in"), before = amount("stake_before"), infraction = amount("g");
    const SymBool owner = scope.unknown("is_owner"), a = scope.unknown("a"), b = scope.unknown("b"),
                  reporter = scope.unknown("has_reporter");
    return {registration_register(n, p, height, stake),
            registration_update(n, p, height, owner),
            registration_migrate(n, owner, a, b),
            registration_top_up(n, stake, owner),
            registration_unbond(n, p, height, owner),
            registration_rebond(n, p, height, owner),
            registration_withdraw(n, height, owner),
            registration_unjail(n, p, height, owner),
            registration_slash(n, p, height, a, before, reporter),
            registration_report(n, p, height, infraction, a, b, before, reporter),
            registration_sla_opened(n),
            registration_sla_closed(n)};
  }
  /// A statement about every operation that is enabled.
  template <typename Statement>
  [[nodiscard]] SymBool of_each(const std::vector<NodeStep>& all, const Statement& statement) const {
    SymBool result = scope.truth(true);
    for (std::size_t k = 0; k < all.size(); ++k)
      result = land(result, implies(reference::all_hold(all[k].guards),
                                    statement(static_cast<reference::RegistrationOperation>(k), all[k])));
    return result;
  }
  [[nodiscard]] SymBool enabled(const NodeStep& step) const { return reference::all_hold(step.guards); }

  Scope& scope;
  SymInt zero, one;
  contracts::Parameters<SymInt> p;
  Node node;
  SymInt height;
};

}  // namespace p2pllm::proofs
