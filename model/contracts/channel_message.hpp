#pragma once

#include "model/contracts/channel.hpp"

// The messages that the parties of a payment channel sign off the ledger (CHAN-2 .. CHAN-4).
namespace p2pllm::contracts {

/// The channel to which a signature applies.
struct ChannelPlace {
  Hash ledger{};  ///< hash of chain and shard
  Hash channel{};

  bool operator==(const ChannelPlace&) const = default;
};

/// The id: H([ledger, A, B, nonce, closing time, deposit A, deposit B, fundBy]), which binds it to its terms, parties
/// and ledger (CHAN-2). This function and the others throw for a number outside [0, 2^62].
[[nodiscard]] Hash channel_id(const Hash& ledger, const ChannelTerms& terms);

/// The message that both parties sign to agree on balances: H([ledger, channel, [version, balance A, balance B]])
/// (CHAN-4).
[[nodiscard]] Hash channel_state_message(const ChannelPlace& place, const ChannelBalances& balances);

/// The message that a party signs to promise that it will post no version below `version`: H([ledger, channel,
/// version]) (CHAN-4).
[[nodiscard]] Hash channel_revocation_message(const ChannelPlace& place, std::int64_t version);

}  // namespace p2pllm::contracts
