#include "proofs/registration_world.hpp"

// Each constraint on the genesis parameters that concerns registration is needed: without it somebody can do what its
// line says, with it nobody can (LEDGER-1). The planted fault of each is the same harm with the constraint.
namespace p2pllm::proofs {
namespace {

using namespace contracts;

/// The harm is possible where a constraint is dropped, and impossible where it holds.
Goal needed(const World& w, std::string_view name, const SymBool& harm) {
  for (const Constraint<SymInt>& constraint : constraints(w.p))
    if (constraint.name == name) return {harm, land(harm, constraint.holds)};
  return {w.scope.truth(false), w.scope.truth(true)};
}

Goal failure_is_free(Scope& scope) {
  const std::string_view name = "min_stake >= 100";
  const World w(scope, name);
  w.assume_invariant();
  scope.assume(land(w.is(w.node, NodeStatus::active), w.one <= w.node.stake));
  const SymBool no = scope.truth(false);
  const Node next = registration_slash(w.node, w.p, w.height, no, w.node.stake, no).next;
  return needed(w, name, next.stake == w.node.stake);
}

Goal price_changes_twice(Scope& scope) {
  const std::string_view name = "update_cooldown >= 1";
  const World w(scope, name);
  w.assume_invariant();
  const SymBool owner = scope.truth(true);
  const NodeStep first = registration_update(w.node, w.p, w.height, owner),
                 second = registration_update(first.next, w.p, w.height, owner);
  return needed(w, name, land(w.enabled(first), w.enabled(second)));
}

Goal stake_runs_from_evidence(Scope& scope) {
  const std::string_view name = "unbonding > evidence_age_max";
  const World w(scope, name);
  w.assume_invariant();
  scope.assume(w.is(w.node, NodeStatus::active));
  const SymBool yes = scope.truth(true);
  const SymInt later = w.any("later"), before = w.node.stake;
  scope.assume(w.height <= later);
  // It equivocates and unbonds at h, withdraws later; evidence that was still young enough finds nothing.
  const NodeStep unbonds = registration_unbond(w.node, w.p, w.height, yes),
                 leaves = registration_withdraw(unbonds.next, later, yes),
                 shown = registration_report(unbonds.next, w.p, later, w.height, yes, yes, before, yes);
  return needed(w, name, land(w.enabled(unbonds), land(w.enabled(leaves), w.enabled(shown))));
}

Goal evidence_is_born_too_old(Scope& scope) {
  const std::string_view name = "evidence_age_max >= 1";
  const World w(scope, name);
  w.assume_invariant();
  scope.assume(land(w.is(w.node, NodeStatus::active), w.one <= w.height));
  const SymBool yes = scope.truth(true);
  // What was signed for the last block is first shown in this one.
  const NodeStep shown = registration_report(w.node, w.p, w.height, w.height - w.one, yes, yes, w.node.stake, yes);
  return needed(w, name, land(w.one <= w.node.stake, lnot(w.enabled(shown))));
}

Goal jail_is_left_at_once(Scope& scope) {
  const std::string_view name = "jail >= 1";
  const World w(scope, name);
  w.assume_invariant();
  scope.assume(w.is(w.node, NodeStatus::active));
  const SymBool no = scope.truth(false), owner = scope.truth(true);
  const Node next = registration_slash(w.node, w.p, w.height, no, w.node.stake, no).next;
  return needed(w, name, w.enabled(registration_unjail(next, w.p, w.height, owner)));
}

Goal height_exceeds_integers(Scope& scope) {
  const std::string_view name = "times <= 2^40";
  const World w(scope, name);
  w.assume_invariant();
  scope.assume(w.height <= w.number(height_max));
  const SymBool owner = scope.truth(true), no = scope.truth(false);
  const NodeStep unbonds = registration_unbond(w.node, w.p, w.height, owner),
                 slash = registration_slash(w.node, w.p, w.height, no, w.node.stake, no);
  const SymInt limit = w.number(amount_max);
  const SymBool over = lor(limit < unbonds.next.release_at, limit < slash.next.jailed_until);
  return needed(w, name, land(w.enabled(unbonds), over));
}

}  // namespace

std::vector<Obligation> contracts_parameters_obligations() {
  const auto exists = Obligation::Kind::exists;
  const std::string found = "the rest as it may be";
  return {
      {"REG-4", "contracts-reg-4-needs-min-stake", "with MIN_STAKE < 100 a failure of an Active node may cost nothing",
       found, failure_is_free, exists},
      {"REG-2", "contracts-reg-2-needs-cooldown", "with K < 1 a price changes twice in a block", found,
       price_changes_twice, exists},
      {"REG-5", "contracts-reg-5-needs-unbonding", "with U <= E a node withdraws before young evidence lands", found,
       stake_runs_from_evidence, exists},
      {"REG-5", "contracts-reg-5-needs-evidence-age", "with E < 1 an offence cannot be shown in the next block", found,
       evidence_is_born_too_old, exists},
      {"REG-6", "contracts-reg-6-needs-jail", "with J < 1 a node leaves jail in the block that jails it", found,
       jail_is_left_at_once, exists},
      {"LEDGER-1", "contracts-ledger-1-times-fit", "without a limit on times a height of 2^62 is exceeded", found,
       height_exceeds_integers, exists},
  };
}

}  // namespace p2pllm::proofs
