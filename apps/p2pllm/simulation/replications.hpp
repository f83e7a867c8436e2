#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "apps/p2pllm/simulation/statistics.hpp"
#include "model/encoding/json.hpp"
#include "model/progress.hpp"
#include "model/simulation/record.hpp"
#include "model/simulation/scenario.hpp"

namespace p2pllm::app {

/// A run, and the engine that it is of: the fast one leaves to the reference what it cannot decide (SIM-14).
struct EngineRun {
  SimulationRun run;
  const char* engine;
};
/// Runs one seed.
using SeedRunner = std::function<Result<EngineRun>(std::int64_t seed)>;

/// The runs of several seeds, in numbers for statistics: enclosures are replaced by their centres.
class Replications {
 public:
  /// Runs all seeds of a scenario, on all processors.
  /// @returns the runs; or the fault of the first seed that has one
  [[nodiscard]] static Result<Replications> run(const Scenario& scenario, const SeedRunner& runner, int threads,
                                                const Progress& progress);

  /// A table of quantiles for each recorded step and range, and what holds for whole runs.
  [[nodiscard]] std::string text(const Scenario& scenario) const;
  [[nodiscard]] Json json(const Scenario& scenario) const;
  /// A line for each seed, recorded step and range, after a line of names.
  [[nodiscard]] std::string csv(const Scenario& scenario) const;
  /// The hash of the digests of all runs, in the order of seeds (SIM-18).
  [[nodiscard]] Hash digest() const;

 private:
  struct Cell {
    std::uint32_t nodes;
    double mean, median, least, greatest;  ///< prices; not a number where nobody serves
    double load, revenue;
  };
  struct Row {
    double throughput = 0;
    double least_load = 0;
    std::int64_t moves = 0;
    bool has_sole = false;
  };
  struct Outcome {
    Hash digest{};
    bool is_fast = true;
    std::int64_t last_move = 0;  ///< its step; 0 for none
    std::vector<Row> rows;       ///< one per record
    std::vector<Cell> cells;     ///< one per record and range
  };
  static Outcome outcome_of(const EngineRun& run);
  [[nodiscard]] std::vector<double> values(std::size_t cell, double (*of)(const Cell&)) const;
  [[nodiscard]] std::size_t count(const std::function<bool(const Outcome&)>& holds) const;

  std::vector<LayerRange> ranges_;
  std::vector<Outcome> outcomes_;
};

}  // namespace p2pllm::app
