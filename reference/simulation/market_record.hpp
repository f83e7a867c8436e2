#pragma once

#include <optional>
#include <vector>

#include "model/simulation/record.hpp"
#include "reference/market/migration_state.hpp"
#include "reference/simulation/certified_prices.hpp"

namespace p2pllm::reference {

/// What a record says of the market (SIM-16), without the step and what was counted since the start.
/// @param members  the nodes of each range, in file order
/// @param bits     of the prices
/// @returns nothing if something is enclosed by no number
[[nodiscard]] std::optional<StepRecord> market_record(const Network& network, const MigrationState& state,
                                                      const CertifiedPrices& prices,
                                                      const std::vector<std::vector<std::size_t>>& members, long bits);

}  // namespace p2pllm::reference
