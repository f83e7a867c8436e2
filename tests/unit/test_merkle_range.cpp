#include <catch2/catch.hpp>

#include "model/crypto/merkle_range.hpp"

using namespace p2pllm;

namespace {

std::vector<MerkleLeaf> leaves_of(std::uint64_t count) {
  std::vector<MerkleLeaf> leaves;
  for (std::uint64_t k = 0; k < count; ++k)
    leaves.push_back(merkle_leaf("chunk", bytes_of("leaf " + std::to_string(k))));
  return leaves;
}

MerkleTree tree_of(const std::vector<MerkleLeaf>& leaves) {
  MerkleTree tree;
  for (const MerkleLeaf& leaf : leaves) tree.append(leaf);
  return tree;
}

template <typename Visit>
void for_each_range(std::uint64_t most, const Visit& visit) {
  for (std::uint64_t count = 1; count <= most; ++count)
    for (std::uint64_t first = 0; first < count; ++first)
      for (std::uint64_t last = first + 1; last <= count; ++last) visit(MerkleRange{first, last, count});
}

}  // namespace

TEST_CASE("a run of leaves has the root of its list, and no other run has", "[STEP-2][COMMIT-5]") {
  for_each_range(17, [](const MerkleRange& range) {
    const auto leaves = leaves_of(range.count);
    const MerkleTree tree = tree_of(leaves);
    const auto siblings = tree.siblings(range);
    const auto run = std::span(leaves).subspan(range.first, range.last - range.first);
    REQUIRE(tree.root() == merkle_root(leaves));
    REQUIRE(siblings.size() == merkle_siblings(range));
    REQUIRE(merkle_range_root(run, range, siblings) == tree.root());
    std::vector<MerkleLeaf> changed(run.begin(), run.end());
    changed.back().hash[7] ^= 1;
    CHECK(merkle_range_root(changed, range, siblings) != tree.root());
    if (range.first > 0) {
      const MerkleRange other{range.first - 1, range.last - 1, range.count};
      CHECK(merkle_range_root(run, other, siblings) != tree.root());
    }
    for (std::size_t k = 0; k < siblings.size(); ++k) {
      auto false_siblings = siblings;
      false_siblings[k][0] ^= 128;
      CHECK(merkle_range_root(run, range, false_siblings) != tree.root());
    }
  });
}

TEST_CASE("a run of one leaf is opened by the proof of membership", "[STEP-2][COMMIT-6]") {
  const auto leaves = leaves_of(13);
  for (std::uint64_t k = 0; k < leaves.size(); ++k)
    CHECK(tree_of(leaves).siblings({k, k + 1, 13}) == merkle_proof(leaves, k));
}

TEST_CASE("what is no run of leaves has no root", "[STEP-2]") {
  const auto leaves = leaves_of(3);
  const std::vector<Hash> none;
  CHECK_FALSE(merkle_range_root({}, {1, 1, 3}, none));
  CHECK_FALSE(merkle_range_root(leaves, {0, 3, 2}, none));
  CHECK_FALSE(merkle_range_root(std::span(leaves).first(2), {0, 3, 3}, none));
  CHECK_FALSE(merkle_range_root(leaves, {0, 3, 3}, std::vector<Hash>(1)));
  CHECK_FALSE(merkle_range_root(std::span(leaves).first(2), {0, 2, 3}, none));
}

TEST_CASE("peaks determine the root before and after leaves are appended", "[STEP-2]") {
  for (std::uint64_t count = 0; count <= 33; ++count) {
    const auto leaves = leaves_of(count + 3);
    const auto before = std::span(leaves).first(count);
    const auto found = tree_of({before.begin(), before.end()}).peaks();
    REQUIRE(found.size() == merkle_peak_count(count));
    MerklePeaks peaks(count, found);
    CHECK(peaks.root() == merkle_root(before));
    for (std::uint64_t more = 1; more <= 3; ++more) {
      peaks.append(leaves[count + more - 1]);
      CHECK(peaks.root() == merkle_root(std::span(leaves).first(count + more)));
    }
    for (std::size_t k = 0; k < found.size(); ++k) {
      auto changed = found;
      changed[k][31] ^= 1;
      CHECK(MerklePeaks(count, changed).root() != merkle_root(before));
    }
  }
}

TEST_CASE("a leaf that is replaced changes the root as in a new list", "[COMMIT-5]") {
  for (std::uint64_t count = 1; count <= 9; ++count)
    for (std::uint64_t k = 0; k < count; ++k) {
      auto leaves = leaves_of(count);
      MerkleTree tree = tree_of(leaves);
      leaves[k].hash[0] ^= 1;
      tree.replace(k, leaves[k]);
      CHECK(tree.root() == merkle_root(leaves));
    }
}
