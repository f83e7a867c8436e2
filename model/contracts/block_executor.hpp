#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/contracts/block.hpp"
#include "model/contracts/ledger_state.hpp"
#include "model/result.hpp"

namespace p2pllm::contracts {

/// The state of a ledger between two blocks, and the link to the previous block: everything that another ledger of the
/// same genesis needs to continue.
struct LedgerExport {
  LedgerState state;
  Hash parent{};  ///< the parent of the next block; for the first block, the chain's id
};

/// A block made of transactions, and the outcome of each transaction that was given, included or not.
struct Candidate {
  Block block;
  std::vector<Outcome> outcomes;
};

/// A ledger executed block by block. It is the one interface of the reference ledger and of every faster one, so that
/// code that compares, audits or fuzzes ledgers depends on nothing else. A block is made by `candidate` or checked by
/// `validate`; either leaves it pending, and `apply` or `discard` must follow before the next. Deterministic: equal
/// calls have equal results.
class BlockExecutor {
 public:
  virtual ~BlockExecutor() = default;

  /// Makes the next block, proposed in `round`, from the transactions that are neither malformed nor refused, in their
  /// order.
  /// @pre nothing is pending; round >= 0
  [[nodiscard]] virtual Candidate candidate(std::int64_t round, std::span<const Bytes> transactions) = 0;
  /// Executes a block that a proposer sent.
  /// @pre nothing is pending
  /// @returns the outcome of each transaction; or the rule that the block breaks (LEDGER-6), with nothing pending
  [[nodiscard]] virtual tl::expected<std::vector<Outcome>, Fault> validate(const Block& block) = 0;
  /// Makes the pending block the last one.
  /// @pre a block is pending
  virtual void apply() = 0;
  /// Forgets the pending block.
  /// @pre a block is pending
  virtual void discard() = 0;

  /// The state root after the last block that was applied (LEDGER-7).
  [[nodiscard]] virtual Hash root() const = 0;
  /// The state after the last block that was applied.
  [[nodiscard]] virtual LedgerExport export_state() const = 0;
  /// Continues from a state of the same chain.
  /// @pre nothing is pending
  /// @returns nothing; or the rule that the state breaks, in which case this ledger is unchanged
  [[nodiscard]] virtual std::optional<Fault> import_state(const LedgerExport& from) = 0;
  /// The invariants that failed and halted the ledger (LEDGER-5). Empty as long as all hold.
  [[nodiscard]] virtual const std::vector<std::string>& faults() const = 0;
};

}  // namespace p2pllm::contracts
