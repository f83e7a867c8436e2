#include <algorithm>
#include <catch2/catch.hpp>

#include "model/contracts/commitment.hpp"
#include "model/crypto/merkle_map.hpp"
#include "model/crypto/signature.hpp"
#include "tests/unit/cbor_value.hpp"
#include "tests/vectors/hex.hpp"
#include "tests/vectors/vectors.hpp"

using namespace p2pllm;
using vectors::array_at;
using vectors::bytes_at;
using vectors::Case;
using vectors::hash_at;

namespace {

std::vector<Hash> hashes_at(const JsonCursor& field) {
  std::vector<Hash> hashes;
  for (const JsonCursor& item : field.items()) hashes.push_back(hash_at(item));
  return hashes;
}

std::uint64_t unsigned_at(const JsonCursor& field) { return std::stoull(field.string()); }

void equal(const Case& c, const JsonCursor& field, const std::vector<Hash>& computed) {
  std::string expected_text;
  std::string computed_text;
  for (const JsonCursor& item : field.items()) expected_text += " " + item.string();
  for (const Hash& hash : computed) computed_text += " " + to_hex(hash);
  c.require(c.where(field), expected_text == computed_text, computed_text);
}

std::vector<MapStep> steps_at(const JsonCursor& field) {
  std::vector<MapStep> steps;
  for (const JsonCursor& step : field.items())
    steps.push_back({static_cast<std::uint8_t>(step.member("bit").integer(0, 255, "a bit of a key is expected here")),
                     hash_at(step.member("sibling"))});
  return steps;
}
bool same_steps(const std::vector<MapStep>& a, const std::vector<MapStep>& b) {
  return std::ranges::equal(
      a, b, [](const MapStep& x, const MapStep& y) { return x.bit == y.bit && x.sibling == y.sibling; });
}

}  // namespace

TEST_CASE("bytes are read and written as the vectors say", "[encoding][COMMIT-1]") {
  vectors::replay("encoding", [](const Case& c) {
    const Bytes bytes = bytes_at(c.given("hex"));
    const auto value = testing::decode_value(bytes);
    const JsonCursor& expect = c.expected();
    if (const auto stated = expect.optional_member("value")) {
      expect.require_object({"value"});
      c.equal(*stated, value ? testing::diagnostic(*value) : to_string(value.error()));
      c.require("/hex", value && testing::encode_value(*value) == bytes, "other bytes");
      return;
    }
    expect.require_object({"error", "offset"});
    c.equal(expect.member("error"), value ? "a value" : std::string(reason_of(value.error().fault).substr(5)));
    c.equal(expect.member("offset"), value ? -1LL : static_cast<long long>(value.error().offset));
  });
}

TEST_CASE("tagged hashes are those of the vectors", "[hash][COMMIT-2]") {
  vectors::replay("hash", [](const Case& c) {
    c.expected().require_object({"hash"});
    c.equal(c.expected().member("hash"), to_hex(hash_tagged(c.given("tag").string(), bytes_at(c.given("hex")))));
  });
}

TEST_CASE("commitments are those of the vectors", "[commitment][COMMIT-4][COMMIT-5][COMMIT-6]") {
  vectors::replay("commitment", [](const Case& c) {
    const auto states = hashes_at(c.given("states"));
    const auto layer = [&](std::size_t k) {
      return static_cast<std::uint64_t>(c.given("layers").item(k).integer(0, 1000, "a layer"));
    };
    std::vector<MerkleLeaf> leaves;
    std::vector<Hash> hashes;
    for (std::size_t j = 1; j < states.size(); ++j) {
      leaves.push_back(
          contracts::commitment_leaf({hash_at(c.given("model")), j, layer(0), layer(1), states[j - 1], states[j]}));
      hashes.push_back(leaves.back().hash);
    }
    const JsonCursor& expect = c.expected();
    expect.require_object({"leaves", "root", "proofs"});
    equal(c, expect.member("leaves"), hashes);
    c.equal(expect.member("root"), to_hex(merkle_root(leaves)));
    const JsonCursor proofs = expect.member("proofs");
    c.require(c.where(proofs), proofs.size() == leaves.size(), std::to_string(leaves.size()) + " proofs");
    for (std::size_t k = 0; k < std::min(proofs.size(), leaves.size()); ++k)
      equal(c, proofs.item(k), merkle_proof(leaves, k));
  });
}

TEST_CASE("proofs of membership are accepted or refused as the vectors say", "[membership][COMMIT-6]") {
  vectors::replay("membership", [](const Case& c) {
    c.expected().require_object({"accepted"});
    const MerkleLeaf leaf = merkle_leaf("step", bytes_at(c.given("content")));
    const MerklePlace place{unsigned_at(c.given("index")), unsigned_at(c.given("count"))};
    c.equal(c.expected().member("accepted"),
            merkle_verify(hash_at(c.given("root")), leaf, place, hashes_at(c.given("proof"))));
  });
}

TEST_CASE("maps have the roots and proofs of the vectors", "[map][COMMIT-7][COMMIT-8]") {
  vectors::replay("map", [](const Case& c) {
    std::vector<MapEntry> entries;
    const JsonCursor listed = c.given("entries");
    for (const JsonCursor& entry : listed.items())
      entries.push_back({hash_at(entry.member("key")), {hash_at(entry.member("leaf"))}});
    const JsonCursor& expect = c.expected();
    expect.require_object({"root", "proofs"});
    c.equal(expect.member("root"), to_hex(map_root(entries)));
    const JsonCursor proofs = expect.member("proofs");
    for (const JsonCursor& stated : proofs.items()) {
      const Hash key = hash_at(stated.member("key"));
      const MapProof proof = map_proof(entries, key);
      const JsonCursor witness = stated.member("witness");
      c.require(c.where(witness),
                proof.witness ? witness.string() == to_hex(proof.witness->key) : witness.value().is_null(),
                proof.witness ? to_hex(proof.witness->key) : "none");
      c.require(c.where(stated), same_steps(proof.steps, steps_at(stated.member("steps"))), "other steps");
      c.require(c.where(stated), map_verify(map_root(entries), key, proof), "refused");
    }
  });
}

TEST_CASE("proofs in maps are accepted or refused as the vectors say", "[map_membership][COMMIT-8]") {
  vectors::replay("map_membership", [](const Case& c) {
    const Hash key = hash_at(c.given("key"));
    MapProof proof{{}, steps_at(c.given("steps"))};
    if (const JsonCursor& witness = c.given("witness"); !witness.value().is_null()) {
      const Bytes text = bytes_at(witness);
      proof.witness = MapEntry{hash_tagged("p2pllm/1/key", text), merkle_leaf("state", text)};
    }
    const bool is_accepted = map_verify(hash_at(c.given("root")), key, proof);
    c.expected().require_object({"accepted", "present"});
    c.equal(c.expected().member("accepted"), is_accepted);
    c.equal(c.expected().member("present"), is_accepted && proof.shows_presence_of(key));
  });
}

TEST_CASE("signatures are valid or not as the vectors say", "[signature][COMMIT-3]") {
  vectors::replay("signature", [](const Case& c) {
    c.expected().require_object({"valid"});
    const PublicKey key{array_at<decltype(PublicKey::bytes)>(c.given("key"))};
    const Signature signature{array_at<decltype(Signature::bytes)>(c.given("signature"))};
    c.equal(c.expected().member("valid"), ed25519().verify(key, bytes_at(c.given("message")), signature));
  });
}
