#pragma once

#include "model/contracts/block_executor.hpp"
#include "reference/contracts/ledger.hpp"

namespace p2pllm::reference {

/// The exact ledger behind the interface of all ledgers. A pending block is a second ledger, so a block costs O(state).
class ReferenceExecutor : public BlockExecutor {
 public:
  /// @param signatures, executor  must outlive this object
  /// @pre genesis_fault(genesis) is nothing
  ReferenceExecutor(Genesis genesis, const SignatureScheme& signatures, const StepExecutor& executor)
      : ledger_(std::move(genesis), signatures, executor) {}

  [[nodiscard]] Candidate candidate(std::int64_t round, std::span<const Bytes> transactions) override;
  [[nodiscard]] tl::expected<std::vector<Outcome>, Fault> validate(const Block& block) override;
  void apply() override;
  void discard() override;
  [[nodiscard]] Hash root() const override { return ledger_.state_root(); }
  [[nodiscard]] LedgerExport export_state() const override { return ledger_.export_state(); }
  [[nodiscard]] std::optional<Fault> import_state(const LedgerExport& from) override;
  [[nodiscard]] const std::vector<std::string>& faults() const override { return ledger_.faults(); }

 private:
  Ledger ledger_;
  std::optional<Ledger> pending_;
};

}  // namespace p2pllm::reference
