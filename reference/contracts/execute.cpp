#include "reference/contracts/execute.hpp"

#include "reference/contracts/account_rules.hpp"
#include "reference/contracts/channel_rules.hpp"
#include "reference/contracts/sla_rules.hpp"

namespace p2pllm::contracts {
namespace {

using Numbers = std::int64_t;

/// Whether every field is within the limits of its kind: amounts of accounts below 2^62 as decoded, layers of the
/// model.
struct FormOf {
  const BlockContext& context;

  bool fits(const LayerRange& layers) const {
    return layers.first < layers.last && layers.last <= context.genesis.layers;
  }

  Reason operator()(const Transfer& op) const {
    return op.to_shard < context.genesis.shards ? Reason::none : Reason::wrong_shard;
  }
  Reason operator()(const Register& op) const {
    return fits(op.layers) && op.cost_us >= 1 ? Reason::none : Reason::terms_out_of_range;
  }
  Reason operator()(const Migrate& op) const { return fits(op.layers) ? Reason::none : Reason::terms_out_of_range; }
  Reason operator()(const Propose& op) const {
    if (!fits(op.layers)) return Reason::terms_out_of_range;
    const SlaTerms<Numbers> terms{op.price,      op.units,  op.steps_per_unit, op.accept_by,
                                  op.deliver_by, op.window, op.turn,           op.bond};
    return first_failure(sla_terms_form(terms, context.genesis.parameters));
  }
  Reason operator()(const ChannelOpen& op) const {
    const ChannelTerms<Numbers> terms{op.terms.deposit_a, op.terms.deposit_b, op.terms.closing_time, op.terms.fund_by};
    return terms_in_range(terms, context.genesis.parameters, op.terms.a != op.terms.b) ? Reason::none
                                                                                       : Reason::terms_out_of_range;
  }
  Reason operator()(const auto&) const { return Reason::none; }
};

/// Which numbers of an operation are out of range, as every signed one must be in [0, 2^62].
bool numbers_in_range(const Operation& operation) {
  bool good = true;
  const auto look = [&good](std::string_view, const auto& value) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, std::int64_t>)
      good = good && 0 <= value && value <= amount_max;
  };
  std::visit([&look]<typename Op>(const Op& op) { Op::fields(op, look); }, operation);
  return good;
}

}  // namespace

Reason check_form(const Transaction& transaction, const BlockContext& context, std::optional<WellFormed>& token) {
  if (transaction.chain != context.chain) return Reason::wrong_chain;
  if (transaction.shard < 0 || transaction.shard >= context.genesis.shards) return Reason::wrong_shard;
  if (transaction.nonce > static_cast<std::uint64_t>(amount_max) || transaction.fee < 0 ||
      transaction.fee > amount_max || transaction.valid_until < 0 || transaction.valid_until > amount_max ||
      !numbers_in_range(transaction.operation))
    return Reason::amount_out_of_range;
  if (encode(transaction).size() > transaction_bytes_max) return Reason::malformed_encoding;
  if (const Reason reason = std::visit(FormOf{context}, transaction.operation); reason != Reason::none) return reason;
  const Hash id = transaction_id(transaction);
  if (!context.signatures.verify(transaction.sender, id, transaction.signature)) return Reason::wrong_signature;
  token = WellFormed(transaction, id);
  return Reason::none;
}

namespace {

AccountNumbers<Numbers> numbers_of(const Account& account) {
  return {account.balance, static_cast<Numbers>(account.nonce)};
}

}  // namespace

Reason admit(const WellFormed& form, const Shard& shard, const BlockContext& context, std::optional<Admitted>& token) {
  const Transaction& transaction = form.transaction();
  const auto found = shard.accounts.find(transaction.sender);
  const Account account = found == shard.accounts.end() ? Account{} : found->second;
  const Reason reason = first_failure(admission(
      numbers_of(account), {static_cast<Numbers>(transaction.nonce), transaction.valid_until, transaction.fee},
      context.height, context.genesis.parameters));
  if (reason != Reason::none) return reason;
  token = Admitted(form);
  return Reason::none;
}

bool Execution::covers(const AccountId& who, Amount amount) const {
  const auto found = shard.accounts.find(who);
  return amount == 0 || (found != shard.accounts.end() && found->second.balance >= amount);
}

namespace {

Reason run_transfer(Execution& execution, const Transfer& op, std::int64_t own_shard) {
  const bool crosses = op.to_shard != own_shard;
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
  const std::size_t code = transaction.operation.index();
  const Operation first_of_slas = Propose{}, first_of_channels = ChannelOpen{};
  if (const auto* transfer = std::get_if<Transfer>(&transaction.operation))
    return run_transfer(execution, *transfer, transaction.shard);
  if (code >= first_of_channels.index()) return run_channel(execution, transaction.operation);
  if (code >= first_of_slas.index()) return run_sla(execution, transaction.operation);
  return run_registration(execution, transaction.operation);
}

}  // namespace p2pllm::contracts
