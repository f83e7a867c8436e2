#pragma once

#include "model/contracts/block_executor.hpp"
#include "model/encoding/cbor.hpp"

namespace p2pllm::optimized {

/// The canonical encoding of the state between two blocks (STORE-3). Equal states have equal encodings. O(state).
/// @pre no block is open: nothing is queued and no receipt leaves
[[nodiscard]] Bytes encode(const contracts::LedgerExport& state);
/// The state whose encoding this is; any other bytes are refused. That the invariants hold is not checked.
[[nodiscard]] CborResult<contracts::LedgerExport> decode_snapshot(ByteView bytes);

}  // namespace p2pllm::optimized
