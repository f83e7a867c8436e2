#pragma once

#include <functional>
#include <memory>

#include "model/contracts/block_executor.hpp"
#include "model/progress.hpp"
#include "optimized/contracts/store.hpp"
#include "optimized/contracts/trusting_signatures.hpp"

namespace p2pllm::optimized {

/// Makes a ledger at its genesis, with these signatures, which outlive it.
using MakeExecutor = std::function<std::unique_ptr<contracts::BlockExecutor>(const SignatureScheme&)>;

/// Which blocks recovery executes (STORE-5).
enum class RecoverFrom {
  snapshot,  ///< those after the snapshot
  genesis,   ///< all of them
  nothing    ///< all of them; every signature is verified, and the snapshot is compared with the state
};

struct RecoveryOptions {
  RecoverFrom from = RecoverFrom::snapshot;
  /// Transactions and blocks after the last snapshot at which another is written.
  std::int64_t snapshot_operations = 100'000;
  Progress progress = {};  ///< called with blocks done and blocks in all
  /// Called with each block that is executed, and the outcomes of its transactions.
  std::function<void(const contracts::Block&, const std::vector<contracts::Outcome>&)> visit = {};
};

/// A ledger whose blocks are durable before their outcomes are known (STORE-4).
class DurableLedger {
 public:
  /// Executes what a file holds: the state of the snapshot, and the blocks after it (STORE-5).
  /// @param signatures  must outlive this object
  /// @returns the ledger after the last block; or one line that names the file, the height and what is wrong there.
  ///   After syncs that were lost, the ledger after the first of the blocks, or such a line (STORE-6).
  [[nodiscard]] static Result<DurableLedger> recover(Store store, const SignatureScheme& signatures,
                                                     const MakeExecutor& make, RecoveryOptions options = {});

  /// Makes the next block, proposed in `round`, from the transactions that are included, and commits it.
  /// @returns the block and the outcome of each transaction, when the block is durable; or the fault of the disk: then
  ///   nothing is acknowledged, and every later call returns the same fault
  [[nodiscard]] Result<contracts::Candidate> end_block(std::int64_t round, std::span<const Bytes> transactions);
  /// Makes the next block and leaves it pending: `stage` or `discard` must follow.
  [[nodiscard]] contracts::Candidate candidate(std::int64_t round, std::span<const Bytes> transactions) {
    return executor_->candidate(round, transactions);
  }
  /// Makes the pending block the last one of the ledger in memory. It is durable after `commit`, and nothing of it may
  /// be acknowledged before: for imports, which commit many blocks at once.
  void stage(contracts::Block block);
  void discard() { executor_->discard(); }
  [[nodiscard]] std::size_t staged() const { return staged_.size(); }
  /// Makes the first `count` staged blocks durable. After a fault, or if others remain that are not wanted, this ledger
  /// is of no use any more.
  [[nodiscard]] Result<void> commit(std::size_t count);
  /// Writes a snapshot if there were as many operations since the last one as the options say. Call it when time is to
  /// spare: it costs O(state).
  [[nodiscard]] Result<void> write_snapshot_if_due();

  /// The durable block at this height. @pre 1 <= height <= the last
  [[nodiscard]] Result<StoredBlock> block_at(contracts::Height height) { return store_.block_at(height); }
  [[nodiscard]] const contracts::BlockExecutor& executor() const { return *executor_; }
  [[nodiscard]] const Store& store() const { return store_; }
  /// Transactions and blocks since the last snapshot.
  [[nodiscard]] std::int64_t operations() const { return operations_; }
  [[nodiscard]] Result<void> close() { return store_.close(); }

 private:
  DurableLedger(Store store, const SignatureScheme& signatures, const MakeExecutor& make, RecoveryOptions options);
  [[nodiscard]] Result<void> import_snapshot();
  [[nodiscard]] std::optional<Fault> execute(const StoredBlock& stored);
  [[nodiscard]] std::optional<Fault> compare_snapshot();

  Store store_;
  std::unique_ptr<TrustingSignatures> signatures_;
  std::unique_ptr<contracts::BlockExecutor> executor_;
  RecoveryOptions options_;
  std::vector<contracts::Block> staged_;
  std::int64_t operations_ = 0;
};

}  // namespace p2pllm::optimized
