#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>

#include "apps/command_line.hpp"
#include "apps/output_file.hpp"
#include "apps/prove/verbs.hpp"
#include "model/encoding/escape.hpp"
#include "model/encoding/json.hpp"
#include "proofs/cvc5.hpp"
#include "proofs/prover.hpp"

namespace p2pllm::app {
namespace {

using namespace proofs;
namespace fs = std::filesystem;

/// The results for one obligation at the end.
struct Row {
  std::string fault, witness;
  std::string cvc5;                                            ///< its answer; empty if it was not run
  std::vector<std::pair<std::string, std::string>> questions;  ///< name and text of the files to export
  unsigned resources = 0;
  bool confirmed = false;
};

bool is_chosen(const Obligation& obligation, const std::string& filter) {
  if (filter.ends_with('*')) return obligation.name.starts_with(filter.substr(0, filter.size() - 1));
  return (obligation.clause + " " + obligation.name + " " + obligation.statement).find(filter) != std::string::npos;
}

std::vector<Obligation> chosen_by(const ProveOptions& options) {
  std::vector<Obligation> chosen;
  for (Obligation& obligation : all_obligations())
    if (is_chosen(obligation, options.filter)) chosen.push_back(std::move(obligation));
  if (options.planted_fault)
    for (Obligation& obligation : chosen)
      obligation.write = [honest = obligation.write](Scope& scope) {
        Goal goal = honest(scope);
        return Goal{goal.faulty, goal.conclusion};
      };
  return chosen;
}

/// A file that exists only in memory and disappears with the program, however the program ends.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& text) : file_(memfd_create("question", MFD_CLOEXEC)) {
    is_whole_ = file_ != -1 && write(file_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }
  ~MemoryFile() { close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  /// Its path, also valid for other programs while this one runs; the path of no file if it could not be written.
  [[nodiscard]] std::string path() const { return fmt::format("/proc/{}/fd/{}", getpid(), is_whole_ ? file_ : -1); }

 private:
  int file_;
  bool is_whole_ = false;
};

/// cvc5 agrees on the statement; "unknown" is not a disagreement. (It seldom finds models of planted faults.)
void confirm(Row& row, const Obligation& obligation) {
  const std::string wanted = obligation.kind == Obligation::Kind::forall ? "unsat" : "sat";
  row.cvc5 = ask_cvc5(MemoryFile(row.questions.front().second).path());
  row.confirmed = row.cvc5 == wanted;
  if (row.cvc5 != "unknown" && !row.confirmed) row.fault = "cvc5 disagrees: " + row.cvc5;
}

Row examine(const Obligation& obligation, const ProveOptions& options) {
  Row row;
  Outcome first;
  for (unsigned seed = 1; seed <= options.seeds && row.fault.empty(); ++seed) {
    Outcome outcome = prove(obligation, seed);
    row.resources = std::max(row.resources, outcome.resources);
    row.fault = outcome.fault;
    if (row.fault.empty() && outcome.resources > resource_limit / 2)
      row.fault = "takes more than half of the resource limit";
    if (seed == 1) first = std::move(outcome);
  }
  row.witness = first.witness;
  row.questions = std::move(first.files);
  if (options.solver != "z3" && row.fault.empty()) confirm(row, obligation);
  return row;
}

/// Runs as many at once as there are processors.
std::vector<Row> examine_all(const std::vector<Obligation>& chosen, const ProveOptions& options) {
  std::vector<Row> rows(chosen.size());
  std::mutex mutex;
  std::size_t next = 0, done = 0;
  const bool terminal = isatty(STDERR_FILENO) != 0;
  const auto work = [&] {
    for (;;) {
      std::size_t k = 0;
      {
        const std::scoped_lock lock(mutex);
        if (next == chosen.size()) return;
        k = next++;
      }
      rows[k] = examine(chosen[k], options);
      const std::scoped_lock lock(mutex);
      if (terminal) fmt::print(stderr, "\rproving: {} of {}", ++done, chosen.size());
    }
  };
  {
    std::vector<std::jthread> workers;
    for (unsigned w = 0; w < std::max(1U, std::thread::hardware_concurrency()); ++w) workers.emplace_back(work);
  }
  if (terminal) fmt::print(stderr, "\r\033[K");
  return rows;
}

/// Creates the folder for the export.
/// @returns why the files of these obligations cannot be written there; empty if they can
std::string export_obstacle(const fs::path& folder, const std::vector<Obligation>& chosen) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return shown_name(folder) + ": cannot be made: " + error.message();
  std::vector<std::string> paths;
  for (const Obligation& obligation : chosen)
    for (const char* end : {".smt2", ".fault.smt2"}) paths.push_back(folder / (obligation.name + end));
  const auto outputs = check_outputs(paths, {});
  return outputs ? "" : outputs.error().message();
}

/// Every question and its answer.
struct Report {
  std::vector<Obligation> chosen;
  std::vector<Row> rows;
  std::size_t failed = 0, confirmed = 0;

