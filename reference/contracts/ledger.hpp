#pragma once

#include <optional>
#include <vector>

#include "model/contracts/block_executor.hpp"
#include "model/contracts/genesis.hpp"
#include "model/contracts/ledger_state.hpp"
#include "model/contracts/step_executor.hpp"
#include "model/contracts/transaction.hpp"
#include "model/result.hpp"
#include "reference/contracts/state_root.hpp"

// The ledger: a total function from states and transactions to states (LEDGER), exact and simple. Shards share nothing
// while transactions run; anything that concerns all of them is done at the end of a block, in order (LEDGER-6).
namespace p2pllm::reference {

/// Nothing, or the rule that a genesis breaks; its `place` is the faulty member (LEDGER-1).
[[nodiscard]] std::optional<Fault> genesis_fault(const Genesis& genesis);

/// A chain of blocks and the state after the last one, with a block open.
class Ledger {
 public:
  /// @param signatures, executor  must outlive this object
  /// @pre genesis_fault(genesis) is nothing
  Ledger(Genesis genesis, const SignatureScheme& signatures, const StepExecutor& executor);

  /// Runs a transaction in the open block (LEDGER-3). Malformed and refused transactions change nothing.
  Outcome execute(const Transaction& transaction);
  /// Does the same for an encoded transaction.
  Outcome execute(ByteView encoded);
  /// Ends the open block with migrations, receipts and rotation (LEDGER-6), and opens the next in round 0.
  BlockHeader end_block();
  /// Records that the proposers of the rounds before `round` were silent, which changes the proposer of the open block
  /// (POS-4).
  /// @pre the block is empty
  void skip_to(std::int64_t round);

  /// The state between two blocks.
  /// @pre the open block is empty, in round 0
  [[nodiscard]] LedgerExport export_state() const { return {state_, parent_}; }
  /// Continues from a state that another ledger of this genesis exported; the state must satisfy all invariants.
  void import_state(const LedgerExport& from);

  [[nodiscard]] const Genesis& genesis() const { return genesis_; }
  [[nodiscard]] const Hash& chain() const { return state_.chain; }
  [[nodiscard]] Height height() const { return state_.height; }  ///< height of the open block
  [[nodiscard]] AccountId proposer() const { return proposer_; }
  [[nodiscard]] const LedgerState& state() const { return state_; }
  [[nodiscard]] const std::vector<Shard>& shards() const { return state_.shards; }
  [[nodiscard]] const Validators& validators() const { return state_.validators; }
  [[nodiscard]] const std::vector<Receipt>& in_flight() const { return state_.in_flight; }
  [[nodiscard]] Amount supply() const { return supply_; }
  [[nodiscard]] Hash state_root() const { return reference::state_root(state_); }
  /// The violations that the invariants found. If there are any, the ledger is halted and executes nothing more
  /// (LEDGER-5).
  [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

 private:
  [[nodiscard]] bool is_sound() const;  ///< whether all invariants of the whole state hold
  void take_snapshot();
  void migrate_queued();
  void deliver_receipts();

  Genesis genesis_;
  const SignatureScheme* signatures_;
  const StepExecutor* executor_;
  LedgerState state_;
  Hash parent_{};
  std::vector<MerkleLeaf> included_;
  AccountId proposer_{};  ///< of the open block
  Amount supply_ = 0;
  std::vector<std::string> faults_;
};

}  // namespace p2pllm::reference
