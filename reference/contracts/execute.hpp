#pragma once

#include <optional>

#include "reference/contracts/ledger.hpp"

// How a transaction passes through its stages (LEDGER-3): form, which reads no state; admission, which reads nonce and
// balance; then guards and effect. A stage takes the token that the stage before it alone can make.
namespace p2pllm::contracts {

/// A transaction of good form: for this chain and shard, within all limits, signed by its sender.
class WellFormed {
 public:
  [[nodiscard]] const Transaction& transaction() const { return *transaction_; }
  [[nodiscard]] const Hash& id() const { return id_; }

 private:
  friend Reason check_form(const Transaction&, const BlockContext&, std::optional<WellFormed>&);
  WellFormed(const Transaction& transaction, const Hash& id) : transaction_(&transaction), id_(id) {}
  const Transaction* transaction_;
  Hash id_;
};
/// @returns none, and the token; or a malformed one's reason
[[nodiscard]] Reason check_form(const Transaction& transaction, const BlockContext& context,
                                std::optional<WellFormed>& token);

/// One that may be included now: its nonce and fee can be taken.
class Admitted {
 public:
  [[nodiscard]] const WellFormed& form() const { return form_; }

 private:
  friend Reason admit(const WellFormed&, const Shard&, const BlockContext&, std::optional<Admitted>&);
  explicit Admitted(const WellFormed& form) : form_(form) {}
  WellFormed form_;
};
/// @returns none, and the token; or a refused one's reason
[[nodiscard]] Reason admit(const WellFormed& form, const Shard& shard, const BlockContext& context,
                           std::optional<Admitted>& token);

/// Takes nonce and fee, then does what is asked or fails. Reads and writes no shard but its own (SHARD-2).
[[nodiscard]] Reason apply(const Admitted& admitted, Shard& shard, const BlockContext& context);

/// What the operations of one machine work on.
struct Execution {
  Shard& shard;
  const BlockContext& context;
  std::int64_t shard_index = 0;
  AccountId sender{};
  Hash id{};  ///< of the transaction

  /// Chain and shard: what a signature off the ledger is bound to.
  [[nodiscard]] Hash ledger_id() const;
  [[nodiscard]] const Parameters<std::int64_t>& parameters() const { return context.genesis.parameters; }
  [[nodiscard]] bool covers(const AccountId& who, Amount amount) const;
  /// An account is made by the first amount that is not 0 (LEDGER-7).
  void pay(const AccountId& who, Amount amount) {
    if (amount != 0) shard.accounts[who].balance += amount;
  }
  void take(const AccountId& who, Amount amount) { pay(who, -amount); }
};

/// The operations (LEDGER-4), by machine; each changes nothing unless it returns none.
[[nodiscard]] Reason run_registration(Execution& execution, const Operation& operation);
[[nodiscard]] Reason run_sla(Execution& execution, const Operation& operation);
[[nodiscard]] Reason run_channel(Execution& execution, const Operation& operation);

/// The id of the channel with these terms, on the execution's chain and shard (CHAN-2).
[[nodiscard]] Hash channel_id_of(const Execution& execution, const ChannelAgreement& terms);

/// Punishes a node for the offence that the transaction proved.
/// @param stake  what it had when it committed it (REG-4)
void slash(Execution& execution, RegisteredNode& node, bool fraud, Amount stake,
           const std::optional<AccountId>& reporter);

}  // namespace p2pllm::contracts
