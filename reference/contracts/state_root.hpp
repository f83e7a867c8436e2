#pragma once

#include "model/contracts/ledger_state.hpp"

namespace p2pllm::reference {

using namespace contracts;

/// The hash of the chain, the height and the roots of the shards' and the rotation's maps. It distinguishes any two
/// states (LEDGER-7). O(state).
[[nodiscard]] Hash state_root(const LedgerState& state);

}  // namespace p2pllm::reference
