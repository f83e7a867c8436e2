#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "model/crypto/sha256.hpp"
#include "model/crypto/signature.hpp"

using namespace p2pllm;

namespace {

template <typename Array>
Array array_of(std::string_view text) {
  const auto bytes = from_hex(text);
  Array array{};
  REQUIRE((bytes && bytes->size() == array.size()));
  std::copy(bytes->begin(), bytes->end(), array.begin());
  return array;
}

PublicKey key_of(std::string_view text) { return {array_of<decltype(PublicKey::bytes)>(text)}; }
Signature signature_of(std::string_view text) { return {array_of<decltype(Signature::bytes)>(text)}; }

KeySeed seed_of(std::uint8_t number) {
  KeySeed seed{};
  seed[0] = number;
  return seed;
}

/// S + k l, where l is the order of the base point (RFC 8032, 5.1), or nothing beyond 2^256.
std::optional<Signature> with_order_added(Signature signature, int times) {
  const auto order =
      array_of<std::array<std::uint8_t, 32>>("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (int k = 0; k < times; ++k, carry = 0) {
    for (std::size_t j = 0; j < 32; ++j) {
      carry += signature.bytes[32 + j] + order[j];
      signature.bytes[32 + j] = static_cast<std::uint8_t>(carry & 0xff);
      carry >>= 8;
    }
    if (carry != 0) return std::nullopt;
  }
  return signature;
}

}  // namespace

TEST_CASE("SHA-256 of the examples of FIPS 180-4, also across reuse of the context", "[COMMIT-2]") {
  const std::string million(1'000'000, 'a');
  const std::pair<std::string, const char*> cases[] = {
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrst"
       "u",
       "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
      {million, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (int round = 0; round < 2; ++round)
    for (const auto& [text, digest] : cases) {
      CHECK(to_hex(sha256(bytes_of(text))) == digest);
      CHECK(sha256_hex(text) == digest);
    }
}

TEST_CASE("hashes of different tags are of different inputs", "[COMMIT-2]") {
  CHECK(hash_tagged("abc", bytes_of("de")) == sha256(bytes_of("\x03"
                                                              "abcde")));
  CHECK(hash_tagged("", {}) == sha256(Bytes{0}));
  std::set<Hash> hashes;
  const std::string text = "p2pllm";
  for (std::size_t cut = 0; cut <= text.size(); ++cut)
    hashes.insert(hash_tagged(text.substr(0, cut), bytes_of(std::string_view(text).substr(cut))));
  CHECK(hashes.size() == text.size() + 1);
  CHECK_NOTHROW(hash_tagged(std::string(255, 't'), {}));
  CHECK_THROWS_AS(hash_tagged(std::string(256, 't'), {}), std::length_error);
}

TEST_CASE("Ed25519 of RFC 8032, section 7.1", "[COMMIT-3]") {
  const struct {
    const char* secret;
    const char* key;
    const char* message;
    const char* signature;
  } cases[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2"
       "4655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302ae"
       "eb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28"
       "dc027beceea1ec40a"},
      {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
       "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
       "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80"
       "e2a9ac94fa54ca49f",
       "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17"
       "ad9bef1177331a704"},
  };
  for (const auto& [secret, key, message, signature] : cases) {
    const Bytes bytes = *from_hex(message);
    const KeyPair pair = ed25519().key_of_seed(array_of<KeySeed>(secret));
    CHECK(to_hex(pair.public_key.bytes) == key);
    CHECK(to_hex(ed25519().sign(pair.secret_key, bytes).bytes) == signature);
    CHECK(ed25519().verify(key_of(key), bytes, signature_of(signature)));
  }
}

TEST_CASE("a signature with any bit changed, of another message or by another key is refused", "[COMMIT-3]") {
  for (const SignatureScheme* scheme : {&ed25519(), &ideal_signatures()}) {
    const KeyPair pair = scheme->key_of_seed(seed_of(1));
    const Bytes message{1, 2, 3};
    const Signature good = scheme->sign(pair.secret_key, message);
    REQUIRE(scheme->verify(pair.public_key, message, good));
    CHECK(scheme->sign(pair.secret_key, message) == good);
    for (std::size_t bit = 0; bit < 8 * good.bytes.size(); ++bit) {
      Signature bad = good;
      bad.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      CHECK_FALSE(scheme->verify(pair.public_key, message, bad));
    }
    for (std::size_t bit = 0; bit < 8 * pair.public_key.bytes.size(); ++bit) {
      PublicKey other = pair.public_key;
      other.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      CHECK_FALSE(scheme->verify(other, message, good));
    }
    for (const Bytes& other : {Bytes{}, Bytes{1, 2}, Bytes{1, 2, 3, 0}, Bytes{0, 2, 3}, Bytes{1, 2, 2}})
      CHECK_FALSE(scheme->verify(pair.public_key, other, good));
    const KeyPair stranger = scheme->key_of_seed(seed_of(2));
    CHECK(stranger.public_key != pair.public_key);
    CHECK_FALSE(scheme->verify(pair.public_key, message, scheme->sign(stranger.secret_key, message)));
  }
  const KeyPair pair = ed25519().key_of_seed(seed_of(1));
  CHECK_FALSE(ideal_signatures().verify(pair.public_key, {}, ed25519().sign(pair.secret_key, {})));
}

TEST_CASE("S at or above the order of the base point is refused", "[COMMIT-3]") {
  int refused = 0;
  for (std::uint8_t number = 0; number < 8; ++number) {
    const KeyPair pair = ed25519().key_of_seed(seed_of(number));
    const Signature good = ed25519().sign(pair.secret_key, {});
    for (int times = 1; times <= 16; ++times) {
      const auto bad = with_order_added(good, times);
      if (!bad) continue;
      ++refused;
      CHECK_FALSE(ed25519().verify(pair.public_key, {}, *bad));
    }
  }
  CHECK(refused >= 8 * 14);
}

TEST_CASE("a key of small order, by which one signature would be valid for every message, is refused", "[COMMIT-3]") {
  // The neutral element: 0 B = R + k A for R = A and any k.
  const std::string neutral = "01" + std::string(62, '0');
  CHECK_FALSE(ed25519().verify(key_of(neutral), {}, signature_of(neutral + std::string(64, '0'))));
  // The same with R = B and S = 1.
  const std::string base = "58" + std::string(62, '6');
  CHECK_FALSE(ed25519().verify(key_of(neutral), {}, signature_of(base + "01" + std::string(62, '0'))));
}
