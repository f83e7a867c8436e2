#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kernels/portable/interval.hpp"
#include "model/layer_range.hpp"
#include "model/simulation/draws.hpp"
#include "model/simulation/histories.hpp"
#include "model/simulation/peers.hpp"
#include "model/simulation/scenario.hpp"
#include "optimized/simulation/group_prices.hpp"

namespace p2pllm::optimized {

/// Chooses chains for the requests of one step (SIM-10) in doubles, where these decide (SIM-11, SIM-14).
///
/// Under `boltzmann` the cumulative shares of a group become thresholds for the 64 drawn bits, so that a choice is a
/// search among integers. Under `gumbel` the keys of all nodes are taken together. Under `least` a step has one chain.
class RequestChoice {
 public:
  /// @param ranges  ascending; must outlive the object
  RequestChoice(RequestMode mode, const std::vector<LayerRange>& ranges, const Peers& peers);

  /// Takes the prices by which the requests of a step choose. O(n).
  /// @param groups     of each range
  /// @param histories  of the nodes, under `least`; else it may be null
  void begin_step(std::span<const GroupPrices> groups, const kernels::DoubleInterval& sensitivity,
                  const Histories* histories);

  enum class Outcome { chain, no_chain, undecided };
  /// The chain of a request.
  /// @param chain  becomes the nodes in the order of layers, if there is one
  /// O(log n) a range under `boltzmann`, O(n) under `gumbel`, O(ranges) under `least`.
  [[nodiscard]] Outcome choose(const Draws& draws, std::uint64_t request, std::vector<std::uint32_t>& chain);
  /// The price of a node of this step in whole money units (SIM-15); nothing if its enclosure leaves that open.
  [[nodiscard]] std::optional<std::int64_t> money(std::uint32_t node, std::int64_t unit) const;
  /// The blocked boundary (ROUTE-5), where there is no chain.
  [[nodiscard]] std::int64_t blocked() const { return blocked_; }

 private:
  void set_thresholds(std::size_t first, std::size_t last);
  void draw_keys(const Draws& draws, std::uint64_t request);
  [[nodiscard]] bool choose_of_range(std::size_t range, const Histories* histories);
  [[nodiscard]] Outcome chain_by_keys(const Histories* histories, std::vector<std::uint32_t>& chain);
  void find_blocked();

  struct Best {
    std::uint32_t node;
    kernels::DoubleInterval key;
  };

  RequestMode mode_;
  const std::vector<LayerRange>& ranges_;
  Peers peers_;
  std::int64_t layers_;
  std::int64_t blocked_ = 0;
  bool has_chain_ = false;
  // All nodes, range by range.
  std::vector<std::uint32_t> nodes_;
  std::vector<std::size_t> starts_;              ///< of each range in the columns; and their end
  std::vector<kernels::DoubleInterval> prices_;  ///< by node, of those that take part
  std::vector<double> weight_lower_, weight_upper_;
  std::vector<double> key_lower_, key_upper_;              ///< what is compared: weights, or keys of one request
  std::vector<double> uniform_lower_, uniform_upper_;      ///< of one request
  std::vector<std::uint64_t> surely_below_, maybe_below_;  ///< of the drawn bits, for the shares up to each node
  std::vector<Best> best_;                                 ///< of each range
  Outcome least_outcome_ = Outcome::undecided;
  std::vector<std::uint32_t> least_;
};

}  // namespace p2pllm::optimized
