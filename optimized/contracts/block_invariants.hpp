#pragma once

#include <string>
#include <vector>

#include "model/contracts/genesis.hpp"
#include "optimized/contracts/shard_state.hpp"

namespace p2pllm::optimized {

/// The invariants that the open block broke (LEDGER-5), as "conserved: ..."; empty if it broke none. Looks only at what
/// the journals have: if all invariants held before, all hold.
///
/// On a state that was just loaded, whose journals have everything, it decides all invariants of the state.
/// @param height  of the next block
/// @param gained  the value that the block made: 0; for a loaded state, the supply
[[nodiscard]] std::vector<std::string> violations_of_block(const Genesis& genesis, Height height,
                                                           std::vector<ShardState>& shards, Amount gained);

}  // namespace p2pllm::optimized
