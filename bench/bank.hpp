#pragma once

#include <random>

#include "optimized/contracts/engine.hpp"

// Accounts and transfers between them, for the benchmarks of the fast ledger.
namespace p2pllm::bench {

using namespace contracts;
using optimized::DecodedTransaction;
using optimized::Engine;

inline constexpr std::size_t transfers_in_block = 10'000;

/// Takes every signature: for what is measured without them.
class NoSignatures final : public SignatureScheme {
 public:
  [[nodiscard]] bool verify(const PublicKey&, ByteView, const Signature&) const override { return true; }
  [[nodiscard]] Signature sign(const SecretKey&, ByteView) const override { return {}; }
  [[nodiscard]] KeyPair key_of_seed(const KeySeed& seed) const override { return ideal_signatures().key_of_seed(seed); }
};
inline const NoSignatures no_signatures;

/// A block of transfers between random accounts, in the form in which it is received, and decoded.
struct TransferBlock {
  std::vector<Bytes> encoded;
  std::vector<DecodedTransaction> decoded;
};

/// Accounts and blocks of transfers between them, one after the other.
class Bank {
 public:
  Bank(std::size_t accounts, const SignatureScheme& signatures);
  [[nodiscard]] const Genesis& genesis() const { return genesis_; }
  [[nodiscard]] const std::vector<AccountId>& ids() const { return ids_; }

  [[nodiscard]] TransferBlock block(std::size_t transfers = transfers_in_block);

 private:
  const SignatureScheme& signatures_;
  std::mt19937_64 random_{1};
  Genesis genesis_;
  std::vector<KeyPair> keys_;
  std::vector<AccountId> ids_;
  std::vector<std::uint64_t> nonces_;
  Hash chain_{};
};

/// Throws unless all were applied.
void require_applied(const std::vector<Outcome>& outcomes);

}  // namespace p2pllm::bench
