#pragma once

#include "apps/p2pllm/simulation/replications.hpp"
#include "apps/p2pllm/simulation/simulate.hpp"

namespace p2pllm::app {

/// Writes the picture (--plot) and the report (--report) of one run, where the options ask for them (SIM-20).
/// @returns why a file could not be written
[[nodiscard]] Result<void> write_pictures(const SimulateOptions& options, const Scenario& scenario,
                                          const EngineRun& run);
/// The same of several seeds.
[[nodiscard]] Result<void> write_pictures(const SimulateOptions& options, const Scenario& scenario,
                                          const Replications& runs);

}  // namespace p2pllm::app
