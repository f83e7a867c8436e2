#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>

#include "apps/command_line.hpp"
#include "apps/prove/verbs.hpp"

namespace {

using namespace p2pllm::app;

std::function<int()> add_claims(CLI::App& app, ClaimsOptions& options) {
  app.description("The paper's claims: proved, refuted with a witness, or open.");
  CLI::Option* markdown = app.add_flag("--markdown", options.markdown, "as the page spec/generated/claims.md");
  app.add_flag("--json", options.json, "print JSON instead of text")->excludes(markdown);
  app.footer("Example:\n  p2pllm claims\nExit codes: 0 all evidence holds, 1 some does not, 2 bad usage.");
  return [&options] { return run_claims(options); };
}

std::function<int()> add_prove(CLI::App& app, ProveOptions& options) {
  app.description("Proves statements about the reference's own rules, for all numbers.");
  app.add_option(
      "filter", options.filter,
      "only those whose clause, name or statement contains this, or whose name begins with it if it ends with *");
  app.add_option("--solver", options.solver, "which solver decides; cvc5 confirms what Z3 found")
      ->check(CLI::IsMember({"z3", "cvc5", "both"}))
      ->capture_default_str();
  app.add_option("--export", options.export_to, "write each question as an SMT-LIB 2 file to this folder");
  app.add_option("--seeds", options.seeds, "random seeds to try Z3 with")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_flag("--planted-fault", options.planted_fault)->group("");
  CLI::Option* list = app.add_flag("--list", options.list, "name the obligations and prove none");
  app.add_flag("--json", options.json, "print JSON instead of a table")->excludes(list);
  app.footer(
      "Example:\n  p2pllm prove PRICE-9 --export out/smt\n"
      "Exit codes: 0 all proved, 1 one is not, 2 bad usage or a file that cannot be written, 4 cvc5 is not installed.");
  return [&options] { return run_prove(options); };
}

int run(int argc, char** argv) {
  const bool claims_asked = std::filesystem::path(argv[0]).filename() == "claims";
  CLI::App app("", claims_asked ? "p2pllm claims" : "p2pllm prove");
  ClaimsOptions claims;
  ProveOptions prove;
  const std::function<int()> chosen = claims_asked ? add_claims(app, claims) : add_prove(app, prove);
  return run_command(app, argc, argv, chosen);
}

}  // namespace

int main(int argc, char** argv) {
  return p2pllm::app::run_program([argc, argv] { return run(argc, argv); });
}
