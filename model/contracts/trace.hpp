#pragma once

#include <map>
#include <string>

#include "model/contracts/transaction.hpp"
#include "model/encoding/json.hpp"

// Histories of a ledger as JSON lines (LEDGER-8). They are readable, and each line is bound to all lines before it.
namespace p2pllm::contracts {

/// A transaction as JSON: {"shard", "sender", "nonce", "valid_until", "fee", "operation", its fields.., "signature"}.
/// Hashes, keys and bytes are hexadecimal. The chain is the trace's.
[[nodiscard]] Json transaction_json(const Transaction& transaction);
/// Reads a transaction from its JSON; throws `JsonCursor::Failure` for any other value.
[[nodiscard]] Transaction read_transaction(const JsonCursor& place, const Hash& chain);

/// The link of a line: the tagged hash of the previous line's link and of this line's text up to its own link.
[[nodiscard]] Hash trace_link(const Hash& before, std::string_view text);

}  // namespace p2pllm::contracts
