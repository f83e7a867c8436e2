#pragma once

#include "model/contracts/genesis.hpp"
#include "model/contracts/reason.hpp"
#include "model/contracts/step_executor.hpp"
#include "model/contracts/transaction.hpp"
#include "optimized/contracts/rotation.hpp"
#include "optimized/contracts/shard_state.hpp"

// What an operation of the fast ledger works with. It changes nothing unless it returns `none` (LEDGER-3).
namespace p2pllm::optimized {

using Numbers = std::int64_t;

/// What all transactions of a block may read.
struct BlockFacts {
  const Genesis& genesis;
  const Rotation& rotation;
  const SignatureScheme& signatures;
  const StepExecutor& executor;
  Hash chain{};
  Height height = 1;
  AccountId proposer{};
};

/// One transaction that takes effect in its shard, nonce and fee being taken.
class OperationContext {
 public:
  OperationContext(ShardState& state, const BlockFacts& facts, const Hash& ledger, const AccountId& who,
                   const Hash& its)
      : shard(state), block(facts), ledger_id(ledger), sender(who), id(its) {}

  ShardState& shard;
  const BlockFacts& block;
  const Hash& ledger_id;  ///< to which signatures off the ledger are bound (CHAN-2)
  const AccountId& sender;
  const Hash& id;  ///< the transaction's

  [[nodiscard]] Height height() const { return block.height; }
  [[nodiscard]] const Parameters<Numbers>& parameters() const { return block.genesis.parameters; }

  [[nodiscard]] bool covers(const AccountId& who, Amount amount) const {
    if (amount == 0) return true;
    const auto place = shard.accounts.find(who);
    return place != shard.accounts.none && shard.accounts[place].balance >= amount;
  }
  /// An account is made by the first amount other than 0 (LEDGER-7). @param amount  below 0: it is taken
  void pay(const AccountId& who, Amount amount) {
    if (amount == 0) return;
    shard.accounts.change(shard.accounts.find_or_insert(who)).balance += amount;
  }
  /// Punishes a node, and pays the account that proved the offence (REG-4).
  /// @param reporter  null if none is paid
  void punish(RegisteredNode& node, bool fraud, Amount stake_then, const AccountId* reporter);
};

[[nodiscard]] inline Reason as_reason(Numbers code) { return static_cast<Reason>(code); }

/// Runs an operation on the machine that has it (LEDGER-4).
[[nodiscard]] Reason run(OperationContext& context, const Operation& operation);
[[nodiscard]] Reason run_registration(OperationContext& context, const Operation& operation);
[[nodiscard]] Reason run_sla(OperationContext& context, const Operation& operation);
[[nodiscard]] Reason run_channel(OperationContext& context, const Operation& operation);

/// Calls `run` with the operation, which is one of this machine's; `run` must take each of them.
template <MachineKind machine, typename Run>
[[nodiscard]] Reason run_on(const Operation& operation, Run&& run) {
  return std::visit(
      [&run]<typename Op>(const Op& op) {
        if constexpr (Op::machine == machine) return run(op);
        else return Reason::unknown_object;
      },
      operation);
}

}  // namespace p2pllm::optimized
