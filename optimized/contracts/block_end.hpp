#pragma once

#include <span>
#include <vector>

#include "model/contracts/genesis.hpp"
#include "optimized/contracts/rotation.hpp"
#include "optimized/contracts/shard_state.hpp"

// What concerns all shards together, at the end of a block (LEDGER-6).
namespace p2pllm::optimized {

/// The root of the list of transactions that a block includes (LEDGER-6), on all processors where they are many.
[[nodiscard]] Hash root_of_transactions(std::span<const Hash> ids);

/// Decides the queued moves of nodes in their order, each after those before it (LEDGER-6, MIG-3).
void migrate_queued(const Genesis& genesis, std::vector<ShardState>& shards);

/// Puts a receipt on its way to its shard (SHARD-3).
void receive(std::vector<ShardState>& shards, const Receipt& receipt);
/// Receipts of the block before arrive, each once, and those of this block are sent (SHARD-3).
void deliver_receipts(std::vector<ShardState>& shards, std::vector<Receipt>& in_flight);

/// Whether the block has changed a stake of the rotation (POS-3).
[[nodiscard]] bool change_stakes(std::vector<ShardState>& shards);
/// The stakes of the rotation: of Active nodes, 0 for nodes that may return, and the genesis proposers' shares (POS-3).
/// O(nodes).
[[nodiscard]] Rotation::Stakes rotation_stakes(const Genesis& genesis, const std::vector<ShardState>& shards);

}  // namespace p2pllm::optimized
