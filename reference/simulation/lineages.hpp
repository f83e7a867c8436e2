#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "model/market/network.hpp"

namespace p2pllm::reference {

/// Of what the price of each node was made (SIM-21): of a stated price, or of the lineages of a group by a step.
///
/// Law: two nodes of one lineage have the same price and the same cost (any cost if costs have no weight), whatever
/// ranges they serve and whenever their prices moved.
class Lineages {
 public:
  /// Every node has the price that the network states.
  /// @param network       must outlive the object
  /// @param cost_matters  whether alpha < 1
  Lineages(const Network& network, bool cost_matters);

  [[nodiscard]] std::uint64_t of(std::size_t node) const { return lineage_[node]; }
  /// The price of a node is known to be this number.
  void state(std::size_t node, const Rational& price);
  /// A step of ascent of the nodes of a range (PRICE-5).
  /// @param nodes    all that serve it
  /// @param updates  for each of them, whether its price moves
  void step(std::span<const std::size_t> nodes, const std::vector<bool>& updates);

  /// What a run has to remember of them (SIM-17). All that ever was is kept, because a lineage may come again.
  template <typename State>
  void keep(State& state) {
    state(lineage_, count_, stated_, pairs_);
    state.require(lineage_.size() == network_.size());
  }

 private:
  /// The name of a pair of names: of a list and one more item, or of a node's lineage and its group.
  [[nodiscard]] std::uint64_t name_of(std::uint64_t first, std::uint64_t second);

  static constexpr std::uint64_t empty_list = 0;
  const Network& network_;
  bool cost_matters_;
  std::vector<std::uint64_t> lineage_;
  std::uint64_t count_ = 1;                                        ///< names given so far
  std::map<std::pair<Rational, Rational>, std::uint64_t> stated_;  ///< of a cost and a price
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> pairs_;
};

}  // namespace p2pllm::reference
