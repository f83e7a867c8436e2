#include "model/crypto/merkle_range.hpp"

#include <bit>

#include "model/assert.hpp"

namespace p2pllm {
namespace {

/// A run of nodes of one level, on the way from the leaves to the root.
struct Run {
  MerkleRange range;

  [[nodiscard]] bool at_root() const { return range.count <= 1; }
  [[nodiscard]] bool has_left() const { return range.first % 2 != 0; }
  [[nodiscard]] bool has_right() const { return range.last % 2 != 0 && range.last < range.count; }
  [[nodiscard]] bool ends_alone() const { return range.last % 2 != 0 && range.last == range.count; }
  void rise() { range = {range.first / 2, range.last / 2 + range.last % 2, range.count / 2 + range.count % 2}; }
};

bool is_place(const MerkleRange& range) { return range.first < range.last && range.last <= range.count; }

}  // namespace

std::size_t merkle_siblings(MerkleRange range) {
  P2PLLM_ASSERT(is_place(range));
  std::size_t siblings = 0;
  for (Run run{range}; !run.at_root(); run.rise()) siblings += (run.has_left() ? 1 : 0) + (run.has_right() ? 1 : 0);
  return siblings;
}

std::optional<Hash> merkle_range_root(std::span<const MerkleLeaf> leaves, MerkleRange range,
                                      std::span<const Hash> siblings) {
  if (!is_place(range) || leaves.size() != range.last - range.first || siblings.size() != merkle_siblings(range))
    return std::nullopt;
  std::vector<Hash> nodes;
  for (const MerkleLeaf& leaf : leaves) nodes.push_back(leaf.hash);
  auto next = siblings.begin();
  for (Run run{range}; !run.at_root(); run.rise()) {
    std::vector<Hash> above;
    auto node = nodes.begin();
    if (run.has_left()) above.push_back(merkle_node(*next++, *node++));
    for (; nodes.end() - node >= 2; node += 2) above.push_back(merkle_node(node[0], node[1]));
    if (run.has_right()) above.push_back(merkle_node(*node, *next++));
    if (run.ends_alone()) above.push_back(*node);
    nodes = std::move(above);
  }
  return nodes.front();
}

std::size_t merkle_peak_count(std::uint64_t count) { return static_cast<std::size_t>(std::popcount(count)); }

void MerklePeaks::append(const MerkleLeaf& leaf) {
  Hash node = leaf.hash;
  for (std::uint64_t rest = count_; rest % 2 != 0; rest /= 2) {
    node = merkle_node(peaks_.back(), node);
    peaks_.pop_back();
  }
  peaks_.push_back(node);
  ++count_;
}

Hash MerklePeaks::root() const {
  if (peaks_.empty()) return merkle_root({});
  Hash node = peaks_.back();
  for (std::size_t k = peaks_.size() - 1; k-- > 0;) node = merkle_node(peaks_[k], node);
  return node;
}

void MerkleTree::append(const MerkleLeaf& leaf) {
  if (levels_.empty()) levels_.emplace_back();
  levels_[0].push_back(leaf.hash);
  update(levels_[0].size() - 1);
}

void MerkleTree::replace(std::uint64_t index, const MerkleLeaf& leaf) {
  P2PLLM_ASSERT(index < size());
  levels_[0][index] = leaf.hash;
  update(index);
}

void MerkleTree::update(std::uint64_t index) {
  for (std::size_t k = 0; levels_[k].size() > 1; ++k, index /= 2) {
    if (levels_.size() == k + 1) levels_.emplace_back();
    const std::vector<Hash>& level = levels_[k];
    const std::uint64_t left = index / 2 * 2;
    const Hash node = left + 1 < level.size() ? merkle_node(level[left], level[left + 1]) : level[left];
    std::vector<Hash>& above = levels_[k + 1];
    if (above.size() == index / 2) above.push_back(node);
    else above[index / 2] = node;
  }
}

std::vector<Hash> MerkleTree::siblings(MerkleRange range) const {
  P2PLLM_ASSERT(is_place(range) && range.count == size());
  std::vector<Hash> result;
  std::size_t level = 0;
  for (Run run{range}; !run.at_root(); run.rise(), ++level) {
    if (run.has_left()) result.push_back(levels_[level][run.range.first - 1]);
    if (run.has_right()) result.push_back(levels_[level][run.range.last]);
  }
  return result;
}

std::vector<Hash> MerkleTree::peaks() const {
  std::vector<Hash> result;
  for (std::size_t level = levels_.size(); level-- > 0;)
    if (const std::uint64_t nodes = size() >> level; nodes % 2 != 0) result.push_back(levels_[level][nodes - 1]);
  return result;
}

}  // namespace p2pllm
