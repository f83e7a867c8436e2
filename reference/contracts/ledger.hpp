#pragma once

#include <deque>
#include <map>
#include <set>
#include <vector>

#include "model/contracts/transaction.hpp"
#include "reference/contracts/channel.hpp"
#include "reference/contracts/parameters.hpp"
#include "reference/contracts/registration.hpp"
#include "reference/contracts/rotation.hpp"
#include "reference/contracts/sla.hpp"

// The ledger: a total function from states and transactions to states (LEDGER), exact and plain. Shards share nothing
// while transactions run; what concerns all of them is done at the end of a block, in order (LEDGER-6).
namespace p2pllm::contracts {

struct Account {
  Amount balance = 0;
  std::uint64_t nonce = 0;  ///< of the next transaction
};

struct RegisteredNode {
  Registration<std::int64_t> registration{};
  LayerRange layers{};
  std::int64_t cost_us = 1;
  Amount price = 0;
};

/// What a node adds to the load of its range: floor(2^40 / cost in microseconds).
[[nodiscard]] inline std::int64_t capacity_of(const RegisteredNode& node) {
  return (std::int64_t{1} << 40) / node.cost_us;
}

struct SlaRecord {
  AccountId client{}, provider{};
  LayerRange layers{};
  Hash model{}, input{};
  SlaTerms<std::int64_t> terms{};
  Sla<std::int64_t> sla{};
  Amount stake_at_accept = 0, stake_at_delivery = 0;  ///< of the provider
  Hash root{}, output{};
  Hash left{}, right{}, mid{};        ///< states at the ends of the disputed interval, and in its middle
  Hash right_before{}, mid_before{};  ///< the states that those steps begin with, by their leaves
};

struct ChannelRecord {
  AccountId a{}, b{};
  Channel<std::int64_t> channel{};
};

/// Value on its way to an account of another shard (SHARD-3).
struct Receipt {
  Hash id{};  ///< of the transaction that sent it
  std::int64_t to_shard = 0;
  AccountId to{};
  Amount amount = 0;
};

/// A migration that waits for the end of the block (REG).
struct QueuedMove {
  AccountId node{};
  LayerRange layers{};
};

/// Everything that transactions of one shard read and write.
struct Shard {
  std::map<AccountId, Account> accounts;
  std::map<AccountId, RegisteredNode> nodes;
  std::set<AccountId> away;  ///< keys whose home this is and whose registration is in another shard (SHARD-4)
  std::map<Hash, SlaRecord> slas;
  std::map<Hash, ChannelRecord> channels;
  std::set<Hash> evidence;               ///< ids of offences that were punished
  std::vector<Receipt> outgoing;         ///< of this block
  std::vector<QueuedMove> queued_moves;  ///< of this block, in transaction order
  Amount burned = 0;
};

inline constexpr std::int64_t shards_max = 64;

struct Genesis {
  std::string name;
  std::int64_t shards = 1;
  std::int64_t layers = 1;
  Parameters<std::int64_t> parameters{};
  std::vector<std::map<AccountId, Amount>> balances;  ///< a shard
  std::vector<AccountId> proposers;                   ///< hold what is missing to the launch stake; at least one
};

/// Re-executes one step of a computation, bit for bit (COMMIT-4).
/// @returns the state after step j of `model` on `layers`; nothing if the bytes are no state
using StepFunction = std::optional<Bytes> (*)(const Hash& model, const LayerRange& layers, std::int64_t step,
                                              ByteView state);

/// Who has stake from a height on, until the next one's, for evidence.
struct Snapshot {
  Height height = 0;
  std::map<AccountId, Amount> stakes;
  Hash hash{};  ///< of both, for the state root
};
[[nodiscard]] Hash hash_of(const Snapshot& snapshot);

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

/// What became of a transaction, and its id.
struct Outcome {
  Reason reason = Reason::none;
  Hash id{};
};

/// The header of a block (LEDGER-6). Its hash is what the proposer signs.
struct BlockHeader {
  Height height = 0;
  std::int64_t round = 0;
  Hash parent{};
  AccountId proposer{};
  Hash transactions{};  ///< Merkle root of the ids included
  Hash state{};         ///< Merkle root of the state after the block
};
[[nodiscard]] Hash hash_of(const BlockHeader& header);
/// What a proposer signs: a header's hash, bound to chain, height and round.
[[nodiscard]] Hash proposal_id(const Hash& chain, Height height, std::int64_t round, const Hash& header);

/// The hash of a genesis: the chain's id.
[[nodiscard]] Hash chain_id(const Genesis& genesis);
/// Nothing, or "member: rule", the rule of that member of a genesis that this one breaks (LEDGER-1).
[[nodiscard]] std::string genesis_fault(const Genesis& genesis);

/// The shard that registrations of this range belong to: that of its first layer (SHARD-1).
[[nodiscard]] std::int64_t shard_of(const Genesis& genesis, const LayerRange& layers);

/// The shard in which a key without a registration may register (SHARD-4).
[[nodiscard]] std::int64_t home_of(const Genesis& genesis, const AccountId& id);

/// All that a state root names (LEDGER-7).
struct WholeState {
  const Hash& chain;
  Height height;
  std::int64_t round;
  const std::vector<Shard>& shards;
  const std::vector<Receipt>& in_flight;
  const Validators& validators;
  const std::deque<Snapshot>& snapshots;
};
/// Tells any two states apart; O(state).
[[nodiscard]] Hash state_root(const WholeState& state);

/// A chain of blocks and the state after the last one, with a block open.
class Ledger {
 public:
  /// @pre genesis_fault(genesis) is empty
  Ledger(Genesis genesis, const SignatureScheme& signatures, StepFunction step);

