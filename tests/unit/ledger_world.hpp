#pragma once

#include "parties/computation.hpp"
#include "reference/contracts/invariants.hpp"
#include "reference/contracts/ledger.hpp"

// A small ledger and people who use it, with signatures that cost nothing.
namespace p2pllm::reference {

struct Person {
  KeyPair keys;
  [[nodiscard]] AccountId id() const { return keys.public_key; }
};

inline Person person(std::uint8_t number, const SignatureScheme& scheme = ideal_signatures()) {
  KeySeed seed{};
  seed[0] = number;
  return {scheme.key_of_seed(seed)};
}

/// Small amounts and windows.
inline Parameters<std::int64_t> small_parameters() {
  return {.min_stake = 100,
          .launch_stake = 200,
          .min_fee = 1,
          .update_cooldown = 2,
          .unbonding = 6,
          .jail = 3,
          .evidence_age_max = 4,
          .deliver_within_max = 10,
          .window_min = 2,
          .window_max = 4,
          .turn_min = 1,
          .turn_max = 3,
          .steps_max = 16,
          .price_max = 1000,
          .challenge_bond_min = 5,
          .closing_min = 2,
          .closing_max = 5};
}

inline Genesis small_genesis(const std::vector<Person>& people, std::int64_t shards = 1, Amount each = 10'000) {
  Genesis genesis{"test", shards, 8, small_parameters(), {}, {}};
  genesis.balances.resize(static_cast<std::size_t>(shards));
  for (auto& shard : genesis.balances)
    for (const Person& one : people) shard[one.id()] = each;
  genesis.proposers = {people.back().id()};
  return genesis;
}

/// A ledger, and transactions made of operations.
struct LedgerWorld {
  Ledger ledger;
  const SignatureScheme& scheme;
  Amount fee = 1;

  explicit LedgerWorld(Genesis genesis, const SignatureScheme& signatures = ideal_signatures(),
                       const StepExecutor& step = sample_executor())
      : ledger(std::move(genesis), signatures, step), scheme(signatures) {}

  [[nodiscard]] const Shard& shard(std::int64_t index = 0) const {
    return ledger.shards()[static_cast<std::size_t>(index)];
  }
  [[nodiscard]] Account account(const Person& who, std::int64_t index = 0) const {
    const auto found = shard(index).accounts.find(who.id());
    return found == shard(index).accounts.end() ? Account{} : found->second;
  }
  [[nodiscard]] Amount balance(const Person& who, std::int64_t index = 0) const { return account(who, index).balance; }

  [[nodiscard]] Transaction unsigned_transaction(const Person& who, Operation operation, std::int64_t index = 0) const {
    Transaction transaction{.chain = ledger.chain(),
                            .shard = index,
                            .sender = who.id(),
                            .nonce = account(who, index).nonce,
                            .valid_until = ledger.height() + 10,
                            .fee = fee,
                            .operation = std::move(operation)};
    return transaction;
  }
  [[nodiscard]] Transaction sign(Transaction transaction, const Person& who) const {
    transaction.signature = scheme.sign(who.keys.secret_key, transaction_id(transaction));
    return transaction;
  }
  Outcome send(const Person& who, Operation operation, std::int64_t index = 0) {
    return ledger.execute(sign(unsigned_transaction(who, std::move(operation), index), who));
  }
  /// Ends blocks until the block of this height is open.
  void go_to(Height height) {
    while (ledger.height() < height) ledger.end_block();
  }
};

}  // namespace p2pllm::reference
