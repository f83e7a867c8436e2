#pragma once

#include <algorithm>
#include <array>
#include <span>

#include "optimized/market/route_index.hpp"

// The parts of a query on an index: the first node of each cell, the labels of the boundaries, the chain.
namespace p2pllm::optimized {

inline constexpr std::uint32_t no_position = std::numeric_limits<std::uint32_t>::max();

[[nodiscard]] inline IntegerCost<Int128> cost_at(const SortedCosts<std::uint32_t>& costs, std::uint32_t k) {
  return {costs.price[k], costs.time[k]};
}
[[nodiscard]] inline IntegerCost<Int128> cost_at(const SortedCosts<std::uint64_t>& costs, std::uint32_t k) {
  return {costs.price[k], costs.time[k]};
}
[[nodiscard]] inline IntegerCost<Rational> cost_at(const SortedCosts<Rational>& costs, std::uint32_t k) {
  return {costs.price[k], costs.time[k]};
}

/// The coefficients of a scan of 32-bit integers and of 64-bit integers, and their margins.
[[nodiscard]] inline ScanWeights<float> scan_weights(const RouteWeights& weights, float /*type*/) {
  return weights.coarse;
}
[[nodiscard]] inline ScanWeights<double> scan_weights(const RouteWeights& weights, double /*type*/) {
  return weights.approximate;
}
[[nodiscard]] inline float scan_margin(const RouteWeights& weights, float /*type*/) { return weights.coarse_margin; }
[[nodiscard]] inline double scan_margin(const RouteWeights& weights, double /*type*/) { return weights.margin; }

/// candidate_bound, or no bound if the margin is infinite.
template <typename F>
double bound_of(F least, F margin) {
  constexpr F infinity = std::numeric_limits<F>::infinity();
  return margin < infinity ? static_cast<double>(candidate_bound(least, margin)) : infinity;
}

/// Finds the first of the nodes of a cell, after a scan of all blocks.
template <typename T, typename F>
class CellSearch {
 public:
  /// @param block_least  the results of the scan; infinite for a block that cannot hold the first node of its cell
  CellSearch(const RouteIndex& index, const SortedCosts<T>& costs, const RouteWeights& weights,
             std::span<const F> block_least, VectorUnit unit)
      : index_(index),
        costs_(costs),
        margin_(weights.margin),
        coefficients_(scan_weights(weights, F{})),
        scan_margin_(scan_margin(weights, F{})),
        block_least_(block_least),
        unit_(unit) {}

  /// @param skipped  is increased by the number of nodes whose approximate weight alone rules them out
  [[nodiscard]] std::uint32_t first_of(const RouteIndex::Cell& cell, RouteOrder& order, std::uint64_t& skipped) const {
    F least = block_least_[cell.block_begin];
    for (std::uint32_t block = cell.block_begin + 1; block < cell.block_end; ++block)
      least = block_least_[block] < least ? block_least_[block] : least;
    Found found{no_position, bound_of(least, scan_margin_), cell.end - cell.begin};
    const double scan_bound = found.bound;
    for (std::uint32_t block = cell.block_begin; block < cell.block_end; ++block) {
      if (static_cast<double>(block_least_[block]) > scan_bound) continue;
      const std::uint32_t begin = block == cell.block_begin ? cell.begin : index_.block_ends[block - 1];
      search_block(begin, index_.block_ends[block], scan_bound, order, found);
    }
    skipped += found.skipped;
    return found.position;
  }

 private:
  struct Found {
    std::uint32_t position;
    double bound;  ///< no node of a greater approximate weight is the first
    std::uint64_t skipped;
  };

  /// Scans the block again in parts, and looks at each node of the parts that may hold the first.
  void search_block(std::uint32_t begin, std::uint32_t end, double scan_bound, RouteOrder& order, Found& found) const {
    constexpr std::uint32_t part_nodes = 32;
    std::array<std::uint32_t, route_block_nodes / part_nodes> ends;
    std::array<F, route_block_nodes / part_nodes> least;
    std::size_t parts = 0;
    for (std::uint32_t k = begin; k < end; k += part_nodes) ends[parts++] = std::min(k + part_nodes, end);
    scan_blocks(costs_.price, costs_.time, begin, std::span(ends.data(), parts), std::span(&coefficients_, 1),
                std::span(least.data(), parts), unit_);
    for (std::size_t part = 0; part < parts; ++part)
      if (!(static_cast<double>(least[part]) > scan_bound))
        search_part(part == 0 ? begin : ends[part - 1], ends[part], order, found);
  }