  /// Runs a transaction in the open block (LEDGER-3). Malformed and refused ones change nothing.
  Outcome execute(const Transaction& transaction);
  /// The same of an encoded one.
  Outcome execute(ByteView encoded);
  /// Ends the open block: migrations, receipts, rotation (LEDGER-6). Opens the next, in round 0.
  BlockHeader end_block();
  /// The proposers of the rounds before `round` were silent: who proposes the open block changes (POS-4).
  /// @pre the block is empty
  void skip_to(std::int64_t round);

  [[nodiscard]] const Genesis& genesis() const { return genesis_; }
  [[nodiscard]] const Hash& chain() const { return chain_; }
  [[nodiscard]] Height height() const { return height_; }  ///< of the open block
  [[nodiscard]] AccountId proposer() const { return proposer_; }
  [[nodiscard]] const std::vector<Shard>& shards() const { return shards_; }
  [[nodiscard]] const Validators& validators() const { return validators_; }
  [[nodiscard]] const std::vector<Receipt>& in_flight() const { return in_flight_; }
  [[nodiscard]] Amount supply() const { return supply_; }
  [[nodiscard]] Hash state_root() const {
    return contracts::state_root({chain_, height_, round_, shards_, in_flight_, validators_, snapshots_});
  }
  /// What was found wrong by the invariants: the ledger is halted, and executes nothing more (LEDGER-5).
  [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

 private:
  [[nodiscard]] BlockContext context() const;
  void take_snapshot();
  void migrate_queued();
  void deliver_receipts();

  Genesis genesis_;
  const SignatureScheme& signatures_;
  StepFunction step_;
  Hash chain_{}, parent_{};
  Height height_ = 1;
  std::int64_t round_ = 0;
  std::vector<Shard> shards_;
  std::vector<Receipt> in_flight_;
  std::vector<MerkleLeaf> included_;
  std::deque<Snapshot> snapshots_;
  Validators validators_;
  AccountId proposer_{};  ///< of the open block
  Amount supply_ = 0;
  std::vector<std::string> faults_;
};

}  // namespace p2pllm::contracts
