#pragma once

#include "model/contracts/genesis.hpp"
#include "model/contracts/reason.hpp"
#include "model/contracts/transaction.hpp"
#include "optimized/contracts/hash_batch.hpp"

namespace p2pllm::optimized {

/// Why a transaction is malformed, whatever the state and the signature (LEDGER-3); `none` if it is not.
/// @param chain  the chain's id
[[nodiscard]] contracts::Reason reason_form(const contracts::Transaction& transaction, const Hash& chain,
                                            const contracts::Genesis& genesis);

/// The id of a transaction, from its canonical encoding (LEDGER-3): the text that is hashed is the encoding without the
/// signature, and with one item less.
/// @param encoded  it was decoded without a fault
[[nodiscard]] Hash id_of_encoded(ByteView encoded);
/// Adds the text of which an id is the hash to others.
void add_id(HashBatch& batch, ByteView encoded);

}  // namespace p2pllm::optimized
