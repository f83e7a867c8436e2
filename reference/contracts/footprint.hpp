#pragma once

#include "reference/contracts/execute.hpp"

// The objects that one transaction may touch, taken out of its shard, so that its changes can be examined at the cost
// of those objects alone (LEDGER-5).
namespace p2pllm::reference {

/// The objects that a transaction names, the parties of those objects, and the proposer's account. The transaction runs
/// on these and can touch nothing else. The lists that transactions only append to (outgoing, migrations, burned) begin
/// empty.
[[nodiscard]] Shard footprint(const Shard& shard, const WellFormed& form, const BlockContext& context);

/// Puts a footprint back into its shard after the transaction.
/// @param before  the footprint as it was taken
/// @returns the fault, if any: an object was created although the shard has one with this name
[[nodiscard]] std::vector<std::string> put_back(const Shard& before, const Shard& after, Shard& shard);

}  // namespace p2pllm::reference
