#include "optimized/layers/step_openings.hpp"

#include <algorithm>
#include <bit>

namespace p2pllm::optimized {
namespace {

constexpr std::string_view node_tag = "p2pllm/1/node";

HashBatch& empty_batch() {
  thread_local HashBatch batch;
  batch.clear();
  return batch;
}

/// Hashes neighbours in pairs; a last node without a neighbour stays.
void rise(std::vector<Hash>& nodes) {
  HashBatch& batch = empty_batch();
  const std::size_t pairs = nodes.size() / 2;
  for (std::size_t k = 0; k < pairs; ++k) {
    const std::span<std::uint8_t> place = batch.add(node_tag, 2 * sizeof(Hash));
    std::ranges::copy(nodes[2 * k + 1], std::ranges::copy(nodes[2 * k], place.begin()).out);
  }
  if (nodes.size() % 2 != 0) nodes[pairs] = nodes.back();
  nodes.resize(pairs + nodes.size() % 2);
  std::ranges::copy(batch.hash(), nodes.begin());
}

}  // namespace

std::optional<ByteView> Openings::take(std::size_t count) {
  if (count > rest_.size()) return std::nullopt;
  const ByteView part = rest_.first(count);
  rest_ = rest_.subspan(count);
  return part;
}

std::optional<Hash> Openings::take_hash() {
  const auto bytes = take(sizeof(Hash));
  if (!bytes) return std::nullopt;
  Hash hash;
  std::ranges::copy(*bytes, hash.begin());
  return hash;
}

std::optional<Hash> Openings::take_root(std::vector<Hash> leaves, MerkleRange run) {
  while (run.count > 1) {
    if (run.first % 2 != 0) {
      const auto left = take_hash();
      if (!left) return std::nullopt;
      leaves.insert(leaves.begin(), *left);
    }
    if (run.last % 2 != 0 && run.last < run.count) {
      const auto right = take_hash();
      if (!right) return std::nullopt;
      leaves.push_back(*right);
    }
    rise(leaves);
    run = {run.first / 2, (run.last + 1) / 2, (run.count + 1) / 2};
  }
  return leaves.front();
}

std::optional<std::vector<Hash>> Openings::take_peaks(std::uint64_t count) {
  std::vector<Hash> peaks;
  for (int left = std::popcount(count); left > 0; --left) {
    const auto peak = take_hash();
    if (!peak) return std::nullopt;
    peaks.push_back(*peak);
  }
  return peaks;
}

std::vector<Hash> leaf_hashes(std::string_view tag, ByteView bytes, std::size_t size) {
  HashBatch& batch = empty_batch();
  for (; !bytes.empty(); bytes = bytes.subspan(std::min(size, bytes.size())))
    batch.add(tag, bytes.first(std::min(size, bytes.size())));
  const std::span<const Hash> hashes = batch.hash();
  return {hashes.begin(), hashes.end()};
}

Hash root_of_peaks(std::span<const Hash> peaks) {
  if (peaks.empty()) return merkle_root({});
  Hash root = peaks.back();
  for (std::size_t k = peaks.size() - 1; k-- > 0;) root = merkle_node(peaks[k], root);
  return root;
}

Hash root_with(std::vector<Hash> peaks, std::uint64_t count, std::span<const Hash> leaves) {
  for (const Hash& leaf : leaves) {
    peaks.push_back(leaf);
    for (std::uint64_t digits = count++; digits % 2 != 0; digits /= 2) {
      const Hash right = peaks.back();
      peaks.pop_back();
      peaks.back() = merkle_node(peaks.back(), right);
    }
  }
  return root_of_peaks(peaks);
}

}  // namespace p2pllm::optimized
