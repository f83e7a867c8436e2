#pragma once

#include <deque>
#include <map>
#include <set>
#include <vector>

#include "model/contracts/transaction.hpp"
#include "reference/contracts/channel_rules.hpp"
#include "reference/contracts/parameters.hpp"
#include "reference/contracts/registration_rules.hpp"
#include "reference/contracts/rotation.hpp"
#include "reference/contracts/sla_rules.hpp"

// The ledger: a total function from states and transactions to states (LEDGER), exact and plain. Shards share nothing
// while transactions run; what concerns all of them is done at the end of a block, in order (SHARD-4).
namespace p2pllm::contracts {

struct Account {
  Amount balance = 0;
  std::uint64_t nonce = 0;  ///< of the next transaction
};

struct Node {
  Registration<std::int64_t> registration{};
  Layers layers{};
  std::int64_t cost_us = 1;
  Amount price = 0;
};

struct Job {
  AccountId client{}, provider{};
  Layers layers{};
  Hash model{}, input{};
  SlaTerms<std::int64_t> terms{};
  Sla<std::int64_t> sla{};
  Amount stake_at_delivery = 0;
  Hash root{}, output{};
  Hash left{}, right{}, mid{};  ///< states at the ends of the disputed interval, and in its middle
};

/// A closing state that a party brought to the ledger itself.
struct Posting {
  bool by_a = false;
  std::int64_t version = 0;
  auto operator<=>(const Posting&) const = default;
};

struct ChannelRecord {
  ChannelTerms terms{};
  Channel<std::int64_t> channel{};
  std::vector<Posting> postings;
};

/// Value on its way to an account of another shard (SHARD-3).
struct Receipt {
  Hash id{};  ///< of the transaction that sent it
  std::int64_t to_shard = 0;
  AccountId to{};
  Amount amount = 0;
};

/// A migration that waits for the end of the block (REG).
struct Migration {
  AccountId node{};
  Layers layers{};
};

/// Everything that transactions of one shard read and write.
struct Shard {
  std::map<AccountId, Account> accounts;
  std::map<AccountId, Node> nodes;
  std::map<Hash, Job> jobs;
  std::map<Hash, ChannelRecord> channels;
  std::set<Hash> evidence;            ///< ids of offences that were punished
  std::vector<Receipt> outgoing;      ///< of this block
  std::vector<Migration> migrations;  ///< of this block, in transaction order
  Amount burned = 0;
};

struct Genesis {
  std::string name;
  std::int64_t shards = 1;
  std::int64_t layers = 1;
  Parameters<std::int64_t> parameters{};
  std::vector<std::map<AccountId, Amount>> balances;  ///< a shard
  std::vector<AccountId> proposers;                   ///< step in while no stake is active; at least one
};

/// Re-executes one step of a computation, bit for bit (COMMIT-4).
/// @returns the state after step j of `model` on `layers`; nothing if the bytes are no state
using StepFunction = std::optional<Bytes> (*)(const Hash& model, const Layers& layers, std::int64_t step,
                                              ByteView state);

/// Who had stake at a height, for evidence.
struct Snapshot {
  Height height = 0;
  std::map<AccountId, Amount> stakes;
};

/// What every transaction of a block may read.
struct BlockContext {
  const Genesis& genesis;
  Hash chain{};
  Height height = 0;
  AccountId proposer{};
  const std::deque<Snapshot>& snapshots;
  const SignatureScheme& signatures;
  StepFunction step;
};

}  // namespace p2pllm::contracts
