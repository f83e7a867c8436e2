#include <fmt/core.h>

#include <algorithm>

#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "apps/p2pllm/view/contract_text.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "reference/contracts/replay.hpp"

// `contract replay` recomputes a trace and reports where it first differs (LEDGER-9).
namespace p2pllm::app {
namespace {

using namespace reference;

/// Replays one trace and reports the steps that the options request.
class ReplayPrinter {
 public:
  ReplayPrinter(const ReplayOptions& options, const Input& input, Replay replay)
      : options_(options), input_(input), replay_(std::move(replay)), names_(replay_.head().names) {}

  Result<int> tell() {
    if (!replay_.head_differences().empty()) return diverged({1, EndBlocks{}, {}, replay_.head_differences()}, true);
    if (options_.step) before_ = objects_of(replay_.ledger(), names_);
    ProgressLine line("replaying");
    const Progress progress = line.hook();
    while (!replay_.is_done()) {
      const Height height = replay_.ledger().height();
      const auto replayed = replay_.next();
      if (!replayed) return tl::unexpected<Fault>(replayed.error());
      lines_ = replayed->number;
      if (replayed->outcome) ++counts_[static_cast<std::size_t>(consequence_of(replayed->outcome->reason))];
      if (!replayed->differences.empty()) return diverged(*replayed, false);
      show(*replayed, height);
      if (!replay_.ledger().faults().empty()) return halted(*replayed);
      report(progress, input_.bytes.size() - replay_.bytes_left(), input_.bytes.size());
    }
    return done();
  }

 private:
  /// The effect of the line, in the detail that --step and --explain request.
  void show(const ReplayedLine& line, Height height) {
    if (!options_.step && !options_.explain) return;
    const std::string words = options_.explain ? explained(line, height, names_) : request_and_outcome(line, names_);
    Json::Object object{{"line", number(line.number)}, {"block", Json::integer(height)}, {"says", words}};
    object.emplace_back("outcome", line.outcome ? Json(std::string(name_of(line.outcome->reason))) : Json());
    if (!options_.json) fmt::print("line {}{}\n", line.number, for_terminal((options_.explain ? ", " : ": ") + words));
    if (options_.step) {
      LedgerObjects after = objects_of(replay_.ledger(), names_);
      Json::Array changes;
      for (const std::string& key : changed(before_, after)) {
        changes.emplace_back(change_text(before_, after, key));
        if (!options_.json) fmt::print("    {}\n", for_terminal(*changes.back().as_string()));
      }
      object.emplace_back("changes", std::move(changes));
      before_ = std::move(after);
    }
    if (options_.json) steps_.emplace_back(std::move(object));
  }

  /// The state before a line, obtained by replaying all lines before it.
  [[nodiscard]] LedgerObjects objects_before(std::size_t line) const {
    auto again = Replay::start(input_.bytes, input_.name);
    for (std::size_t k = 2; k < line; ++k) (void)again->next();
    return objects_of(again->ledger(), names_);
  }

  int diverged(const ReplayedLine& line, bool is_head) {
    lines_ = line.number;
    LedgerObjects before, after;
    std::vector<std::string> keys;
    if (!is_head) {
      before = objects_before(line.number);
      after = objects_of(replay_.ledger(), names_);
      keys = changed(before, after);
      const std::vector<std::string> more = named(line.event, before, after);
      keys.insert(keys.end(), more.begin(), more.end());
      std::ranges::sort(keys);
      keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    }
    const std::string words = is_head ? "the head" : sentence_of(line.event, names_);
    if (options_.json) {
      Json::Array differences;
      for (const auto& [pointer, recorded, computed] : line.differences)
        differences.emplace_back(Json::Object{{"pointer", pointer}, {"recorded", recorded}, {"computed", computed}});
      print_json(Json::Object{{"line", number(line.number)},
                              {"says", words},
                              {"differences", std::move(differences)},
                              {"before", select(before, keys)},
                              {"after", select(after, keys)}});
      return exit_refuted;
    }
    fmt::print("{}: line {} diverges: {}\n", input_.name, line.number, for_terminal(words));
    for (const Difference& difference : line.differences) print_difference(difference);
    if (keys.empty()) return exit_refuted;
    for (const auto& [title, objects] : {std::pair("before", &before), std::pair("after", &after)}) {
      fmt::print("  {} the line, as computed:\n", title);
      for (const std::string& key : keys)
        if (const auto found = objects->find(key); found != objects->end())
          fmt::print("    {}\n", for_terminal(object_text(found->second)));
    }
    return exit_refuted;
  }

