#pragma once

#include <cstdint>

#include "model/contracts/cbor.hpp"
#include "model/contracts/signature.hpp"
#include "model/contracts/units.hpp"
#include "model/sha256.hpp"

// What the parties of a payment channel agree on and sign off the ledger (CHAN-2 .. CHAN-4).
namespace p2pllm {

/// All that an opening fixes for ever (CHAN-2).
struct ChannelOpening {
  Hash chain{};  ///< identifies the ledger
  PublicKey a, b;
  std::int64_t nonce = 0;  ///< A's choice: tells apart channels of the same terms
  std::int64_t closing_time = 0;
  std::int64_t deposit_a = 0, deposit_b = 0;
  std::int64_t fund_by = 0;

  bool operator==(const ChannelOpening&) const = default;
};

/// The channel a signature is for.
struct ChannelPlace {
  Hash chain{};
  Hash channel{};

  bool operator==(const ChannelPlace&) const = default;
};

/// Balances that replace all of lower versions.
struct ChannelBalances {
  std::int64_t version = 0;
  std::int64_t balance_a = 0, balance_b = 0;

  bool operator==(const ChannelBalances&) const = default;
};

/// [chain, A, B, nonce, closing time, deposit A, deposit B, fundBy]. Throws for a number below 0.
void write(CborWriter& writer, const ChannelOpening& opening);
[[nodiscard]] ChannelOpening read_channel_opening(CborReader& reader);
/// [version, balance A, balance B]. Throws for a number below 0.
void write(CborWriter& writer, const ChannelBalances& balances);
[[nodiscard]] ChannelBalances read_channel_balances(CborReader& reader);

/// The id: H(encoding of the opening), so that it names its terms, parties and chain (CHAN-2).
[[nodiscard]] Hash channel_id(const ChannelOpening& opening);

/// What both sign to agree on balances: H([chain, channel, [version, balance A, balance B]]) (CHAN-4).
[[nodiscard]] Hash channel_state_message(const ChannelPlace& place, const ChannelBalances& balances);

/// What a party signs to promise that it posts no version below `version`: H([chain, channel, version]) (CHAN-4).
[[nodiscard]] Hash channel_revocation_message(const ChannelPlace& place, std::int64_t version);

}  // namespace p2pllm
