#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "reference/market/migrate.hpp"

namespace p2pllm::reference {

/// A part of a load (MIG-1): the keys of some nodes, in ascending order, and the sum of their weights.
struct Rivals {
  const std::vector<Rational>* keys;
  const Rational* without;  ///< a key of which one occurrence is left out, or null
  Interval load;
};

/// The sum of 1 / key over `keys`, exactly: a load under the share rule (MIG-1).
[[nodiscard]] Rational capacity(const std::vector<Rational>& keys);

/// An allocation while it changes: the range that each node serves, and the loads. Every decision is exact.
class MigrationState {
 public:
  /// @param network, weights  must outlive the state
  MigrationState(const Network& network, const MigrationWeights& weights, const Allocation& allocation);

  /// The targets (MIG-2), in ascending order; a range is named by its place here.
  [[nodiscard]] const std::vector<LayerRange>& ranges() const { return ranges_; }
  /// The places of the ranges of each length, in ascending order.
  [[nodiscard]] const std::map<std::int64_t, std::vector<std::size_t>>& of_length() const { return of_length_; }
  [[nodiscard]] std::size_t served_by(std::size_t node) const { return serves_[node]; }
  /// The keys of the nodes that serve a range, in ascending order.
  [[nodiscard]] const std::vector<Rational>& keys(std::size_t range) const { return keys_[range]; }
  [[nodiscard]] const Interval& load(std::size_t range) const { return loads_[range]; }
  [[nodiscard]] const Interval& own(std::size_t node) const { return own_[node]; }

  /// The target to which a node moves (MIG-5), or the range it serves; an error if that cannot be decided.
  [[nodiscard]] Result<std::size_t> destination(std::size_t node) const;
  /// All targets at which the node's share would be the same as at `target`, in ascending order.
  [[nodiscard]] Result<std::vector<std::size_t>> equal_targets(std::size_t node, std::size_t target) const;
  /// The share (MIG-1) of a node once it serves a range, under the share rule.
  [[nodiscard]] Rational share_at(std::size_t node, std::size_t range) const;

  void move(std::size_t node, std::size_t to);

  // Nodes may be absent: they serve nothing, and no question is asked about them but the next one.
  void leave(std::size_t node);
  void join(std::size_t node, std::size_t range);
  /// The range of a length at which an absent node would have the greatest share, the lowest of several (MIG-5).
  /// @param like  a range of this length
  [[nodiscard]] Result<std::size_t> best_target(std::size_t node, std::size_t like) const;

 private:
  static constexpr long filter_bits = 128;  ///< a comparison that the loads' width leaves open is decided exactly

  [[nodiscard]] Rivals rivals(std::size_t node, std::size_t range) const;
  /// Whether the node's share would be greater at `a` than at `b` (MIG-3).
  [[nodiscard]] Uncertain has_greater_share(std::size_t node, std::size_t a, std::size_t b) const;
  [[nodiscard]] tl::unexpected<Fault> undecided(std::size_t node, std::size_t target) const;

  const Network& network_;
  const MigrationWeights& weights_;
  std::vector<LayerRange> ranges_;  ///< every target, ascending
  std::map<std::int64_t, std::vector<std::size_t>> of_length_;
  std::vector<std::vector<Rational>> keys_;  ///< of the nodes that serve a range, ascending
  std::vector<Interval> loads_;
  std::vector<Interval> own_;        ///< weight of a node
  std::vector<std::size_t> serves_;  ///< range of a node; of an absent one the number of ranges
};

}  // namespace p2pllm::reference
