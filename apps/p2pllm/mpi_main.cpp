#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/mpi/collectives.hpp>
#include <boost/mpi/environment.hpp>
#include <boost/serialization/string.hpp>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "apps/command_line.hpp"
#include "apps/p2pllm/gpu.hpp"
#include "apps/p2pllm/simulation/result_file.hpp"
#include "apps/p2pllm/simulation/simulate.hpp"

// `simulate` over the processes that mpirun starts, on one machine or several. Each process runs its part of the seeds
// into a file of results of its own, as `simulate --sqlite` does; the first process puts these files together and then
// prints what `simulate` prints, from results that are all there (SIM-17).
namespace {

using namespace p2pllm;
using namespace p2pllm::app;
namespace mpi = boost::mpi;

std::string bytes_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// What is written to a stream goes nowhere from now on.
void discard(int stream) {
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  ::dup2(nowhere, stream);
  ::close(nowhere);
}

/// Standard error says nothing until `speak` or the end: of arguments that are wrong for all, one process speaks.
class Silence {
 public:
  explicit Silence(bool is_silent) : kept_(is_silent ? ::dup(STDERR_FILENO) : -1) {
    if (is_silent) discard(STDERR_FILENO);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() { speak(); }
  void speak() {
    if (kept_ < 0) return;
    ::dup2(kept_, STDERR_FILENO);
    ::close(kept_);
    kept_ = -1;
  }

 private:
  int kept_;
};

/// A folder of this process that is removed in the end.
class Workspace {
 public:
  explicit Workspace(int rank)
      : folder_(std::filesystem::temp_directory_path() /
                ("p2pllm-mpi-" + std::to_string(::getpid()) + "-" + std::to_string(rank))) {
    std::filesystem::create_directories(folder_);
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  ~Workspace() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (folder_ / name).string(); }

 private:
  std::filesystem::path folder_;
};

/// The part of the seeds that a process runs; empty if there are fewer seeds than processes.
struct Part {
  std::int64_t first;
  std::int64_t count;
};
Part part_of(std::int64_t first, std::int64_t seeds, int rank, int processes) {
  const auto begin = [&](std::int64_t of) {
    return seeds / processes * of + std::min<std::int64_t>(of, seeds % processes);
  };
  return {first + begin(rank), begin(rank + 1) - begin(rank)};
}

/// Adds the runs of one file to another, but for those that it has.
Result<void> add_runs(const std::string& from, ResultFile& to) {
  auto part = ResultFile::open_existing(from);
  if (!part) return tl::unexpected<Fault>(part.error());
  const auto scenarios = part->scenarios();
  if (!scenarios) return tl::unexpected<Fault>(scenarios.error());
  constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max();
  for (const ResultFile::Kept& scenario : *scenarios) {
    if (scenario.version != P2PLLM_VERSION) continue;
    auto runs = part->load(scenario.sha256, 0, last);
    if (!runs) return tl::unexpected<Fault>(runs.error());
    const auto known = to.load(scenario.sha256, 0, last);
    if (!known) return tl::unexpected<Fault>(known.error());
    std::vector<std::pair<std::int64_t, Outcome>> added;
    for (auto& [seed, outcome] : *runs)
      if (!known->contains(seed)) added.emplace_back(seed, std::move(outcome));
    if (auto kept = to.add(scenario.sha256, scenario.name, added); !kept) return kept;
  }
  return {};
}

int simulated(const SimulateOptions& options) {
  return unless_device_fails([&] { return run_simulate(options); });
}

/// Runs this process's part. @returns the exit code
int run_part(const SimulateOptions& options, const SeedRange& seeds, const mpi::communicator& world,
             const std::string& file) {
  const Part part = part_of(seeds.first, seeds.last - seeds.first + 1, world.rank(), world.size());
  if (part.count == 0) return exit_holds;
  SimulateOptions own;
  own.scenario = options.scenario;
  own.seeds = std::to_string(part.first) + ".." + std::to_string(part.first + part.count - 1);
  own.sweep = options.sweep;
  own.set = options.set;
  own.engine = options.engine;
  own.threads = options.threads;
  own.sqlite = file;
  own.is_quiet = true;
  return simulated(own);
}

int run_together(const SimulateOptions& options, const mpi::communicator& world, Silence& silence) {
  const bool is_first = world.rank() == 0;
  // One run has no parts.
  if (options.seed || !options.trace.empty()) return is_first ? simulated(options) : exit_holds;
  // The first process alone says what is wrong with the arguments.
  int code = exit_holds;
  SeedRange seeds;
  if (is_first) {
    auto found = seeds_of(options);
    if (found && options.steps_max)
      found =
          bad_input("--steps-max", std::to_string(*options.steps_max), "several processes make their runs to the end");
    if (found) seeds = *found;
    else code = complain(found.error());
  }
  mpi::broadcast(world, code, 0);
  if (code != exit_holds) return code;
  silence.speak();
  mpi::broadcast(world, seeds.first, 0);
  mpi::broadcast(world, seeds.last, 0);
  const Workspace workspace(world.rank());
  // What is known already, so that no run is made twice.
  std::string known = is_first && !options.sqlite.empty() ? bytes_of_file(options.sqlite) : std::string();
  mpi::broadcast(world, known, 0);
  const std::string file = workspace.file("part.sqlite");
  if (!known.empty()) write_bytes(file, known);
  code = run_part(options, seeds, world, file);
  code = mpi::all_reduce(world, code, mpi::maximum<int>());
  std::vector<std::string> parts;
  const std::string own = code == exit_holds ? bytes_of_file(file) : std::string();
  if (is_first) mpi::gather(world, own, parts, 0);
  else mpi::gather(world, own, 0);
  if (!is_first || code != exit_holds) return code;
  SimulateOptions all = options;
  if (all.sqlite.empty()) all.sqlite = workspace.file("all.sqlite");
  {
    auto together = ResultFile::open(all.sqlite);
    if (!together) return complain(together.error());
    for (std::size_t rank = 0; rank < parts.size(); ++rank) {
      if (parts[rank].empty()) continue;
      const std::string part = workspace.file("rank" + std::to_string(rank) + ".sqlite");
      write_bytes(part, parts[rank]);
      if (const auto added = add_runs(part, *together); !added) return complain(added.error());
    }
  }
  return simulated(all);
}

}  // namespace

int main(int argc, char** argv) {
  return p2pllm::app::run_program([argc, argv]() mutable {
    const mpi::environment environment(argc, argv);
    const mpi::communicator world;
    const bool is_first = world.rank() == 0;
    Silence silence(!is_first);
    if (!is_first) discard(STDOUT_FILENO);
    CLI::App app("p2pllm simulate over the processes of mpirun: several seeds, of which each process runs its part",
                 "p2pllm-mpi");
    SimulateOptions options;
    std::function<int()> chosen;
    add_simulate(app, options, chosen);
    app.require_subcommand(1);
    const int code = p2pllm::app::run_command(app, argc, argv, [&] { return run_together(options, world, silence); });
    world.barrier();  // mpirun stops all processes at the first that fails; the one that speaks must have spoken
    return code;
  });
}
