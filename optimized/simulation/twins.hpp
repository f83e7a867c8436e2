#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "model/simulation/peers.hpp"

namespace p2pllm::optimized {

/// Which nodes are twins: their prices and costs are the same real numbers (SIM-21).
///
/// Law: nodes of one class are twins. Twins whose prices moved at different updates may be of two classes, so a tie
/// that classes do not show may be one all the same.
class Twins {
 public:
  /// @param peers  the prices that they state are theirs
  /// @param alpha  of the weights: at 1 costs do not count, at 0 prices do not
  Twins(const Peers& peers, const Rational& alpha);

  [[nodiscard]] std::uint64_t of(std::uint32_t node) const { return class_[node]; }
  /// Nodes of one number here have the same weight, if not the same price.
  [[nodiscard]] std::uint64_t by_weight(std::uint32_t node) const {
    return of_cost_.empty() ? class_[node] : of_cost_[node];
  }
  /// Whether a node's price is 0, so that it earns nothing anywhere (MIG-3).
  [[nodiscard]] bool earns_nothing(std::uint32_t node) const { return is_free_[node] != 0; }

  /// The groups that move their prices next do so at one update.
  void begin_update();
  /// A group moves its prices. @param moves  one entry per node, 0 for those that do not; empty if all do
  void step(std::span<const std::uint32_t> nodes, std::span<const double> moves);

  /// What a run has to remember of them after a step (SIM-17).
  template <typename State>
  void keep(State& state) {
    const std::size_t nodes = class_.size();
    state(class_, is_free_, count_);
    state.require(class_.size() == nodes && is_free_.size() == nodes);
  }

 private:
  using Group = std::vector<std::pair<std::uint64_t, std::uint32_t>>;  ///< classes and how many nodes are of each
  [[nodiscard]] Group group_of(std::span<const std::uint32_t> nodes) const;

  std::vector<std::uint64_t> class_;
  std::vector<std::uint64_t> of_cost_;  ///< equal for equal costs; empty if prices count
  std::vector<std::uint8_t> is_free_;
  std::uint64_t count_ = 0;
  bool can_be_ = false;  ///< whether two nodes began alike; else no two will be
  // Of one update.
  std::map<Group, std::uint64_t> groups_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> next_;  ///< of a class and a group
};

}  // namespace p2pllm::optimized
