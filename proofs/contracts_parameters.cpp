#include <stdexcept>

#include "proofs/contracts_sla.hpp"
#include "proofs/registration_world.hpp"
#include "reference/contracts/rotation_rules.hpp"

// Each constraint on the genesis parameters is needed: without it the harm in its line is possible, and with it that
// harm is impossible (LEDGER-1). The planted fault of each is the same harm with the constraint.
namespace p2pllm::proofs {
namespace {

using namespace reference;

/// The harm is possible if a constraint is dropped, and impossible if it holds.
Goal needed(const Parameters<SymInt>& p, std::string_view name, const SymBool& harm) {
  for (const Constraint<SymInt>& constraint : constraints(p))
    if (constraint.name == name) return {harm, land(harm, constraint.holds)};
  throw std::logic_error("there is no constraint " + std::string(name));
}
Goal needed(const World& w, std::string_view name, const SymBool& harm) { return needed(w.p, name, harm); }

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
  // The node equivocates and unbonds at h, and withdraws later; evidence that is still young enough finds no stake.
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
  // Anything signed for the last block is first shown in this one.
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

/// The first registration leaves the genesis proposers without a turn.
Goal first_node_owns_the_chain(Scope& scope) {
  const std::string_view name = "min_stake < launch_stake <= 2^57";
  const World w(scope, name);
  w.assume_invariant();
  scope.assume(w.zero <= w.p.launch_stake);
  const NodeStep joins = registration_register(w.node, w.p, w.height, w.p.min_stake);
  const SymInt share = launch_share(w.p.launch_stake, joins.next.stake, 1);
  return needed(w, name, land(w.enabled(joins), share == w.zero));
}

/// An unknown SLA whose terms satisfy their form, under parameters of which one constraint is dropped.
SlaWorld sla_without(Scope& scope, std::string_view dropped) {
  SlaWorld world(scope);
  for (const Constraint<SymInt>& constraint : constraints(world.parameters))
    if (constraint.name != dropped) scope.assume(constraint.holds);
  scope.assume(all_hold(sla_terms_form(world.terms, world.parameters)));
  return world;
}

Goal delivery_is_over_unseen(Scope& scope) {
  const std::string_view name = "2 <= window_min <= window_max";
  const SlaWorld w = sla_without(scope, name);
  scope.assume(w.in(SlaStatus::active));
  const SymInt next_block = w.height + w.number(1);
  const auto delivered = sla_deliver(w.sla, w.terms, w.height, w.truth(true), {w.named, w.had},
                                     {w.truth(true), w.truth(true), w.truth(true)});
  return needed(w.parameters, name,
                land(all_hold(delivered.guards), all_hold(sla_finalize(delivered.next, w.terms, next_block).guards)));
}

Goal turn_is_lost_untaken(Scope& scope) {
  const std::string_view name = "1 <= turn_min <= turn_max";
  const SlaWorld w = sla_without(scope, name);
  const auto challenged = sla_challenge(w.sla, w.terms, w.parameters, w.height, w.truth(true), w.named,
                                        w.challenge_bond, w.truth(true), w.truth(true));
  const auto forfeited = sla_forfeit(challenged.next, w.terms, w.height + w.number(1));
  return needed(w.parameters, name, land(all_hold(challenged.guards), all_hold(forfeited.guards)));
}

Goal challenge_is_free(Scope& scope) {
  const std::string_view name = "challenge_bond_min >= 1";
  const SlaWorld w = sla_without(scope, name);
  const auto challenged = sla_challenge(w.sla, w.terms, w.parameters, w.height, w.truth(true), w.named, w.number(0),
                                        w.truth(true), w.truth(true));
  return needed(w.parameters, name, all_hold(challenged.guards));
}

/// The bounds of disputes count twenty halvings (SLA-12).
Goal halvings_are_not_counted(Scope& scope) {
  const std::string_view name = "1 <= steps_max <= 2^20";
  const SlaWorld w = sla_without(scope, name);
  const SymInt steps = sla_steps(w.terms), one = w.number(1);
  const SymBool halving_counts_nothing = halvings_time(steps, one) <= halvings_time(div_floor(steps + one, 2), one);
  return needed(w.parameters, name, land(one < steps, halving_counts_nothing));
}

Goal payment_exceeds_integers(Scope& scope) {
  const std::string_view name = "0 <= price_max <= 2^40";
  SlaWorld w(scope);
  for (const Constraint<SymInt>& constraint : constraints(w.parameters))
    if (constraint.name != name) scope.assume(constraint.holds);
  w.terms.units = w.number(1 << 20);
  w.terms.steps_per_unit = w.number(1);
  scope.assume(all_hold(sla_terms_form(w.terms, w.parameters)));
  return needed(w.parameters, name, w.number(amount_max) < sla_payment(w.terms));
}

/// A party that sees a proposal, and then its acceptance, sees each in the block after it.
Goal no_job_can_be_seen_and_done(Scope& scope) {
  const SlaWorld w = sla_without(scope, "deliver_within_max > turn_min");
  const SymInt one = w.number(1), next = w.height + one;
  const SymBool yes = w.truth(true);
  const auto proposed = sla_propose(sla_empty(w.height), w.terms, w.parameters, w.height);
  const auto accepted = sla_accept(proposed.next, w.terms, next, yes, yes);
  const SymBool never = lnot(land(all_hold(proposed.guards), all_hold(accepted.guards)));
  const SymInt most = w.parameters.deliver_within_max, least = w.parameters.turn_min;
  return {implies(most <= least, never), implies(most <= least + one, never)};
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
      {"POS-3", "contracts-pos-3-needs-launch-stake",
       "with a launch stake of MIN_STAKE or less the first node proposes alone, whatever its stake", found,
       first_node_owns_the_chain, exists},
      {"SLA-14", "contracts-sla-14-needs-window",
       "with W < 2 a delivery may be settled in the first block that sees it", found, delivery_is_over_unseen, exists},
      {"SLA-14", "contracts-sla-14-needs-turn", "with T < 1 a turn may be forfeited in the first block that sees it",
       found, turn_is_lost_untaken, exists},
      {"SLA-9", "contracts-sla-9-needs-bond", "with B < 1 a challenge may risk nothing", found, challenge_is_free,
       exists},
      {"SLA-12", "contracts-sla-12-needs-steps-max", "with N_MAX > 2^20 there are halvings that no bound counts", found,
       halvings_are_not_counted, exists},
      {"LEDGER-2", "contracts-ledger-2-needs-price-max", "without a limit on prices a payment exceeds 2^62", found,
       payment_exceeds_integers, exists},
      {"SLA-4", "contracts-sla-4-needs-time",
       "with D_MAX <= T_MIN no proposal can be accepted by who sees it a block later", found,
       no_job_can_be_seen_and_done},
  };
}

}  // namespace p2pllm::proofs
