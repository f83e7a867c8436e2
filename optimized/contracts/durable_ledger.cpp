#include "optimized/contracts/durable_ledger.hpp"

#include "model/assert.hpp"
#include "optimized/contracts/snapshot_encoding.hpp"

namespace p2pllm::optimized {

using namespace contracts;

DurableLedger::DurableLedger(Store store, const SignatureScheme& signatures, const MakeExecutor& make,
                             RecoveryOptions options)
    : store_(std::move(store)),
      signatures_(std::make_unique<TrustingSignatures>(signatures)),
      executor_(make(*signatures_)),
      options_(std::move(options)) {}

Result<DurableLedger> DurableLedger::recover(Store store, const SignatureScheme& signatures, const MakeExecutor& make,
                                             RecoveryOptions options) {
  DurableLedger ledger(std::move(store), signatures, make, std::move(options));
  const StoreSummary& summary = ledger.store_.summary();
  const Hash chain = ledger.executor_->export_state().state.chain;
  if (chain != summary.chain)
    return bad_input(ledger.store_.name(), "chain " + to_hex(summary.chain),
                     "its genesis is of chain " + to_hex(chain));
  if (ledger.options_.from == RecoverFrom::snapshot)
    if (const auto done = ledger.import_snapshot(); !done) return tl::unexpected<Fault>(done.error());
  const Height first = ledger.options_.from == RecoverFrom::snapshot ? summary.snapshot + 1 : 1;
  const auto done =
      ledger.store_.for_each_block(first, [&ledger](const StoredBlock& stored) { return ledger.execute(stored); });
  ledger.signatures_->trust_none();
  if (!done) return tl::unexpected<Fault>(done.error());
  return ledger;
}

/// Continues from the snapshot, whose state root must be that of the block before it (STORE-5).
Result<void> DurableLedger::import_snapshot() {
  const auto snapshot = store_.snapshot();
  if (!snapshot) return tl::unexpected<Fault>(snapshot.error());
  if (!*snapshot) return {};
  const Height height = (*snapshot)->height;
  const auto wrong = [&](std::string rule) {
    return tl::unexpected<Fault>(store_.fault_at(height, "the snapshot", std::move(rule)));
  };
  const auto block = store_.block_at(height);
  if (!block) return tl::unexpected<Fault>(block.error());
  const LedgerExport& state = (*snapshot)->state;
  if (state.state.height != height + 1) return wrong("it is the state at another height");
  if (state.parent != hash_of(block->block.header)) return wrong("it is the state after another block");
  if (const auto fault = executor_->import_state(state)) return wrong(fault->message());
  if (executor_->root() != block->block.header.state)
    return wrong("its root is not the block's, " + to_hex(block->block.header.state));
  return {};
}

std::optional<Fault> DurableLedger::execute(const StoredBlock& stored) {
  const BlockHeader& header = stored.block.header;
  if (options_.from != RecoverFrom::nothing) signatures_->trust(stored.block.transactions);
  const auto outcomes = executor_->validate(stored.block);
  if (!outcomes) return store_.fault_at(header.height, "the block", outcomes.error().message());
  executor_->apply();
  if (!executor_->faults().empty() && header.height < store_.summary().height)
    return store_.fault_at(header.height, "the ledger halts", executor_->faults().front());
  operations_ += std::ssize(stored.block.transactions) + 1;
  report(options_.progress, static_cast<std::size_t>(header.height), static_cast<std::size_t>(store_.summary().height));
  if (options_.visit) options_.visit(stored.block, *outcomes);
  if (header.height != store_.summary().snapshot) return std::nullopt;
  operations_ = 0;
  return options_.from == RecoverFrom::nothing ? compare_snapshot() : std::nullopt;
}

/// Whether the snapshot is the state that the blocks before it lead to, byte for byte.
std::optional<Fault> DurableLedger::compare_snapshot() {
  const auto bytes = store_.snapshot_bytes();
  if (!bytes) return bytes.error();
  if (*bytes == encode(executor_->export_state())) return std::nullopt;
  return store_.fault_at(store_.summary().snapshot, "the snapshot", "it is not the state after the block");
}

Result<Candidate> DurableLedger::end_block(std::int64_t round, std::span<const Bytes> transactions) {
  Candidate made = executor_->candidate(round, transactions);
  if (const auto durable = store_.append({&made.block, 1}); !durable) {
    executor_->discard();
    return tl::unexpected<Fault>(durable.error());
  }
  executor_->apply();
  operations_ += std::ssize(made.block.transactions) + 1;
  return made;
}

void DurableLedger::stage(Block block) {
  executor_->apply();
  operations_ += std::ssize(block.transactions) + 1;
  staged_.push_back(std::move(block));
}

Result<void> DurableLedger::commit(std::size_t count) {
  P2PLLM_ASSERT(count <= staged_.size());
  if (count == 0) return {};
  const auto durable = store_.append(std::span(staged_).first(count));
  staged_.erase(staged_.begin(), staged_.begin() + static_cast<std::ptrdiff_t>(count));
  return durable;
}

Result<void> DurableLedger::write_snapshot_if_due() {
  if (operations_ < options_.snapshot_operations || !executor_->faults().empty()) return {};
  const auto written = store_.write_snapshot(executor_->export_state());
  if (written) operations_ = 0;
  return written;
}

}  // namespace p2pllm::optimized
