#pragma once

#include <map>
#include <memory>

#include "kernels/market/migration_lane.hpp"
#include "kernels/market/migration_rules.hpp"
#include "optimized/market/exact_sum.hpp"
#include "optimized/market/migrate_weights.hpp"
#include "optimized/market/range_index.hpp"

namespace p2pllm::optimized {

class MarketLoops;

/// The keys of the nodes that serve each range, with multiplicities: what an exact comparison needs (MIG-8).
class KeyMultisets {
 public:
  KeyMultisets(const MigrationKeys& keys, std::span<const std::uint32_t> served_by, std::size_t ranges)
      : keys_(keys), counts_(ranges) {
    for (std::size_t i = 0; i < served_by.size(); ++i)
      if (served_by[i] < ranges) ++counts_[served_by[i]][keys.keys[i]];
  }
  void leave(std::size_t node, std::uint32_t from) {
    const auto left = counts_[from].find(keys_.keys[node]);
    if (--left->second == 0) counts_[from].erase(left);
  }
  void join(std::size_t node, std::uint32_t to) { ++counts_[to][keys_.keys[node]]; }
  using Multiset = std::map<Wide, std::uint32_t>;
  [[nodiscard]] const Multiset& of_range(std::uint32_t range) const { return counts_[range]; }

 private:
  const MigrationKeys& keys_;
  std::vector<Multiset> counts_;
};

/// An allocation while it changes: the range that each node serves, the loads, and the least loaded range of each
/// length.
class MigrationState {
 public:
  /// @param index       the targets, and where each node is in the file
  /// @param allocation  where the nodes are instead; may be null
  MigrationState(const MigrationKeys& keys, const RangeIndex& index, const Allocation* allocation);

  [[nodiscard]] const std::vector<LayerRange>& ranges() const { return index_.ranges; }
  [[nodiscard]] std::uint32_t served_by(std::size_t node) const { return served_by_[node]; }
  /// The ranges of each length, ascending, by rising length.
  [[nodiscard]] const std::vector<std::vector<std::uint32_t>>& of_length() const { return of_length_; }
  [[nodiscard]] const FilterCounts& counts() const { return less_loaded_.counts(); }

  /// The range to which a node moves (MIG-5), or the one that it serves; nothing if that cannot be decided.
  [[nodiscard]] std::optional<std::uint32_t> destination(std::size_t node);
  /// All ranges of the same load as the one to which a node moves, itself included, ascending; nothing if that cannot
  /// be decided.
  /// @param to  the destination of a node that gains
  [[nodiscard]] std::optional<std::vector<std::uint32_t>> equal_destinations(std::uint32_t to);
  /// The range whose load a decision needed that could not be made.
  [[nodiscard]] std::uint32_t undecided_range() const { return undecided_range_; }
  /// @returns false if the least loaded range could not be decided
  [[nodiscard]] bool move(std::size_t node, std::uint32_t to);

  // Nodes may be absent: they serve nothing, and nobody asks where they move.
  /// @returns false if the least loaded range could not be decided
  [[nodiscard]] bool leave(std::size_t node);
  [[nodiscard]] bool join(std::size_t node, std::uint32_t to);
  /// The least loaded range of the length of another, the lowest of several.
  [[nodiscard]] std::uint32_t least_loaded(std::uint32_t like) const { return tournament_[length_of_[like]][1]; }
  /// What doubles say of `destination` for every node, by the processor or by somebody else. @pre is_decided()
  [[nodiscard]] std::vector<kernels::MigrationScore> scores(MarketLoops* loops) const;
  /// Whether the least loaded range of each length was decided at the start.
  [[nodiscard]] bool is_decided() const { return is_decided_; }

 private:
  struct LessLoaded {
    template <typename T>
    auto operator()(const T& load, const T& other) const {
      return kernels::is_less_loaded(load, other);
    }
  };
  /// Sums of weights to about 100 bits, made when the first comparison needs them.
  struct Wider {
    std::vector<WiderWeight> weights;
    std::vector<ExactSum> sums;
    std::vector<std::uint32_t> vanished;  ///< per range: weights that are held as 0
  };
  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);

  void compare_by_length();
  void sum_loads();
  void set_load(std::uint32_t range);
  void make_wider();
  static void add(ExactSum& sum, const WiderWeight& weight);
  static void subtract(ExactSum& sum, const WiderWeight& weight);
  [[nodiscard]] Interval wider_load(std::uint32_t range, std::size_t without);
  [[nodiscard]] bool play(std::uint32_t length, std::size_t leaf);
  void take_away(std::size_t node);
  void put(std::size_t node, std::uint32_t to);
  [[nodiscard]] bool replay(std::uint32_t range, std::uint32_t other);

  /// Whether the load of `range` is less than the rivals' load of `node` at `other`, or than the whole load there if
  /// the node is `nobody`.
  [[nodiscard]] Uncertain is_less(std::uint32_t range, std::uint32_t other, std::size_t node);
  template <typename T, typename Sum>
  [[nodiscard]] std::pair<T, T> different_keys(std::uint32_t range, std::uint32_t other, std::size_t node,
                                               const Sum& sum);
  [[nodiscard]] std::pair<Rational, Rational> exact_shares(std::uint32_t range, std::uint32_t other, std::size_t node);
  [[nodiscard]] std::pair<Interval, Interval> exact_revenues(std::uint32_t range, std::uint32_t other,
                                                             std::size_t node);

  const MigrationKeys& keys_;
  const RangeIndex& index_;
  std::vector<std::uint32_t> served_by_;  ///< per node; the number of ranges if it is absent
  std::vector<std::uint32_t> servers_;    ///< per range: how many nodes serve it
  std::vector<std::vector<std::uint32_t>> of_length_;
  std::vector<std::uint32_t> length_of_;  ///< per range: which of of_length_
  std::vector<std::uint32_t> leaf_of_;    ///< per range: its place among those of its length

  std::vector<double> weights_;                         ///< per node, approximate
  std::vector<kernels::DoubleInterval> factor_;         ///< per length
  std::vector<ExactSum> sums_;                          ///< per range, of the approximate weights
  std::vector<std::uint32_t> vanished_;                 ///< per range: weights that are held as 0
  std::vector<kernels::DoubleInterval> loads_;          ///< per range
  std::vector<Wide> least_key_;                         ///< per length
  std::vector<std::vector<std::uint32_t>> tournament_;  ///< per length: winners, the root at 1, the leaves at the end

  std::unique_ptr<Wider> wider_;
  std::unique_ptr<KeyMultisets> multisets_;
  Filtered<LessLoaded> less_loaded_{LessLoaded{}};
  std::uint32_t undecided_range_ = 0;
  bool is_decided_ = true;
};

}  // namespace p2pllm::optimized
