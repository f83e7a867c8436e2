#include "model/contracts/channel_state.hpp"
#include "reference/contracts/channel_rules.hpp"
#include "reference/contracts/execute.hpp"

namespace p2pllm::contracts {
namespace {

using Numbers = std::int64_t;

/// Runs one operation on one channel: checks signatures, asks the rule, moves value.
class ChannelRun {
 public:
  ChannelRun(Execution& execution, const Hash& id, ChannelRecord& record)
      : execution_(execution), place_{execution.ledger_id(), id}, record_(record) {}

  Reason operator()(const ChannelFund&) { return settle(channel_fund(now(), parameters(), height(), sender())); }
  Reason operator()(const ChannelReclaim&) { return settle(channel_reclaim(now(), parameters(), height())); }
  Reason operator()(const ChannelCooperativeClose& op) {
    return settle(channel_cooperative_close(now(), parameters(), height(), numbers(op.state), both_signed(op.state)));
  }
  Reason operator()(const ChannelClose& op) {
    return settle(channel_close(now(), parameters(), height(), numbers(op.state), sender(), both_signed(op.state)));
  }
  Reason operator()(const ChannelRefute& op) {
    return settle(channel_refute(now(), parameters(), height(), numbers(op.state), sender(), both_signed(op.state)));
  }
  Reason operator()(const ChannelPunish& op) {
    const AccountId& other = execution_.sender == record_.a ? record_.b : record_.a;
    const bool signed_by_other = execution_.context.signatures.verify(
        other, channel_revocation_message(place_, op.revoked_below), op.revocation);
    return settle(channel_punish(now(), parameters(), height(), op.revoked_below, sender(), signed_by_other));
  }
  Reason operator()(const ChannelSettle&) { return settle(channel_settle(now(), parameters(), height())); }
  Reason operator()(const auto&) { return Reason::wrong_status; }

  /// Obeys the rule's answer.
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
  [[nodiscard]] const Parameters<Numbers>& parameters() const { return execution_.parameters(); }
  [[nodiscard]] Height height() const { return execution_.context.height; }
  [[nodiscard]] ChannelSender<Numbers> sender() const {
    return {execution_.sender == record_.a, execution_.sender == record_.b};
  }
  static ChannelState<Numbers> numbers(const SignedBalances& state) {
    return {state.version, state.balance_a, state.balance_b};
  }
  [[nodiscard]] bool both_signed(const SignedBalances& state) const {
    const Hash message = channel_state_message(place_, {state.version, state.balance_a, state.balance_b});
    const SignatureScheme& scheme = execution_.context.signatures;
    return scheme.verify(record_.a, message, state.signature_a) && scheme.verify(record_.b, message, state.signature_b);
  }

  Execution& execution_;
  ChannelPlace place_;
  ChannelRecord& record_;
};

/// A channel id never comes back: it stays in the state when it is settled (CHAN-2).
Reason open(Execution& execution, const ChannelAgreement& terms) {
  const Hash id = channel_id_of(execution, terms);
  if (execution.shard.channels.contains(id)) return Reason::object_exists;
  ChannelRecord record{terms.a, terms.b, no_channel(execution.context.height)};
  const contracts::ChannelTerms<Numbers> numbers{terms.deposit_a, terms.deposit_b, terms.closing_time, terms.fund_by};
  const bool is_a = execution.sender == terms.a, is_b = execution.sender == terms.b;
  const Reason reason = ChannelRun(execution, id, record)
                            .settle(channel_open(record.channel, execution.parameters(), execution.context.height,
                                                 numbers, ChannelSender<Numbers>{is_a, is_b}, terms.a != terms.b));
  if (reason == Reason::none) execution.shard.channels.emplace(id, record);
  return reason;
}

}  // namespace

Hash channel_id_of(const Execution& execution, const ChannelAgreement& terms) {
  return channel_id({execution.ledger_id(), terms.a, terms.b, terms.nonce, terms.closing_time, terms.deposit_a,
                     terms.deposit_b, terms.fund_by});
}

Hash Execution::ledger_id() const {
  CborWriter out;
  out.array(2).bytes(context.chain).number(static_cast<std::uint64_t>(shard_index));
  return hash_tagged("p2pllm/1/shard", out.take());
}

Reason run_channel(Execution& execution, const Operation& operation) {
  if (const auto* opening = std::get_if<ChannelOpen>(&operation)) return open(execution, opening->terms);
  const auto run = [&execution](const Hash& id, const auto& op) {
    const auto found = execution.shard.channels.find(id);
    if (found == execution.shard.channels.end()) return Reason::unknown_object;
    return ChannelRun(execution, id, found->second)(op);
  };
  return std::visit(
      [&](const auto& op) {
        if constexpr (requires { op.channel; }) return run(op.channel, op);
        else if constexpr (requires { op.terms; }) return run(channel_id_of(execution, op.terms), op);
        else return Reason::unknown_object;
      },
      operation);
}

}  // namespace p2pllm::contracts
