#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "model/contracts/trace.hpp"
#include "model/result.hpp"
#include "reference/contracts/ledger.hpp"

// Histories of a ledger as files: written while they happen, and replayed later (LEDGER-8, LEDGER-9).
namespace p2pllm::reference {

inline constexpr std::size_t trace_bytes_max = 1UL << 28;
inline constexpr std::size_t trace_lines_max = 1UL << 20;
inline constexpr std::size_t trace_line_bytes_max = 1UL << 24;
inline constexpr std::int64_t trace_blocks_max = 1'000'000;  ///< blocks ended by all lines together
inline constexpr std::int64_t trace_round_max = 1000;        ///< a round costs a turn of the rotation

/// The contents of the first line.
struct TraceHead {
  Genesis genesis;
  bool is_ideal = false;                   ///< ideal signatures instead of Ed25519
  std::map<AccountId, std::string> names;  ///< only for display to people
  /// By model, the name of the executor that re-executes its steps; all other models run on the sample.
  std::map<Hash, std::string> executors;

  [[nodiscard]] const SignatureScheme& scheme() const { return is_ideal ? ideal_signatures() : ed25519(); }
  /// @pre every name is one that `find_executor` knows
  [[nodiscard]] std::unique_ptr<const StepExecutor> executor() const;
};

/// Ends `count` blocks, one after another.
struct EndBlocks {
  std::int64_t count = 1;
};
/// The open block, still empty, is proposed in this round.
struct SkipTo {
  std::int64_t round = 1;
};
/// The request of any other line: a transaction, bytes that claim to be one, or a step of the chain.
using TraceEvent = std::variant<Transaction, Bytes, EndBlocks, SkipTo>;

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

  [[nodiscard]] bool is_done() const { return rest_.empty(); }
  /// Runs the next line. After the first line with differences, the states have no meaning.
  [[nodiscard]] Result<ReplayedLine> next();

  [[nodiscard]] const TraceHead& head() const { return head_; }
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }
  [[nodiscard]] const std::vector<Difference>& head_differences() const { return head_differences_; }
  [[nodiscard]] const Hash& link() const { return link_; }  ///< of the last line, as computed
  [[nodiscard]] std::size_t bytes_left() const { return rest_.size(); }

 private:
  Replay(TraceHead head, std::string_view rest, std::string source);
  void run(ReplayedLine& line);
  void check_event(const JsonCursor& place, const TraceEvent& event);

  TraceHead head_;
  std::unique_ptr<const StepExecutor> executor_;  ///< of the ledger
  std::string_view rest_;
  std::string source_;
  Ledger ledger_;
  Hash link_{};
  std::vector<Difference> head_differences_;
  std::size_t number_ = 1;
  std::int64_t blocks_ = 0;
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
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void add(Json::Object line, bool with_state);

  TraceHead head_;
  std::unique_ptr<const StepExecutor> executor_;  ///< of the ledger
  bool with_states_;
  Ledger ledger_;
  std::string text_;
  Hash link_{};
};

}  // namespace p2pllm::reference
