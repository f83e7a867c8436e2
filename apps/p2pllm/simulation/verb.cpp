#include <CLI/CLI.hpp>

#include "apps/p2pllm/ledger_verbs.hpp"
#include "apps/p2pllm/simulation/comparison.hpp"
#include "apps/p2pllm/simulation/simulate.hpp"
#include "model/simulation/scenario.hpp"

namespace p2pllm::app {

void add_simulate(CLI::App& app, SimulateOptions& options, std::function<int()>& chosen) {
  CLI::App* verb = app.add_subcommand("simulate", "Prices ascend and nodes move, step by step: what comes of it?");
  verb->add_option("scenario", options.scenario, "scenario file (p2pllm-scenario/1), or - for standard input")
      ->required();
  CLI::Option* seed = verb->add_option("--seed", options.seed, "run this seed alone, and print its records");
  verb->add_option("--seeds", options.seeds, "run the seeds A..B, and print what they have in common")->excludes(seed);
  verb->add_option("--set", options.set, "POINTER=VALUE: replace a value of the scenario, such as /prices/eta=1/4")
      ->take_all();
  verb->add_option("--engine", options.engine,
                   "the implementation that runs; all of them decide the same; cuda needs a GPU")
      ->check(CLI::IsMember({"fast", "reference", "cuda", "cuda-or-fast"}))
      ->capture_default_str();
  verb->add_option("--threads", options.threads, "of several seeds; no answer depends on it (default: all processors)")
      ->check(CLI::Range(1, 4096))
      ->envname("P2PLLM_THREADS");
  CLI::Option* sweep =
      verb->add_option("--sweep", options.sweep,
                       "POINTER=V1,V2,..: run all seeds for each value; of several sweeps, for each combination")
          ->take_all()
          ->excludes(seed);
  verb->add_option(
          "--sqlite", options.sqlite,
          "keep each run in this SQLite file, and run none again that it has: a sweep that was stopped goes on")
      ->excludes(seed);
  verb->add_option("--steps-max", options.steps_max,
                   "stop each run after so many steps; with --sqlite the same command goes on from there")
      ->check(CLI::Range(std::int64_t{1}, steps_max));
  verb->add_option("--csv", options.csv, "write a line for each seed, recorded step and range to this file")
      ->excludes(sweep);
  verb->add_option("--trace", options.trace,
                   "write the contracts of a run whose scenario has a ledger, for p2pllm contract replay")
      ->excludes(sweep);
  verb->add_option("--plot", options.plot, "draw prices, nodes and loads over the recorded steps to this SVG file")
      ->excludes(sweep);
  verb->add_option("--report", options.report,
                   "write the run, its pictures and their tables to this HTML file, which needs nothing else")
      ->excludes(sweep);
  verb->add_flag("--json", options.json, "print JSON");
  verb->footer("Example:\n  p2pllm simulate examples/table1/literal.json --seed 3\n" + std::string(exit_codes));
  verb->callback([&options, &chosen] { chosen = [&options] { return run_simulate(options); }; });
}

void add_compare(CLI::App& app, ComparisonOptions& options, std::function<int()>& chosen) {
  CLI::App* verb = app.add_subcommand("compare", "What differs between two files of results of simulate --sqlite?");
  verb->add_option("first", options.first, "file of results")->required();
  verb->add_option("second", options.second,
                   "file of results whose k-th scenario is compared with the k-th of the first")
      ->required();
  verb->add_flag("--json", options.json, "print JSON");
  verb->footer("Example:\n  p2pllm compare before.sqlite after.sqlite\n" + std::string(exit_codes));
  verb->callback([&options, &chosen] { chosen = [&options] { return run_compare(options); }; });
}

}  // namespace p2pllm::app
