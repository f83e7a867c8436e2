#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "fuzz/contracts/program.hpp"
#include "reference/contracts/ledger.hpp"

// A ledger under observation: every transaction and every block is checked against the laws.
namespace p2pllm::fuzz {

using namespace reference;

/// The contents of a block, from which another ledger can make it.
struct RecordedBlock {
  std::int64_t round = 0;
  std::vector<Bytes> transactions;  ///< in the order of execution, refused ones included
  Hash state{};
};

/// The outcomes of an execution, by class: "applied transfer", "failed too_late", ..
using Classes = std::map<std::string, int>;

struct Wallet {
  KeyPair keys;
  bool is_honest = false;
};

/// Everything that a transaction may change.
struct Moment {
  std::vector<Shard> shards;
  std::vector<Receipt> in_flight;
  Hash root{};
  AccountId proposer{};
};

class Chain {
 public:
  Chain(Genesis genesis, std::vector<Wallet> wallets);

  [[nodiscard]] const Ledger& ledger() const { return ledger_; }
  [[nodiscard]] Height height() const { return ledger_.height(); }
  [[nodiscard]] const Parameters<std::int64_t>& parameters() const { return ledger_.genesis().parameters; }
  [[nodiscard]] const Shard& shard(std::int64_t s) const { return ledger_.shards()[static_cast<std::size_t>(s)]; }
  [[nodiscard]] const Wallet& wallet(std::size_t party) const { return wallets_.at(party); }
  [[nodiscard]] const AccountId& id_of(std::size_t party) const { return wallets_.at(party).keys.public_key; }
  [[nodiscard]] Amount balance(std::int64_t s, std::size_t party) const;

  /// A transaction as an honest program makes it.
  [[nodiscard]] Transaction transaction(std::size_t party, std::int64_t shard, Operation operation) const;
  void sign(Transaction& transaction, std::size_t party) const;
  /// Executes a transaction and checks the changes.
  Outcome execute(const Bytes& encoded);
  /// Executes a transaction that has no encoding.
  Outcome execute_unencoded(const Transaction& transaction);
  /// Lets the proposers of some rounds be silent. @pre the block has no transaction yet
  void skip_to(std::int64_t round);
  void end_block();

  [[nodiscard]] bool is_block_empty() const { return open_.transactions.empty(); }
  [[nodiscard]] const std::vector<RecordedBlock>& blocks() const { return blocks_; }
  [[nodiscard]] Classes& classes() { return classes_; }
  /// Called for every transaction that was applied, with the moment before it and the transaction.
  void (*on_applied)(void* self, const Moment& before, const Transaction& transaction) = nullptr;
  void* listener = nullptr;

  /// The gain of an account by a transaction, without fees.
  [[nodiscard]] Amount gain(const Moment& before, const Transaction& transaction, const AccountId& who) const;

 private:
  [[nodiscard]] Moment now() const;
  void check(const Moment& before, const std::optional<Transaction>& transaction, Reason reason);
  void check_steps(const Moment& before) const;

  Ledger ledger_;
  std::vector<Wallet> wallets_;
  RecordedBlock open_;
  std::vector<RecordedBlock> blocks_;
  Classes classes_;
};

/// Executes the blocks again, with transactions reordered among shards but not within one; the states must be the same.
/// @param shard_order  -1: shard by shard; otherwise drawn from this seed
void check_shards_commute(const Chain& chain, std::int64_t shard_order);

}  // namespace p2pllm::fuzz
