#pragma once

#include <map>
#include <string>

#include "fuzz/contracts/chain.hpp"

namespace p2pllm::fuzz {

/// What the parties are called in traces.
[[nodiscard]] std::map<AccountId, std::string> names_of(const Chain& chain);

/// The history of a chain as a trace (LEDGER-8), up to and with its open block. The reference makes it, so that it
/// tells what should have happened. Transactions without an encoding are left out.
[[nodiscard]] std::string trace_of(const Chain& chain);

}  // namespace p2pllm::fuzz
