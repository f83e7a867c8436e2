#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/contracts/block_executor.hpp"
#include "model/contracts/genesis.hpp"
#include "model/contracts/step_executor.hpp"
#include "model/contracts/transaction.hpp"
#include "optimized/contracts/hash_batch.hpp"
#include "optimized/contracts/rotation.hpp"
#include "optimized/contracts/shard_state.hpp"

namespace p2pllm::optimized {

/// A transaction, and the canonical encoding that it was decoded from, of which its id is made.
struct DecodedTransaction {
  Transaction transaction;
  ByteView encoded;
};

/// The fast ledger: the same answers as the reference's to every input (LEDGER), from flat tables, machine integers and
/// maps that are kept.
///
/// A block costs what it touches, not the state. Forms and signatures are checked on all processors, and so are shards
/// run and leaves hashed; no result depends on their number. Beside the interface of all ledgers, a block can be made
/// step by step: `skip_to`, `execute`, `end_block`, and then `apply` or `discard`.
class Engine : public BlockExecutor {
 public:
  /// @param signatures, executor  must outlive this object
  /// @pre the genesis keeps the rules of LEDGER-1
  Engine(Genesis genesis, const SignatureScheme& signatures, const StepExecutor& executor);

  [[nodiscard]] Candidate candidate(std::int64_t round, std::span<const Bytes> transactions) override;
  [[nodiscard]] tl::expected<std::vector<Outcome>, Fault> validate(const Block& block) override;
  void apply() override;
  void discard() override;
  [[nodiscard]] Hash root() const override { return root_; }
  [[nodiscard]] LedgerExport export_state() const override;
  [[nodiscard]] std::optional<Fault> import_state(const LedgerExport& from) override;
  [[nodiscard]] const std::vector<std::string>& faults() const override { return faults_; }

  /// Records that the proposers of the rounds before this one were silent (POS-4). @pre the open block is empty
  void skip_to(std::int64_t round);
  /// Runs one transaction in the open block (LEDGER-3).
  Outcome execute(const Transaction& transaction);
  Outcome execute(ByteView encoded);
  /// Runs transactions, which are decoded and checked on all processors first.
  std::vector<Outcome> execute(std::span<const Bytes> transactions);
  /// Does the same for transactions that are decoded already.
  std::vector<Outcome> execute(std::span<const DecodedTransaction> transactions);
  /// Ends the open block (LEDGER-6), which is pending then.
  BlockHeader end_block();

  [[nodiscard]] const Genesis& genesis() const { return *genesis_; }
  [[nodiscard]] const Hash& chain() const { return chain_; }
  [[nodiscard]] Height height() const { return height_; }  ///< of the open block
  [[nodiscard]] const AccountId& proposer() const { return proposer_; }
  /// The shards in the open block, to be read.
  [[nodiscard]] const std::vector<ShardState>& shards() const { return shards_; }
  [[nodiscard]] const Rotation& rotation() const { return rotation_; }
  [[nodiscard]] const std::vector<Receipt>& in_flight() const { return in_flight_; }
  [[nodiscard]] Amount supply() const { return supply_; }

 private:
  /// Neither has a rotation yet nor is begun, unless it continues from a state.
  Engine(Genesis genesis, const SignatureScheme& signatures, const StepExecutor& executor, const LedgerExport* from);

  /// What is known of a transaction before the state is read.
  struct Verdict {
    Reason reason = Reason::none;
    Hash id{};  ///< zero if the transaction is malformed
  };
  /// What a block replaces, for `discard`.
  struct Before {
    Height height = 1;
    Hash parent{};
    std::vector<Receipt> in_flight;
    Rotation::Content rotation;
    std::vector<std::string> faults;
  };

  /// What its form and its length say, before its signature.
  [[nodiscard]] Reason reason_alone(const Transaction& transaction, ByteView encoded) const;
  [[nodiscard]] Verdict check(const Transaction& transaction, ByteView encoded) const;
  [[nodiscard]] Verdict check(const Transaction& transaction, const Hash& id) const;
  [[nodiscard]] std::vector<Verdict> check_all(std::span<const DecodedTransaction> transactions) const;
  /// Refuses what has another signature than the hash that the scheme says. @param batch  is used for it
  void check_hashes(std::span<const DecodedTransaction> transactions, std::span<Verdict> verdicts,
                    HashBatch& batch) const;
  [[nodiscard]] Outcome run(const Transaction& transaction, const Verdict& verdict);
  void include(const Outcome& outcome);
  void sync(BlockHeader& header);
  void load(const LedgerExport& from);
  void begin();

  std::shared_ptr<const Genesis> genesis_;
  const SignatureScheme* signatures_;
  const StepExecutor* executor_;
  Hash chain_{};
  std::vector<Hash> ledger_ids_;  ///< one a shard
  std::vector<ShardState> shards_;
  std::vector<Receipt> in_flight_;
  Rotation rotation_;
  Height height_ = 1;
  std::int64_t round_ = 0;
  AccountId proposer_{};
  Hash parent_{}, root_{}, next_root_{};
  Amount supply_ = 0;
  std::vector<Hash> included_;
  std::vector<Hash> roots_;  ///< of the state's parts
  Before before_;            ///< if a block is pending
  bool is_pending_ = false;
  std::vector<std::string> faults_;
};

}  // namespace p2pllm::optimized
