#include "optimized/market/hull.hpp"

#include <algorithm>
#include <numeric>

#include "optimized/market/route_search.hpp"

namespace p2pllm::optimized {
namespace {

/// The type of products of two differences of costs.
template <typename T>
using ProductOf = std::conditional_t<std::is_integral_v<T>, Uint128, T>;

template <typename T>
bool is_vertex(const SortedCosts<T>& costs, std::uint32_t before, std::uint32_t middle, std::uint32_t after) {
  return is_hull_vertex<T, ProductOf<T>>(
      costs.price[middle] - costs.price[before], costs.time[before] - costs.time[middle],
      costs.price[after] - costs.price[middle], costs.time[middle] - costs.time[after]);
}

/// The vertices of the hull of one cell, by ascending price; of equal costs the smallest index.
template <typename T>
std::vector<std::uint32_t> hull_of(const SortedCosts<T>& costs, const RouteIndex::Cell& cell) {
  std::vector<std::uint32_t> order(cell.end - cell.begin);
  std::iota(order.begin(), order.end(), cell.begin);
  std::ranges::sort(order, [&](std::uint32_t i, std::uint32_t j) {
    if (costs.price[i] != costs.price[j]) return costs.price[i] < costs.price[j];
    return costs.time[i] != costs.time[j] ? costs.time[i] < costs.time[j] : i < j;
  });
  std::vector<std::uint32_t> hull;
  for (const std::uint32_t k : order) {
    if (!hull.empty() && costs.time[hull.back()] <= costs.time[k]) continue;  // dominated, or equal and later in file
    while (hull.size() >= 2 && !is_vertex(costs, hull[hull.size() - 2], hull.back(), k)) hull.pop_back();
    hull.push_back(k);
  }
  return hull;
}

/// Finds the first vertex of a cell: from it on, a step to the next one no longer comes earlier in the order.
template <typename T>
class HullSearch {
 public:
  explicit HullSearch(const SortedCosts<T>& costs) : costs_(costs) {}
  [[nodiscard]] std::uint32_t first_of(const RouteIndex::Cell& cell, RouteOrder& order,
                                       std::uint64_t& /*skipped*/) const {
    std::uint32_t low = cell.begin;
    std::uint32_t high = cell.end - 1;
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (order.comes_first(cost_at(costs_, middle + 1), cost_at(costs_, middle))) low = middle + 1;
      else high = middle;
    }
    return low;
  }

 private:
  const SortedCosts<T>& costs_;
};

}  // namespace

RouteHulls::RouteHulls(const RouteIndex& index)
    : vertices_{.groups = index.groups,
                .cells = index.cells,
                .block_ends = {},
                .node = {},
                .costs = {},
                .units = index.units,
                .price_unit = index.price_unit,
                .time_unit = index.time_unit,
                .unreachable = index.unreachable} {
  std::visit(
      [&]<typename T>(const SortedCosts<T>& costs) {
        auto& own = vertices_.costs.emplace<SortedCosts<T>>();
        for (RouteIndex::Cell& cell : vertices_.cells) {
          const std::vector<std::uint32_t> hull = hull_of(costs, cell);
          cell.begin = static_cast<std::uint32_t>(vertices_.node.size());
          for (const std::uint32_t k : hull) {
            vertices_.node.push_back(index.node[k]);
            own.price.push_back(costs.price[k]);
            own.time.push_back(costs.time[k]);
          }
          cell.end = static_cast<std::uint32_t>(vertices_.node.size());
          cell.block_begin = cell.block_end = 0;
        }
      },
      index.costs);
}

Counted<RouteResult> RouteHulls::route(const Rational& alpha) const {
  if (vertices_.unreachable) return {*vertices_.unreachable, {}};
  const RouteWeights weights(vertices_.units, alpha);
  RouteOrder order(weights);
  std::uint64_t skipped = 0;
  Chain chain = std::visit(
      [&](const auto& costs) {
        return first_chain(vertices_, boundary_labels(vertices_, costs, HullSearch(costs), order, skipped), weights);
      },
      vertices_.costs);
  return {std::move(chain), order.counts()};
}

std::vector<Rational> RouteHulls::break_points() const {
  std::vector<Rational> alphas;
  std::visit(
      [&](const auto& costs) {
        for (const RouteIndex::Cell& cell : vertices_.cells)
          for (std::uint32_t k = cell.begin; k + 1 < cell.end; ++k) {
            const auto cheaper = cost_at(costs, k);
            const auto faster = cost_at(costs, k + 1);
            alphas.push_back(
                alpha_of_equal_weight<Rational>(to_rational(faster.price - cheaper.price) * vertices_.units.price,
                                                to_rational(cheaper.time - faster.time) * vertices_.units.time));
          }
      },
      vertices_.costs);
  std::ranges::sort(alphas);
  alphas.erase(std::unique(alphas.begin(), alphas.end()), alphas.end());
  return alphas;
}

}  // namespace p2pllm::optimized
