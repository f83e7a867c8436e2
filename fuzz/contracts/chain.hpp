#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "fuzz/contracts/program.hpp"
#include "fuzz/contracts/shadow.hpp"
#include "fuzz/contracts/tally.hpp"
#include "optimized/contracts/engine.hpp"
#include "reference/contracts/ledger.hpp"

// The fast ledger under observation: every transaction and every block is checked against the laws, at the cost of what
// it changed; with the reference beside it, also against that.
namespace p2pllm::fuzz {

using optimized::ShardState;

/// What the commands of a program are about.
enum class Focus { all, channels, disputes };

/// What is run, and what is checked beside the laws of each step.
struct Checks {
  Focus focus = Focus::all;
  bool has_reference = false;  ///< the reference executes everything too, and must agree
  bool looks_at_all = false;   ///< a step is compared with the whole state, not only with the journals
};

/// The contents of a block, from which another ledger can make it.
struct RecordedBlock {
  std::int64_t round = 0;
  std::vector<Bytes> transactions;  ///< in the order of execution, refused ones included
  Hash state{};
};

/// Recorded blocks one after the other; it keeps its memory when it is cleared.
class Record {
 public:
  struct Extent {
    std::size_t from = 0, transactions = 0;  ///< the place of its first transaction among all, and how many it has
    std::int64_t round = 0;
    Hash state{};
  };
  /// Begins with an open block.
  void clear();
  void add(ByteView transaction);
  void end_block(const Hash& state);
  void skip_to(std::int64_t round) { blocks_.back().round = round; }
  [[nodiscard]] std::size_t ended() const { return blocks_.size() - 1; }
  [[nodiscard]] const Extent& open() const { return blocks_.back(); }
  [[nodiscard]] const Extent& extent(std::size_t block) const { return blocks_[block]; }
  /// @param k  below the block's number of transactions
  [[nodiscard]] ByteView transaction(std::size_t block, std::size_t k) const;
  [[nodiscard]] RecordedBlock block(std::size_t number) const;

 private:
  Bytes text_;
  std::vector<std::size_t> ends_;  ///< of the transactions in the text
  std::vector<Extent> blocks_;     ///< the last one is open
};

struct Wallet {
  KeyPair keys;
  bool is_honest = false;
};

/// Everything that a transaction changed in its shard, or the end of a block in all.
struct Step {
  AccountId proposer{};
  std::vector<Changed<AccountId, Account>> accounts;
  std::vector<Changed<AccountId, RegisteredNode>> nodes;
  std::vector<Changed<AccountId, optimized::Mark>> away;
  std::vector<Changed<Hash, SlaRecord>> slas;
  std::vector<Changed<Hash, ChannelRecord>> channels;
  std::vector<Changed<Hash, optimized::Mark>> evidence;
  Amount gained = 0;  ///< by what is burned and what waits to be sent or is on its way

  void clear();
  [[nodiscard]] std::size_t size() const {
    return accounts.size() + nodes.size() + away.size() + slas.size() + channels.size() + evidence.size();
  }
};

class Chain {
 public:
  /// Takes the memory of a chain that is gone.
  /// @param begun  a ledger at its first block, of which this one is a copy
  /// @param wallets  must outlive this object
  Chain(const optimized::Engine& begun, const std::vector<Wallet>& wallets, Checks checks);

  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;
  ~Chain();

  [[nodiscard]] const optimized::Engine& ledger() const { return ledger_; }
  [[nodiscard]] Height height() const { return ledger_.height(); }
  [[nodiscard]] const Parameters<std::int64_t>& parameters() const { return ledger_.genesis().parameters; }
  [[nodiscard]] const ShardState& shard(std::int64_t s) const { return ledger_.shards()[static_cast<std::size_t>(s)]; }
  [[nodiscard]] const Wallet& wallet(std::size_t party) const { return (*wallets_)[party]; }
  [[nodiscard]] const AccountId& id_of(std::size_t party) const { return wallet(party).keys.public_key; }
  [[nodiscard]] Amount balance(std::int64_t s, std::size_t party) const;

  // Objects of a shard; null if there is none. Valid until the next transaction.
  [[nodiscard]] const RegisteredNode* node(std::int64_t s, const AccountId& id) const;
  [[nodiscard]] const SlaRecord* find_sla(std::int64_t s, const Hash& id) const;
  [[nodiscard]] const ChannelRecord* channel(std::int64_t s, const Hash& id) const;
  /// @pre there is one
  [[nodiscard]] const SlaRecord& sla(std::int64_t s, const Hash& id) const;

