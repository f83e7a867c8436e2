#include "optimized/contracts/registration_rules.hpp"
#include "proofs/agree_contracts.hpp"
#include "proofs/registration_world.hpp"

// The fast ledger's rules of registrations and slashes equal the reference's for all values.
namespace p2pllm::proofs {
namespace {

using contracts::NodeStatus;
using Fast = FastStep<Node>;

/// A step of the reference, and the fast one at a height and with inputs of its own.
struct Pair {
  NodeStep exact;
  std::function<Fast(const SymInt& height, const SymInt& amount, const SymBool& fact)> fast;
};

std::vector<SymInt> flow_of(const NodeStep& step) {
  return {step.flow.from_owner, step.flow.to_owner, step.flow.to_reporter, step.flow.burned};
}

/// The fault: the fast half decides as of the next block, of one unit more, and takes what holds for what does not.
template <typename PairOf>
Obligation obligation(const AgreeName& name, const PairOf& pair_of) {
  return {name.clause, name.name, "the fast half's guards and effect of " + name.rule() + " are the reference's",
          "all nodes, parameters, amounts and heights", [pair_of](Scope& scope) -> Goal {
            const World w(scope);
            const SymInt amount = w.amount("amount");
            const SymBool fact = scope.unknown("fact");
            const Pair pair = pair_of(w, amount, fact);
            const auto agrees = [&](const Fast& fast) { return same_step(pair.exact, flow_of(pair.exact), fast); };
            return {agrees(pair.fast(w.height, amount, fact)),
                    agrees(pair.fast(w.height + w.one, amount + w.one, lnot(fact)))};
          }};
}

Fast unmoved(const World& w, const SymInt& code, const Node& next) {
  return {code, next, {w.zero, w.zero, w.zero, w.zero}};
}

Pair enrolling(const World& w, const SymInt& stake, const SymBool&) {
  return {reference::registration_register(w.node, w.p, w.height, stake),
          [&w](const SymInt& h, const SymInt& amount, const SymBool&) -> Fast {
            Node next = w.node;
            optimized::enroll(next, h, amount);
            return {optimized::reason_register(w.node, w.p, h, amount), next, {amount, w.zero, w.zero, w.zero}};
          }};
}
Pair updating(const World& w, const SymInt&, const SymBool&) {
  return {reference::registration_update(w.node, w.p, w.height, w.scope.truth(true)),
          [&w](const SymInt& h, const SymInt&, const SymBool&) {
            Node next = w.node;
            optimized::update(next, h);
            return unmoved(w, optimized::reason_update(w.node, w.p, h), next);
          }};
}
Pair migrating(const World& w, const SymInt&, const SymBool& crosses) {
  const SymBool improves = w.scope.unknown("improves");
  return {reference::registration_migrate(w.node, w.scope.truth(true), crosses, improves),
          [&w, improves](const SymInt&, const SymInt&, const SymBool& fact) {
            Node next = w.node;
            optimized::next_version(next);
            return unmoved(w, optimized::reason_migrate(w.node, fact, improves), next);
          }};
}
Pair topping_up(const World& w, const SymInt& stake, const SymBool&) {
  return {reference::registration_top_up(w.node, stake, w.scope.truth(true)),
          [&w](const SymInt&, const SymInt& amount, const SymBool&) -> Fast {
            Node next = w.node;
            next.stake = next.stake + amount;
            return {optimized::reason_top_up(w.node), next, {amount, w.zero, w.zero, w.zero}};
          }};
}
Pair unbonding(const World& w, const SymInt&, const SymBool&) {
  return {reference::registration_unbond(w.node, w.p, w.height, w.scope.truth(true)),
          [&w](const SymInt& h, const SymInt&, const SymBool&) {
            Node next = w.node;
            optimized::unbond(next, w.p, h);
            return unmoved(w, optimized::reason_unbond(w.node), next);
          }};
}
Pair rebonding(const World& w, const SymInt&, const SymBool&) {
  return {reference::registration_rebond(w.node, w.p, w.height, w.scope.truth(true)),
          [&w](const SymInt& h, const SymInt&, const SymBool&) {
            Node next = w.node;
            optimized::rebond(next, h);
            return unmoved(w, optimized::reason_rebond(w.node, w.p, h), next);
          }};
}
Pair withdrawing(const World& w, const SymInt&, const SymBool&) {
  return {reference::registration_withdraw(w.node, w.height, w.scope.truth(true)),
          [&w](const SymInt& h, const SymInt&, const SymBool&) -> Fast {
            Node next = w.node;
            const SymInt stake = optimized::withdraw(next);
            return {optimized::reason_withdraw(w.node, h), next, {w.zero, stake, w.zero, w.zero}};
          }};
}
Pair leaving_jail(const World& w, const SymInt&, const SymBool&) {
  return {reference::registration_unjail(w.node, w.p, w.height, w.scope.truth(true)),
          [&w](const SymInt& h, const SymInt&, const SymBool&) {
            Node next = w.node;
            optimized::set_status(next, NodeStatus::active);
            return unmoved(w, optimized::reason_unjail(w.node, w.p, h), next);
          }};
}

Fast slashed(const World& w, const SymInt& code, const SymInt& h, const SymBool& fraud, const SymInt& then,
             const SymBool& reporter) {
  Node next = w.node;
  const auto [to_reporter, burned] = optimized::slash(next, w.p, h, fraud, then, reporter);
  return {code, next, {w.zero, w.zero, to_reporter, burned}};
}
Pair slashing(const World& w, const SymInt& stake_then, const SymBool& fraud) {
  const SymBool reporter = w.scope.unknown("has_reporter");
  return {reference::registration_slash(w.node, w.p, w.height, fraud, stake_then, reporter),
          [&w, reporter](const SymInt& h, const SymInt& then, const SymBool& fact) {
            const SymInt code = select(optimized::can_be_slashed(w.node), w.zero, w.number(300));
            return slashed(w, code, h, fact, then, reporter);
          }};
}
Pair reporting(const World& w, const SymInt& stake_then, const SymBool& is_proven) {
  const SymBool is_new = w.scope.unknown("is_new"), reporter = w.scope.unknown("has_reporter");
  const SymInt infraction = w.amount("g");
  return {reference::registration_report(w.node, w.p, w.height, infraction, is_proven, is_new, stake_then, reporter),
          [&w, is_new, reporter, infraction](const SymInt& h, const SymInt& then, const SymBool& fact) {
            const SymInt code = optimized::reason_report(w.node, w.p, h, infraction, fact, is_new, then);
            return slashed(w, code, h, w.scope.truth(true), then, reporter);
          }};
}

/// Openings and ends of SLAs are counted by the SLA's machine, whose guards decide.
Goal counting(Scope& scope) {
  const World w(scope);
  const NodeStep opened = reference::registration_sla_opened(w.node),
                 closed = reference::registration_sla_closed(w.node);
  Node open = w.node, close = w.node;
  optimized::open_sla_of(open);
  optimized::close_sla_of(close);
  return {land(same_numbers(opened.next, open), same_numbers(closed.next, close)),
          land(same_numbers(opened.next, close), same_numbers(closed.next, open))};
}

}  // namespace

std::vector<Obligation> agree_registration_obligations() {
  return {obligation({"REG-2", "agree-registration-register"}, enrolling),
          obligation({"REG-2", "agree-registration-update"}, updating),
          obligation({"REG-2", "agree-registration-migrate"}, migrating),
          obligation({"REG-3", "agree-registration-top-up"}, topping_up),
          obligation({"REG-3", "agree-registration-unbond"}, unbonding),
          obligation({"REG-6", "agree-registration-rebond"}, rebonding),
          obligation({"REG-3", "agree-registration-withdraw"}, withdrawing),
          obligation({"REG-6", "agree-registration-unjail"}, leaving_jail),
          obligation({"REG-4", "agree-registration-slash"}, slashing),
          obligation({"REG-5", "agree-registration-report"}, reporting),
          {"REG-7", "agree-registration-open-slas", "the fast half counts open SLAs as the reference does", "all nodes",
           counting}};
}

}  // namespace p2pllm::proofs