  static void print_difference(const Difference& difference) {
    const auto& [pointer, recorded, computed] = difference;
    fmt::print("  {}: recorded {}, computed {}\n", pointer, printable(recorded), printable(computed));
    if (pointer == "/link")
      fmt::print("    (this line was changed, or lines before it were changed, removed or inserted)\n");
  }

  int halted(const ReplayedLine& line) {
    if (options_.json) {
      print_json(Json());
      return exit_refuted;
    }
    fmt::print("{}: line {} halts the ledger: {}\n", input_.name, line.number,
               for_terminal(sentence_of(line.event, names_)));
    for (const std::string& fault : replay_.ledger().faults()) fmt::print("  {}\n", for_terminal(fault));
    return exit_refuted;
  }

  int done() {
    if (options_.json) {
      print_json(Json());
      return exit_holds;
    }
    const std::size_t transactions = counts_[0] + counts_[1] + counts_[2] + counts_[3];
    fmt::print("{}: {} replayed, everything is as recorded\n", input_.name, counted(lines_, "line"));
    fmt::print("  {}: {} applied, {} failed, {} refused, {} malformed; {} ended\n",
               counted(transactions, "transaction"), counts_[0], counts_[3], counts_[2], counts_[1],
               counted(static_cast<std::size_t>(replay_.ledger().height() - 1), "block"));
    fmt::print("  state {}\n  link  {}\n", to_hex(replay_.ledger().state_root()), to_hex(replay_.link()));
    return exit_holds;
  }

  void print_json(Json divergence) const {
    Json::Array faults;
    for (const std::string& fault : replay_.ledger().faults()) faults.emplace_back(fault);
    const bool holds = divergence.is_null() && faults.empty();
    Json::Object transactions;
    for (const auto& [name, k] : {std::pair("applied", 0U), {"failed", 3U}, {"refused", 2U}, {"malformed", 1U}})
      transactions.emplace_back(name, number(counts_[k]));
    fmt::print("{}", write_json(Json::Object{{"holds", holds},
                                             {"lines", number(lines_)},
                                             {"blocks", Json::integer(replay_.ledger().height() - 1)},
                                             {"transactions", std::move(transactions)},
                                             {"chain", to_hex(replay_.ledger().chain())},
                                             {"state", to_hex(replay_.ledger().state_root())},
                                             {"link", to_hex(replay_.link())},
                                             {"divergence", std::move(divergence)},
                                             {"faults", std::move(faults)},
                                             {"steps", steps_}}));
  }

  static Json number(std::size_t value) { return Json::integer(static_cast<long long>(value)); }
  static Json select(const LedgerObjects& objects, const std::vector<std::string>& keys) {
    Json::Array chosen;
    for (const std::string& key : keys)
      if (const auto found = objects.find(key); found != objects.end()) chosen.push_back(object_json(found->second));
    return chosen;
  }

  const ReplayOptions& options_;
  const Input& input_;
  Replay replay_;
  const Names& names_;
  LedgerObjects before_;
  std::size_t lines_ = 1;
  std::size_t counts_[4] = {};  ///< by Consequence
  Json::Array steps_;
};

}  // namespace

int run_contract_replay(const ReplayOptions& options) {
  const auto input = read_input(options.trace, trace_bytes_max);
  if (!input) return complain(input.error());
  auto replay = Replay::start(input->bytes, input->name);
  if (!replay) return complain(replay.error());
  const auto code = ReplayPrinter(options, *input, *std::move(replay)).tell();
  return code ? *code : complain(code.error());
}

}  // namespace p2pllm::app
