#include <fmt/core.h>

#include <filesystem>

#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/ledger_file.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "model/encoding/escape.hpp"

// `ledger import`: traces and their later segments become blocks of a file (LEDGER-11).
namespace p2pllm::app {
namespace {

using namespace contracts;
using namespace reference;

constexpr std::size_t staged_blocks_max = 4096;
constexpr std::size_t staged_bytes_max = 1UL << 24;

/// Whether a transaction of this outcome is in a block.
bool is_included(std::string_view outcome) {
  const auto reason = find_reason(outcome);
  if (!reason) return false;
  const Consequence consequence = consequence_of(*reason);
  return consequence == Consequence::applied || consequence == Consequence::failed;
}

/// Adds the blocks of one trace to a ledger, and compares those that the ledger has.
class TraceImport {
 public:
  TraceImport(optimized::DurableLedger& ledger, TraceReader reader) : ledger_(&ledger), reader_(std::move(reader)) {}

  /// @returns nothing; or a fault of the input or the disk. `divergence` says where the trace is wrong.
  Result<void> run() {
    if (const auto begun = begin(); !begun) return begun;
    while (!reader_.is_done() && !divergence_) {
      auto line = reader_.next(chain(), round_ == 0 && !has_included_);
      if (!line) return tl::unexpected<Fault>(line.error());
      if (line->link != reader_.link()) diverge("/link", to_hex(line->link), to_hex(reader_.link()));
      else if (const auto done = take(*line); !done) return done;
    }
    const auto committed = ledger_->commit(confirmed_);
    if (!committed || divergence_) return committed;
    if (round_ > 0 || !transactions_.empty()) return bad_input(reader_.place(), "the last block has not ended");
    return ledger_->write_snapshot_if_due();
  }

  /// The first line that is not what the rules make of it.
  [[nodiscard]] const std::optional<std::string>& divergence() const { return divergence_; }

 private:
  struct Recorded {
    std::string place, outcome;
  };

  [[nodiscard]] const Hash& chain() const { return ledger_->store().summary().chain; }
  void diverge(const std::string& member, const std::string& recorded, const std::string& computed,
               const std::string& place = {}) {
    divergence_ = fmt::format("{}: {}: recorded {}, computed {}", place.empty() ? reader_.place() : place, member,
                              printable(recorded), printable(computed));
  }

  /// Whether the trace begins where the ledger has a block.
  Result<void> begin() {
    const auto other_chain = [this](const Hash& given) {
      return bad_input(reader_.place(), "chain " + to_hex(given), "the ledger is of chain " + to_hex(chain()));
    };
    if (reader_.head_link() != reader_.link()) diverge("/link", to_hex(reader_.head_link()), to_hex(reader_.link()));
    if (const auto* head = std::get_if<TraceHead>(&reader_.head())) {
      const Hash given = chain_id(head->genesis);
      return given == chain() ? Result<void>() : other_chain(given);
    }
    const SegmentHead& head = std::get<SegmentHead>(reader_.head());
    if (head.chain != chain()) return other_chain(head.chain);
    next_ = head.height;
    const Height last = ledger_->store().summary().height;
    if (head.height > last + 1)
      return bad_input(reader_.place(), fmt::format("height {}", head.height),
                       fmt::format("the ledger's last block is at height {}", last));
    const auto before = ledger_->block_at(head.height - 1);
    if (!before) return tl::unexpected<Fault>(before.error());
    if (before->block.header.state != head.state)
      return bad_input(reader_.place(), "state " + to_hex(head.state),
                       "the ledger's is " + to_hex(before->block.header.state));
    if (hash_of(before->block.header) != head.parent)
      return bad_input(reader_.place(), "parent " + to_hex(head.parent),
                       "the ledger's is " + to_hex(hash_of(before->block.header)));
    return {};
  }

  Result<void> take(RecordedLine& line) {
    if (const auto* transaction = std::get_if<Transaction>(&line.event)) {
      add(encode(*transaction), *line.outcome);
    } else if (auto* bytes = std::get_if<Bytes>(&line.event)) {
      add(std::move(*bytes), *line.outcome);
    } else if (const auto* skip = std::get_if<SkipTo>(&line.event)) {
      round_ = skip->round;
    } else {
      const std::int64_t count = std::get<EndBlocks>(line.event).count;
      for (std::int64_t k = 0; k < count && !divergence_; ++k)
        if (const auto ended = end_block(); !ended) return ended;
      if (!divergence_ && *line.state != state_) diverge("/state", to_hex(*line.state), to_hex(state_));
      return divergence_ ? Result<void>() : confirm();
    }
    return {};
  }

  void add(Bytes transaction, const std::string& outcome) {
    has_included_ = has_included_ || is_included(outcome);
    recorded_.push_back({reader_.place(), outcome});
    transactions_.push_back(std::move(transaction));
  }

  Result<void> end_block() {
    const auto done = next_ <= ledger_->store().summary().height ? compare_block() : make_block();
    ++next_;
    round_ = 0;
    has_included_ = false;
    transactions_.clear();
    recorded_.clear();
    return done;
  }

