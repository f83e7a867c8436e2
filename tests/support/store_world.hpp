#pragma once

#include <atomic>
#include <vector>

#include "optimized/contracts/durable_ledger.hpp"
#include "reference/contracts/reference_executor.hpp"
#include "tests/unit/ledger_world.hpp"

// A small chain of blocks for tests of what is durable.
namespace p2pllm::testing {

inline const reference::Person alice = reference::person(1), bob = reference::person(2), carol = reference::person(3);

inline contracts::Genesis store_genesis() { return reference::small_genesis({alice, bob, carol}); }
inline Hash store_chain() { return contracts::chain_id(store_genesis()); }

inline optimized::MakeExecutor make_reference(const contracts::Genesis& genesis = store_genesis()) {
  return [genesis](const SignatureScheme& signatures) {
    return std::make_unique<reference::ReferenceExecutor>(genesis, signatures, contracts::sample_executor());
  };
}

/// Counts the signatures that it is asked about.
class CountingSignatures : public SignatureScheme {
 public:
  [[nodiscard]] bool verify(const PublicKey& key, ByteView message, const Signature& signature) const override {
    ++verified;
    return ideal_signatures().verify(key, message, signature);
  }
  [[nodiscard]] Signature sign(const SecretKey& key, ByteView message) const override {
    return ideal_signatures().sign(key, message);
  }
  [[nodiscard]] KeyPair key_of_seed(const KeySeed& seed) const override { return ideal_signatures().key_of_seed(seed); }
  mutable std::atomic<int> verified = 0;
};

inline Bytes signed_transaction(const reference::Person& who, std::uint64_t nonce, contracts::Operation operation,
                                contracts::Height valid_until = 1000) {
  contracts::Transaction transaction{.chain = store_chain(),
                                     .sender = who.id(),
                                     .nonce = nonce,
                                     .valid_until = valid_until,
                                     .fee = 1,
                                     .operation = std::move(operation)};
  transaction.signature = ideal_signatures().sign(who.keys.secret_key, transaction_id(transaction));
  return encode(transaction);
}

/// The transactions of block `height` of a chain: one from alice, and one from bob that fails in each third block.
inline std::vector<Bytes> transactions_of(contracts::Height height) {
  const auto nonce = static_cast<std::uint64_t>(height - 1);
  return {signed_transaction(alice, nonce, contracts::Transfer{bob.id(), 0, height}),
          signed_transaction(bob, nonce, contracts::Transfer{carol.id(), 0, height % 3 == 0 ? 1'000'000 : 2})};
}

/// The blocks of that chain, as the reference makes them.
inline std::vector<contracts::Block> store_blocks(contracts::Height count) {
  reference::ReferenceExecutor executor(store_genesis(), ideal_signatures(), contracts::sample_executor());
  std::vector<contracts::Block> blocks;
  for (contracts::Height height = 1; height <= count; ++height) {
    blocks.push_back(executor.candidate(0, transactions_of(height)).block);
    executor.apply();
  }
  return blocks;
}

}  // namespace p2pllm::testing
