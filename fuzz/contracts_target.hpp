#pragma once

#include "fuzz/contracts/world.hpp"

namespace p2pllm::fuzz {

/// Runs one input of the command language, every 256th on SHA-256 and with a look at the whole state at each step, and
/// ends the program if a law is broken. Counts what the inputs did for `reached`.
void run_contract_input(ByteView input, Focus focus, bool has_reference = false);

}  // namespace p2pllm::fuzz
