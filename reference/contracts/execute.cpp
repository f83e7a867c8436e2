#include "reference/contracts/execute.hpp"

#include "reference/contracts/account_rules.hpp"
#include "reference/contracts/channel_rules.hpp"
#include "reference/contracts/sla_rules.hpp"

namespace p2pllm::reference {
namespace {

using Numbers = std::int64_t;

/// For an operation whose only requirement is that its numbers are in range.
template <typename Op, typename... Ops>
concept OneOf = (std::same_as<Op, Ops> || ...);

/// Checks the form of each operation: whether its terms are within the limits of the genesis, whatever the state.
struct FormOf {
  const Genesis& genesis;

  Reason operator()(const Transfer& op) const {
    return op.to_shard < genesis.shards ? Reason::none : Reason::wrong_shard;
  }
  Reason operator()(const Register& op) const { return terms(fits(op.layers) && op.cost_us >= 1); }
  Reason operator()(const Migrate& op) const { return terms(fits(op.layers)); }
  Reason operator()(const Propose& op) const {
    return fits(op.layers) ? first_failure(sla_terms_form(op.terms, genesis.parameters)) : Reason::terms_out_of_range;
  }
  Reason operator()(const ChannelOpen& op) const {
    return terms(terms_in_range(numbers_of(op.terms), genesis.parameters, op.terms.a != op.terms.b));
  }
  template <OneOf<Update, TopUp, Unbond, Rebond, Withdraw, Unjail, ReportEquivocation, Accept, Cancel, Expire, Deliver,
                  Demand, Publish, Miss, Acknowledge, Finalize, Timeout, Challenge, PostMid, Side, Judge, Forfeit,
                  ChannelFund, ChannelReclaim, ChannelCooperativeClose, ChannelClose, ChannelRefute, ChannelPunish,
                  ChannelSettle, Refine, Close, Answer, Claim, Settle, Convict>
                Op>
  Reason operator()(const Op&) const {
    return Reason::none;
  }

 private:
  [[nodiscard]] bool fits(const LayerRange& layers) const {
    return layers.first < layers.last && layers.last <= genesis.layers;
  }
  static Reason terms(bool are_in_range) { return are_in_range ? Reason::none : Reason::terms_out_of_range; }
};

/// Determines which numbers of an operation are out of range; every signed number must be in [0, 2^62].
bool numbers_in_range(const Operation& operation) {
  bool good = true;
  const auto in_range = [](std::int64_t value) { return 0 <= value && value <= amount_max; };
  const auto look = [&](std::string_view, const auto& value) {
    using Value = std::remove_cvref_t<decltype(value)>;
    if constexpr (std::is_same_v<Value, std::int64_t>) good = good && in_range(value);
    else if constexpr (std::is_same_v<Value, LayerRange>) good = good && in_range(value.first) && in_range(value.last);
  };
  std::visit([&look]<typename Op>(const Op& op) { Op::fields(op, look); }, operation);
  return good;
}

}  // namespace

Passed<WellFormed> check_form(const Transaction& transaction, const BlockContext& context) {
  const auto malformed = [](Reason reason) { return tl::unexpected<Reason>(reason); };
  if (transaction.chain != context.chain()) return malformed(Reason::wrong_chain);
  if (transaction.shard < 0 || transaction.shard >= context.genesis.shards) return malformed(Reason::wrong_shard);
  if (transaction.nonce > static_cast<std::uint64_t>(amount_max) || transaction.fee < 0 ||
      transaction.fee > amount_max || transaction.valid_until < 0 || transaction.valid_until > amount_max ||
      !numbers_in_range(transaction.operation))
    return malformed(Reason::amount_out_of_range);
  if (encode(transaction).size() > transaction_bytes_max) return malformed(Reason::malformed_encoding);
  if (const Reason reason = std::visit(FormOf{context.genesis}, transaction.operation); reason != Reason::none)
    return malformed(reason);
  return WellFormed(transaction, transaction_id(transaction));
}

Passed<Signed> check_signature(const WellFormed& form, const BlockContext& context) {
  const Transaction& transaction = form.transaction();
  if (!context.signatures.verify(transaction.sender, form.id(), transaction.signature))
    return tl::unexpected<Reason>(Reason::wrong_signature);
  return Signed(form);
}

namespace {

AccountNumbers<Numbers> numbers_of(const Account& account) {
  return {account.balance, static_cast<Numbers>(account.nonce)};
}

}  // namespace

Passed<Admitted> admit(const Signed& form, const Shard& shard, const BlockContext& context) {
  const Transaction& transaction = form.form().transaction();
  const auto found = shard.accounts.find(transaction.sender);
  const Account account = found == shard.accounts.end() ? Account{} : found->second;
  const Reason reason = first_failure(admission(
      numbers_of(account), {static_cast<Numbers>(transaction.nonce), transaction.valid_until, transaction.fee},
      context.height(), context.genesis.parameters));
  if (reason != Reason::none) return tl::unexpected<Reason>(reason);
  return Admitted(form);
}

bool Execution::covers(const AccountId& who, Amount amount) const {
  const auto found = shard.accounts.find(who);
  return amount == 0 || (found != shard.accounts.end() && found->second.balance >= amount);
}

namespace {

Reason run_transfer(Execution& execution, const Transfer& op) {
  const bool crosses = op.to_shard != execution.shard_index;
  const Amount balance = execution.shard.accounts[execution.sender].balance;
  const auto step = transfer<Numbers>({balance, 0, 0}, op.amount, crosses);
  if (const Reason reason = first_failure(step.guards); reason != Reason::none) return reason;
  execution.take(execution.sender, balance - step.next.sender);
  if (crosses) execution.shard.outgoing.push_back({execution.id, op.to_shard, op.to, step.next.in_flight});
  else execution.pay(op.to, step.next.receiver);
  return Reason::none;
}

}  // namespace

Reason apply(const Admitted& admitted, Shard& shard, const BlockContext& context) {
  const Transaction& transaction = admitted.form().transaction();
  Account& account = shard.accounts[transaction.sender];
  const AccountNumbers<Numbers> after = charged(numbers_of(account), transaction.fee);
  account = {after.balance, static_cast<std::uint64_t>(after.nonce)};
  shard.accounts[context.proposer].balance += transaction.fee;
  Execution execution{shard, context, transaction.shard, transaction.sender, admitted.form().id()};
  switch (machine_of(transaction.operation)) {
    case MachineKind::account:
      return run_operation_of<MachineKind::account>(
          transaction.operation, [&execution](const Transfer& op) { return run_transfer(execution, op); });
    case MachineKind::registration: return run_registration(execution, transaction.operation);
    case MachineKind::sla: return run_sla(execution, transaction.operation);
    case MachineKind::channel: return run_channel(execution, transaction.operation);
  }
  return Reason::unknown_object;
}

}  // namespace p2pllm::reference
