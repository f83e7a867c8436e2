#include "model/crypto/signature.hpp"

#include <sodium.h>

#include <algorithm>
#include <stdexcept>

#include "model/crypto/sha256.hpp"

namespace p2pllm {
namespace {

static_assert(sizeof(PublicKey::bytes) == crypto_sign_PUBLICKEYBYTES);
static_assert(sizeof(SecretKey::bytes) == crypto_sign_SECRETKEYBYTES);
static_assert(sizeof(Signature::bytes) == crypto_sign_BYTES);
static_assert(sizeof(KeySeed) == crypto_sign_SEEDBYTES);

/// A secret key is the seed followed by the public key (libsodium's form).
constexpr std::ptrdiff_t seed_bytes = sizeof(KeySeed);

class Ed25519 final : public SignatureScheme {
 public:
  Ed25519() {
    if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
  }
  bool verify(const PublicKey& key, ByteView message, const Signature& signature) const override {
    return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(), key.bytes.data()) == 0;
  }
  Signature sign(const SecretKey& key, ByteView message) const override {
    Signature signature;
    crypto_sign_detached(signature.bytes.data(), nullptr, message.data(), message.size(), key.bytes.data());
    return signature;
  }
  KeyPair key_of_seed(const KeySeed& seed) const override {
    KeyPair pair;
    crypto_sign_seed_keypair(pair.public_key.bytes.data(), pair.secret_key.bytes.data(), seed.data());
    return pair;
  }
};

class Ideal final : public SignatureScheme {
 public:
  bool verify(const PublicKey& key, ByteView message, const Signature& signature) const override {
    return signature == signature_of(key, message);
  }
  Signature sign(const SecretKey& key, ByteView message) const override {
    PublicKey public_key;
    std::copy(key.bytes.begin() + seed_bytes, key.bytes.end(), public_key.bytes.begin());
    return signature_of(public_key, message);
  }
  KeyPair key_of_seed(const KeySeed& seed) const override {
    KeyPair pair;
    pair.public_key.bytes = hash_tagged("p2pllm/1/ideal key", seed);
    const auto end = std::copy(seed.begin(), seed.end(), pair.secret_key.bytes.begin());
    std::copy(pair.public_key.bytes.begin(), pair.public_key.bytes.end(), end);
    return pair;
  }
  std::string_view hash_tag() const override { return tag; }

 private:
  static constexpr std::string_view tag = "p2pllm/1/ideal signature";

  static Signature signature_of(const PublicKey& key, ByteView message) {
    thread_local Bytes signed_bytes;
    signed_bytes.assign(key.bytes.begin(), key.bytes.end());
    signed_bytes.insert(signed_bytes.end(), message.begin(), message.end());
    const Hash hash = hash_tagged(tag, signed_bytes);
    Signature signature;
    std::copy(hash.begin(), hash.end(), signature.bytes.begin());
    return signature;
  }
};

}  // namespace

const SignatureScheme& ed25519() {
  static const Ed25519 scheme;
  return scheme;
}

const SignatureScheme& ideal_signatures() {
  static const Ideal scheme;
  return scheme;
}

}  // namespace p2pllm
