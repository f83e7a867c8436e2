#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/market/chain.hpp"

namespace p2pllm {

/// How the alpha sweep classifies a Pareto-optimal point (PARETO-4).
enum class PointClass {
  extreme,      ///< least weight on an interval of alpha of positive length
  tie,          ///< least weight at exactly one alpha, shared with others
  unsupported,  ///< least weight at no alpha
};
[[nodiscard]] const char* to_string(PointClass kind);

struct FrontierPoint {
  PathCost cost;
  std::vector<std::size_t> path;  ///< the lexicographically smallest chain of this cost, indices in file order
  PointClass kind = PointClass::extreme;
  /// The closed interval of alpha in [0, 1] on which the point has the least weight; nothing when unsupported.
  std::optional<std::pair<Rational, Rational>> alpha;
};

/// Every Pareto-optimal (price, time), by ascending price (PARETO-3).
struct Frontier {
  std::vector<FrontierPoint> points;
  /// Per node, the Pareto-optimal costs from entering it to the client, by ascending price; empty if no chain from it
  /// reaches the last layer. Costs are counted as in OptimalRoute::labels.
  std::vector<std::vector<PathCost>> labels;
};

/// The greatest number of labels that a search for a frontier keeps over all nodes, unless it is told otherwise.
inline constexpr std::size_t frontier_labels_max = 4'000'000;

using FrontierAnswer = std::variant<Frontier, Unreachable>;

}  // namespace p2pllm
