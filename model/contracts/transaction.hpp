#pragma once

#include "model/contracts/operation.hpp"
#include "model/encoding/cbor.hpp"

namespace p2pllm::contracts {

/// One request to the ledger (LEDGER-3).
struct Transaction {
  Hash chain{};            ///< of the genesis (LEDGER-1)
  std::int64_t shard = 0;  ///< whose accounts and objects it is about
  AccountId sender{};
  std::uint64_t nonce = 0;
  Height valid_until = 0;
  Amount fee = 0;
  Operation operation{};
  Signature signature{};
};

inline constexpr std::size_t transaction_bytes_max = 1UL << 16;

/// What the sender signs: the tagged hash of everything but the signature. It is the transaction's id.
[[nodiscard]] Hash transaction_id(const Transaction& transaction);

/// The canonical encoding (COMMIT-1): [chain, shard, sender, nonce, validUntil, fee, [code, fields..], signature].
[[nodiscard]] Bytes encode(const Transaction& transaction);
/// The inverse; whatever is not the encoding of a transaction, of at most `transaction_bytes_max` bytes, is refused.
[[nodiscard]] CborResult<Transaction> decode_transaction(ByteView bytes);

}  // namespace p2pllm::contracts
