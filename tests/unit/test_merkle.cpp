#include <catch2/catch.hpp>
#include <limits>
#include <set>
#include <string>

#include "model/contracts/commitment.hpp"

using namespace p2pllm;

namespace {

MerkleLeaf leaf(int number) { return merkle_leaf("step", bytes_of("entry " + std::to_string(number))); }

std::vector<MerkleLeaf> leaves(int count) {
  std::vector<MerkleLeaf> all;
  for (int number = 0; number < count; ++number) all.push_back(leaf(number));
  return all;
}

Hash node(const Hash& left, const Hash& right) {
  Bytes both(left.begin(), left.end());
  both.insert(both.end(), right.begin(), right.end());
  return hash_tagged("p2pllm/1/node", both);
}

}  // namespace

TEST_CASE("small trees are what their definition says", "[COMMIT-5]") {
  const auto l = leaves(5);
  const Hash ab = node(l[0].hash, l[1].hash);
  const Hash cd = node(l[2].hash, l[3].hash);
  CHECK(merkle_root({}) == hash_tagged("p2pllm/1/empty", {}));
  CHECK(merkle_root(leaves(1)) == l[0].hash);
  CHECK(merkle_root(leaves(2)) == ab);
  CHECK(merkle_root(leaves(3)) == node(ab, l[2].hash));
  CHECK(merkle_root(leaves(4)) == node(ab, cd));
  CHECK(merkle_root(l) == node(node(ab, cd), l[4].hash));
  CHECK(l[0].hash == hash_tagged("p2pllm/1/leaf/step", bytes_of("entry 0")));
}

TEST_CASE("an odd last leaf is not the same as two of it", "[COMMIT-5]") {
  // CVE-2012-2459: if an odd last node were duplicated, these pairs of lists would have one root.
  for (const int count : {1, 3, 5, 7, 9}) {
    auto twice = leaves(count);
    twice.push_back(twice.back());
    CHECK(merkle_root(leaves(count)) != merkle_root(twice));
  }
  for (const int count : {6, 10}) {
    auto twice = leaves(count);
    twice.push_back(twice[twice.size() - 2]);
    twice.push_back(twice[twice.size() - 2]);
    CHECK(merkle_root(leaves(count)) != merkle_root(twice));
  }
}

TEST_CASE("lists that differ have different roots", "[COMMIT-5]") {
  std::set<Hash> roots{merkle_root({})};
  std::size_t lists = 1;
  // All lists of at most 6 entries out of 2 leaves.
  for (int length = 1; length <= 6; ++length)
    for (unsigned word = 0; word < 1U << length; ++word, ++lists) {
      std::vector<MerkleLeaf> list;
      for (int k = 0; k < length; ++k) list.push_back(leaf(static_cast<int>(word >> k & 1U)));
      roots.insert(merkle_root(list));
    }
  CHECK(roots.size() == lists);
}

TEST_CASE("a node shown as a leaf is refused", "[COMMIT-5][COMMIT-6]") {
  const auto four = leaves(4);
  const Hash root = merkle_root(four);
  Bytes children(four[0].hash.begin(), four[0].hash.end());
  children.insert(children.end(), four[1].hash.begin(), four[1].hash.end());
  const MerkleProof rest = {node(four[2].hash, four[3].hash)};
  for (const char* kind : {"step", "", "node"}) {
    const MerkleLeaf forged = merkle_leaf(kind, children);
    CHECK(forged.hash != node(four[0].hash, four[1].hash));
    CHECK_FALSE(merkle_verify(root, forged, {0, 2}, rest));
  }
  CHECK(merkle_leaf("step", children) != merkle_leaf("account", children));
}

TEST_CASE("in lists of up to 9, each leaf is proved in its place and nowhere else", "[COMMIT-6]") {
  for (int count = 1; count <= 9; ++count) {
    const auto list = leaves(count);
    const auto size = static_cast<std::uint64_t>(count);
    const Hash root = merkle_root(list);
    std::vector<MerkleProof> proofs;
    for (std::uint64_t index = 0; index < size; ++index) proofs.push_back(merkle_proof(list, index));
    for (std::uint64_t proved = 0; proved < size; ++proved)
      for (std::uint64_t index = 0; index <= size; ++index)
        for (std::uint64_t shown = 0; shown < size; ++shown) {
          INFO("the proof of " << proved << " for leaf " << shown << " at " << index << " of " << count);
          CHECK(merkle_verify(root, list[shown], {index, size}, proofs[proved]) == (proved == index && shown == index));
        }
    CHECK_THROWS_AS(merkle_proof(list, size), std::out_of_range);
  }
}

TEST_CASE("a proof has exactly the siblings of its place", "[COMMIT-6]") {
  for (int count = 1; count <= 9; ++count) {
    const auto list = leaves(count);
    const Hash root = merkle_root(list);
    for (std::uint64_t index = 0; index < list.size(); ++index) {
      const MerklePlace place{index, list.size()};
      const MerkleProof proof = merkle_proof(list, index);
      CHECK(proof.size() == merkle_proof_length(place));
      for (const Hash& more : {root, Hash{}, list[0].hash}) {
        MerkleProof longer = proof;
        longer.push_back(more);
        CHECK_FALSE(merkle_verify(root, list[index], place, longer));
      }
      for (std::size_t k = 0; k < proof.size(); ++k) {
        MerkleProof shorter = proof;
        shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(k));
        CHECK_FALSE(merkle_verify(root, list[index], place, shorter));
        MerkleProof changed = proof;
        changed[k][31] ^= 1;
        CHECK_FALSE(merkle_verify(root, list[index], place, changed));
      }
    }
  }
  // Siblings of the last leaf: one for each bit 1 of count - 1 (at a bit 0, it goes up alone).
  CHECK(merkle_proof_length({4, 5}) == 1);
  CHECK(merkle_proof_length({6, 7}) == 2);
  CHECK(merkle_proof_length({0, 5}) == 3);
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  CHECK(merkle_proof_length({0, most}) == 64);
  CHECK(merkle_proof_length({most - 1, most}) == 63);
  CHECK(merkle_proof_length({5, 5}) == 0);
  CHECK_FALSE(merkle_verify(merkle_root({}), leaf(0), {0, 0}, {}));
}

TEST_CASE("each part of a step is in its leaf", "[COMMIT-4]") {
  using namespace contracts;
  const CommittedStep step{sha256(bytes_of("model")), 7, 3, 24, sha256(bytes_of("before")), sha256(bytes_of("after"))};
  // [h'model', 7, [3, 24], h'before', h'after']
  const Bytes encoding = *from_hex("855820" + to_hex(step.model) + "0782031818" + "5820" + to_hex(step.before) +
                                   "5820" + to_hex(step.after));
  CHECK(commitment_leaf(step) == merkle_leaf("step", encoding));
  std::set<MerkleLeaf> all{commitment_leaf(step)};
  for (int part = 0; part < 7; ++part) {
    CommittedStep other = step;
    if (part == 0) other.model[0] ^= 1;
    if (part == 1) ++other.step;
    if (part == 2) ++other.first_layer;
    if (part == 3) ++other.last_layer;
    if (part == 4) other.before[31] ^= 1;
    if (part == 5) other.after[31] ^= 1;
    if (part == 6) std::swap(other.before, other.after);
    all.insert(commitment_leaf(other));
  }
  CHECK(all.size() == 8);
}
