#pragma once

#include <map>
#include <span>

#include "model/crypto/sha256.hpp"
#include "model/crypto/signature.hpp"

namespace p2pllm::optimized {

/// A signature scheme that does not verify again what a durable block shows to have been verified (STORE-5).
///
/// While it trusts a block, it accepts the signatures of that block's transactions: each for its sender, the
/// transaction's id and these very 64 bytes. Every other signature is decided by the scheme below: those of channel
/// states, revocations and evidence, on which the outcome of a transaction depends.
class TrustingSignatures : public SignatureScheme {
 public:
  /// @param scheme  must outlive this object
  explicit TrustingSignatures(const SignatureScheme& scheme) : scheme_(&scheme) {}

  /// Trusts the signatures of these transactions instead of those before.
  /// @param transactions  of a block that was included after they were verified. One that is no encoding of a
  ///   transaction is not trusted.
  void trust(std::span<const Bytes> transactions);
  /// Trusts no signature any more.
  void trust_none() { trusted_.clear(); }

  [[nodiscard]] bool verify(const PublicKey& key, ByteView message, const Signature& signature) const override;
  [[nodiscard]] Signature sign(const SecretKey& key, ByteView message) const override {
    return scheme_->sign(key, message);
  }
  [[nodiscard]] KeyPair key_of_seed(const KeySeed& seed) const override { return scheme_->key_of_seed(seed); }

 private:
  struct Trusted {
    PublicKey sender;
    Signature signature;
  };
  const SignatureScheme* scheme_;
  std::map<Hash, Trusted> trusted_;  ///< by the transaction's id
};

}  // namespace p2pllm::optimized
