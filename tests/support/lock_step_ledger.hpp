#pragma once

#include <stdexcept>

#include "model/contracts/block_executor.hpp"
#include "model/encoding/bytes.hpp"

namespace p2pllm::testing {

/// Two ledgers disagree.
struct LedgersDiffer : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Two ledgers driven as one: the block that the first makes is validated by the second, and outcomes, roots and
/// verdicts must be equal. Throws LedgersDiffer where they are not.
class LockStepLedger : public contracts::BlockExecutor {
 public:
  /// @param first, second  ledgers of one genesis and state, which must outlive this object
  LockStepLedger(BlockExecutor& first, BlockExecutor& second) : first_(&first), second_(&second) {}

  [[nodiscard]] contracts::Candidate candidate(std::int64_t round, std::span<const Bytes> transactions) override {
    contracts::Candidate made = first_->candidate(round, transactions);
    const auto outcomes = second_->validate(made.block);
    if (!outcomes) differ("block refused: " + outcomes.error().place + ": " + outcomes.error().rule);
    second_->discard();
    const contracts::Candidate again = second_->candidate(round, transactions);
    if (made.outcomes != again.outcomes) differ("outcomes of a candidate");
    if (made.block.header != again.block.header) differ("header of a candidate");
    return made;
  }
  [[nodiscard]] tl::expected<std::vector<contracts::Outcome>, Fault> validate(const contracts::Block& block) override {
    auto one = first_->validate(block);
    const auto two = second_->validate(block);
    if (one.has_value() != two.has_value()) differ("verdict on a block");
    if (one ? *one != *two : one.error().place != two.error().place) differ("outcomes of a block");
    return one;
  }
  void apply() override {
    first_->apply();
    second_->apply();
    (void)root();
  }
  void discard() override {
    first_->discard();
    second_->discard();
    (void)root();
  }
  [[nodiscard]] Hash root() const override {
    if (first_->root() != second_->root()) differ("state root " + to_hex(first_->root()));
    return first_->root();
  }
  [[nodiscard]] contracts::LedgerExport export_state() const override { return first_->export_state(); }
  [[nodiscard]] std::optional<Fault> import_state(const contracts::LedgerExport& from) override {
    auto one = first_->import_state(from);
    if (one.has_value() != second_->import_state(from).has_value()) differ("verdict on an import");
    return one;
  }
  [[nodiscard]] const std::vector<std::string>& faults() const override {
    if (first_->faults().empty() != second_->faults().empty()) differ("whether the ledger is halted");
    return first_->faults();
  }

 private:
  [[noreturn]] static void differ(const std::string& what) { throw LedgersDiffer("the ledgers differ: " + what); }

  BlockExecutor* first_;
  BlockExecutor* second_;
};

}  // namespace p2pllm::testing
