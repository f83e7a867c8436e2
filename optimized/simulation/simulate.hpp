#pragma once

#include <optional>

#include "model/market/network.hpp"
#include "model/progress.hpp"
#include "model/simulation/record.hpp"
#include "model/simulation/run_state.hpp"
#include "model/simulation/scenario.hpp"

namespace p2pllm::optimized {

/// Runs a scenario from a network in doubles, with a certified radius (SIM-14).
///
/// Groups do not concern each other between two steps at which a node moves or a record is taken, so each is carried
/// from one such step to the next on its own; large ones by several threads.
/// @param network   that of the seed, which `check_scenario` accepts
/// @param progress  called with steps done and steps in all
/// @param keeping   where the run is stopped, and goes on; a state that is none of such a run is not used
/// @returns a run with the digest of the definition, whose enclosures contain the true values; nothing if the costs
///          are too long or the radius exceeds the tolerance, so that the exact engine has to answer
/// O(steps * n + moves * n).
[[nodiscard]] std::optional<SimulationRun> simulate(const Scenario& scenario, const Network& network,
                                                    std::uint64_t seed, const Progress& progress = {},
                                                    const RunKeeping& keeping = {});

}  // namespace p2pllm::optimized
