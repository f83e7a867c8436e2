#pragma once

#include <algorithm>
#include <boost/multiprecision/mpfr.hpp>
#include <catch2/catch.hpp>
#include <vector>

#include "model/market/network.hpp"
#include "tests/small_worlds/worlds.hpp"

namespace p2pllm::small_worlds {

using Places = std::vector<std::size_t>;  // for each node, the target that it serves

/// Weights that are compared exactly: those of the share rule, in units of 1 / lcm of the costs.
struct Integers {
  using Weight = std::int64_t;
  static bool is_less(Weight a, Weight b) { return a < b; }
};

/// e^-w in 100 digits. Sums of the same terms differ only by rounding, other sums by far more; a difference that could
/// be either is a failure.
struct Exponentials {
  using Weight =
      boost::multiprecision::number<boost::multiprecision::mpfr_float_backend<100>, boost::multiprecision::et_off>;
  static bool is_less(const Weight& a, const Weight& b) {
    static const Weight rounding("1e-90");
    static const Weight different("1e-20");
    const Weight gap = abs(a - b);
    if (gap > rounding && gap < different) FAIL("100 digits do not tell " << a << " from " << b);
    return a < b && gap > rounding;
  }
};

/// The definitions MIG-2 to MIG-5, without any algorithm.
template <typename Rule>
class Rest {
 public:
  using Weight = typename Rule::Weight;

  Rest(const Network& network, std::vector<Weight> weights) : network_(network), weights_(std::move(weights)) {
    for (const LayerRange& block : network.blocks) targets_.push_back(block);
    for (const Node& node : network.nodes) targets_.push_back(node.layers);
    std::sort(targets_.begin(), targets_.end());
    targets_.erase(std::unique(targets_.begin(), targets_.end()), targets_.end());
  }

  [[nodiscard]] Places initial() const {
    Places places;
    for (const Node& node : network_.nodes)
      places.push_back(
          static_cast<std::size_t>(std::find(targets_.begin(), targets_.end(), node.layers) - targets_.begin()));
    return places;
  }
  [[nodiscard]] Allocation ranges(const Places& places) const {
    Allocation allocation;
    for (const std::size_t place : places) allocation.push_back(targets_[place]);
    return allocation;
  }
  [[nodiscard]] std::size_t targets() const { return targets_.size(); }
  [[nodiscard]] bool may_serve(std::size_t node, std::size_t target) const {
    const LayerRange& own = network_.nodes[node].layers;
    return targets_[target].last - targets_[target].first == own.last - own.first;
  }

  /// The load of a target without one node.
  [[nodiscard]] Weight rivals(const Places& places, std::size_t node, std::size_t target) const {
    Weight sum = 0;
    for (std::size_t j = 0; j < places.size(); ++j)
      if (j != node && places[j] == target) sum += weights_[j];
    return sum;
  }
  [[nodiscard]] Weight load(const Places& places, std::size_t target) const {
    return rivals(places, places.size(), target);
  }

  /// The target that a node takes: the best of those that beat staying, the lowest of equal ones; otherwise its own.
  [[nodiscard]] std::size_t choice(const Places& places, std::size_t node) const {
    if (is_idle(node)) return places[node];
    std::size_t best = places[node];
    for (std::size_t target = 0; target < targets_.size(); ++target)
      if (may_serve(node, target) && Rule::is_less(rivals(places, node, target), rivals(places, node, places[node])) &&
          (best == places[node] || Rule::is_less(rivals(places, node, target), rivals(places, node, best))))
        best = target;
    return best;
  }
  [[nodiscard]] bool is_at_rest(const Places& places) const {
    for (std::size_t i = 0; i < places.size(); ++i)
      if (choice(places, i) != places[i]) return false;
    return true;
  }

  /// Sets the nodes that earn nothing anywhere under the revenue rule.
  void idle(std::vector<bool> idle_nodes) { idle_ = std::move(idle_nodes); }
  [[nodiscard]] bool is_idle(std::size_t node) const { return !idle_.empty() && idle_[node]; }

  /// Calls `visit` with every allocation that gives each node a target of its length.
  template <typename Visit>
  void for_every_allocation(const Visit& visit) const {
    for_every_sequence(network_.size(), targets_.size(), [&](const std::vector<std::size_t>& places) {
      for (std::size_t i = 0; i < places.size(); ++i)
        if (!may_serve(i, places[i])) return;
      visit(places);
    });
  }

 private:
  const Network& network_;
  std::vector<Weight> weights_;
  std::vector<LayerRange> targets_;
  std::vector<bool> idle_;
};

}  // namespace p2pllm::small_worlds