  void search_part(std::uint32_t begin, std::uint32_t end, RouteOrder& order, Found& found) const {
    for (std::uint32_t k = begin; k < end; ++k) {
      const double weight =
          order.approximate_weight(static_cast<double>(costs_.price[k]), static_cast<double>(costs_.time[k]));
      if (weight > found.bound) continue;
      --found.skipped;
      if (found.position != no_position && !order.comes_first(cost_at(costs_, k), cost_at(costs_, found.position)))
        continue;
      found.position = k;
      found.bound = std::min(found.bound, bound_of(weight, margin_));
    }
  }

  const RouteIndex& index_;
  const SortedCosts<T>& costs_;
  double margin_;
  ScanWeights<F> coefficients_;
  F scan_margin_;
  std::span<const F> block_least_;
  VectorUnit unit_;
};

/// The same where no machine integer holds the costs.
class ExactCellSearch {
 public:
  explicit ExactCellSearch(const SortedCosts<Rational>& costs) : costs_(costs) {}
  [[nodiscard]] std::uint32_t first_of(const RouteIndex::Cell& cell, RouteOrder& order,
                                       std::uint64_t& /*skipped*/) const {
    std::uint32_t best = cell.begin;
    for (std::uint32_t k = cell.begin + 1; k < cell.end; ++k)
      if (order.comes_first(cost_at(costs_, k), cost_at(costs_, best))) best = k;
    return best;
  }

 private:
  const SortedCosts<Rational>& costs_;
};

/// The least cost from a boundary to the client, and its first step.
template <typename Integer>
struct BoundaryLabel {
  IntegerCost<Integer> cost;
  std::uint32_t position = no_position;  ///< of the first node, in the index
  std::uint32_t next = 0;                ///< the group after that node
};

/// Labels of all groups; the last one is that of the last boundary (ROUTE-7).
template <typename T, typename Search>
auto boundary_labels(const RouteIndex& index, const SortedCosts<T>& costs, const Search& search, RouteOrder& order,
                     std::uint64_t& skipped) {
  using Integer = decltype(cost_at(costs, 0).price + cost_at(costs, 0).price);
  std::vector<BoundaryLabel<Integer>> labels(index.groups.size() + 1);
  for (std::size_t g = index.groups.size(); g-- > 0;) {
    BoundaryLabel<Integer>& label = labels[g];
    for (std::uint32_t c = index.groups[g].cell_begin; c < index.groups[g].cell_end; ++c) {
      const RouteIndex::Cell& cell = index.cells[c];
      const std::uint32_t position = search.first_of(cell, order, skipped);
      const auto cost = cost_at(costs, position) + labels[cell.next].cost;
      if (label.position != no_position && (cost == label.cost ? index.node[position] > index.node[label.position]
                                                               : !order.comes_first(cost, label.cost)))
        continue;
      label = {cost, position, cell.next};
    }
  }
  return labels;
}

[[nodiscard]] inline Rational to_rational(const Rational& value) { return value; }
[[nodiscard]] inline Rational to_rational(std::int64_t value) { return value; }
[[nodiscard]] inline Rational to_rational(Int128 value) { return Rational(to_integer(value)); }

/// @param index  whatever knows the units of its integers
template <typename Index, typename Integer>
PathCost path_cost(const Index& index, const IntegerCost<Integer>& cost) {
  return {to_rational(cost.price) * index.price_unit, to_rational(cost.time) * index.time_unit};
}

template <typename Integer>
Chain first_chain(const RouteIndex& index, const std::vector<BoundaryLabel<Integer>>& labels,
                  const RouteWeights& weights) {
  Chain chain;
  chain.nodes.reserve(index.groups.size());
  for (std::size_t g = 0; g < index.groups.size(); g = labels[g].next)
    chain.nodes.push_back(index.node[labels[g].position]);
  chain.cost = path_cost(index, labels.front().cost);
  chain.weight = weights.weight(labels.front().cost);
  return chain;
}

}  // namespace p2pllm::optimized