  Report(std::vector<Obligation> asked, std::vector<Row> answered)
      : chosen(std::move(asked)), rows(std::move(answered)) {
    for (const Row& row : rows) {
      failed += row.fault.empty() ? 0 : 1;
      confirmed += row.confirmed ? 1 : 0;
    }
  }
  /// cvc5 must confirm nine of ten, unless only some obligations were selected or it was not used.
  [[nodiscard]] bool enough_confirmed(const ProveOptions& options) const {
    return options.solver == "z3" || 10 * confirmed >= 9 * rows.size() || !options.filter.empty();
  }
  [[nodiscard]] const char* found_by_z3(std::size_t k) const {
    if (!rows[k].fault.empty()) return "fails";
    return chosen[k].kind == Obligation::Kind::forall ? "proved" : "found";
  }
};

void print_table(const Report& report, const ProveOptions& options, double seconds) {
  for (std::size_t k = 0; k < report.rows.size(); ++k) {
    const Obligation& obligation = report.chosen[k];
    const Row& row = report.rows[k];
    fmt::print("{:<9} {:<7} {:<8} {:>10}  {} ({})\n", obligation.clause,
               row.fault.empty() ? report.found_by_z3(k) : "FAILS", row.cvc5.empty() ? "-" : row.cvc5, row.resources,
               obligation.statement, obligation.instance);
    if (!row.fault.empty()) fmt::print("          {}: {}\n", obligation.name, row.fault);
    if (!row.witness.empty()) fmt::print("          e.g. {}\n", row.witness);
  }
  fmt::print("{} of {} hold by Z3 on {} seeds", report.rows.size() - report.failed, report.rows.size(), options.seeds);
  if (options.solver != "z3") fmt::print(", {} confirmed by cvc5", report.confirmed);
  fmt::print("; {:.1f} s\n", seconds);
  if (!report.enough_confirmed(options)) fmt::print("fewer than 90 % are confirmed by cvc5\n");
}

/// Without times, so that the same question has the same answer, byte by byte.
void print_json(const Report& report, const ProveOptions& options, bool holds) {
  const auto or_null = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
  const auto count = [](std::size_t number) { return Json::integer(static_cast<long long>(number)); };
  Json::Array list;
  for (std::size_t k = 0; k < report.rows.size(); ++k) {
    const Obligation& obligation = report.chosen[k];
    const Row& row = report.rows[k];
    list.push_back(Json::Object{{"clause", obligation.clause},
                                {"name", obligation.name},
                                {"statement", obligation.statement},
                                {"instance", obligation.instance},
                                {"kind", obligation.kind == Obligation::Kind::forall ? "forall" : "exists"},
                                {"z3", report.found_by_z3(k)},
                                {"cvc5", or_null(row.cvc5)},
                                {"resources", count(row.resources)},
                                {"fault", or_null(row.fault)},
                                {"witness", or_null(row.witness)}});
  }
  const Json::Object totals = {{"obligations", count(report.rows.size())},
                               {"hold", count(report.rows.size() - report.failed)},
                               {"confirmed", options.solver == "z3" ? Json() : count(report.confirmed)}};
  fmt::print("{}", write_json(Json::Object{{"holds", holds},
                                           {"obligations", std::move(list)},
                                           {"totals", totals},
                                           {"seeds", count(options.seeds)},
                                           {"resource_limit", count(resource_limit)}}));
}

}  // namespace

int run_prove(const ProveOptions& options) {
  std::vector<Obligation> chosen = chosen_by(options);
  if (chosen.empty()) {
    print_error(printable(options.filter) + ": no obligation has this in its clause, name or statement");
    return exit_bad_input;
  }
  if (options.list) {
    for (const Obligation& o : chosen) fmt::print("{:<9} {:<44} {} ({})\n", o.clause, o.name, o.statement, o.instance);
    return exit_holds;
  }
  if (options.solver != "z3" && !has_cvc5()) {
    print_error("cvc5 is not installed; --solver z3 does without it");
    return exit_component_missing;
  }
  const fs::path folder = options.export_to;
  if (!folder.empty())
    if (const std::string why = export_obstacle(folder, chosen); !why.empty())
      return complain(bad_input("--export", why).value());
  const auto begin = std::chrono::steady_clock::now();
  std::vector<Row> rows = examine_all(chosen, options);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  for (const Row& row : rows)
    for (const auto& [name, text] : row.questions)
      if (!folder.empty())
        if (const auto written = write_output(folder / name, text); !written)
          return complain(bad_input("--export", written.error().message()).value());
  const Report report(std::move(chosen), std::move(rows));
  const bool holds = report.failed == 0 && report.enough_confirmed(options);
  if (options.json) print_json(report, options, holds);
  else print_table(report, options, seconds.count());
  return holds ? exit_holds : exit_refuted;
}

}  // namespace p2pllm::app
