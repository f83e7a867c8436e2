#pragma once

#include <memory>
#include <optional>
#include <string>

#include "model/encoding/json.hpp"
#include "optimized/contracts/durable_ledger.hpp"
#include "reference/contracts/trace_lines.hpp"

namespace p2pllm::app {

/// The ledger of a genesis, as every verb that extends one executes it: the one place where the executor is chosen.
[[nodiscard]] std::unique_ptr<contracts::BlockExecutor> make_executor(const contracts::Genesis& genesis,
                                                                      const SignatureScheme& signatures,
                                                                      const contracts::StepExecutor& steps);

/// What the first line of a ledger's trace says, and the executor of its steps.
struct LedgerHead {
  reference::TraceHead head;
  std::unique_ptr<const contracts::StepExecutor> steps;
  Hash chain{};

  [[nodiscard]] optimized::MakeExecutor maker() const;
};

/// Reads the first line of a trace, whose link must be its own; what follows is not read.
/// @param name  for messages
[[nodiscard]] Result<LedgerHead> read_ledger_head(std::string_view text, const std::string& name);

/// A file of blocks, open for this process, and its head.
struct LedgerFile {
  optimized::Store store;
  LedgerHead head;
};
[[nodiscard]] Result<LedgerFile> open_ledger_file(const std::string& path, optimized::Store::Access access);

/// What a ledger says about itself (STORE-8).
struct LedgerStatus {
  optimized::StoreSummary summary;
  Hash state{};
  std::optional<std::size_t> pending;  ///< of a ledger that runs
};
[[nodiscard]] Json status_json(const LedgerStatus& status);
/// The status of a file that nobody runs.
[[nodiscard]] Result<LedgerStatus> status_of(LedgerFile& file);

}  // namespace p2pllm::app
