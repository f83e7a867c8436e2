#pragma once

#include "optimized/market/demand_keys.hpp"
#include "optimized/market/regret_bounds.hpp"

namespace p2pllm::optimized {

/// A node's bracket at some precision.
struct PreciseNode {
  NodeReport report;
  NodeState state = NodeState::open;
  Rational regret;  ///< a lower bound
  Rational gain;    ///< a lower bound of R(trial) - R(p), at least 0
};

/// One group's exact numbers, and regret brackets in intervals of any precision (PRICE-15). No exponent is positive, so
/// shares may be arbitrarily small.
class PreciseGroup {
 public:
  /// @param nodes  of the group, at least two; with a > 0 unless only shares are asked for
  PreciseGroup(const MarketColumns& market, const Column& prices, const DemandScale& scale,
               std::span<const std::uint32_t> nodes);

  /// @param members  places in the group, ascending; the answer has their order
  [[nodiscard]] std::vector<PreciseNode> evaluate(std::span<const std::size_t> members, const Tolerance& tolerance,
                                                  long bits) const;
  [[nodiscard]] std::vector<Enclosure> shares(std::span<const std::size_t> members, long bits) const;

 private:
  /// The sum of e^-(w_j - shift) over the other nodes.
  struct Rivals {
    const Rational* shift;
    Interval sum;
  };
  /// A node's own term and its rivals' under one shift, the greater of them at least 1.
  struct Odds {
    Interval own;
    Interval rivals;
  };
  [[nodiscard]] std::vector<Rivals> rivals_of(std::span<const std::size_t> members, long bits) const;
  [[nodiscard]] Interval sum_above(const Rational& shift, long bits) const;
  [[nodiscard]] Odds odds_at(const Rational& price, std::size_t member, const Rivals& rivals, long bits) const;
  [[nodiscard]] Rational best_price(std::size_t member, const Rivals& rivals, long bits) const;
  [[nodiscard]] Interval stationarity(const Rational& price, std::size_t member, const Rivals& rivals, long bits) const;
  [[nodiscard]] PreciseNode bracket(std::size_t member, const Rivals& rivals, const Tolerance& tolerance,
                                    long bits) const;

  std::span<const std::uint32_t> nodes_;
  Rational sensitivity_;
  std::vector<Rational> prices_, cost_weights_, weights_;
  std::size_t lightest_ = 0;
  std::size_t second_ = 1;  ///< the lightest of the others
};

}  // namespace p2pllm::optimized
