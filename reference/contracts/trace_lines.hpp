#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "model/contracts/genesis.hpp"
#include "model/contracts/trace.hpp"
#include "model/result.hpp"
#include "reference/layers/layers_executor.hpp"

// The lines of a trace: their text, their links, and the limits that need no ledger (LEDGER-8, LEDGER-11).
namespace p2pllm::reference {

using namespace contracts;

inline constexpr std::size_t trace_bytes_max = 1UL << 28;
inline constexpr std::size_t trace_lines_max = 1UL << 20;
inline constexpr std::size_t trace_line_bytes_max = 1UL << 24;
inline constexpr std::int64_t trace_blocks_max = 1'000'000;  ///< blocks ended by all lines together

using FindExecutor = const StepExecutor* (*)(std::string_view name);

/// The contents of the first line.
struct TraceHead {
  Genesis genesis;
  bool is_ideal = false;                   ///< ideal signatures instead of Ed25519
  std::map<AccountId, std::string> names;  ///< only for display to people
  /// By model, the name of the executor that re-executes its steps.
  std::map<Hash, std::string> executors;
  std::string executor_of_others = "sample";  ///< of all other models

  [[nodiscard]] const SignatureScheme& scheme() const { return is_ideal ? ideal_signatures() : ed25519(); }
  /// @param find  the executor of a name, of this or the other half @pre every name is one that `find` knows
  [[nodiscard]] std::unique_ptr<const StepExecutor> executor(FindExecutor find = find_executor) const;
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

/// The contents of the first line of a later segment: the block before its first one, and the state after that block
/// (LEDGER-11).
struct SegmentHead {
  Hash chain{};
  Height height = 2;  ///< of the segment's first block
  Hash state{};       ///< the state root before it
  Hash parent{};      ///< the hash of the header of the block before it
};

/// A line that has been read but not yet checked.
struct RecordedLine {
  TraceEvent event;
  std::optional<std::string> outcome;
  std::optional<Hash> state;
  Hash link{};
};

/// Reads a trace, or a segment of one, line by line. It executes nothing.
class TraceReader {
 public:
  /// Reads the first line.
  /// @param text  must outlive this object
  /// @returns  or one line that names source, line, place, value and rule
  [[nodiscard]] static Result<TraceReader> start(std::string_view text, std::string source);

  [[nodiscard]] const std::variant<TraceHead, SegmentHead>& head() const { return head_; }
  [[nodiscard]] bool is_done() const { return rest_.empty(); }
  /// Reads the next line.
  /// @param chain           that the transactions are for
  /// @param is_block_empty  whether rounds may pass
  [[nodiscard]] Result<RecordedLine> next(const Hash& chain, bool is_block_empty);

  [[nodiscard]] const std::string& first_line() const { return first_line_; }  ///< without its end
  [[nodiscard]] std::size_t number() const { return number_; }                 ///< of the last line; the head's is 1
  [[nodiscard]] const Hash& link() const { return link_; }                     ///< of the last line, as computed
  [[nodiscard]] const Hash& head_link() const { return head_link_; }           ///< of the first line, as recorded
  [[nodiscard]] std::size_t bytes_left() const { return rest_.size(); }
  /// "SOURCE: line N" of the last line.
  [[nodiscard]] std::string place() const { return source_ + ": line " + std::to_string(number_); }

 private:
  TraceReader(std::string_view rest, std::string source) : rest_(rest), source_(std::move(source)) {}
  void check_event(const JsonCursor& place, const TraceEvent& event, bool is_block_empty) const;

  std::string_view rest_;
  std::string source_;
  std::variant<TraceHead, SegmentHead> head_;
  std::string first_line_;
  Hash head_link_{}, link_{};
  std::size_t number_ = 1;
  std::int64_t blocks_ = 0;
};

/// Writes the lines of a trace with their links.
class TraceLines {
 public:
  void add(Json::Object line);
  void add(const TraceHead& head);
  void add(const SegmentHead& head);
  /// Adds a line that was read with this link.
  void add_as_it_is(std::string_view line, const Hash& link);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  /// Whether a trace may have these lines (LEDGER-8).
  [[nodiscard]] bool fits() const { return count_ <= trace_lines_max && text_.size() <= trace_bytes_max; }

 private:
  std::string text_;
  Hash link_{};
  std::size_t count_ = 0;
};

}  // namespace p2pllm::reference
