#pragma once

#include <random>

#include "parties/computation.hpp"
#include "reference/contracts/ledger.hpp"

namespace p2pllm::properties {

/// A long history of a ledger of many shards: each operation is chosen in sight of the state, so that most are possible
/// and objects reach all their states. Signatures are the ideal ones.
class LedgerHistory {
 public:
  struct Block {
    std::int64_t round = 0;
    std::vector<Bytes> transactions;
    std::vector<contracts::Outcome> outcomes;  ///< the reference's
    Hash state{};
  };

  /// @param shards  1 to 64
  LedgerHistory(std::int64_t shards, std::uint64_t seed);

  /// Sends this many transactions, and ends the last block.
  void run(std::size_t operations);
  [[nodiscard]] const contracts::Genesis& genesis() const { return ledger_.genesis(); }
  [[nodiscard]] const std::vector<Block>& blocks() const { return blocks_; }
  [[nodiscard]] const reference::Ledger& ledger() const { return ledger_; }

 private:
  static constexpr std::size_t people = 24;
  static constexpr std::int64_t steps_per_unit = 2;

  [[nodiscard]] std::int64_t below(std::int64_t count) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(count));
  }
  [[nodiscard]] contracts::AccountId id(std::size_t who) const { return keys_[who].public_key; }
  [[nodiscard]] std::size_t someone() { return static_cast<std::size_t>(below(people)); }
  [[nodiscard]] std::size_t who_is(const contracts::AccountId& account) const;
  [[nodiscard]] const contracts::Shard& shard() const { return ledger_.shards()[static_cast<std::size_t>(at_)]; }
  [[nodiscard]] LayerRange layers() const { return {2 * at_, 2 * at_ + 1}; }

  void send(std::size_t who, contracts::Operation operation);
  void end_block();
  void transfer();
  void registration();
  void report();
  void job();
  void pursue(const Hash& id, const contracts::SlaRecord& job);
  void dispute(const Hash& id, const contracts::SlaRecord& job);

  // Sessions of many units (session_history.cpp).
  struct Session {
    Hash id{};
    const contracts::SlaRecord& job;
    parties::ComputedSteps made;  ///< by the provider
  };
  void in_session(const Session& session);
  void after_showing(const Session& session);
  void convict(const Session& session);
  [[nodiscard]] Signature signed_by(const contracts::AccountId& who, const Hash& message);
  [[nodiscard]] contracts::SessionPlace place_of(const Session& session) const;
  [[nodiscard]] contracts::ShownUnits shown(const Session& session, std::int64_t units) const;
  [[nodiscard]] Signature receipt_of(const Session& session, const contracts::ShownUnits& shown);
  [[nodiscard]] contracts::ProvidedUnits provided(const Session& session, std::int64_t units);
  [[nodiscard]] contracts::Challenge challenge_of(const Session& session);
  [[nodiscard]] std::int64_t some_units(const contracts::SlaRecord& job, std::int64_t least);

  void channel();
  void pursue(const Hash& id, const contracts::ChannelRecord& record);
  [[nodiscard]] contracts::ChannelSignedBalances state_of(const Hash& id, const contracts::ChannelRecord& record,
                                                          std::int64_t version);
  [[nodiscard]] parties::ComputedSteps work(const contracts::SlaRecord& job, bool as_agreed) const;

  std::mt19937_64 random_;
  std::vector<KeyPair> keys_;
  reference::Ledger ledger_;
  std::int64_t at_ = 0;  ///< the shard of the next operation
  std::vector<contracts::ChannelTerms> opened_;
  std::vector<Block> blocks_{1};
};

}  // namespace p2pllm::properties