  /// A transaction as an honest program makes it.
  [[nodiscard]] Transaction transaction(std::size_t party, std::int64_t shard, Operation operation) const;
  void sign(Transaction& transaction, std::size_t party) const;
  /// Executes a transaction, encoded, and checks the changes.
  Outcome execute(const Transaction& transaction);
  /// Does the same with any bytes.
  Outcome execute_bytes(ByteView encoded);
  /// Executes a transaction that has no encoding.
  Outcome execute_unencoded(const Transaction& transaction);
  /// Lets the proposers of some rounds be silent, unless the block has a transaction already.
  void skip_to(std::int64_t round);
  void end_block();

  /// Whether a canary is to break the law of this focus.
  [[nodiscard]] bool is_faulty(Focus focus) const;
  [[nodiscard]] bool is_block_empty() const { return record_.open().transactions == 0; }
  /// The blocks that were ended, and the open one.
  [[nodiscard]] std::vector<RecordedBlock> blocks() const;
  [[nodiscard]] RecordedBlock open_block() const { return record_.block(record_.ended()); }
  [[nodiscard]] const Record& record() const { return record_; }
  [[nodiscard]] Tally& tally() { return tally_; }
  [[nodiscard]] Classes classes() const { return tally_.classes(); }
  /// Called for every transaction that was applied, with its changes.
  void (*on_applied)(void* self, const Step& step, const Transaction& transaction) = nullptr;
  void* listener = nullptr;

  /// The gain of an account by a transaction, without fees.
  [[nodiscard]] static Amount gain(const Step& step, const Transaction& transaction, const AccountId& who);
  /// A node as it was before a step; null if there was none.
  [[nodiscard]] const RegisteredNode* node_before(const Step& step, std::int64_t s, const AccountId& id) const;

 private:
  struct ShardShadow {
    Shadow<AccountId, Account> accounts;
    Shadow<AccountId, RegisteredNode> nodes;
    Shadow<AccountId, optimized::Mark> away;
    Shadow<Hash, SlaRecord> slas;
    Shadow<Hash, ChannelRecord> channels;
    Shadow<Hash, optimized::Mark> evidence;
    Amount held = 0;  ///< burned, and in receipts that wait to be sent

    void clear() {
      accounts.clear(), nodes.clear(), away.clear(), slas.clear(), channels.clear(), evidence.clear();
      held = 0;
    }
  };
  /// The object that an operation names.
  struct Target {
    std::size_t status = 0;
    unsigned depth = 0;
  };

  Outcome run(ByteView encoded, const Transaction* transaction);
  void follow(std::size_t s);
  void check(const Transaction* transaction, Reason reason);
  void check_fee(const Transaction& transaction, bool is_all) const;
  void check_transfer(const Transaction& transaction) const;
  void check_transitions() const;
  void check_conserved(Amount gained, const char* law) const;
  void check_block_end();
  void check_notes_are_seen();
  void check_whole_state();
  void compare_states() const;
  [[nodiscard]] Target target_of(const Transaction& transaction) const;
  void note_statuses();
  void note_migrations(bool were_queued);
  void plant_fault(const Transaction& transaction);
  /// A shard of the fast ledger, for what a test does behind the ledger's back.
  [[nodiscard]] ShardState& opened(std::int64_t s) { return const_cast<ShardState&>(shard(s)); }

  /// What a chain leaves to the next one, so that an input costs few allocations.
  struct Memory {
    std::optional<optimized::Engine> ledger;
    std::vector<ShardShadow> shadows;
    Step step;
    Record record;
  };
  [[nodiscard]] static std::unique_ptr<Memory> memory_for(const optimized::Engine& begun);
  static thread_local std::unique_ptr<Memory> spare_;

  std::unique_ptr<Memory> memory_;
  optimized::Engine& ledger_;
  std::vector<ShardShadow>& shadows_;
  Step& step_;
  Record& record_;
  std::unique_ptr<reference::Ledger> reference_;
  Checks checks_;
  const std::vector<Wallet>* wallets_;
  Amount in_flight_ = 0;
  Tally tally_;
};

/// Calls `visit(key, value)` for each object of a table, in the order of their places.
void for_each(const auto& table, auto&& visit) {
  for (std::uint32_t place = 0; place < table.places(); ++place)
    if (table.holds(place)) visit(table.key(place), table[place]);
}

/// Executes the blocks again on another ledger of the same genesis, with transactions reordered among shards but not
/// within one; the states must be the same.
/// @param shard_order  -1: shard by shard; otherwise drawn from this seed
void check_shards_commute(const Chain& chain, BlockExecutor& other, std::int64_t shard_order);

}  // namespace p2pllm::fuzz
