#pragma once

#include "model/market/network.hpp"
#include "model/progress.hpp"
#include "model/simulation/record.hpp"
#include "model/simulation/run_state.hpp"
#include "model/simulation/scenario.hpp"

namespace p2pllm::reference {

inline constexpr long simulation_bits_min = 128;
inline constexpr long simulation_bits_max = 4096;

/// Runs a scenario from a network (SIM-1): certified prices, exact migration.
///
/// A run whose prices are known to less than the scenario's tolerance begins again at twice the precision.
/// @param network     that of the seed, which `check_scenario` accepts
/// @param progress    called with steps done and steps in all
/// @param first_bits  the precision to begin with, from simulation_bits_min to simulation_bits_max
/// @param keeping     where the run is stopped, and goes on; a state that is none of such a run is not used
/// @returns the run; or a limit that is reached: a comparison or the tolerance is undecided at the greatest precision
/// O(steps * (n exponentials + targets)), without the sums of rationals.
[[nodiscard]] Result<SimulationRun> simulate(const Scenario& scenario, const Network& network, std::uint64_t seed,
                                             const Progress& progress = {}, long first_bits = simulation_bits_min,
                                             const RunKeeping& keeping = {});

}  // namespace p2pllm::reference
