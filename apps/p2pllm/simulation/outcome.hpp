#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/crypto/sha256.hpp"
#include "model/layer_range.hpp"
#include "model/simulation/record.hpp"

namespace p2pllm::app {

/// A run, and the engine that it is of: the fast one leaves to the reference what it cannot decide (SIM-14).
struct EngineRun {
  SimulationRun run;
  const char* engine;
};

/// One range at one recorded step, in numbers for statistics: the centres of enclosures.
struct OutcomeCell {
  LayerRange range;
  std::int64_t nodes = 0;
  double mean = 0;  ///< prices; not a number where nobody serves
  double median = 0;
  double least = 0;
  double greatest = 0;
  double load = 0;
  double revenue = 0;
};
/// The requests of a run up to one recorded step.
struct OutcomeRequests {
  std::int64_t offered = 0;
  std::int64_t served = 0;
  std::int64_t refused = 0;
  double mean_sojourn = 0;  ///< in ticks; not a number if none counts
  double p95_sojourn = 0;
};
/// The network at one recorded step.
struct OutcomeRow {
  std::int64_t step = 0;
  std::int64_t moves = 0;
  std::int64_t sole = 0;  ///< ranges with one node
  double least_load = 0;
  double throughput = 0;
  std::vector<OutcomeCell> cells;  ///< one per range
  std::optional<OutcomeRequests> requests;
};
/// What statistics need of one run (SIM-18).
struct Outcome {
  Hash digest{};
  bool is_fast = true;
  std::int64_t last_move = 0;  ///< its step; 0 if nobody moved
  std::vector<OutcomeRow> rows;
};

[[nodiscard]] Outcome outcome_of(const EngineRun& run);

/// What tables of runs say of one run, at its last record.
struct Quantity {
  const char* name;
  double value;  ///< not a number if the run has none
};
/// The same names in the same order for all runs of a scenario; those of requests come last.
[[nodiscard]] std::vector<Quantity> quantities_of(const Outcome& outcome);

}  // namespace p2pllm::app
