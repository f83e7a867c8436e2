#pragma once

#include "model/contracts/operation.hpp"
#include "model/encoding/cbor.hpp"

namespace p2pllm::contracts {

/// One request to the ledger (LEDGER-3).
struct Transaction {
  Hash chain{};            ///< hash of the genesis (LEDGER-1)
  std::int64_t shard = 0;  ///< the shard whose accounts and objects it concerns
  AccountId sender{};
  std::uint64_t nonce = 0;
  Height valid_until = 0;
  Amount fee = 0;
  Operation operation{};
  Signature signature{};
};

inline constexpr std::size_t transaction_bytes_max = 1UL << 16;

/// The tagged hash that the sender signs: of everything except the signature. It is also the transaction's id.
[[nodiscard]] Hash transaction_id(const Transaction& transaction);

/// The canonical encoding (COMMIT-1): [chain, shard, sender, nonce, validUntil, fee, [code, fields..], signature].
[[nodiscard]] Bytes encode(const Transaction& transaction);
/// Does the same into a writer, which is empty.
void encode(CborWriter& out, const Transaction& transaction);
/// Decodes a transaction of at most `transaction_bytes_max` bytes; any other bytes are refused.
[[nodiscard]] CborResult<Transaction> decode_transaction(ByteView bytes);

}  // namespace p2pllm::contracts
