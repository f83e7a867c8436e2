#pragma once

#include "model/contracts/ledger_state.hpp"
#include "model/contracts/state_proof.hpp"

namespace p2pllm::reference {

using namespace contracts;

/// The hash of the chain, the height and the roots of the shards' and the rotation's maps. It distinguishes any two
/// states (LEDGER-7). O(state).
[[nodiscard]] Hash state_root(const LedgerState& state);

/// The proof of what a state between two blocks has for a key, under its root (LEDGER-10). O(state).
/// @pre the key's shard, if it has one, is one of the state's
[[nodiscard]] StateProof state_proof(const LedgerState& state, const StateKey& key);

}  // namespace p2pllm::reference
