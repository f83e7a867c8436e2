#pragma once

#include <optional>

#include "model/crypto/merkle.hpp"

// Trees of COMMIT-5 that are read in runs of leaves and grow at their end (STEP-2).
namespace p2pllm {

/// The leaves [first, last) of a list of `count`.
struct MerkleRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t count = 0;
  bool operator==(const MerkleRange&) const = default;
};

/// The number of siblings by which a run of leaves is opened (STEP-2): a function of the place alone.
/// @pre first < last <= count
[[nodiscard]] std::size_t merkle_siblings(MerkleRange range);

/// The root of the list that has these leaves at this place (STEP-2).
/// @param siblings  from the leaves upwards, at each level the left one before the right one
/// @returns nothing unless first < last <= count, and leaves and siblings have the numbers that the place says. If the
///   result is the root of a list of `count` leaves, the list has these leaves at this place, unless SHA-256 has a
///   collision.
[[nodiscard]] std::optional<Hash> merkle_range_root(std::span<const MerkleLeaf> leaves, MerkleRange range,
                                                    std::span<const Hash> siblings);

/// The number of peaks of a list: the ones among the binary digits of its length.
[[nodiscard]] std::size_t merkle_peak_count(std::uint64_t count);

/// The end of a list that grows: the roots of its perfect trees, the greatest first (STEP-2).
class MerklePeaks {
 public:
  /// @pre peaks.size() == merkle_peak_count(count)
  MerklePeaks(std::uint64_t count, std::span<const Hash> peaks) : count_(count), peaks_(peaks.begin(), peaks.end()) {}

  void append(const MerkleLeaf& leaf);
  /// The root of the list (COMMIT-5). No other peaks of a list of this length have it, unless SHA-256 has a collision.
  [[nodiscard]] Hash root() const;

 private:
  std::uint64_t count_;
  std::vector<Hash> peaks_;
};

/// A tree with all of its nodes, for whoever opens its leaves. An append and a replacement take O(log n) hashes.
class MerkleTree {
 public:
  [[nodiscard]] std::uint64_t size() const { return levels_.empty() ? 0 : levels_[0].size(); }
  [[nodiscard]] Hash root() const { return levels_.empty() ? merkle_root({}) : levels_.back().front(); }
  void append(const MerkleLeaf& leaf);
  /// @pre index < size()
  void replace(std::uint64_t index, const MerkleLeaf& leaf);
  /// @pre range.count == size() and first < last <= count
  [[nodiscard]] std::vector<Hash> siblings(MerkleRange range) const;
  [[nodiscard]] std::vector<Hash> peaks() const;

 private:
  void update(std::uint64_t index);

  std::vector<std::vector<Hash>> levels_;  // the leaves first; the last has one node
};

}  // namespace p2pllm
