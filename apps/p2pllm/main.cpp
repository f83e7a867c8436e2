#include <oneapi/tbb/global_control.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>

#include "apps/command_line.hpp"
#include "apps/p2pllm/gpu.hpp"
#include "apps/p2pllm/layers/layer_verbs.hpp"
#include "apps/p2pllm/ledger_verbs.hpp"
#include "apps/p2pllm/simulation/comparison.hpp"
#include "apps/p2pllm/simulation/simulate.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "model/encoding/escape.hpp"
#include "model/encoding/json.hpp"
#include "model/market/frontier.hpp"
#include "reference/market/route.hpp"
#include "reference/market/solve.hpp"

namespace {

using namespace p2pllm::app;
using p2pllm::for_terminal;
using p2pllm::printable;

/// Adds a verb with its network argument, --json and an example.
CLI::App* add_verb(CLI::App& app, const char* name, const char* purpose, const char* example, NetworkOptions& options) {
  CLI::App* verb = app.add_subcommand(name, purpose);
  verb->add_option("network", options.network, "network file (p2pllm-network/1), or - for standard input")->required();
  verb->add_flag("--json", options.json, "print JSON instead of a table");
  verb->footer("Example:\n  " + std::string(example) + "\n" + exit_codes);
  return verb;
}

void add_alpha(CLI::App* verb, NetworkOptions& options) {
  verb->add_option("--alpha", options.alpha, "weight of price against time, in [0, 1]; overrides the file's");
}

void add_client(CLI::App* verb, NetworkOptions& options) {
  verb->add_option("--client", options.client, "id of the client whose legs count, when the file has several");
}

void add_certificate(CLI::App* verb, std::string& path) {
  verb->add_option("--certificate", path, "write evidence to this file, for p2pllm check");
}

void add_smt2(CLI::App* verb, std::string& path) {
  verb->add_option("--smt2", path,
                   "write the verdict's negation as SMT-LIB 2 to this file, of which a solver (cvc5 FILE) says unsat");
}

void add_threads(CLI::App* verb, int& threads) {
  verb->add_option("--threads", threads, "of the fast engine; no answer depends on it (default: all processors)")
      ->check(CLI::Range(1, 4096))
      ->envname("P2PLLM_THREADS");
}

void add_engine(CLI::App* verb, EngineOptions& options) {
  verb->add_option("--engine", options.engine,
                   "the implementation that answers; all of them decide the same; cuda needs a GPU")
      ->check(CLI::IsMember({"fast", "reference", "cuda", "cuda-or-fast"}))
      ->capture_default_str();
  add_threads(verb, options.threads);
}

void add_check_of_answer(CLI::App* verb, EngineOptions& options) {
  verb->add_flag("--check", options.check, "have the checker accept the answer's certificate before it is printed");
}

CLI::Option* add_rule(CLI::App* verb, std::string& rule) {
  return verb->add_option("--rule", rule, "what a node moves for: its share of the load, or revenue at these prices")
      ->check(CLI::IsMember({"share", "revenue"}))
      ->capture_default_str();
}

/// The options of each verb, and the verb that the arguments choose.
struct Verbs {
  VerifyOptions verify;
  SolveOptions solve;
  RouteOptions route;
  ParetoOptions pareto;
  BalanceOptions balance;
  DiffOptions diff;
  CheckOptions check;
  ShowOptions show;
  ReplayOptions replay;
  ContractFuzzOptions contract_fuzz;
  FuzzCaseOptions fuzz_case;
  TableOptions table;
  DeterOptions deter;
  LedgerVerbs ledger;
  SimulateOptions simulate;
  ComparisonOptions compare;
  LayerVerbs layers;
  std::function<int()> chosen;
};

void add_verify(CLI::App& app, Verbs& verbs) {
  VerifyOptions& verify = verbs.verify;
  CLI::App* verb = add_verb(app, "verify", "Is this price profile an (epsilon-)Nash equilibrium?",
                            "p2pllm verify examples/toy.json --epsilon 1/1000", verify);
  add_alpha(verb, verify);
  verb->add_option("--prices", verify.prices, "prices file (p2pllm-prices/1) instead of the posted prices");
  verb->add_option("--epsilon", verify.epsilon,
                   "gain that is tolerated, as a part of the best revenue the node could have")
      ->capture_default_str();
  verb->add_flag("--absolute", verify.absolute, "epsilon is in price units, not a part of the best revenue");
  verb->add_option("--bits-max", verify.bits_max, "precision at which to give up as undecided")
      ->check(CLI::Range(96L, 1L << 20))
      ->capture_default_str();
  verb->add_flag("--placement", verify.placement, "also check that nobody gains by moving to other layers");
  add_rule(verb, verify.rule)->needs("--placement");
  add_certificate(verb, verify.certificate);
  add_check_of_answer(verb, verify);
  add_engine(verb, verify);
  add_smt2(verb, verify.smt2);
  verb->callback([&verbs] { verbs.chosen = [&verbs] { return run_verify(verbs.verify); }; });
}

void add_solve(CLI::App& app, Verbs& verbs) {
  SolveOptions& solve = verbs.solve;
  CLI::App* verb = add_verb(app, "solve", "The unique price equilibrium, enclosed to any precision.",
                            "p2pllm solve examples/toy.json --bits 128 --prices equilibrium.json", solve);
  add_alpha(verb, solve);
  verb->add_option("--bits", solve.bits, "relative width of the enclosures is at most 2^-bits")
      ->check(CLI::Range(p2pllm::reference::solve_bits_min, p2pllm::reference::solve_bits_max))
      ->capture_default_str();
  verb->add_option("--prices", solve.prices, "write the simplest rational inside each enclosure to this prices file");
  add_engine(verb, solve);
  verb->callback([&verbs] { verbs.chosen = [&verbs] { return run_solve(verbs.solve); }; });
}

void add_route(CLI::App& app, Verbs& verbs) {
  RouteOptions& route = verbs.route;
  CLI::App* verb =
      add_verb(app, "route", "The optimal chain of peers.", "p2pllm route examples/toy.json --alpha 1/4", route);
  add_alpha(verb, route);
  add_client(verb, route);
  add_certificate(verb, route.certificate);
  add_check_of_answer(verb, route);
  add_engine(verb, route);
  verb->footer("Limit: without latency none but the file's own; with latency the graph of peers has at most " +
               std::to_string(p2pllm::reference::graph_edges_max) + " edges.\n" + verb->get_footer());
  verb->callback([&verbs] { verbs.chosen = [&verbs] { return run_route(verbs.route); }; });
}

void add_pareto(CLI::App& app, Verbs& verbs) {
  ParetoOptions& pareto = verbs.pareto;
  CLI::App* verb = add_verb(app, "pareto", "Every Pareto-optimal (price, time) chain; marks those no alpha can reach.",
                            "p2pllm pareto examples/real_market.json --plot frontier.svg", pareto);
  add_client(verb, pareto);
  verb->add_option("--plot", pareto.plot, "draw time against price to this SVG file");
  verb->add_option("--labels-max", pareto.labels_max,
                   "labels of all nodes at which to give up as undecided (default " +
                       std::to_string(p2pllm::frontier_labels_max) + ")")
      ->check(CLI::Range(1L, 1L << 40));
  add_certificate(verb, pareto.certificate);
  add_check_of_answer(verb, pareto);
  add_engine(verb, pareto);
  verb->callback([&verbs] { verbs.chosen = [&verbs] { return run_pareto(verbs.pareto); }; });
}

void add_balance(CLI::App& app, Verbs& verbs) {
  BalanceOptions& balance = verbs.balance;
  CLI::App* verb =
      add_verb(app, "balance", "Where do the nodes settle when each moves to the layers where its share is largest?",
               "p2pllm balance examples/paper.json --certificate c.json", balance);
  add_rule(verb, balance.rule);
  verb->add_flag("--check", balance.move_nobody, "move nobody: is the placement in the file at rest?");
  add_alpha(verb, balance);
  verb->add_option("--prices", balance.prices, "prices file (p2pllm-prices/1) instead of the posted prices");
  add_certificate(verb, balance.certificate);
  add_engine(verb, balance);
  verb->callback([&verbs] { verbs.chosen = [&verbs] { return run_balance(verbs.balance); }; });
}

void add_diff(CLI::App& app, Verbs& verbs) {
  DiffOptions& diff = verbs.diff;
  CLI::App* verb =
      app.add_subcommand("diff", "Does an engine, or your own implementation, decide as the exact reference does?");
  verb->add_option("network", diff.network, "network file (p2pllm-network/1), or - for standard input");
  CLI::Option* random = verb->add_option("--random", diff.random, "compare this many random networks instead of a file")
                            ->check(CLI::Range(1L, 1L << 40));
  verb->add_option("--seed", diff.seed, "of the random networks")
      ->needs(random)
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb->add_option("--shape", diff.shape, "of the random networks")
      ->needs(random)
      ->check(CLI::IsMember({"mixed", "near-tie", "ulp", "ratio", "tiny-share", "groups"}))
      ->capture_default_str();
  add_alpha(verb, diff);
  CLI::Option* candidate =
      verb->add_option("--candidate", diff.candidate,
                       "compare this shell command: it reads a network on standard input and prints the verb's JSON");
  verb->add_option("--engine", diff.engine, "the implementation that is compared; cuda needs a GPU")
      ->excludes(candidate)
      ->check(CLI::IsMember({"fast", "cuda", "cuda-or-fast"}))
      ->capture_default_str();
  verb->add_option("--verb", diff.verb, "compare this verb alone (a candidate: route unless it is given)")
      ->check(CLI::IsMember({"route", "pareto", "verify", "solve", "balance"}));
  verb->add_option("--timeout", diff.timeout_s, "seconds that a candidate may take for a network")
      ->needs(candidate)
      ->check(CLI::Range(0.001, 86400.0))
      ->capture_default_str();
  verb->add_option("--witness", diff.witness, "write the smallest network that shows a difference to this file");
  add_threads(verb, diff.threads);
  verb->add_flag("--json", diff.json, "print JSON instead of a table");
  verb->footer("Example:\n  p2pllm diff --random 1000 --candidate 'python3 examples/candidates/router.py'\n" +
               std::string(exit_codes));
  verb->callback([&verbs] { verbs.chosen = [&verbs] { return run_diff(verbs.diff); }; });
}

void add_check(CLI::App& app, Verbs& verbs) {
  CheckOptions& check = verbs.check;
  CLI::App* verb = app.add_subcommand("check", "Does a certificate prove its claim? By the small trusted checker.");
  verb->add_option("certificate", check.certificate, "certificate file (p2pllm-certificate/1)")->required();
  verb->add_option("network", check.network, "the network file it is about, or - for standard input")->required();
  verb->add_option("--prices", check.prices, "the prices file it is about, if it names one");
  add_smt2(verb, check.smt2);
  verb->add_flag("--json", check.json, "print JSON");
  verb->footer(
      "Example:\n  p2pllm verify examples/toy.json --certificate c.json; p2pllm check c.json examples/toy.json\n" +
      std::string(exit_codes));
  verb->callback([&verbs] { verbs.chosen = [&verbs] { return run_check(verbs.check); }; });
}

void add_show(CLI::App& app, Verbs& verbs) {
  ShowOptions& show = verbs.show;
  CLI::App* verb = add_verb(app, "show", "Groups, blocks, reachability, units: what is in this file?",
                            "p2pllm show examples/toy.json --plot graph.svg", show);
  verb->add_option("--plot", show.plot,
                   "draw the graph of the nodes and the chain of the file's alpha to this SVG file");
  verb->callback([&verbs] { verbs.chosen = [&verbs] { return run_show(verbs.show); }; });
}

/// The verbs about inputs of the fuzz targets, which need them no compiler for fuzzing.
void add_contract_deter(CLI::App* contract, Verbs& verbs) {
  DeterOptions& deter = verbs.deter;
  CLI::App* verb = contract->add_subcommand("deter", "Which bond makes honest computation a provider's best choice?");
  verb->add_option("--price", deter.price, "of a unit; it is always required");
  verb->add_option(
      "--cost", deter.cost,
      "of a unit that is computed honestly, which is the most that a false one saves; it is always required");
  verb->add_option("--check", deter.check, "probability that a unit is checked; it is always required");
  verb->add_option("--stake", deter.stake, "of the provider, lost once; not counted without --streams")
      ->capture_default_str();
  verb->add_option("--streams", deter.streams, "SLAs that it has at a time at most (default: any number)")
      ->check(CLI::Range(1, 1000));
  verb->add_flag("--json", deter.json, "print JSON");
  verb->footer("Example:\n  p2pllm contract deter --price 1 --cost 4/5 --check 1/50\n" + std::string(exit_codes));
  verb->callback([&verbs] { verbs.chosen = [&verbs] { return run_contract_deter(verbs.deter); }; });
}

void add_contract_fuzz(CLI::App* contract, Verbs& verbs) {
  ContractFuzzOptions& fuzz = verbs.contract_fuzz;
  FuzzCaseOptions& input = verbs.fuzz_case;
  CLI::App* verb = contract->add_subcommand("fuzz", "Does another payment channel answer as the reference does?");
  verb->add_option("--candidate", fuzz.candidate, "shell command of the other implementation; it is always required");
  verb->add_option("--corpus", fuzz.corpus, "a folder of inputs, such as fuzz/corpus/channel_two_parties");
  verb->add_option("--inputs", fuzz.inputs, "the number of random inputs, if there is no corpus")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  verb->add_option("--seed", fuzz.seed, "of the random inputs")->capture_default_str();
  verb->add_option("--timeout", fuzz.timeout_s, "seconds for each history")
      ->check(CLI::Range(0.001, 1e6))
      ->capture_default_str();
  verb->add_option("--witness", fuzz.witness, "write the smallest divergent history to this file, as a trace");
  verb->add_flag("--json", fuzz.json, "print JSON");
  verb->footer("Example:\n  p2pllm contract fuzz --candidate 'python3 examples/candidates/payment_channel.py'\n" +
               std::string(exit_codes));
  verb->callback([&verbs] { verbs.chosen = [&verbs] { return run_contract_fuzz(verbs.contract_fuzz); }; });

  verb = contract->add_subcommand("fuzz-case", "The history that an input of a fuzz target makes, as a trace.");
  verb->add_option("input", input.input, "input file, or - for standard input")->required();
  verb->add_option("--target", input.target, "the target whose input it is")
      ->check(CLI::IsMember({"contracts_diff", "contracts_invariants", "channel_two_parties", "sla_dispute"}))
      ->capture_default_str();
  verb->add_flag("--settle", input.settle, "let everybody leave at the end, as the targets do");
  verb->add_flag("--json", input.json, "print JSON: the trace, and the law that was broken");
  verb->footer("Example:\n  p2pllm contract fuzz-case FILE | p2pllm contract replay - --explain\n" +
               std::string(exit_codes));
  verb->callback([&verbs] { verbs.chosen = [&verbs] { return run_contract_fuzz_case(verbs.fuzz_case); }; });
}

void add_contract(CLI::App& app, Verbs& verbs) {
  ReplayOptions& replay = verbs.replay;
  TableOptions& table = verbs.table;
  CLI::App* contract = app.add_subcommand("contract", "Histories of the ledger, and the tables of its contracts.");
  contract->require_subcommand(1);
  contract->footer("p2pllm contract replay --help and p2pllm contract table --help show examples.");
  CLI::App* verb = contract->add_subcommand("replay", "Is this history what the rules make of its transactions?");
  verb->add_option("trace", replay.trace, "trace file (p2pllm-trace/3), or - for standard input")->required();
  verb->add_flag("--step", replay.step, "after each line, print what it changed");
  verb->add_flag("--explain", replay.explain, "say of each line in words what it asked and what came of it");
  verb->add_flag("--json", replay.json, "print JSON");
  verb->footer("Example:\n  p2pllm contract replay examples/contracts/job_disputed.jsonl --explain\n" +
               std::string(exit_codes));
  verb->callback([&verbs] { verbs.chosen = [&verbs] { return run_contract_replay(verbs.replay); }; });

  verb = contract->add_subcommand("table", "The transition table of a contract, as the rules use it.");
  CLI::Option* machine = verb->add_option("machine", table.machine, "registration, sla or channel");
  CLI::Option* svg = verb->add_option("--svg", table.svg, "draw it to this SVG file");
  CLI::Option* json = verb->add_flag("--json", table.json, "print JSON");
  verb->add_flag("--markdown", table.markdown, "print all three, as in spec/tables.md")
      ->excludes(machine)
      ->excludes(svg)
      ->excludes(json);
  verb->footer("Example:\n  p2pllm contract table sla --svg sla.svg\n" + std::string(exit_codes));
  verb->callback([&verbs] { verbs.chosen = [&verbs] { return run_contract_table(verbs.table); }; });
  add_contract_deter(contract, verbs);
  add_contract_fuzz(contract, verbs);
}

/// Runs the separate program of a verb that has one, as git runs its subcommands: the program beside this one.
/// @returns only if there is none
int run_beside(const char* program, char** arguments) {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / program;
  execv(path.c_str(), arguments);
  print_error(for_terminal(path.string()) + " is not built; scripts/test builds it beside build/dev/p2pllm");
  return exit_component_missing;
}

bool has_verb(const CLI::App& app, const std::string& name) {
  return !app.get_subcommands([&](const CLI::App* verb) { return verb->get_name() == name; }).empty();
}

int run(int argc, char** argv) {
  for (const std::string_view name : {"prove", "claims"})
    if (argc > 1 && argv[1] == name) return run_beside("p2pllm-prove", argv + 1);
  CLI::App app("Exact examination of a peer-to-peer LLM market: prices, routes, frontiers and their certificates.",
               "p2pllm");
  app.set_version_flag("--version", P2PLLM_VERSION);
  app.require_subcommand(1);
  app.footer("p2pllm VERB --help shows an example. " + std::string(exit_codes));
  Verbs verbs;
  for (const auto add :
       {add_verify, add_solve, add_route, add_pareto, add_balance, add_diff, add_check, add_show, add_contract})
    add(app, verbs);
  add_ledger(app, verbs.ledger, verbs.chosen);
  add_simulate(app, verbs.simulate, verbs.chosen);
  add_compare(app, verbs.compare, verbs.chosen);
  add_layers(app, verbs.layers, verbs.chosen);
  app.add_subcommand("prove", "Are the rules that all this rests on right, for all numbers? By Z3 and cvc5.");
  app.add_subcommand("claims", "Which of the paper's claims are proved, which refuted, which open?");

  if (argc > 1 && argv[1][0] != '-' && !has_verb(app, argv[1])) {
    print_error('"' + printable(argv[1]) +
                "\" is no verb; they are verify, solve, route, pareto, balance, diff, check, show, contract, ledger, "
                "simulate, compare, model, generate, dispute, judge, prove and claims "
                "(p2pllm --help tells more)");
    return exit_bad_input;
  }
  const std::string_view which = argc > 2 && argv[1] == std::string_view("contract") ? argv[2] : "-";
  if (!which.starts_with('-') && which != "replay" && which != "table" && which != "deter" && which != "fuzz" &&
      which != "fuzz-case") {
    print_error("contract \"" + printable(which) +
                "\": replay, table, deter, fuzz or fuzz-case is required (p2pllm contract --help tells more)");
    return exit_bad_input;
  }
  return run_command(app, argc, argv, [&verbs] { return unless_device_fails(verbs.chosen); });
}

}  // namespace

int main(int argc, char** argv) {
  // More threads than processors are used where --threads asks for them, and the library says nothing about it.
  constexpr std::size_t threads_max = 4096;
  const oneapi::tbb::global_control allowed(oneapi::tbb::global_control::max_allowed_parallelism, threads_max);
  return p2pllm::app::run_program([argc, argv] { return run(argc, argv); });
}
