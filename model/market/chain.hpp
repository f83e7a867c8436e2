#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "model/numbers/rational.hpp"

namespace p2pllm {

/// The two objectives of a chain or of a part of one, both to be minimised: price in units.price, time in units.cost.
struct PathCost {
  Rational price;
  Rational time;
  friend bool operator==(const PathCost&, const PathCost&) = default;
};

/// A chain of nodes that serves [0, layers), and its costs (ROUTE-1, ROUTE-2).
struct Chain {
  std::vector<std::size_t> nodes;  ///< indices in file order, first to last
  PathCost cost;
  Rational weight;  ///< alpha * price / price scale + (1 - alpha) * time / cost scale
};

/// The optimal chain with its dual labels (ROUTE-3).
struct OptimalRoute {
  Chain chain;
  /// Per node, the (weight, price, time)-least cost from entering it to the client; nothing if no chain through it
  /// reaches the last layer. It includes the node's own price and cost and all later legs.
  std::vector<std::optional<PathCost>> labels;
};

/// The answer if no chain exists (ROUTE-5).
struct Unreachable {
  std::int64_t blocked_boundary = 0;    ///< the greatest boundary reachable from 0
  std::vector<std::int64_t> reachable;  ///< every boundary reachable from 0, ascending
};

using RouteAnswer = std::variant<OptimalRoute, Unreachable>;

}  // namespace p2pllm
