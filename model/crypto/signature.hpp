#pragma once

#include <array>
#include <compare>
#include <cstdint>

#include "model/encoding/bytes.hpp"

namespace p2pllm {

struct PublicKey {
  std::array<std::uint8_t, 32> bytes{};
  auto operator<=>(const PublicKey&) const = default;
};

/// Made by `SignatureScheme::key_of_seed` alone: it holds the public key too, so that nobody can be made to sign with
/// a foreign one, which would give the secret away.
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

/// Signatures as the contracts see them (COMMIT-3). Deterministic and without state: a function of the arguments.
class SignatureScheme {
 public:
  virtual ~SignatureScheme() = default;
  /// The one normative verdict on a signature; faster ways may only be filters in front of it.
  [[nodiscard]] virtual bool verify(const PublicKey& key, ByteView message, const Signature& signature) const = 0;
  /// A signature that `verify` accepts; the same for the same arguments.
  [[nodiscard]] virtual Signature sign(const SecretKey& key, ByteView message) const = 0;
  [[nodiscard]] virtual KeyPair key_of_seed(const KeySeed& seed) const = 0;
};

/// Ed25519 (RFC 8032, 5.1) by libsodium, verified strictly (COMMIT-3). Throws if libsodium cannot start.
[[nodiscard]] const SignatureScheme& ed25519();

/// A stand-in for tests and exploration, NOT secure: whoever knows the public key can sign. The signature is the tagged
/// hash of public key and message and 32 zero bytes, the public key the tagged hash of the seed. Ideal in that a
/// signature not made by `sign` for this key and message is refused, and hundreds of times as fast as Ed25519.
[[nodiscard]] const SignatureScheme& ideal_signatures();

}  // namespace p2pllm
