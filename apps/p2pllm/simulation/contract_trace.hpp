#pragma once

#include <cstdint>
#include <string>

#include "model/market/network.hpp"
#include "model/simulation/record.hpp"
#include "model/simulation/scenario.hpp"

namespace p2pllm::app {

/// The contracts by which the clients of a run pay its nodes (SIM-15).
struct ContractTrace {
  std::string text;           ///< of a trace (LEDGER-8)
  std::int64_t channels = 0;  ///< that were opened
  std::int64_t paid = 0;      ///< to all nodes together, in money units
};

/// Writes the ledger of a run: payment channels, each closed with what the node earned in it.
/// @param scenario  has a ledger
/// @returns the trace; or why there is none
[[nodiscard]] Result<ContractTrace> contract_trace(const Scenario& scenario, const Network& network,
                                                   const SimulationRun& run, std::int64_t seed);

}  // namespace p2pllm::app
