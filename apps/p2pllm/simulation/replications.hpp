#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apps/p2pllm/simulation/outcome.hpp"
#include "apps/p2pllm/simulation/result_file.hpp"
#include "apps/p2pllm/simulation/statistics.hpp"
#include "model/encoding/json.hpp"
#include "model/progress.hpp"
#include "model/simulation/scenario.hpp"

namespace p2pllm::app {

/// Runs one seed; nothing if the run was stopped before its end, and its state is kept.
using SeedRunner = std::function<Result<std::optional<EngineRun>>(std::int64_t seed)>;

/// A quantity of the runs that a program and a table name alike.
struct NamedSummary {
  const char* name;
  Summary summary;
};

/// The runs of several seeds, in numbers for statistics: enclosures are replaced by their centres.
class Replications {
 public:
  /// Runs all seeds of a scenario, on all processors.
  /// @param results  takes each run once (SIM-17); seeds that it has are not run again; may be null
  /// @returns the runs; or the fault of the first seed that has one
  [[nodiscard]] static Result<Replications> run(const Scenario& scenario, const SeedRunner& runner, int threads,
                                                ResultFile* results, const Progress& progress);

  /// How many runs were stopped before their end, and their states kept. Unless it is 0, nothing below has a meaning.
  [[nodiscard]] std::size_t stopped() const { return stopped_; }
  [[nodiscard]] std::size_t runs() const { return outcomes_.size(); }

  /// A table of quantiles for each recorded step and range, and what holds for whole runs.
  [[nodiscard]] std::string text(const Scenario& scenario) const;
  [[nodiscard]] Json json(const Scenario& scenario) const;
  /// A line for each seed, recorded step and range, after a line of names.
  [[nodiscard]] std::string csv(const Scenario& scenario) const;
  /// What a table of variants says of them in one row, at the last record; of runs with requests also what became of
  /// these.
  [[nodiscard]] std::vector<NamedSummary> summary() const;
  /// The share of runs that end with a range of one node.
  [[nodiscard]] double sole_share() const;
  [[nodiscard]] const std::vector<Outcome>& outcomes() const { return outcomes_; }
  /// The hash of the digests of all runs, in the order of seeds (SIM-18).
  [[nodiscard]] Hash digest() const;

 private:
  [[nodiscard]] std::vector<double> values(std::size_t row, std::size_t cell, double (*of)(const OutcomeCell&)) const;
  [[nodiscard]] std::size_t count(const std::function<bool(const Outcome&)>& holds) const;

  std::vector<Outcome> outcomes_;  ///< by seed
  std::size_t stopped_ = 0;
};

/// @returns a fault if any of these runs was stopped before its end
[[nodiscard]] Result<void> check_whole(std::size_t stopped, std::size_t runs);

}  // namespace p2pllm::app
