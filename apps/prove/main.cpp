#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "proofs/claims.hpp"
#include "proofs/cvc5.hpp"
#include "proofs/prover.hpp"

namespace {

using namespace p2pllm::proofs;
namespace fs = std::filesystem;

enum ExitCode : int { exit_holds = 0, exit_refuted = 1, exit_bad_input = 2, exit_component_missing = 4 };

struct Options {
  std::string filter;
  std::string solver = "both";
  std::string export_to;
  bool list = false;
  bool planted_fault = false;  ///< a canary: claims each planted fault in place of its statement
  unsigned seeds = 3;
};

/// What is known of one obligation at the end.
struct Row {
  std::string z3 = "-", cvc5 = "-", fault, witness;
  unsigned resources = 0;
  bool confirmed = false;
};

bool is_chosen(const Obligation& obligation, const std::string& filter) {
  return (obligation.clause + " " + obligation.name + " " + obligation.statement).find(filter) != std::string::npos;
}

/// cvc5 agrees on the statement; "unknown" is no disagreement. (Models of planted faults it seldom finds.)
void confirm(Row& row, const Obligation& obligation, const fs::path& folder) {
  const std::string wanted = obligation.kind == Obligation::Kind::forall ? "unsat" : "sat";
  row.cvc5 = ask_cvc5(folder / (obligation.name + ".smt2"));
  row.confirmed = row.cvc5 == wanted;
  if (row.cvc5 != "unknown" && !row.confirmed) row.fault = "cvc5 disagrees: " + row.cvc5;
}

Row examine(const Obligation& obligation, const Options& options, const fs::path& folder) {
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
  row.z3 = !row.fault.empty() ? "FAILS" : obligation.kind == Obligation::Kind::forall ? "proved" : "found";
  row.witness = first.witness;
  for (const auto& [name, text] : first.files)
    if (!(std::ofstream(folder / name) << text).flush() && row.fault.empty())
      row.fault = "cannot write " + (folder / name).string();
  if (options.solver != "z3" && row.fault.empty()) confirm(row, obligation, folder);
  return row;
}

/// A folder of our own that goes when we do.
struct Scratch {
  fs::path path = fs::temp_directory_path() / ("p2pllm-prove-" + std::to_string(getpid()));
  Scratch() { fs::create_directories(path); }
  ~Scratch() { fs::remove_all(path); }
};

int run(const Options& options) {
  std::vector<Obligation> chosen;
  for (Obligation& obligation : all_obligations())
    if (is_chosen(obligation, options.filter)) chosen.push_back(std::move(obligation));
  if (options.planted_fault)
    for (Obligation& obligation : chosen)
      obligation.write = [honest = obligation.write](Scope& scope) {
        Goal goal = honest(scope);
        return Goal{goal.faulty, goal.conclusion};
      };
  if (chosen.empty()) {
    fmt::print(stderr, "p2pllm: {}: no obligation has this in its clause, name or statement\n", options.filter);
    return exit_bad_input;
  }
  if (options.list) {
    for (const Obligation& o : chosen) fmt::print("{:<9} {:<44} {} ({})\n", o.clause, o.name, o.statement, o.instance);
    return exit_holds;
  }
  if (options.solver != "z3" && !has_cvc5()) {
    fmt::print(stderr, "p2pllm: cvc5 is not installed; --solver z3 does without it\n");
    return exit_component_missing;
  }
  const Scratch scratch;
  const fs::path folder = options.export_to.empty() ? scratch.path : fs::path(options.export_to);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    fmt::print(stderr, "p2pllm: --export: {}: cannot be made: {}\n", folder.string(), error.message());
    return exit_bad_input;
  }
  const auto begin = std::chrono::steady_clock::now();
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
      rows[k] = examine(chosen[k], options, folder);
      const std::scoped_lock lock(mutex);
      if (terminal) fmt::print(stderr, "\rproving: {} of {}", ++done, chosen.size());
    }
  };
  {
    std::vector<std::jthread> workers;
    for (unsigned w = 0; w < std::max(1U, std::thread::hardware_concurrency()); ++w) workers.emplace_back(work);
  }
  if (terminal) fmt::print(stderr, "\r\033[K");
  std::size_t failed = 0, confirmed = 0;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const Row& row = rows[k];
    failed += row.fault.empty() ? 0 : 1;
    confirmed += row.confirmed ? 1 : 0;
    fmt::print("{:<9} {:<7} {:<8} {:>10}  {} ({})\n", chosen[k].clause, row.z3, row.cvc5, row.resources,
               chosen[k].statement, chosen[k].instance);
    if (!row.fault.empty()) fmt::print("          {}: {}\n", chosen[k].name, row.fault);
    if (!row.witness.empty()) fmt::print("          e.g. {}\n", row.witness);
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  fmt::print("{} of {} hold by Z3 on {} seeds", rows.size() - failed, rows.size(), options.seeds);
  if (options.solver != "z3") fmt::print(", {} confirmed by cvc5", confirmed);
  fmt::print("; {:.1f} s\n", seconds.count());
  const bool enough = options.solver == "z3" || 10 * confirmed >= 9 * rows.size() || !options.filter.empty();
  if (!enough) fmt::print("fewer than 90 % are confirmed by cvc5\n");
  return failed == 0 && enough ? exit_holds : exit_refuted;
}

