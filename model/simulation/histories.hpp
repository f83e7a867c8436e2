#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "model/simulation/peers.hpp"

namespace p2pllm {

/// Which nodes have had the same history, and so have exactly the same price and weight (SIM-11).
///
/// Law: two nodes of one history have the same cost, unless costs have no weight, and had the same price before the
/// same update of prices; since then they have served the same ranges, and moved their prices, at the same steps. The
/// prices of a group are a function of those before it that treats its nodes alike, so the prices of the two are equal
/// real numbers.
class Histories {
 public:
  /// @param cost_matters  whether alpha < 1
  Histories(const Peers& peers, bool cost_matters);

  [[nodiscard]] std::uint32_t of(std::size_t node) const { return history_[node]; }
  /// A node serves a range with the price that the network states.
  /// @param range    its place
  /// @param updates  how many updates of prices there were before
  void begin(std::size_t node, std::uint32_t range, std::int64_t updates);
  /// A node does something that not all of its range do: it begins to serve another range, or moves its price.
  /// @param what  which of these; equal for equal events of one step
  void separate(std::size_t node, std::int64_t step, std::uint32_t what);

  /// What a run has to remember of them after a step (SIM-17): no later event meets one of a step that is over.
  template <typename State>
  void keep(State& state) {
    state(history_, count_, first_);
    state.require(history_.size() == peers_.size());
    next_.clear();
  }

  static constexpr std::uint32_t moves_its_price = 0xffffffff;  ///< `what`; a range is named by its place

 private:
  Peers peers_;
  bool cost_matters_;
  std::vector<std::uint32_t> history_;
  std::uint32_t count_ = 0;
  std::map<std::tuple<std::uint32_t, std::int64_t, Rational, Rational>, std::uint32_t> first_;
  std::map<std::tuple<std::uint32_t, std::int64_t, std::uint32_t>, std::uint32_t> next_;  ///< of a history and an event
};

}  // namespace p2pllm
