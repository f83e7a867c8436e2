#pragma once

#include <string>

#include "model/encoding/json.hpp"
#include "model/simulation/peers.hpp"
#include "model/simulation/record.hpp"
#include "model/simulation/scenario.hpp"

namespace p2pllm::app {

/// A number of statistics; null if it is infinite or none.
[[nodiscard]] Json number_json(double value);
/// One run for people: a table of its records, its moves, digest and radius, and whether its prices are certain to
/// rise.
/// @param peers  those in which the run begins, here and below
[[nodiscard]] std::string run_text(const Scenario& scenario, const Peers& peers, const SimulationRun& run,
                                   std::int64_t seed);
/// One run for programs (FORMAT-7).
[[nodiscard]] Json run_json(const Scenario& scenario, const Peers& peers, const SimulationRun& run, std::int64_t seed);

}  // namespace p2pllm::app
