#include "model/encoding/cbor.hpp"
#include "reference/contracts/execute.hpp"
#include "reference/contracts/registration_rules.hpp"

namespace p2pllm::reference {
namespace {

using Numbers = std::int64_t;

/// Runs one operation of a node's owner: evaluates the rule and moves value.
class RegistrationRun {
 public:
  RegistrationRun(Execution& execution, RegisteredNode& node) : execution_(execution), node_(node) {}

  Reason operator()(const Update& op) {
    const Reason reason = settle(registration_update(now(), parameters(), height(), true));
    if (reason == Reason::none) node_.price = op.price;
    return reason;
  }
  /// The move is only queued: the loads at the end of the block decide it (LEDGER-6).
  Reason operator()(const Migrate& op) {
    const Genesis& genesis = execution_.context.genesis;
    const bool crosses = shard_of(genesis, op.layers) != shard_of(genesis, node_.layers);
    const bool may_improve =
        op.layers.last - op.layers.first == node_.layers.last - node_.layers.first && op.layers != node_.layers;
    const Reason reason = first_failure(registration_migrate(now(), true, crosses, may_improve).guards);
    if (reason == Reason::none) execution_.shard.queued_moves.push_back({execution_.sender, op.layers});
    return reason;
  }
  Reason operator()(const TopUp& op) { return settle(registration_top_up(now(), op.amount, true)); }
  Reason operator()(const Unbond&) { return settle(registration_unbond(now(), parameters(), height(), true)); }
  Reason operator()(const Rebond&) { return settle(registration_rebond(now(), parameters(), height(), true)); }
  Reason operator()(const Withdraw&) { return settle(registration_withdraw(now(), height(), true)); }
  Reason operator()(const Unjail&) { return settle(registration_unjail(now(), parameters(), height(), true)); }

  /// Carries out the result of the rule; the owner is the sender.
  Reason settle(const RegistrationStep<Numbers>& step) {
    if (const Reason reason = first_failure(step.guards); reason != Reason::none) return reason;
    const auto& [from_owner, to_owner, to_reporter, burned] = step.flow;
    if (!execution_.covers(execution_.sender, from_owner)) return Reason::not_covered;
    execution_.take(execution_.sender, from_owner);
    if (to_owner > 0) execution_.pay(execution_.sender, to_owner);
    node_.registration = step.next;
    return Reason::none;
  }

 private:
  [[nodiscard]] const Registration<Numbers>& now() const { return node_.registration; }
  [[nodiscard]] const Parameters<Numbers>& parameters() const { return execution_.parameters(); }
  [[nodiscard]] Height height() const { return execution_.context.height(); }

  Execution& execution_;
  RegisteredNode& node_;
};

Reason enroll(Execution& execution, const Register& op) {
  if (shard_of(execution.context.genesis, op.layers) != execution.shard_index) return Reason::wrong_place;
  const auto found = execution.shard.nodes.find(execution.sender);
  const bool is_first = found == execution.shard.nodes.end();
  if (is_first && (home_of(execution.context.genesis, execution.sender) != execution.shard_index ||
                   execution.shard.away.contains(execution.sender)))
    return Reason::wrong_place;
  RegisteredNode node = is_first ? RegisteredNode{} : found->second;
  const Reason reason = RegistrationRun(execution, node)
                            .settle(registration_register(node.registration, execution.parameters(),
                                                          execution.context.height(), op.stake));
  if (reason != Reason::none) return reason;
  node.layers = op.layers;
  node.cost_us = op.cost_us;
  node.price = op.price;
  execution.shard.nodes[execution.sender] = node;
  return reason;
}

/// Pays out the value taken by a slash.
void distribute(Execution& execution, RegisteredNode& node, const RegistrationStep<Numbers>& step,
                const std::optional<AccountId>& reporter) {
  node.registration = step.next;
  if (step.flow.to_reporter > 0) execution.pay(*reporter, step.flow.to_reporter);
  execution.shard.burned += step.flow.burned;
}

Reason report(Execution& execution, const ReportEquivocation& op) {
  const auto found = execution.shard.nodes.find(op.offender);
  if (found == execution.shard.nodes.end()) return Reason::unknown_object;
  const BlockContext& context = execution.context;
  const auto signed_by_offender = [&](const Hash& header, const Signature& signature) {
    const Hash message = proposal_id(context.chain(), op.height, op.round, header);
    return context.signatures.verify(op.offender, message, signature);
  };
  const bool is_proven = op.first != op.second && signed_by_offender(op.first, op.first_signature) &&
                         signed_by_offender(op.second, op.second_signature);
  CborWriter out;
  out.array(3).bytes(op.offender.bytes).number(static_cast<std::uint64_t>(op.height));
  const Hash evidence = hash_tagged("p2pllm/1/evidence", out.number(static_cast<std::uint64_t>(op.round)).view());
  Amount stake = 0;
  for (const StakeSnapshot& snapshot : context.state.snapshots)
    if (snapshot.height <= op.height) {  // of those begun by then the last counts
      const auto mine = snapshot.stakes.find(op.offender);
      stake = mine == snapshot.stakes.end() ? 0 : mine->second;
    }
  const bool has_reporter = execution.sender != op.offender;
  const auto step = registration_report(found->second.registration, execution.parameters(), context.height(), op.height,
                                        is_proven, !execution.shard.evidence.contains(evidence), stake, has_reporter);
  if (const Reason reason = first_failure(step.guards); reason != Reason::none) return reason;
  distribute(execution, found->second, step, execution.sender);
  execution.shard.evidence.insert(evidence);
  return Reason::none;
}

}  // namespace

void slash(Execution& execution, RegisteredNode& node, bool fraud, Amount stake,
           const std::optional<AccountId>& reporter) {
  const auto step = registration_slash(node.registration, execution.parameters(), execution.context.height(), fraud,
                                       stake, reporter.has_value());
  if (first_failure(step.guards) == Reason::none) distribute(execution, node, step, reporter);
}

Reason run_registration(Execution& execution, const Operation& operation) {
  return run_operation_of<MachineKind::registration>(operation, [&execution]<typename Op>(const Op& op) {
    if constexpr (std::is_same_v<Op, Register>) {
      return enroll(execution, op);
    } else if constexpr (std::is_same_v<Op, ReportEquivocation>) {
      return report(execution, op);
    } else {
      const auto found = execution.shard.nodes.find(execution.sender);
      if (found == execution.shard.nodes.end()) return Reason::unknown_object;
      return RegistrationRun(execution, found->second)(op);
    }
  });
}

}  // namespace p2pllm::reference
