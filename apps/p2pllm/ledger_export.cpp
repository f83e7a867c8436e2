#include <fmt/core.h>

#include <algorithm>

#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/ledger_file.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "model/contracts/trace.hpp"
#include "model/encoding/escape.hpp"

// `ledger export`: the blocks of a file as a trace, or as segments of one (LEDGER-11).
namespace p2pllm::app {
namespace {

using namespace contracts;
using namespace reference;

/// Writes the blocks of a ledger as a trace, or as segments of so many blocks.
class TraceExport {
 public:
  explicit TraceExport(const LedgerExportOptions& options) : options_(options) {}

  Result<void> run() {
    auto file = open_ledger_file(options_.file, optimized::Store::Access::read);
    if (!file) return tl::unexpected<Fault>(file.error());
    head_ = &file->head;
    const optimized::StoreSummary summary = file->store.summary();
    height_ = summary.height;
    lines_.add_as_it_is(summary.head, read_link(summary.head));
    ProgressLine line("exporting");
    const auto from = options_.verify_all ? optimized::RecoverFrom::nothing : optimized::RecoverFrom::genesis;
    const auto done = optimized::DurableLedger::recover(
        std::move(file->store), head_->head.scheme(), head_->maker(),
        {.from = from,
         .progress = line.hook(),
         .visit = [this](const Block& block, const std::vector<Outcome>& outcomes) { add(block, outcomes); }});
    if (!done) return tl::unexpected<Fault>(done.error());
    end_segment();
    if (fault_) return tl::unexpected<Fault>(*fault_);
    if (options_.json)
      fmt::print("{}", write_json(Json::Object{{"blocks", Json::integer(height_)}, {"traces", written_}}));
    else
      fmt::print("{}: {} in {}\n", done->store().name(), counted(static_cast<std::size_t>(height_), "block"),
                 counted(segments_, "trace"));
    return {};
  }

 private:
  static Hash read_link(const std::string& head) {
    const auto reader = TraceReader::start(head, "head");
    return reader->head_link();
  }

  void add(const Block& block, const std::vector<Outcome>& outcomes) {
    if (fault_) return;
    if (options_.segment_blocks > 0 && blocks_ == options_.segment_blocks) {
      end_segment();
      lines_ = {};
      lines_.add(SegmentHead{head_->chain, block.header.height, state_, block.header.parent});
    }
    if (block.header.round > 0 || !block.transactions.empty()) end_empty_blocks();
    if (block.header.round > 0) lines_.add({{"skip_to", Json::Object{{"round", Json::integer(block.header.round)}}}});
    for (std::size_t k = 0; k < outcomes.size(); ++k)
      lines_.add({{"transaction", transaction_json(*decode_transaction(block.transactions[k]))},
                  {"outcome", std::string(name_of(outcomes[k].reason))}});
    ++ending_;
    ++blocks_;
    state_ = block.header.state;
    if (!block.transactions.empty() || block.header.round > 0) end_empty_blocks();
    last_ = block.header.height;
    check_limits();
  }

  void check_limits() {
    if (!lines_.fits() || blocks_ > trace_blocks_max)
      fault_ = bad_input(shown_name(options_.trace), fmt::format("height {}", last_),
                         "a trace has at most 256 MiB, 2^20 lines and 1000000 blocks: choose a lower --segment-blocks")
                   .value();
  }

  /// Ends the blocks since the last line that ended blocks.
  void end_empty_blocks() {
    if (ending_ > 0)
      lines_.add({{"end_block", Json::Object{{"count", Json::integer(ending_)}}}, {"state", to_hex(state_)}});
    ending_ = 0;
  }

  void end_segment() {
    if (fault_) return;
    end_empty_blocks();
    check_limits();  // with the line that ends the last blocks
    if (fault_) return;
    ++segments_;
    written_.emplace_back(path_of_segment());
    const auto written = write_output(path_of_segment(), lines_.text());
    if (!written) fault_ = written.error();
    blocks_ = 0;
  }

  /// With as many digits in each name as the last one needs, so that names sort as segments do.
  [[nodiscard]] std::string path_of_segment() const {
    if (options_.segment_blocks == 0) return options_.trace;
    const std::int64_t last =
        std::max<std::int64_t>(1, (height_ + options_.segment_blocks - 1) / options_.segment_blocks);
    return fmt::format("{}.{:0{}}", options_.trace, segments_, std::to_string(last).size());
  }

  const LedgerExportOptions& options_;
  Height height_ = 0;  ///< of the last block
  Height last_ = 0;    ///< of the last block that was added
  const LedgerHead* head_ = nullptr;
  TraceLines lines_;
  std::int64_t blocks_ = 0;  ///< in this segment
  std::int64_t ending_ = 0;
  std::size_t segments_ = 0;
  Json::Array written_;  ///< the paths of the segments
  Hash state_{};
  std::optional<Fault> fault_;
};

}  // namespace

int run_ledger_export(const LedgerExportOptions& options) {
  if (const auto outputs = check_outputs({options.trace}, {options.file}); !outputs) return complain(outputs.error());
  const auto done = TraceExport(options).run();
  return done ? exit_holds : complain(done.error());
}

}  // namespace p2pllm::app
