#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>

#include "model/encoding/bytes.hpp"

namespace p2pllm {

struct PublicKey {
  std::array<std::uint8_t, 32> bytes{};
  auto operator<=>(const PublicKey&) const = default;
};

/// Made only by `SignatureScheme::key_of_seed`. It also holds the public key, so that no caller can be made to sign
/// with a foreign public key, which would reveal the secret key.
struct SecretKey {
  std::array<std::uint8_t, 64> bytes{};
};

struct Signature {
  std::array<std::uint8_t, 64> bytes{};
  auto operator<=>(const Signature&) const = default;
};

struct KeyPair {
  PublicKey public_key;
  SecretKey secret_key;
};

using KeySeed = std::array<std::uint8_t, 32>;

/// Signatures as the contracts see them (COMMIT-3). Deterministic and stateless: each result depends only on the
/// arguments.
class SignatureScheme {
 public:
  virtual ~SignatureScheme() = default;
  /// The only normative decision on a signature. Faster methods may only filter signatures before it.
  [[nodiscard]] virtual bool verify(const PublicKey& key, ByteView message, const Signature& signature) const = 0;
  /// Returns a signature that `verify` accepts; it is the same for the same arguments.
  [[nodiscard]] virtual Signature sign(const SecretKey& key, ByteView message) const = 0;
  [[nodiscard]] virtual KeyPair key_of_seed(const KeySeed& seed) const = 0;
  /// Of a scheme whose signature is the tagged hash of the public key and the message, followed by 32 zero bytes: the
  /// tag, so that many signatures can be verified together. Empty for every other scheme.
  [[nodiscard]] virtual std::string_view hash_tag() const { return {}; }
};

/// Ed25519 (RFC 8032, 5.1) by libsodium, with strict verification (COMMIT-3). Throws if libsodium cannot be
/// initialised.
[[nodiscard]] const SignatureScheme& ed25519();

/// A substitute for tests and exploration. It is NOT secure: anyone with the public key can sign. The signature is the
/// tagged hash of the public key and message, followed by 32 zero bytes; the public key is the tagged hash of the seed.
/// It is ideal in that a signature not made by `sign` for this key and message is refused, and it is hundreds of times
/// as fast as Ed25519. Its `hash_tag` is not empty.
[[nodiscard]] const SignatureScheme& ideal_signatures();

}  // namespace p2pllm
