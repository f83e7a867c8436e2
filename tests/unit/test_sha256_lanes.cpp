#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "optimized/contracts/engine.hpp"
#include "optimized/contracts/hash_batch.hpp"
#include "optimized/contracts/state_map.hpp"
#include "tests/support/sha256_faults.hpp"
#include "tests/unit/ledger_world.hpp"

// Many hashes made together are those that are made alone. The targets that this processor lacks are reported as skips
// by tests/kernels/hash_targets.cpp.
namespace p2pllm::optimized {
namespace {

TEST_CASE("every target hashes many messages as the standard says", "[COMMIT-2]") {
  for (const kernels::Sha256Target* target : kernels::sha256_targets()) {
    CAPTURE(target->name);
    CHECK(testing::sha256_faults(*target) == std::vector<std::string>());
  }
}

TEST_CASE("a batch has the tagged hashes of its messages, whatever their lengths, and can be used again",
          "[COMMIT-2]") {
  HashBatch batch;
  CHECK(batch.hash().empty());
  for (std::size_t size = 1; size <= 40; ++size) {
    batch.clear();
    std::vector<Hash> expected;
    for (std::size_t k = 0; k < size; ++k) {
      const std::string tag(k % 7 == 6 ? hash_tag_bytes_max : k % 5, 't');
      const Bytes text = testing::sample_text((31 * k + size) % 200);
      batch.add(tag, text);
      expected.push_back(hash_tagged(tag, text));
    }
    CHECK(batch.size() == size);
    CHECK(std::ranges::equal(batch.hash(), expected));
  }
}

TEST_CASE("the bytes of a padded message are found again, as a processor without lanes needs them", "[COMMIT-2]") {
  for (std::size_t length = 0; length <= 300; ++length) {
    testing::PaddedTexts texts;
    const Bytes text = testing::sample_text(length);
    texts.add(text);
    CHECK(std::ranges::equal(without_padding(texts.messages().front()), text));
    CHECK(kernels::sha256_blocks(length) == texts.messages().front().count);
  }
}

TEST_CASE("parts of a large count are hashed each once", "[COMMIT-2]") {
  for (const std::size_t count : {0U, 1U, 127U, 128U, 129U, 511U, 512U, 1000U}) {
    std::vector<Hash> made(count);
    hash_in_parts(count, [&](std::size_t from, std::size_t to, HashBatch& batch) {
      CHECK(batch.size() == 0);
      for (std::size_t k = from; k < to; ++k) batch.add("part", Bytes(k % 3, static_cast<std::uint8_t>(k)));
      std::ranges::copy(batch.hash(), made.begin() + static_cast<std::ptrdiff_t>(from));
    });
    bool are_all = true;
    for (std::size_t k = 0; k < count; ++k)
      are_all = are_all && made[k] == hash_tagged("part", Bytes(k % 3, static_cast<std::uint8_t>(k)));
    CHECK(are_all);
  }
}

/// The ideal signatures, one by one.
class OneByOne final : public SignatureScheme {
 public:
  [[nodiscard]] bool verify(const PublicKey& key, ByteView message, const Signature& signature) const override {
    return ideal_signatures().verify(key, message, signature);
  }
  [[nodiscard]] Signature sign(const SecretKey& key, ByteView message) const override {
    return ideal_signatures().sign(key, message);
  }
  [[nodiscard]] KeyPair key_of_seed(const KeySeed& seed) const override { return ideal_signatures().key_of_seed(seed); }
};

/// A block with all that a check finds before the state is read, and what it must be found to be.
struct MixedBlock {
  reference::Person one, other;
  reference::LedgerWorld world;
  std::vector<Bytes> encoded;
  std::vector<Outcome> expected;

  MixedBlock(std::size_t size, const SignatureScheme& scheme)
      : one(reference::person(4, scheme)),
        other(reference::person(7, scheme)),
        world(reference::small_genesis({one, other}), scheme) {
    for (std::size_t k = 0; k < size; ++k) {
      const reference::Person& who = k % 3 == 0 ? one : other;
      Operation operation = Transfer{who.id(), 0, static_cast<Amount>(k % 7)};
      if (k % 11 == 5) operation = Publish{{}, Bytes(k)};
      Transaction made = world.sign(world.unsigned_transaction(who, std::move(operation)), who);
      if (k % 13 == 6) made.signature.bytes[k % 32] ^= 1U;
      if (k % 13 == 7) made.signature.bytes[32 + k % 32] ^= 1U;
      if (k % 17 == 4) made.fee = amount_max;  // and so the signature is another transaction's
      if (k % 19 == 3) made.chain[0] ^= 1U;
      encoded.push_back(encode(made));
      if (k % 23 == 2) encoded.back().pop_back();
      if (k % 29 == 1) encoded.back().clear();
      expected.push_back(world.ledger.execute(ByteView(encoded.back())));
    }
  }
};

TEST_CASE("ids and signatures that are checked together are checked as alone, for every number of them",
          "[COMMIT-3][LEDGER-3]") {
  const auto check = [](std::size_t size, const SignatureScheme& scheme) {
    CAPTURE(size);
    MixedBlock block(size, scheme);
    Engine engine(block.world.ledger.genesis(), block.world.scheme, sample_executor());
    CHECK((engine.execute(block.encoded) == block.expected));
    const BlockHeader made = engine.end_block(), exact = block.world.ledger.end_block();
    CHECK(made.transactions == exact.transactions);
    CHECK(made.state == exact.state);
  };
  for (const std::size_t size : {1U, 31U, 32U, 33U, 47U, 64U, 127U, 128U, 129U, 300U, 700U})
    check(size, ideal_signatures());
  check(40, ed25519());
  for (const std::size_t size : {40U, 4095U, 4096U}) check(size, OneByOne());
}

TEST_CASE("a kept map hashes its levels as the map of all entries, for every number of changes", "[COMMIT-7]") {
  StateMap map;
  std::map<Hash, std::pair<StateMap::Entry, MerkleLeaf>> known;
  for (std::uint32_t size : {1U, 2U, 3U, 17U, 100U, 511U, 600U, 2000U}) {
    for (std::uint32_t k = 0; k < size; ++k) {
      const Bytes text = testing::sample_text(4 + k);
      const Hash key = hash_tagged("key", ByteView(text).first(4 + k % 64));
      const MerkleLeaf leaf = merkle_leaf("state", ByteView(text).first(1 + (k + size) % 4));
      if (const auto found = known.find(key); found != known.end()) {
        map.update(found->second.first, leaf);
        found->second.second = leaf;
      } else {
        known[key] = {map.insert(key, leaf), leaf};
      }
    }
    std::vector<MapEntry> entries;
    for (const auto& [key, one] : known) entries.push_back({key, one.second});
    CHECK((map.root() == map_root(entries)));
  }
}

}  // namespace
}  // namespace p2pllm::optimized
