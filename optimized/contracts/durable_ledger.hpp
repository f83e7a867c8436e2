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

struct RecoveryOptions {
  /// Executes every block from the genesis on and verifies every signature, instead of those after the snapshot.
  bool verify_all = false;
  /// Transactions and blocks after the last snapshot at which another is written.
  std::int64_t snapshot_operations = 100'000;
  Progress progress = {};  ///< called with blocks done and blocks in all
};

/// A ledger whose blocks are durable before their outcomes are known (STORE-4).
class DurableLedger {
 public:
  /// Executes what a file holds: the state of the snapshot, and the blocks after it (STORE-5).
  /// @param signatures  must outlive this object
  /// @returns the ledger after the last block; or one line that names the file, the height and what is wrong there
  [[nodiscard]] static Result<DurableLedger> recover(Store store, const SignatureScheme& signatures,
                                                     const MakeExecutor& make, RecoveryOptions options = {});

  /// Makes the next block, proposed in `round`, from the transactions that are included, and commits it.
  /// @returns the block and the outcome of each transaction, when the block is durable; or the fault of the disk: then
  ///   nothing is acknowledged, and every later call returns the same fault
  [[nodiscard]] Result<contracts::Candidate> end_block(std::int64_t round, std::span<const Bytes> transactions);
  /// Writes a snapshot if there were as many operations since the last one as the options say. Call it when time is to
  /// spare: it costs O(state).
  [[nodiscard]] Result<void> write_snapshot_if_due();

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
  std::int64_t operations_ = 0;
};

}  // namespace p2pllm::optimized