/// "refuted as printed", or what is wrong with the evidence.
std::string in_words(const JudgedFinding& judged) {
  const std::string scope = judged.finding->scope.empty() ? "" : " " + judged.finding->scope;
  return judged.holds ? to_string(judged.finding->verdict) + scope : "NOT SHOWN" + scope + ": " + judged.fault;
}

void print_claims_page(const std::vector<std::pair<PaperClaim, std::vector<JudgedFinding>>>& judged) {
  fmt::print(
      "# The paper's claims, judged\n\nMade by `p2pllm claims --markdown`: each proof is run and each witness computed "
      "anew by the test suite. A *proof* "
      "is named as\n`p2pllm prove NAME` takes it.\n\n| | claim | place | verdict | evidence "
      "|\n|---:|---|---|---|---|\n");
  for (const auto& [claim, findings] : judged)
    for (const JudgedFinding& finding : findings) {
      std::string evidence;
      for (const std::string& name : finding.finding->obligations)
        evidence += (evidence.empty() ? "`" : ", `") + name + "`";
      if (finding.finding->witness) evidence += (evidence.empty() ? "" : "; ") + finding.witness;
      if (!finding.finding->command.empty())
        evidence += (evidence.empty() ? "`" : " (`") + finding.finding->command + (evidence.empty() ? "`" : "`)");
      const bool first = &finding == &findings.front();
      fmt::print("| {} | {} | {} | **{}**{} | {} |\n", first ? std::to_string(claim.number) : "",
                 first ? claim.statement : "", first ? claim.place : "", to_string(finding.finding->verdict),
                 finding.finding->scope.empty() ? "" : " " + finding.finding->scope, evidence);
    }
}

int run_claims(bool markdown) {
  std::vector<std::pair<PaperClaim, std::vector<JudgedFinding>>> judged;
  for (PaperClaim& claim : paper_claims()) judged.emplace_back(std::move(claim), std::vector<JudgedFinding>{});
  bool all = true;
  for (auto& [claim, findings] : judged) {
    for (const Finding& finding : claim.findings) {
      findings.push_back(judge(finding));
      all = all && findings.back().holds;
    }
    if (markdown) continue;
    fmt::print("{:>2}  {}\n", claim.number, claim.statement);
    for (const JudgedFinding& finding : findings) {
      fmt::print("      {}\n", in_words(finding));
      if (!finding.witness.empty()) fmt::print("        {}\n", finding.witness);
      if (!finding.finding->command.empty()) fmt::print("        see: {}\n", finding.finding->command);
    }
  }
  if (markdown) print_claims_page(judged);
  return all ? exit_holds : exit_refuted;
}

}  // namespace

/// One line for what is wrong on the command line, as p2pllm's own verbs say it.
void speak_plainly(CLI::App& app) {
  app.failure_message([](const CLI::App* asked, const CLI::Error& error) {
    return "p2pllm: " + std::string(error.what()) + " (" + asked->get_name() + " --help tells more)\n";
  });
}

int main(int argc, char** argv) {
  if (fs::path(argv[0]).filename() == "claims") {
    CLI::App app("The paper's claims: proved, refuted with a witness, or open.", "p2pllm claims");
    speak_plainly(app);
    bool markdown = false;
    app.add_flag("--markdown", markdown, "as the page spec/claims.md");
    app.footer("Example:\n  p2pllm claims\nExit codes: 0 all evidence holds, 1 some does not, 2 bad usage.");
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app.exit(error) == 0 ? exit_holds : exit_bad_input;
    }
    return run_claims(markdown);
  }
  CLI::App app("Proves statements about the reference's own rules, for all numbers.", "p2pllm prove");
  speak_plainly(app);
  Options options;
  app.add_option("filter", options.filter, "only those whose clause, name or statement contains this");
  app.add_option("--solver", options.solver, "which solver decides; cvc5 confirms what Z3 found")
      ->check(CLI::IsMember({"z3", "cvc5", "both"}))
      ->capture_default_str();
  app.add_option("--export", options.export_to, "write each question as an SMT-LIB 2 file to this folder");
  app.add_option("--seeds", options.seeds, "random seeds to try Z3 with")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_flag("--planted-fault", options.planted_fault)->group("");
  app.add_flag("--list", options.list, "name the obligations and prove none");
  app.footer(
      "Example:\n  p2pllm prove PRICE-9 --export out/smt\n"
      "Exit codes: 0 all proved, 1 one is not, 2 bad usage, 4 cvc5 is not installed.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_holds : exit_bad_input;
  }
  try {
    return run(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "p2pllm: {}\n", error.what());
    return exit_bad_input;
  }
}
