#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/contracts/channel.hpp"
#include "model/contracts/registration.hpp"
#include "model/contracts/rotation.hpp"
#include "model/contracts/sla.hpp"

// The state of a ledger as plain values: the form in which it is passed from one ledger to another.
namespace p2pllm::contracts {

struct Account {
  Amount balance = 0;
  std::uint64_t nonce = 0;  ///< the nonce of the account's next transaction

  static void fields(auto& self, auto&& visit) { visit("balance", self.balance), visit("nonce", self.nonce); }
};

/// Value on its way to an account of another shard (SHARD-3).
struct Receipt {
  Hash id{};  ///< the id of the transaction that sent it
  std::int64_t to_shard = 0;
  AccountId to{};
  Amount amount = 0;

  static void fields(auto& self, auto&& visit) {
    visit("id", self.id), visit("to_shard", self.to_shard), visit("to", self.to), visit("amount", self.amount);
  }
};

/// A migration that takes effect at the end of the block (REG-2, LEDGER-6).
struct QueuedMove {
  AccountId node{};
  LayerRange layers{};

  static void fields(auto& self, auto&& visit) { visit("node", self.node), visit("layers", self.layers); }
};

/// All state that transactions of one shard read and write.
struct Shard {
  std::map<AccountId, Account> accounts;
  std::map<AccountId, RegisteredNode> nodes;
  std::set<AccountId> away;  ///< keys that belong to this shard but are registered in another (SHARD-4)
  std::map<Hash, SlaRecord> slas;
  std::map<Hash, ChannelRecord> channels;
  std::set<Hash> evidence;               ///< ids of offences that were punished
  std::vector<Receipt> outgoing;         ///< of this block
  std::vector<QueuedMove> queued_moves;  ///< of this block, in transaction order
  Amount burned = 0;
};

/// The stakes from one height until the height of the next snapshot, kept for evidence (REG-5).
struct StakeSnapshot {
  Height height = 0;
  std::map<AccountId, Amount> stakes;
  Hash hash{};  ///< the hash of both, for the state root
};
[[nodiscard]] Hash hash_of(const StakeSnapshot& snapshot);

/// Everything that a state root commits to (LEDGER-7).
struct LedgerState {
  Hash chain{};
  Height height = 1;  ///< of the open block
  std::int64_t round = 0;
  std::vector<Shard> shards;
  std::vector<Receipt> in_flight;
  Validators validators;
  std::deque<StakeSnapshot> snapshots;
};

/// Why the numbers of a state are not those of any ledger of this many layers, whatever its history: a number outside
/// the encoding (LEDGER-2), value that adds up to more than a supply may be, a service or terms that no operation can
/// make. Nothing if they may be. Rules are evaluated only on numbers within these limits, which they do not exceed.
[[nodiscard]] std::optional<std::string> range_fault(const LedgerState& state, std::int64_t layers);

}  // namespace p2pllm::contracts
