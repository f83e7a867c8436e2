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
  HullSearch(const SortedCosts<T>& costs, const std::vector<double>& step_alphas, const Rational& alpha)
      : costs_(costs), step_alphas_(step_alphas), alpha_(alpha_bounds(alpha.raw().get_d())) {}

  /// @param skipped  is increased by the number of steps that approximate alphas decide
  [[nodiscard]] std::uint32_t first_of(const RouteIndex::Cell& cell, RouteOrder& order, std::uint64_t& skipped) const {
    std::uint32_t low = cell.begin;
    std::uint32_t high = cell.end - 1;
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      const Uncertain is_below = alpha_ < alpha_bounds(step_alphas_[middle]);
      skipped += decided(is_below) ? 1 : 0;
      if (decided(is_below) ? certainly(is_below)
                            : order.comes_first(cost_at(costs_, middle + 1), cost_at(costs_, middle)))
        low = middle + 1;
      else high = middle;
    }
    return low;
  }

 private:
  /// Encloses an alpha that was truncated to a double; only 0 needs no room, and no number that underflows is decided.
  static Enclosed<double> alpha_bounds(double alpha) {
    return {alpha - alpha * 0x1p-50, alpha + alpha * 0x1p-50 + std::numeric_limits<double>::min()};
  }

  const SortedCosts<T>& costs_;
  const std::vector<double>& step_alphas_;
  Enclosed<double> alpha_;
};

/// The alphas at which two vertices in a row weigh the same, those of a cell descending.
template <typename T, typename Use>
void for_each_step(const RouteIndex& vertices, const SortedCosts<T>& costs, const Use& use) {
  for (const RouteIndex::Cell& cell : vertices.cells)
    for (std::uint32_t k = cell.begin; k + 1 < cell.end; ++k) {
      const auto cheaper = cost_at(costs, k);
      const auto faster = cost_at(costs, k + 1);
      use(k, alpha_of_equal_weight<Rational>(to_rational(faster.price - cheaper.price) * vertices.units.price,
                                             to_rational(cheaper.time - faster.time) * vertices.units.time));
    }
}

}  // namespace

RouteHulls::RouteHulls(const RouteIndex& index) : vertices_{index, {}, index.units, index.price_unit, index.time_unit} {
  vertices_.node.clear();
  vertices_.block_ends.clear();
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
        step_alphas_.resize(vertices_.node.size());
        for_each_step(vertices_, own,
                      [this](std::uint32_t k, const Rational& alpha) { step_alphas_[k] = alpha.raw().get_d(); });
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
        return first_chain(vertices_,
                           boundary_labels(vertices_, costs, HullSearch(costs, step_alphas_, alpha), order, skipped),
                           weights);
      },
      vertices_.costs);
  FilterCounts counts = order.counts();
  counts.approximate += skipped;
  return {std::move(chain), counts};
}

std::vector<Rational> RouteHulls::break_points() const {
  std::vector<Rational> alphas;
  std::visit(
      [&](const auto& costs) {
        for_each_step(vertices_, costs, [&](std::uint32_t /*k*/, const Rational& alpha) { alphas.push_back(alpha); });
      },
      vertices_.costs);
  std::ranges::sort(alphas);
  alphas.erase(std::unique(alphas.begin(), alphas.end()), alphas.end());
  return alphas;
}

}  // namespace p2pllm::optimized
