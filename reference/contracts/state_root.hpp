#pragma once

#include "model/contracts/ledger_state.hpp"

namespace p2pllm::reference {

using namespace contracts;

/// The Merkle root of the rows of a state, in the order of ids. It distinguishes any two states (LEDGER-7). O(state).
[[nodiscard]] Hash state_root(const LedgerState& state);

}  // namespace p2pllm::reference
