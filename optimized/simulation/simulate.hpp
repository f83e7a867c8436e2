#pragma once

#include <optional>

#include "model/progress.hpp"
#include "model/simulation/peers.hpp"
#include "model/simulation/record.hpp"
#include "model/simulation/run_state.hpp"
#include "model/simulation/scenario.hpp"

namespace p2pllm::optimized {

class AscentLoops;

/// Runs a scenario in doubles, with a certified radius (SIM-14).
///
/// Groups do not concern each other between two steps at which a node moves or a record is taken, so each is carried
/// from one such step to the next on its own; large ones by several threads.
/// @param peers     those of the seed, which `check_scenario` accepts
/// @param progress  called with steps done and steps in all
/// @param keeping   where the run is stopped, and goes on; a state that is none of such a run is not used
/// @param loops     who makes the steps in which all prices ascend and none need be told from another; null: the
///                  processor
/// @returns a run with the digest of the definition, whose enclosures contain the true values; nothing if the costs
///          are too long or the radius exceeds the tolerance, so that the exact engine has to answer
/// O(steps * n + moves * n). A node takes at most 64 bytes if nodes do not move and there are no requests.
[[nodiscard]] std::optional<SimulationRun> simulate(const Scenario& scenario, const Peers& peers, std::uint64_t seed,
                                                    const Progress& progress = {}, const RunKeeping& keeping = {},
                                                    AscentLoops* loops = nullptr);

}  // namespace p2pllm::optimized
