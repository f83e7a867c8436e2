#pragma once

#include "optimized/market/route.hpp"

namespace p2pllm::optimized {

/// The lower-left hulls of the cells of an index: the nodes that come first in their cell at some alpha.
///
/// Built once, it answers each alpha by a binary search in each cell.
class RouteHulls {
 public:
  /// Exact. O(V log V) operations.
  explicit RouteHulls(const RouteIndex& index);

  /// The same answer as from the index itself.
  /// @param alpha  in [0, 1]
  /// Exact. O(cells * log V) decisions.
  [[nodiscard]] Counted<RouteResult> route(const Rational& alpha) const;

  /// The alphas in (0, 1), ascending, at which the first node of some cell changes: the same nodes come first
  /// throughout each interval between two of them. Exact.
  [[nodiscard]] std::vector<Rational> break_points() const;

  /// The number of nodes on all hulls.
  [[nodiscard]] std::size_t size() const { return vertices_.node.size(); }

 private:
  RouteIndex vertices_;  ///< the vertices alone, those of a cell by ascending price and so by descending time
  /// For each vertex the alpha, nearly, below which the next one in its cell comes first; 0 for the last of a cell.
  std::vector<double> step_alphas_;
};

}  // namespace p2pllm::optimized
