#pragma once

#include "reference/contracts/execute.hpp"

// What one transaction may touch, taken out of its shard, so that all it changed can be examined at the cost of that
// alone (LEDGER-5).
namespace p2pllm::reference {

/// The objects that a transaction names, the parties of those, and the proposer's account: it runs on these and can
/// touch nothing else. What transactions only append to (outgoing, migrations, burned) begins empty.
[[nodiscard]] Shard footprint(const Shard& shard, const WellFormed& form, const BlockContext& context);

/// Puts a footprint back into its shard after the transaction.
/// @param before  the footprint as it was taken
/// @returns what is wrong with it: an object that was made though the shard has one of this name
[[nodiscard]] std::vector<std::string> put_back(const Shard& before, const Shard& after, Shard& shard);

}  // namespace p2pllm::reference
