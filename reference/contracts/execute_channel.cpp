#include "model/contracts/channel_message.hpp"
#include "reference/contracts/channel_rules.hpp"
#include "reference/contracts/execute.hpp"

namespace p2pllm::reference {
namespace {

using Numbers = std::int64_t;

/// Runs one operation on one channel: checks signatures, evaluates the rule and moves value.
class ChannelRun {
 public:
  ChannelRun(Execution& execution, const Hash& id, ChannelRecord& record)
      : execution_(execution), place_{execution.ledger(), id}, record_(record) {}

  Reason operator()(const ChannelFund&) { return settle(channel_fund(now(), height(), sender())); }
  Reason operator()(const ChannelReclaim&) { return settle(channel_reclaim(now(), height())); }
  Reason operator()(const ChannelCooperativeClose& op) {
    return settle(channel_cooperative_close(now(), height(), op.state.balances, both_signed(op.state)));
  }
  Reason operator()(const ChannelClose& op) {
    return settle(channel_close(now(), height(), op.state.balances, sender(), both_signed(op.state)));
  }
  Reason operator()(const ChannelRefute& op) {
    return settle(channel_refute(now(), height(), op.state.balances, sender(), both_signed(op.state)));
  }
  Reason operator()(const ChannelPunish& op) {
    const AccountId& other = execution_.sender == record_.a ? record_.b : record_.a;
    const bool signed_by_other = execution_.context.signatures.verify(
        other, channel_revocation_message(place_, op.revoked_below), op.revocation);
    return settle(channel_punish(now(), height(), op.revoked_below, sender(), signed_by_other));
  }
  Reason operator()(const ChannelSettle&) { return settle(channel_settle(now(), height())); }

  /// Carries out the result of the rule.
  Reason settle(const ChannelStep<Numbers>& step) {
    if (const Reason reason = first_failure(step.guards); reason != Reason::none) return reason;
    const auto& [from_a, from_b, to_a, to_b] = step.flow;
    if (!execution_.covers(record_.a, from_a) || !execution_.covers(record_.b, from_b)) return Reason::not_covered;
    execution_.take(record_.a, from_a);
    execution_.take(record_.b, from_b);
    if (to_a > 0) execution_.pay(record_.a, to_a);
    if (to_b > 0) execution_.pay(record_.b, to_b);
    record_.channel = step.next;
    return Reason::none;
  }

 private:
  [[nodiscard]] const Channel<Numbers>& now() const { return record_.channel; }
  [[nodiscard]] Height height() const { return execution_.context.height(); }
  [[nodiscard]] ChannelSender<Numbers> sender() const {
    return {execution_.sender == record_.a, execution_.sender == record_.b};
  }
  [[nodiscard]] bool both_signed(const ChannelSignedBalances& state) const {
    const Hash message = channel_state_message(place_, state.balances);
    const SignatureScheme& scheme = execution_.context.signatures;
    return scheme.verify(record_.a, message, state.signature_a) && scheme.verify(record_.b, message, state.signature_b);
  }

  Execution& execution_;
  ChannelPlace place_;
  ChannelRecord& record_;
};

/// A channel id is never used again: the channel stays in the state after it is settled (CHAN-2).
Reason open(Execution& execution, const ChannelOpen& op) {
  const ChannelTerms& terms = op.terms;
  const Hash id = channel_id(execution.ledger(), terms);
  if (execution.shard.channels.contains(id)) return Reason::object_exists;
  const Height height = execution.context.height();
  ChannelRecord record{terms.a, terms.b, no_channel(height)};
  const ChannelSender<Numbers> sender{execution.sender == terms.a, execution.sender == terms.b};
  const Reason reason = ChannelRun(execution, id, record)
                            .settle(channel_open(record.channel, execution.parameters(), height, numbers_of(terms),
                                                 sender, terms.a != terms.b));
  if (reason == Reason::none) execution.shard.channels.emplace(id, record);
  return reason;
}

}  // namespace

Reason run_channel(Execution& execution, const Operation& operation) {
  return run_operation_of<MachineKind::channel>(operation, [&execution]<typename Op>(const Op& op) {
    if constexpr (std::is_same_v<Op, ChannelOpen>) {
      return open(execution, op);
    } else {
      const auto id_of = [&execution](const auto& named) {
        if constexpr (requires { named.channel; }) return named.channel;
        else return channel_id(execution.ledger(), named.terms);
      };
      const auto found = execution.shard.channels.find(id_of(op));
      if (found == execution.shard.channels.end()) return Reason::unknown_object;
      return ChannelRun(execution, found->first, found->second)(op);
    }
  });
}

}  // namespace p2pllm::reference
