#pragma once

#include <vector>

#include "model/contracts/reason.hpp"
#include "model/contracts/units.hpp"
#include "model/crypto/sha256.hpp"

namespace p2pllm::contracts {

/// The result of a transaction, and the transaction's id.
struct Outcome {
  Reason reason = Reason::none;
  Hash id{};
  bool operator==(const Outcome&) const = default;
};

/// The greatest round of a valid block (LEDGER-6): each costs a turn of the rotation, whoever sends the block.
inline constexpr std::int64_t block_round_max = 1000;

/// The header of a block (LEDGER-6). The proposer signs its hash.
struct BlockHeader {
  Height height = 0;
  std::int64_t round = 0;
  Hash parent{};
  AccountId proposer{};
  Hash transactions{};  ///< Merkle root of the ids of the included transactions
  Hash state{};         ///< Merkle root of the state after the block
  bool operator==(const BlockHeader&) const = default;

  static void fields(auto& self, auto&& visit) {
    visit("height", self.height), visit("round", self.round), visit("parent", self.parent);
    visit("proposer", self.proposer), visit("transactions", self.transactions), visit("state", self.state);
  }
};
[[nodiscard]] Hash hash_of(const BlockHeader& header);
/// The message that a proposer signs: a header's hash, bound to chain, height and round.
[[nodiscard]] Hash proposal_id(const Hash& chain, Height height, std::int64_t round, const Hash& header);

/// A block as its proposer sends it.
struct Block {
  BlockHeader header;
  std::vector<Bytes> transactions;  ///< encoded, in the order of execution; every one was included
};

}  // namespace p2pllm::contracts
