#pragma once

#include <optional>

#include "model/contracts/block.hpp"
#include "model/contracts/genesis.hpp"
#include "model/contracts/ledger_state.hpp"
#include "model/contracts/step_executor.hpp"
#include "model/contracts/transaction.hpp"
#include "model/result.hpp"
#include "reference/contracts/parameter_rules.hpp"

// The stages of a transaction (LEDGER-3): form and signature, which read no state; admission, which reads nonce and
// balance; then guards and effect. A stage requires the token that only the stage before it can make.
namespace p2pllm::reference {

/// The data that every transaction of a block may read.
struct BlockContext {
  const Genesis& genesis;
  const LedgerState& state;  ///< not of its shards, which belong to single transactions
  AccountId proposer{};
  const SignatureScheme& signatures;
  const StepExecutor& executor;

  [[nodiscard]] const Hash& chain() const { return state.chain; }
  [[nodiscard]] Height height() const { return state.height; }
};

/// The token of a stage, or the reason why the transaction did not pass it.
template <typename Token>
using Passed = tl::expected<Token, Reason>;

/// A well-formed transaction: for this chain and shard, and within all limits.
class WellFormed {
 public:
  [[nodiscard]] const Transaction& transaction() const { return *transaction_; }
  [[nodiscard]] const Hash& id() const { return id_; }

 private:
  friend Passed<WellFormed> check_form(const Transaction&, const BlockContext&);
  WellFormed(const Transaction& transaction, const Hash& id) : transaction_(&transaction), id_(id) {}
  const Transaction* transaction_;
  Hash id_;
};
/// @returns the token, or the reason why the transaction is malformed
[[nodiscard]] Passed<WellFormed> check_form(const Transaction& transaction, const BlockContext& context);

/// A transaction that its sender signed. This is a separate stage: a batch of signatures may be filtered before it, but
/// this check is the normative one (COMMIT-3).
class Signed {
 public:
  [[nodiscard]] const WellFormed& form() const { return form_; }

 private:
  friend Passed<Signed> check_signature(const WellFormed&, const BlockContext&);
  explicit Signed(const WellFormed& form) : form_(form) {}
  WellFormed form_;
};
/// @returns the token, or wrong_signature
[[nodiscard]] Passed<Signed> check_signature(const WellFormed& form, const BlockContext& context);

/// A transaction that may be included now: its nonce and fee can be taken.
class Admitted {
 public:
  [[nodiscard]] const WellFormed& form() const { return signed_.form(); }

 private:
  friend Passed<Admitted> admit(const Signed&, const Shard&, const BlockContext&);
  explicit Admitted(const Signed& form) : signed_(form) {}
  Signed signed_;
};
/// @returns the token, or the reason why the transaction is refused
[[nodiscard]] Passed<Admitted> admit(const Signed& form, const Shard& shard, const BlockContext& context);

/// Takes nonce and fee, then carries out the operation or fails. It reads and writes only its own shard (SHARD-2).
[[nodiscard]] Reason apply(const Admitted& admitted, Shard& shard, const BlockContext& context);

/// The data on which the operations of one machine work.
struct Execution {
  Shard& shard;
  const BlockContext& context;
  std::int64_t shard_index = 0;
  AccountId sender{};
  Hash id{};  ///< the transaction's id

  [[nodiscard]] Hash ledger() const { return ledger_id(context.chain(), shard_index); }
  [[nodiscard]] const Parameters<std::int64_t>& parameters() const { return context.genesis.parameters; }
  [[nodiscard]] bool covers(const AccountId& who, Amount amount) const;
  /// An account is created by the first amount other than 0 (LEDGER-7).
  void pay(const AccountId& who, Amount amount) {
    if (amount != 0) shard.accounts[who].balance += amount;
  }
  void take(const AccountId& who, Amount amount) { pay(who, -amount); }
};

/// The operations (LEDGER-4), by machine; each changes nothing unless it returns none.
[[nodiscard]] Reason run_registration(Execution& execution, const Operation& operation);
[[nodiscard]] Reason run_sla(Execution& execution, const Operation& operation);
[[nodiscard]] Reason run_channel(Execution& execution, const Operation& operation);

/// Calls `run` with an operation of this machine; `run` must have an overload for each of them. An operation without an
/// overload is a compile error.
/// @pre the operation is one of this machine's
template <MachineKind machine, typename Run>
[[nodiscard]] Reason run_operation_of(const Operation& operation, Run&& run) {
  return std::visit(
      [&run]<typename Op>(const Op& op) {
        if constexpr (Op::machine == machine) return run(op);
        else return Reason::unknown_object;
      },
      operation);
}

/// Punishes a node for the offence that the transaction proved.
/// @param stake  the stake that it had when it committed the offence (REG-4)
void slash(Execution& execution, RegisteredNode& node, bool fraud, Amount stake,
           const std::optional<AccountId>& reporter);

}  // namespace p2pllm::reference
