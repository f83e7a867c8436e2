#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/result.hpp"

namespace CLI {
class App;
}

namespace p2pllm::app {

struct SimulateOptions {
  std::string scenario;              ///< path, or - for standard input
  std::optional<std::string> seed;   ///< one seed
  std::optional<std::string> seeds;  ///< A..B; both absent: the scenario's
  std::vector<std::string> sweep;    ///< POINTER=V1,V2,..
  std::vector<std::string> set;      ///< POINTER=VALUE
  std::string engine = "fast";
  int threads = 0;                        ///< 0: as many as there are processors
  std::string csv;                        ///< empty: none is written
  std::string sqlite;                     ///< a file of results; empty: none
  std::optional<std::int64_t> steps_max;  ///< of each run in this command; the file of results keeps the state
  std::string trace;                      ///< of the contracts of one run (SIM-15)
  std::string plot;                       ///< empty: none is drawn
  std::string report;                     ///< empty: none is written
  bool is_quiet = false;                  ///< results are kept and nothing is printed
  bool json = false;
};

/// Adds the verb `simulate`, which sets `chosen` when the arguments choose it. All of these must outlive the app.
void add_simulate(CLI::App& app, SimulateOptions& options, std::function<int()>& chosen);

int run_simulate(const SimulateOptions& options);

struct SeedRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
};
/// The seeds that these options choose, if nothing is wrong with options, scenario and networks.
[[nodiscard]] Result<SeedRange> seeds_of(const SimulateOptions& options);

}  // namespace p2pllm::app
