#pragma once

#include <optional>
#include <string>

#include "model/result.hpp"
#include "reference/contracts/ledger.hpp"
#include "reference/contracts/trace_lines.hpp"

// Histories of a ledger as files: written while they happen, and replayed later (LEDGER-8, LEDGER-9).
namespace p2pllm::reference {

/// A member of a line that differs from the value found by its replay.
struct Difference {
  std::string pointer, recorded, computed;
};

/// The request of a line and its result.
struct ReplayedLine {
  std::size_t number = 1;  ///< starts at 1, the head's line
  TraceEvent event;
  std::optional<Outcome> outcome;  ///< of a transaction
  std::vector<Difference> differences;
};

/// Replays a trace line by line, and trusts no value that it can compute (LEDGER-9).
class Replay {
 public:
  /// Reads the first line.
  /// @param text  must outlive this object
  /// @returns  or one line that names source, line, place, value and rule
  [[nodiscard]] static Result<Replay> start(std::string_view text, std::string source);

  [[nodiscard]] bool is_done() const { return reader_.is_done(); }
  /// Runs the next line. After the first line with differences, the states have no meaning.
  [[nodiscard]] Result<ReplayedLine> next();

  [[nodiscard]] const TraceHead& head() const { return head_; }
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }
  [[nodiscard]] const std::vector<Difference>& head_differences() const { return head_differences_; }
  [[nodiscard]] const Hash& link() const { return reader_.link(); }  ///< of the last line, as computed
  [[nodiscard]] std::size_t bytes_left() const { return reader_.bytes_left(); }

 private:
  Replay(TraceHead head, TraceReader reader);
  void run(ReplayedLine& line);

  TraceHead head_;
  std::unique_ptr<const StepExecutor> executor_;  ///< of the ledger
  TraceReader reader_;
  Ledger ledger_;
  std::vector<Difference> head_differences_;
  bool is_block_empty_ = true;
};

/// Writes a trace while its history takes place (LEDGER-8).
class TraceWriter {
 public:
  /// @param with_states  whether the lines of transactions also contain the state root, which costs a pass over the
  ///   state
  explicit TraceWriter(TraceHead head, bool with_states = true);

  Outcome execute(const Transaction& transaction);
  Outcome execute(const Bytes& encoded);
  void end_blocks(std::int64_t count = 1);
  /// @pre the open block is empty
  void skip_to(std::int64_t round);

  [[nodiscard]] const Ledger& ledger() const { return ledger_; }
  [[nodiscard]] const TraceHead& head() const { return head_; }
  [[nodiscard]] const std::string& text() const { return lines_.text(); }

 private:
  void add(Json::Object line, bool with_state);

  TraceHead head_;
  std::unique_ptr<const StepExecutor> executor_;  ///< of the ledger
  bool with_states_;
  Ledger ledger_;
  TraceLines lines_;
};

}  // namespace p2pllm::reference