  /// The block is there already: the included transactions must be those of the trace.
  Result<void> compare_block() {
    const auto stored = ledger_->block_at(next_);
    if (!stored) return tl::unexpected<Fault>(stored.error());
    std::vector<Bytes> included;
    for (std::size_t k = 0; k < transactions_.size(); ++k)
      if (is_included(recorded_[k].outcome)) included.push_back(transactions_[k]);
    state_ = stored->block.header.state;
    if (stored->block.header.round != round_ || stored->block.transactions != included)
      divergence_ = fmt::format("{}: the ledger has another block at height {}", reader_.place(), next_);
    return {};
  }

  Result<void> make_block() {
    Candidate made = ledger_->candidate(round_, transactions_);
    for (std::size_t k = 0; k < made.outcomes.size() && !divergence_; ++k) {
      const std::string computed(name_of(made.outcomes[k].reason));
      if (recorded_[k].outcome != computed) diverge("/outcome", recorded_[k].outcome, computed, recorded_[k].place);
    }
    state_ = made.block.header.state;
    if (divergence_) {
      ledger_->discard();
      return {};
    }
    for (const Bytes& transaction : made.block.transactions) staged_bytes_ += transaction.size();
    ledger_->stage(std::move(made.block));
    if (!ledger_->executor().faults().empty())
      return bad_input(reader_.place(), "the ledger halts", ledger_->executor().faults().front());
    return {};
  }

  /// The blocks up to the last line are those of the trace; from time to time they are committed.
  Result<void> confirm() {
    confirmed_ = ledger_->staged();
    if (confirmed_ < staged_blocks_max && staged_bytes_ < staged_bytes_max) return {};
    staged_bytes_ = 0;
    return ledger_->commit(std::exchange(confirmed_, 0));
  }

  optimized::DurableLedger* ledger_;
  TraceReader reader_;
  std::optional<std::string> divergence_;
  std::int64_t round_ = 0;
  bool has_included_ = false;
  std::vector<Bytes> transactions_;
  std::vector<Recorded> recorded_;  ///< of the transactions
  Height next_ = 1;                 ///< the height of the open block
  Hash state_{};                    ///< after the last block
  std::size_t confirmed_ = 0;       ///< of the staged blocks, those that are to be kept
  std::size_t staged_bytes_ = 0;
};

/// Makes the file from the first line of the first trace, if there is none.
Result<void> make_if_missing(const LedgerImportOptions& options) {
  std::error_code error;
  if (std::filesystem::exists(options.file, error)) return {};
  const auto input = read_input(options.traces.front(), trace_bytes_max);
  if (!input) return tl::unexpected<Fault>(input.error());
  const auto head = read_ledger_head(input->bytes, input->name);
  if (!head) return tl::unexpected<Fault>(head.error());
  return optimized::Store::create(options.file, shown_name(options.file), head->chain,
                                  input->bytes.substr(0, input->bytes.find('\n')));
}

struct Imported {
  Height added = 0, last = 0;
  std::optional<std::string> divergence;
};

Result<Imported> import_all(const LedgerImportOptions& options) {
  if (const auto made = make_if_missing(options); !made) return tl::unexpected<Fault>(made.error());
  auto file = open_ledger_file(options.file, optimized::Store::Access::write);
  if (!file) return tl::unexpected<Fault>(file.error());
  auto ledger = optimized::DurableLedger::recover(std::move(file->store), file->head.head.scheme(), file->head.maker());
  if (!ledger) return tl::unexpected<Fault>(ledger.error());
  const Height before = ledger->store().summary().height;
  for (const std::string& trace : options.traces) {
    const auto input = read_input(trace, trace_bytes_max);
    if (!input) return tl::unexpected<Fault>(input.error());
    auto reader = TraceReader::start(input->bytes, input->name);
    if (!reader) return tl::unexpected<Fault>(reader.error());
    TraceImport import(*ledger, *std::move(reader));
    if (const auto done = import.run(); !done) return tl::unexpected<Fault>(done.error());
    if (import.divergence()) {
      const Height after = ledger->store().summary().height;
      return Imported{after - before, after, import.divergence()};
    }
  }
  const Height after = ledger->store().summary().height;
  if (const auto closed = ledger->close(); !closed) return tl::unexpected<Fault>(closed.error());
  return Imported{after - before, after, {}};
}

}  // namespace

int run_ledger_import(const LedgerImportOptions& options) {
  if (const auto once = check_inputs(options.traces); !once) return complain(once.error());
  const auto done = import_all(options);
  if (!done) return complain(done.error());
  if (options.json)
    fmt::print("{}", write_json(Json::Object{{"added", Json::integer(done->added)},
                                             {"height", Json::integer(done->last)},
                                             {"divergence", done->divergence ? Json(*done->divergence) : Json()}}));
  else if (done->divergence) fmt::print("{}\n", for_terminal(*done->divergence));
  else
    fmt::print("{}: {} added, the last one at height {}\n", shown_name(options.file),
               counted(static_cast<std::size_t>(done->added), "block"), done->last);
  return done->divergence ? exit_refuted : exit_holds;
}

}  // namespace p2pllm::app
