#include "proofs/registration_world.hpp"

namespace p2pllm::proofs {
namespace {

using namespace reference;

NodeStep& at(std::vector<NodeStep>& all, RegistrationOperation operation) {
  return all[static_cast<std::size_t>(operation)];
}

Goal starts_well(Scope& scope) {
  const World w(scope);
  const Node fresh{w.zero, w.zero, w.zero, w.zero, w.zero, w.zero, w.zero};
  Node staked = fresh;
  staked.stake = w.one;
  return {w.invariant(fresh, w.height), w.invariant(staked, w.height)};
}

Goal steps_keep_invariant(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  std::vector<NodeStep> all = w.steps(w.node);
  const auto kept = [&](RegistrationOperation, const NodeStep& step) { return w.invariant(step.next, w.height); };
  const SymBool conclusion = w.of_each(all, kept);
  at(all, RegistrationOperation::slash).next.status = w.node.status;  // a node that failed is not jailed
  return {conclusion, w.of_each(all, kept)};
}

Goal time_keeps_invariant(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  const SymInt later = w.any("later");
  scope.assume(w.height <= later);
  return {w.invariant(w.node, later), w.invariant(w.node, later - w.one)};
}

Goal rows_are_kept(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  std::vector<NodeStep> all = w.steps(w.node);
  const auto leads_to = [&](RegistrationOperation operation, const NodeStep& step) {
    return status_in(step.next.status, row_of(operation).to);
  };
  const SymBool conclusion = w.of_each(all, leads_to);
  at(all, RegistrationOperation::rebond).next.status = status_like(w.zero, NodeStatus::unbonding);
  return {conclusion, w.of_each(all, leads_to)};
}

Goal value_is_conserved(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  std::vector<NodeStep> all = w.steps(w.node);
  const auto balanced = [&](RegistrationOperation, const NodeStep& s) {
    const SymInt out = s.flow.to_owner + s.flow.to_reporter + s.flow.burned;
    const SymBool positive = all_of(scope, {w.zero <= s.flow.from_owner, w.zero <= s.flow.to_owner,
                                            w.zero <= s.flow.to_reporter, w.zero <= s.flow.burned});
    return land(positive, w.node.stake + s.flow.from_owner == s.next.stake + out);
  };
  const SymBool conclusion = w.of_each(all, balanced);
  NodeStep& slash = at(all, RegistrationOperation::slash);
  slash.flow.burned = w.node.stake - slash.next.stake;  // and the reporter is paid from nothing
  return {conclusion, w.of_each(all, balanced)};
}

Goal tombstoned_absorbs(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  scope.assume(w.is(w.node, NodeStatus::tombstoned));
  std::vector<NodeStep> all = w.steps(w.node);
  const auto stays = [&](RegistrationOperation, const NodeStep& s) {
    const SymInt out = s.flow.to_owner + s.flow.to_reporter + s.flow.burned;
    return land(w.is(s.next, NodeStatus::tombstoned), land(s.next.stake == w.zero, out + s.flow.from_owner == w.zero));
  };
  const SymBool conclusion = w.of_each(all, stays);
  at(all, RegistrationOperation::enroll).guards = {{Reason::below_min_stake, w.p.min_stake <= w.any("stake_in")}};
  return {conclusion, w.of_each(all, stays)};
}

Goal version_goes_on(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  std::vector<NodeStep> all = w.steps(w.node);
  const auto goes_on = [&](RegistrationOperation operation, const NodeStep& s) {
    const bool counts = operation <= RegistrationOperation::migrate;
    return s.next.version == w.node.version + w.number(counts ? 1 : 0);
  };
  const SymBool conclusion = w.of_each(all, goes_on);
  at(all, RegistrationOperation::enroll).next.version = w.one;  // it restarts after a withdrawal
  return {conclusion, w.of_each(all, goes_on)};
}

Goal stake_leaves_by_two_ways(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  std::vector<NodeStep> all = w.steps(w.node);
  const auto guarded = [&](RegistrationOperation operation, const NodeStep& s) {
    using enum RegistrationOperation;
    const bool punishes = operation == slash || operation == report;
    const SymBool burned_or_reported = s.flow.to_owner == w.zero;
    const SymBool released =
        all_of(scope, {w.is(w.node, NodeStatus::unbonding), w.node.release_at <= w.height, w.node.open_slas == w.zero});
    const SymBool less = s.next.stake < w.node.stake;
    return implies(less, punishes ? burned_or_reported : operation == withdraw ? released : scope.truth(false));
  };
  const SymBool conclusion = w.of_each(all, guarded);
  at(all, RegistrationOperation::withdraw).guards.erase(all[6].guards.begin() + 2);  // without the wait
  return {conclusion, w.of_each(all, guarded)};
}

Goal release_does_not_move(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  scope.assume(w.is(w.node, NodeStatus::unbonding));
  std::vector<NodeStep> all = w.steps(w.node);
  const auto stays = [&](RegistrationOperation, const NodeStep& s) {
    return implies(w.is(s.next, NodeStatus::unbonding), s.next.release_at == w.node.release_at);
  };
  const SymBool conclusion = w.of_each(all, stays);
  at(all, RegistrationOperation::sla_closed).next.release_at = w.height + w.p.unbonding;  // a client could delay it
  return {conclusion, w.of_each(all, stays)};
}

/// From Active or Jailed, the owner receives everything that is left, U blocks after the request, whatever other
/// parties do.
Goal owner_gets_out(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  scope.assume(w.is_in_set(w.node, status_set(NodeStatus::active, NodeStatus::jailed)));
  const SymBool owner = scope.truth(true), honest = scope.truth(false), others = scope.unknown("others_are_active");
  const NodeStep unbonds = registration_unbond(w.node, w.p, w.height, owner);
  const SymInt failed_at = w.any("failed_at"), later = w.height + w.p.unbonding, before = w.amount("stake_before");
  Node waiting = registration_slash(unbonds.next, w.p, failed_at, honest, before, owner).next;
  waiting.open_slas = w.zero;  // each ends within its own bounded time
  const NodeStep leaves = registration_withdraw(waiting, later, owner);
  const SymBool gets_all = land(w.enabled(leaves), leaves.flow.to_owner == waiting.stake);
  return {land(w.enabled(unbonds), gets_all), land(land(w.enabled(unbonds), others), gets_all)};
}

Goal rebond_or_withdraw(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  scope.assume(w.is(w.node, NodeStatus::unbonding));
  scope.assume(land(w.p.min_stake <= w.node.stake, w.node.open_slas == w.zero));
  const SymBool owner = scope.truth(true);
  const SymBool back = w.enabled(registration_rebond(w.node, w.p, w.height, owner)),
                away = w.enabled(registration_withdraw(w.node, w.height, owner)),
                away_later = w.enabled(registration_withdraw(w.node, w.height - w.one, owner));
  return {iff(back, lnot(away)), iff(back, lnot(away_later))};
}

Goal fraud_takes_all(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  const SymInt before = w.amount("stake_before");
  const SymBool yes = scope.truth(true), reporter = scope.unknown("has_reporter");
  scope.assume(w.is_in_set(w.node, status_set(NodeStatus::active, NodeStatus::jailed, NodeStatus::unbonding)));
  const NodeStep s = registration_slash(w.node, w.p, w.height, yes, before, reporter);
  const SymBool gone = land(w.is(s.next, NodeStatus::tombstoned), s.next.stake == w.zero);
  const SymInt burned_tenfold = w.number(10) * s.flow.burned;
  const SymBool mostly_burned = w.number(9) * w.node.stake <= burned_tenfold;
  return {land(gone, mostly_burned), land(gone, w.node.stake <= s.flow.burned)};
}

Goal no_failure_is_free(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  const SymInt before = w.amount("stake_before"), taken = w.node.stake;
  const SymBool no = scope.truth(false), reporter = scope.unknown("has_reporter");
  scope.assume(land(w.one <= w.node.stake, w.one <= before));
  const NodeStep s = registration_slash(w.node, w.p, w.height, no, before, reporter);
  const SymInt slash = taken - s.next.stake;
  const SymBool bounded = land(slash <= before, slash <= w.node.stake);
  const SymBool is_percent = implies(land(w.p.min_stake <= before, before <= w.node.stake),
                                     slash == div_floor(before, downtime_slash_divisor));
  const SymInt plain = minimum(w.node.stake, div_floor(before, downtime_slash_divisor));  // 1 % of a small stake
  return {land(w.one <= slash, land(bounded, is_percent)), w.one <= plain};
}

Goal punished_once(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  const SymInt before = w.amount("stake_before");
  const SymBool fraud = scope.truth(true), any = scope.unknown("fraud_again"), reporter = scope.truth(true);
  const Node after = registration_slash(w.node, w.p, w.height, fraud, before, reporter).next;
  const NodeStep again = registration_slash(after, w.p, w.height, any, before, reporter);
  const NodeStep twice = registration_slash(w.node, w.p, w.height, any, before, reporter);
  return {again.flow.burned + again.flow.to_reporter == w.zero, twice.flow.burned + twice.flow.to_reporter == w.zero};
}

/// While an offence at height g can be shown, the stake held then is still there, less the slashes since (invariant 7).
SymBool stake_answers(const World& w, const Node& n, const SymInt& g, const SymInt& owed) {
  using enum NodeStatus;
  return all_of(w.scope, {lor(owed <= w.zero, w.is_in_set(n, status_set(active, jailed, unbonding))), owed <= n.stake,
                          implies(w.is(n, unbonding), g + w.p.unbonding <= n.release_at)});
}

Goal stake_answers_from_then(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  scope.assume(w.is(w.node, NodeStatus::active));
  const SymInt owed = w.amount("owed");
  return {stake_answers(w, w.node, w.height, w.node.stake), stake_answers(w, w.node, w.height, owed)};
}

/// The step of the proof: at no height of g .. g + E does any operation reduce the liable stake, except as a slash.
Goal stake_keeps_answering(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  const SymInt g = w.amount("offence"), owed = w.any("owed");
  scope.assume(land(g <= w.height, w.height <= g + w.p.evidence_age_max));
  scope.assume(stake_answers(w, w.node, g, owed));
  std::vector<NodeStep> all = w.steps(w.node);
  const auto still = [&](RegistrationOperation, const NodeStep& s) {
    return stake_answers(w, s.next, g, owed - s.flow.burned - s.flow.to_reporter);
  };
  const SymBool conclusion = w.of_each(all, still);
  at(all, RegistrationOperation::unbond).next.release_at = w.height + w.p.evidence_age_max;  // as if U = E
  return {conclusion, w.of_each(all, still)};
}

Goal evidence_is_heard(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  const SymInt g = w.amount("offence"), owed = w.any("owed"), before = w.any("stake_before");
  const SymBool yes = scope.truth(true), reporter = scope.unknown("has_reporter");
  scope.assume(land(g <= w.height, w.one <= owed));
  scope.assume(land(owed <= before, stake_answers(w, w.node, g, owed)));
  const NodeStep s = registration_report(w.node, w.p, w.height, g, yes, yes, before, reporter);
  const SymBool taken = land(w.enabled(s), owed <= s.flow.burned + s.flow.to_reporter);
  const SymBool young = w.height <= g + w.p.evidence_age_max, younger = w.height <= g + w.p.evidence_age_max + w.one;
  return {implies(young, taken), implies(younger, taken)};
}

/// For a node that left and came back, the new stake is not liable for the acts of the old one.
Goal old_evidence_is_too_old(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  const SymInt g = w.amount("offence"), unbonded_at = w.amount("unbonded_at"), now = w.any("now"),
               before = w.amount("stake_before");
  const SymBool yes = scope.truth(true);
  scope.assume(land(g <= unbonded_at, unbonded_at + w.p.unbonding <= w.node.release_at));
  scope.assume(land(w.enabled(registration_withdraw(w.node, w.height, yes)), w.height <= now));
  const Node left = registration_withdraw(w.node, w.height, yes).next;
  const NodeStep back = registration_register(left, w.p, now, w.amount("stake_in"));
  const auto heard = [&](const SymInt& offence) {
    return w.enabled(registration_report(back.next, w.p, now, offence, yes, yes, before, yes));
  };
  return {lnot(heard(g)), lnot(heard(g + w.p.unbonding))};
}

Goal jail_term_is_served(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  scope.assume(lnot(w.is(w.node, NodeStatus::active)));
  std::vector<NodeStep> all = w.steps(w.node);
  const auto served = [&](RegistrationOperation, const NodeStep& s) {
    return land(w.node.jailed_until <= s.next.jailed_until,
                implies(w.is(s.next, NodeStatus::active), w.node.jailed_until <= w.height));
  };
  const SymBool conclusion = w.of_each(all, served);
  at(all, RegistrationOperation::enroll).guards.pop_back();  // a node that returns is not jailed
  return {conclusion, w.of_each(all, served)};
}

Goal slash_and_close_commute(Scope& scope) {
  const World w(scope);
  w.assume_invariant();
  scope.assume(w.one <= w.node.open_slas);
  const SymInt before = w.amount("stake_before");
  const SymBool fraud = scope.unknown("fraud"), reporter = scope.unknown("has_reporter");
  const NodeStep slash = registration_slash(w.node, w.p, w.height, fraud, before, reporter),
                 close = registration_sla_closed(w.node), then_close = registration_sla_closed(slash.next),
                 then_slash = registration_slash(close.next, w.p, w.height, fraud, before, reporter);
  const auto same = [&](const Node& a, const Node& b) {
    return all_of(scope,
                  {a.status == b.status, a.stake == b.stake, a.version == b.version, a.updated_at == b.updated_at,
                   a.release_at == b.release_at, a.jailed_until == b.jailed_until, a.open_slas == b.open_slas});
  };
  const SymBool possible =
      land(land(w.enabled(slash), w.enabled(close)), land(w.enabled(then_close), w.enabled(then_slash)));
  return {land(possible, same(then_close.next, then_slash.next)), land(possible, same(then_close.next, slash.next))};
}

}  // namespace

std::vector<Obligation> contracts_registration_obligations() {
  const std::string all = "all states, inputs and parameters";
  return {
      {"REG-1", "contracts-reg-1-starts-well", "a node that never registered satisfies the invariant", all,
       starts_well},
      {"REG-1", "contracts-reg-1-invariant", "every operation keeps the invariant", all, steps_keep_invariant},
      {"REG-1", "contracts-reg-1-time", "time alone keeps the invariant", all, time_keeps_invariant},
      {"REG-1", "contracts-reg-1-rows", "every operation leads to a status of its row", all, rows_are_kept},
      {"REG-1", "contracts-reg-1-value", "no operation makes or loses value, and no flow is negative", all,
       value_is_conserved},
      {"REG-1", "contracts-reg-1-tombstoned-absorbs", "a Tombstoned node stays so, and moves no value", all,
       tombstoned_absorbs},
      {"REG-2", "contracts-reg-2-version", "register, update and migrate count the version up by 1, nothing else does",
       all, version_goes_on},
      {"REG-3", "contracts-reg-3-two-ways-out", "stake falls by a slash, which never pays the owner, or by withdraw",
       all, stake_leaves_by_two_ways},
      {"REG-3", "contracts-reg-3-release-stays", "nothing moves the release height of an Unbonding node", all,
       release_does_not_move},
      {"REG-3", "contracts-reg-3-owner-gets-out", "the owner gets what is left U blocks after it asks, failures or not",
       all, owner_gets_out},
      {"REG-3", "contracts-reg-3-rebond-or-withdraw",
       "with enough stake exactly one of rebond and withdraw is possible", all, rebond_or_withdraw},
      {"REG-4", "contracts-reg-4-fraud-takes-all", "a fraud costs all stake, nine tenths of it burned at least", all,
       fraud_takes_all},
      {"REG-4", "contracts-reg-4-no-failure-is-free",
       "a non-delivery costs 1 % of the stake of then, something while there is any, never more than there was", all,
       no_failure_is_free},
      {"REG-4", "contracts-reg-4-punished-once", "after a fraud nothing is taken again", all, punished_once},
      {"REG-5", "contracts-reg-5-stake-answers-then", "the stake of an Active node answers for what it does now", all,
       stake_answers_from_then},
      {"REG-5", "contracts-reg-5-stake-keeps-answering",
       "while an offence can be shown its stake stays, less what is slashed", all, stake_keeps_answering},
      {"REG-5", "contracts-reg-5-evidence-is-heard", "evidence of age E at most takes all the stake that answers", all,
       evidence_is_heard},
      {"REG-5", "contracts-reg-5-old-evidence", "evidence of before a withdrawal is too old for who came back", all,
       old_evidence_is_too_old},
      {"REG-6", "contracts-reg-6-jail-is-served", "no operation makes a node Active before its jail term is over", all,
       jail_term_is_served},
      {"REG-7", "contracts-reg-7-slash-and-close", "a slash and the end of the SLA commute, and neither is refused",
       all, slash_and_close_commute},
  };
}

}  // namespace p2pllm::proofs
