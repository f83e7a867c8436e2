#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/contracts/block.hpp"
#include "model/contracts/ledger_state.hpp"
#include "model/result.hpp"

namespace p2pllm::contracts {

/// The state of a ledger between two blocks, and the link to the block before: all that another ledger of the same
/// genesis needs to go on.
struct LedgerExport {
  LedgerState state;
  Hash parent{};  ///< of the next block; of the first the chain's id
};

/// A block made of transactions, and the outcome of each that was given, included or not.
struct Candidate {
  Block block;
  std::vector<Outcome> outcomes;
};

/// A ledger a block at a time: the one interface of the reference's and of every faster one, so that whoever compares,
/// audits or fuzzes ledgers drives nothing else. A block is made by `candidate` or checked by `validate`; either leaves
/// it pending, and `apply` or `discard` must follow before the next. Deterministic: equal calls have equal results.
class BlockExecutor {
 public:
  virtual ~BlockExecutor() = default;

  /// Makes the next block, proposed in `round`, of those transactions that are neither malformed nor refused. In order.
  /// @pre nothing is pending; round >= 0
  [[nodiscard]] virtual Candidate candidate(std::int64_t round, std::span<const Bytes> transactions) = 0;
  /// Executes a block that somebody proposed.
  /// @pre nothing is pending
  /// @returns the outcome of each transaction; or the rule that the block breaks (LEDGER-6), with nothing pending
  [[nodiscard]] virtual tl::expected<std::vector<Outcome>, Fault> validate(const Block& block) = 0;
  /// The pending block becomes the last one.
  /// @pre a block is pending
  virtual void apply() = 0;
  /// The pending block is forgotten.
  /// @pre a block is pending
  virtual void discard() = 0;

  /// The state root after the last block that was applied (LEDGER-7).
  [[nodiscard]] virtual Hash root() const = 0;
  /// The state after the last block that was applied.
  [[nodiscard]] virtual LedgerExport export_state() const = 0;
  /// Goes on from a state of the same chain.
  /// @pre nothing is pending
  /// @returns nothing; or the rule that the state breaks, with this ledger as it was
  [[nodiscard]] virtual std::optional<Fault> import_state(const LedgerExport& from) = 0;
  /// The invariants that failed: the ledger is halted (LEDGER-5). Empty as long as it is sound.
  [[nodiscard]] virtual const std::vector<std::string>& faults() const = 0;
};

}  // namespace p2pllm::contracts
