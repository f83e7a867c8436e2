#pragma once

#include "model/simulation/peers.hpp"
#include "model/simulation/scenario.hpp"

namespace p2pllm::reference {

/// Whether it is certain that, until a node moves, no price of a run falls and no price of two or more nodes of a range
/// exceeds that of their equilibrium (SIM-12).
///
/// The clause's conditions are examined at the first prices: price sensitivity a > 0, eta a <= 1, and no node charges
/// more than its best response. With churn nothing is certain. A start so near the border that intervals of 128 bits do
/// not decide it, as an equilibrium may lie, counts as not certain.
/// @param peers  those of the seed, which `check_scenario` accepts
/// O(n log n), with n exponentials; none for ranges without a price above 1 / a.
[[nodiscard]] bool is_rising_start(const Scenario& scenario, const Peers& peers);

}  // namespace p2pllm::reference
