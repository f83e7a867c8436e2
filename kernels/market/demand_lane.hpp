#pragma once

#include "kernels/market/chunk_rules.hpp"
#include "kernels/market/compensated_sum.hpp"
#include "kernels/portable/lane.hpp"

// The demand for the nodes of a group in doubles: weights, and sums of e^-weight by chunks of nodes. The CPU's loops
// and the kernels of a device call these functions, so that both have the same bits.
//
// Error bounds. Let eps = 2^-53. A factor is off by 2 eps, an integer by eps, so a demand weight w, made of two
// products and a sum, by at most 6 eps w; differences from two least weights add eps w. So an exponent is off by at
// most 7 eps w, and e^ of it relatively by a little more; with the errors of exp (1.25 eps, twice) and of a product
// this is at most weight_error * w + few below. Weights are below 2^20, so that squares of errors vanish in the slack
// of the constants.
namespace p2pllm::kernels {

inline constexpr double weight_error = 1.125 * 0x1p-50;  ///< 9 eps
inline constexpr double few = 8 * eps;
inline constexpr double addition_error =
    128 * eps;  ///< 64 roundings in a lane, 5 over the lanes, 2 over the chunks, and few
inline constexpr double weight_max = 0x1p20;

inline constexpr int demand_lanes = 16;  ///< of the sum over a chunk: node k is added in lane k % demand_lanes

/// The factors between a market's integers and doubles, each relatively off by at most 2^-52.
struct PriceFactors {
  double price_unit = 0;   ///< price per integer
  double by_price = 0;     ///< a * price_unit
  double by_cost = 0;      ///< d per integer of cost
  double sensitivity = 0;  ///< a
  double epsilon_below = 0;
  double epsilon_above = 0;
  bool is_absolute = false;
  bool is_usable = true;  ///< whether all of them, and the prices they make, are normal numbers
};

/// What a chunk contributes to the sum of its group.
struct ChunkSum {
  double least_weight = 0;      ///< least w in the chunk
  std::int64_t lightest = 0;    ///< place in the chunk of the first node that has it
  double others = 0;            ///< sum of e^-(w - least_weight) over the other nodes
  double others_by_weight = 0;  ///< the same times w
};

/// The sum of a group, relative to the least weight.
struct GroupSum {
  double least_weight = 0;
  double others = 0;        ///< over all nodes but the lightest
  double others_error = 0;  ///< relative
  double total = 0;
  double total_error = 0;     ///< relative
  std::int64_t lightest = 0;  ///< place in the columns

  /// Whether every w of a node with a share worth a name is small enough for the errors above.
  [[nodiscard]] P2PLLM_LANE bool is_in_range() const { return least_weight <= weight_max; }
};

[[nodiscard]] P2PLLM_LANE double demand_weight(double price, double cost, double by_price, double by_cost) {
  return price * by_price + cost * by_cost;
}

/// The sum of a group, chunk by chunk in their order.
class GroupAddition {
 public:
  /// @param factor    e^-(its least weight - the group's)
  /// @param is_first  whether this chunk has the group's lightest node
  P2PLLM_LANE void add(const ChunkSum& chunk, double factor, bool is_first) {
    others_.add(factor * chunk.others);
    others_by_weight_.add(factor * chunk.others_by_weight);
    if (is_first) return;
    others_.add(factor);
    others_by_weight_.add(factor * chunk.least_weight);
  }
  /// @param lightest  place in the columns
  [[nodiscard]] P2PLLM_LANE GroupSum value(double least_weight, std::int64_t lightest) const {
    GroupSum group;
    group.least_weight = least_weight;
    group.lightest = lightest;
    group.others = others_.value();
    group.total = 1 + group.others;
    // Each term is off by weight_error times its weight: on average by that times the average weight.
    group.others_error =
        group.others > 0 ? 1.01 * (weight_error * (others_by_weight_.value() / group.others) + addition_error) : 0;
    const double total_by_weight = least_weight + others_by_weight_.value();
    group.total_error = 1.01 * (weight_error * (total_by_weight / group.total) + addition_error);
    return group;
  }

 private:
  CompensatedSum others_, others_by_weight_;
};

}  // namespace p2pllm::kernels
