#pragma once

#include "model/contracts/block.hpp"
#include "model/encoding/cbor.hpp"

namespace p2pllm::optimized {

/// The canonical encoding of a block (STORE-2): ["block", height, round, parent, proposer, transactions, state,
/// [transaction, ..]], a byte string for each transaction. O(bytes).
[[nodiscard]] Bytes encode(const contracts::Block& block);
/// The block whose encoding this is; any other bytes are refused.
[[nodiscard]] CborResult<contracts::Block> decode_block(ByteView bytes);

/// The link of a stored block (STORE-2): the tagged hash of the link before it (the chain's id for the first block) and
/// the bytes of the block. It binds every byte, signatures included, of all blocks up to this one.
[[nodiscard]] Hash store_link(const Hash& before, ByteView block);

}  // namespace p2pllm::optimized
