#include "apps/p2pllm/simulation/simulate.hpp"

#include <fmt/core.h>

#include <charconv>
#include <filesystem>
#include <thread>

#include "apps/p2pllm/engine.hpp"
#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/simulation/contract_trace.hpp"
#include "apps/p2pllm/simulation/expectation.hpp"
#include "apps/p2pllm/simulation/gpu_ascent.hpp"
#include "apps/p2pllm/simulation/kept_run.hpp"
#include "apps/p2pllm/simulation/replications.hpp"
#include "apps/p2pllm/simulation/report.hpp"
#include "apps/p2pllm/simulation/sweep.hpp"
#include "apps/p2pllm/simulation/view.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "model/crypto/sha256.hpp"
#include "optimized/simulation/simulate.hpp"
#include "reference/simulation/simulate.hpp"

namespace p2pllm::app {
namespace {

/// A seed from the command line.
Result<std::int64_t> parse_seed(const std::string& option, std::string_view text) {
  std::int64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || end != text.data() + text.size() || seed < 0)
    return bad_input(option, printable(text), "a seed must be an integer in 0 .. 2^63 - 1");
  return seed;
}

/// Replaces the scenario's seeds by those of the options.
Result<void> choose_seeds(const SimulateOptions& options, Scenario& scenario) {
  if (options.seed) {
    const auto seed = parse_seed("--seed", *options.seed);
    if (!seed) return tl::unexpected<Fault>(seed.error());
    scenario.first_seed = scenario.last_seed = *seed;
  }
  if (!options.seeds) return {};
  const std::size_t dots = options.seeds->find("..");
  if (dots == std::string::npos)
    return bad_input("--seeds", printable(*options.seeds), "seeds are A..B, such as 1..100");
  const auto first = parse_seed("--seeds", std::string_view(*options.seeds).substr(0, dots));
  const auto last = parse_seed("--seeds", std::string_view(*options.seeds).substr(dots + 2));
  if (!first) return tl::unexpected<Fault>(first.error());
  if (!last) return tl::unexpected<Fault>(last.error());
  if (*last < *first)
    return bad_input("--seeds", printable(*options.seeds), "the last seed must not precede the first");
  if (*last - *first >= seeds_max)
    return bad_input("--seeds", printable(*options.seeds), "at most 10^6 seeds are allowed");
  scenario.first_seed = *first;
  scenario.last_seed = *last;
  return {};
}

/// The scenario with these values and those of --set.
Result<Scenario> load_scenario(const SimulateOptions& options, const Input& input,
                               std::vector<ScenarioOverride> overrides = {}) {
  for (const std::string& text : options.set) {
    auto one = parse_override(text);
    if (!one) return bad_input("--set", printable(text), one.error().rule);
    overrides.push_back(*std::move(one));
  }
  auto scenario = read_scenario(input.bytes, input.name, overrides);
  if (!scenario) return scenario;
  if (const auto chosen = choose_seeds(options, *scenario); !chosen) return tl::unexpected<Fault>(chosen.error());
  return scenario;
}

/// The network of the scenario's file, by a path relative to the scenario; nothing if the network is generated.
Result<std::optional<Network>> load_file_of(const Scenario& scenario, const std::string& path) {
  const auto* file = std::get_if<NetworkFile>(&scenario.network);
  if (file == nullptr) return std::nullopt;
  auto network = load_network((std::filesystem::path(path).parent_path() / file->path).string());
  if (!network) return tl::unexpected<Fault>(network.error());
  return *std::move(network);
}

/// What --engine chooses.
struct ChosenEngine {
  explicit ChosenEngine(const std::string& name) : is_fast(name != "reference") {
    if (name.starts_with("cuda")) gpu.emplace(gpu_for(name));
  }
  bool is_fast;
  std::optional<GpuAscent> gpu;
};

/// @param kept  where the run's states are
/// @returns the run; nothing if it was stopped and its state is kept
Result<std::optional<EngineRun>> run_seed(const Scenario& scenario, const Peers& peers, std::int64_t seed,
                                          ChosenEngine& engine, KeptRun& kept, const Progress& progress = {}) {
  const auto bits = static_cast<std::uint64_t>(seed);
  const auto answer = [&](SimulationRun run, const char* name) -> Result<std::optional<EngineRun>> {
    if (kept.fault()) return tl::unexpected<Fault>(*kept.fault());
    if (run.is_stopped) return std::nullopt;
    return EngineRun{std::move(run), name};
  };
  GpuAscent* const gpu = engine.gpu ? &*engine.gpu : nullptr;
  if (engine.is_fast && kept.may_be_fast())
    if (auto run = optimized::simulate(scenario, peers, bits, progress, kept.keeping(true), gpu))
      return answer(*std::move(run), gpu != nullptr && gpu->has_device() ? "cuda" : "fast");
  const Network network = peers.network();
  auto run =
      reference::simulate(scenario, network, bits, progress, reference::simulation_bits_min, kept.keeping(false));
  if (!run) return tl::unexpected<Fault>(run.error());
  return answer(*std::move(run), "reference");
}

/// The nodes with which a seed's run begins, if the scenario fits them.
/// @param scenario, file  must outlive them
Result<Peers> peers_of(const Scenario& scenario, const std::optional<Network>& file, std::int64_t seed,
                       const std::string& source) {
  Peers peers = file ? Peers(*file) : Peers(scenario, static_cast<std::uint64_t>(seed));
  if (const auto fits = check_scenario(scenario, peers, source); !fits) return tl::unexpected<Fault>(fits.error());
  return peers;
}

int run_one(const SimulateOptions& options, const Scenario& scenario, const Peers& peers) {
  ProgressLine progress("simulating, step");
  const std::int64_t seed = scenario.first_seed;
  auto kept = KeptRun::of(nullptr, scenario, seed, {});
  ChosenEngine engine(options.engine);
  const auto whole = run_seed(scenario, peers, seed, engine, *kept, progress.hook());
  if (!whole) return complain(whole.error());
  const std::optional<EngineRun>& answer = *whole;
  std::optional<ContractTrace> contracts;
  if (!options.trace.empty()) {
    auto written = contract_trace(scenario, peers.network(), answer->run, seed);
    if (!written) return complain(written.error());
    contracts = *std::move(written);
    if (const auto put = write_output(options.trace, contracts->text); !put) return complain(put.error());
  }
  if (options.json) {
    fmt::print("{}", write_json(with_engine(run_json(scenario, peers, answer->run, seed), answer->engine)));
  } else {
    fmt::print("{}", run_text(scenario, peers, answer->run, seed));
    if (contracts)
      fmt::print("{} of payment, closed with {} money units in all: {}\n",
                 counted(static_cast<std::size_t>(contracts->channels), "channel"), contracts->paid,
                 for_terminal(options.trace));
  }
  const auto drawn = write_pictures(options, scenario, *answer);
  return drawn ? exit_holds : complain(drawn.error());
}

/// A scenario, and the network of its file if it names one.
struct Prepared {
  Scenario scenario;
  std::optional<Network> file;
  /// The nodes of its first seed.
  [[nodiscard]] Peers first() const {
    return file ? Peers(*file) : Peers(scenario, static_cast<std::uint64_t>(scenario.first_seed));
  }
};

Result<Prepared> prepare(const SimulateOptions& options, Scenario scenario) {
  auto file = load_file_of(scenario, options.scenario);
  if (!file) return tl::unexpected<Fault>(file.error());
  if (*file) scenario.sha256 = sha256_hex(scenario.sha256 + (*file)->sha256);
  const auto peers = peers_of(scenario, *file, scenario.first_seed, shown_name(options.scenario));
  if (!peers) return tl::unexpected<Fault>(peers.error());
  return Prepared{std::move(scenario), *std::move(file)};
}

Result<Replications> run_seeds(const SimulateOptions& options, const Prepared& prepared, ResultFile* results,
                               const Progress& progress) {
  const Scenario& scenario = prepared.scenario;
  ChosenEngine engine(options.engine);
  const SeedRunner runner = [&](std::int64_t seed) -> Result<std::optional<EngineRun>> {
    const auto peers = peers_of(scenario, prepared.file, seed, shown_name(options.scenario));
    if (!peers) return tl::unexpected<Fault>(peers.error());
    auto kept = KeptRun::of(results, scenario, seed, options.steps_max);
    if (!kept) return tl::unexpected<Fault>(kept.error());
    return run_seed(scenario, *peers, seed, engine, *kept);
  };
  return Replications::run(scenario, runner, options.threads, results, progress);
}

int run_all(const SimulateOptions& options, const Prepared& prepared, ResultFile* results) {
  std::optional<ProgressLine> progress("simulating, seed");
  const auto runs = run_seeds(options, prepared, results, progress->hook());
  progress.reset();
  if (!runs) return complain(runs.error());
  if (const auto whole = check_whole(runs->stopped(), runs->runs()); !whole) return complain(whole.error());
  if (options.is_quiet) return exit_holds;
  if (options.json) fmt::print("{}", write_json(runs->json(prepared.scenario)));
  else fmt::print("{}", runs->text(prepared.scenario));
  if (const auto drawn = write_pictures(options, prepared.scenario, *runs); !drawn) return complain(drawn.error());
  if (options.csv.empty()) return exit_holds;
  const auto written = write_output(options.csv, runs->csv(prepared.scenario));
  return written ? exit_holds : complain(written.error());
}

/// The scenarios of all combinations of the values of a sweep.
using PreparedSweep = std::vector<std::pair<std::vector<ScenarioOverride>, Prepared>>;
Result<PreparedSweep> prepare_sweep(const SimulateOptions& options, const Input& input) {
  std::vector<Sweep> sweeps;
  std::size_t combinations = 1;
  for (const std::string& text : options.sweep) {
    auto sweep = parse_sweep(text);
    if (!sweep) return bad_input("--sweep", printable(text), sweep.error().rule);
    combinations *= sweep->values.size();
    sweeps.push_back(*std::move(sweep));
    if (combinations > sweep_variants_max)
      return bad_input("--sweep", "at most 10000 combinations of values are allowed");
  }
  PreparedSweep all;
  for (const auto& values : variants_of(sweeps)) {
    auto scenario = load_scenario(options, input, values);
    if (!scenario) return tl::unexpected<Fault>(scenario.error());
    auto prepared = prepare(options, *std::move(scenario));
    if (!prepared) return tl::unexpected<Fault>(prepared.error());
    all.emplace_back(values, *std::move(prepared));
  }
  return all;
}

int run_sweep(const SimulateOptions& options, const Input& input, ResultFile* results) {
  const auto all = prepare_sweep(options, input);
  if (!all) return complain(all.error());
  std::vector<SweptVariant> variants;
  std::size_t stopped = 0, of = 0;
  std::optional<ProgressLine> progress("simulating, variant");
  const Progress hook = progress->hook();
  for (const auto& [values, prepared] : *all) {
    report(hook, variants.size(), all->size());
    auto runs = run_seeds(options, prepared, results, {});
    if (!runs) return progress.reset(), complain(runs.error());
    stopped += runs->stopped();
    of += runs->runs();
    variants.push_back({values, *std::move(runs)});
  }
  progress.reset();
  if (const auto whole = check_whole(stopped, of); !whole) return complain(whole.error());
  if (options.is_quiet) return exit_holds;
  const std::string& name = all->front().second.scenario.name;
  if (options.json) fmt::print("{}", write_json(sweep_json(name, variants)));
  else fmt::print("{}", sweep_text(name, variants));
  return exit_holds;
}

/// Says what a person should know before the runs begin.
/// @returns a fault if the runs should not begin at all
Result<void> announce(const SimulateOptions& options, const Prepared& prepared) {
  const Scenario& scenario = prepared.scenario;
  const bool is_fast = options.engine != "reference";
  const std::int64_t seeds = scenario.last_seed - scenario.first_seed + 1;
  const int threads = options.threads == 0 ? static_cast<int>(std::thread::hardware_concurrency()) : options.threads;
  const Peers first = prepared.first();
  const double seconds = expected_seconds(scenario, first, is_fast, seeds, threads);
  if (!is_fast && first.size() > reference_peers_max)
    return bad_input(
        "--engine", "reference",
        "it takes at most 100000 peers; " + std::to_string(first.size()) + " would take " + about(seconds));
  if (options.is_quiet) return {};
  for (const std::string& note : notes_on(scenario, first, seconds)) print_error("note: " + note);
  return {};
}

/// Whether a run that is stopped can go on (SIM-17).
Result<void> check_stop(const SimulateOptions& options) {
  if (!options.steps_max || !options.sqlite.empty()) return {};
  return bad_input("--steps-max", std::to_string(*options.steps_max),
                   "without --sqlite nothing would keep the state of a run that is stopped");
}

/// Whether a trace of contracts can be written (SIM-15).
Result<void> check_trace(const SimulateOptions& options, const Scenario& scenario) {
  if (options.trace.empty()) return {};
  const std::string name = shown_name(options.trace);
  if (!scenario.ledger)
    return bad_input("--trace", name, "the scenario has no ledger, which its contracts would be on");
  if (scenario.first_seed != scenario.last_seed || !options.csv.empty() || !options.sqlite.empty())
    return bad_input("--trace", name, "the contracts are those of one run, without --csv and --sqlite; choose --seed");
  return {};
}

/// What the options ask for.
struct Begun {
  Input input;
  Prepared prepared;
};
Result<Begun> begin(const SimulateOptions& options) {
  if (const auto outputs =
          check_outputs({options.csv, options.sqlite, options.trace, options.plot, options.report}, {options.scenario});
      !outputs)
    return tl::unexpected<Fault>(outputs.error());
  if (const auto stopped = check_stop(options); !stopped) return tl::unexpected<Fault>(stopped.error());
  auto input = read_input(options.scenario, scenario_bytes_max);
  if (!input) return tl::unexpected<Fault>(input.error());
  auto scenario = load_scenario(options, *input);
  if (!scenario) return tl::unexpected<Fault>(scenario.error());
  if (const auto traced = check_trace(options, *scenario); !traced) return tl::unexpected<Fault>(traced.error());
  auto prepared = prepare(options, *std::move(scenario));
  if (!prepared) return tl::unexpected<Fault>(prepared.error());
  return Begun{*std::move(input), *std::move(prepared)};
}

}  // namespace

Result<SeedRange> seeds_of(const SimulateOptions& options) {
  const auto begun = begin(options);
  if (!begun) return tl::unexpected<Fault>(begun.error());
  if (!options.sweep.empty())
    if (const auto swept = prepare_sweep(options, begun->input); !swept) return tl::unexpected<Fault>(swept.error());
  return SeedRange{begun->prepared.scenario.first_seed, begun->prepared.scenario.last_seed};
}

int run_simulate(const SimulateOptions& options) {
  const auto begun = begin(options);
  if (!begun) return complain(begun.error());
  const Prepared& prepared = begun->prepared;
  if (const auto begins = announce(options, prepared); !begins) return complain(begins.error());
  auto results = options.sqlite.empty() ? std::nullopt : std::optional(ResultFile::open(options.sqlite));
  if (results && !*results) return complain(results->error());
  ResultFile* const file = results ? &**results : nullptr;
  if (!options.sweep.empty()) return run_sweep(options, begun->input, file);
  const Scenario& of = prepared.scenario;
  if (of.first_seed != of.last_seed || !options.csv.empty() || file != nullptr) return run_all(options, prepared, file);
  return run_one(options, of, prepared.first());
}

}  // namespace p2pllm::app
