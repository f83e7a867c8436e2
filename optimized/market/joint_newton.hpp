#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

// The equilibrium of one group by Newton's method in doubles (PRICE-12).
namespace p2pllm::optimized {

/// An allocator whose doubles begin without a value: every one is written before it is read.
struct Uninitialized : std::allocator<double> {
  template <typename U>
  struct rebind {
    using other = Uninitialized;
  };
  static void construct(double* place) noexcept { ::new (static_cast<void*>(place)) double; }
  template <typename Argument>
  static void construct(double* place, const Argument& value) noexcept {
    ::new (static_cast<void*>(place)) double(value);
  }
};
using Doubles = std::vector<double, Uninitialized>;

/// The unknowns of one group near its equilibrium, and how far off they may be.
///
/// u_i is the least cost weight less that of node i, so u = 0 for the dominant node, which has the greatest share.
struct JointSolution {
  Doubles log_share;  ///< ln P_i; of the dominant node, unused
  Doubles utility;    ///< u_i <= 0; of the dominant node, unused
  std::size_t dominant = 0;
  double log_odds = 0;  ///< ln(P / (1 - P)) of the dominant node
  double log_sum = 0;   ///< t = ln S, relative to e^-(least cost weight)
  int steps = 0;
  bool has_converged = false;
};

/// @param cost     integers of at least two nodes
/// @param by_cost  cost weight per integer, relatively off by at most 2^-52
[[nodiscard]] JointSolution solve_group(std::span<const double> cost, double by_cost);

/// Enclosures in doubles, for every node of the group.
struct EquilibriumEnds {
  std::span<double> price_lower, price_upper, share_lower, share_upper, revenue_lower, revenue_upper;
};
/// Encloses the equilibrium near a solution.
/// @param sensitivity  a, relatively off by at most 2^-52
/// @returns false, and nothing in `ends`, if the residuals are too great
[[nodiscard]] bool enclose(const JointSolution& solution, std::span<const double> cost, double by_cost,
                           double sensitivity, const EquilibriumEnds& ends);

}  // namespace p2pllm::optimized
