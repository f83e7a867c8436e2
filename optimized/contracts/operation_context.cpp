#include "optimized/contracts/operation_context.hpp"

#include "optimized/contracts/account_rules.hpp"

namespace p2pllm::optimized {
namespace {

/// The fee is taken already.
Reason run_transfer(OperationContext& context, const Transfer& op) {
  auto& accounts = context.shard.accounts;
  const auto place = accounts.find(context.sender);
  if (const Numbers code = reason_transfer<Numbers>(accounts[place].balance, op.amount); code != 0)
    return as_reason(code);
  const bool crosses = op.to_shard != context.shard.number();
  const TransferParts<Numbers> parts = transfer<Numbers>(accounts.change(place).balance, op.amount, crosses);
  if (crosses) context.shard.outgoing.push_back({context.id, op.to_shard, op.to, parts.travels});
  else context.pay(op.to, parts.arrives);
  return Reason::none;
}

}  // namespace

Reason run(OperationContext& context, const Operation& operation) {
  switch (machine_of(operation)) {
    case MachineKind::account:
      return run_on<MachineKind::account>(operation,
                                          [&context](const Transfer& op) { return run_transfer(context, op); });
    case MachineKind::registration: return run_registration(context, operation);
    case MachineKind::sla: return run_sla(context, operation);
    case MachineKind::channel: return run_channel(context, operation);
  }
  return Reason::unknown_object;
}

}  // namespace p2pllm::optimized
