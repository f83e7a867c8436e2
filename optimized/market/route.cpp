#include "optimized/market/route.hpp"

#include "model/assert.hpp"

namespace p2pllm::optimized {
namespace {

constexpr std::uint32_t no_position = std::numeric_limits<std::uint32_t>::max();

IntegerCost<Int128> cost_at(const SortedCosts<std::uint32_t>& costs, std::uint32_t k) {
  return {costs.price[k], costs.time[k]};
}
IntegerCost<Int128> cost_at(const SortedCosts<std::uint64_t>& costs, std::uint32_t k) {
  return {costs.price[k], costs.time[k]};
}
const IntegerCost<Rational> cost_at(const SortedCosts<Rational>& costs, std::uint32_t k) {
  return {costs.price[k], costs.time[k]};
}

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
  CellSearch(const RouteIndex& index, const SortedCosts<T>& costs, const RouteWeights& weights, F margin,
             std::span<const F> block_least)
      : index_(index), costs_(costs), margin_(weights.margin), scan_margin_(margin), block_least_(block_least) {}

  /// @param skipped  is increased by the number of nodes whose approximate weight alone rules them out
  [[nodiscard]] std::uint32_t first_of(const RouteIndex::Cell& cell, RouteOrder& order, std::uint64_t& skipped) const {
    F least = block_least_[cell.block_begin];
    for (std::uint32_t block = cell.block_begin + 1; block < cell.block_end; ++block)
      least = minimum(least, block_least_[block]);
    double bound = bound_of(least, scan_margin_);
    std::uint32_t best = no_position;
    skipped += cell.end - cell.begin;
    for (std::uint32_t block = cell.block_begin; block < cell.block_end; ++block) {
      if (static_cast<double>(block_least_[block]) > bound_of(least, scan_margin_)) continue;
      const std::uint32_t begin = block == cell.block_begin ? cell.begin : index_.block_ends[block - 1];
      for (std::uint32_t k = begin; k < index_.block_ends[block]; ++k) {
        const double weight =
            order.approximate_weight(static_cast<double>(costs_.price[k]), static_cast<double>(costs_.time[k]));
        if (weight > bound) continue;
        --skipped;
        if (best != no_position && !order.comes_first(cost_at(costs_, k), cost_at(costs_, best))) continue;
        best = k;
        bound = minimum(bound, bound_of(weight, margin_));
      }
    }
    return best;
  }

 private:
  static double minimum(double a, double b) { return b < a ? b : a; }
  static float minimum(float a, float b) { return b < a ? b : a; }

  const RouteIndex& index_;
  const SortedCosts<T>& costs_;
  double margin_;
  F scan_margin_;
  std::span<const F> block_least_;
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

Rational to_rational(const Rational& value) { return value; }
Rational to_rational(Int128 value) { return Rational(to_integer(value)); }

template <typename Integer>
PathCost path_cost(const RouteIndex& index, const IntegerCost<Integer>& cost) {
  return {to_rational(cost.price) * index.price_unit, to_rational(cost.time) * index.time_unit};
}

template <typename Integer>
Chain first_chain(const RouteIndex& index, const std::vector<BoundaryLabel<Integer>>& labels, const Rational& alpha) {
  Chain chain;
  for (std::size_t g = 0; g < index.groups.size(); g = labels[g].next)
    chain.nodes.push_back(index.node[labels[g].position]);
  const IntegerCost<Integer>& cost = labels.front().cost;
  chain.cost = path_cost(index, cost);
  chain.weight = alpha * to_rational(cost.price) * index.units.price +
                 (Rational(1) - alpha) * to_rational(cost.time) * index.units.time;
  return chain;
}

/// Calls `use` with the labels of all boundaries.
template <typename Use>
FilterCounts with_boundary_labels(const RouteIndex& index, const Rational& alpha, VectorUnit unit, const Use& use) {
  const RouteWeights weights(index.units, alpha);
  RouteOrder order(weights);
  std::uint64_t skipped = 0;
  const auto scan = [&]<typename T, typename F>(const SortedCosts<T>& costs, const ScanWeights<F>& coefficients,
                                                F margin) {
    std::vector<F> least(index.block_ends.size());
    scan_blocks(costs.price, costs.time, index.block_ends, std::span(&coefficients, 1), least, unit);
    const CellSearch<T, F> search(index, costs, weights, margin, least);
    use(boundary_labels(index, costs, search, order, skipped));
  };
  if (const auto* narrow = std::get_if<0>(&index.costs)) scan(*narrow, weights.coarse, weights.coarse_margin);
  else if (const auto* wide = std::get_if<1>(&index.costs)) scan(*wide, weights.approximate, weights.margin);
  else {
    const auto& costs = std::get<2>(index.costs);
    use(boundary_labels(index, costs, ExactCellSearch(costs), order, skipped));
  }
  FilterCounts counts = order.counts();
  counts.approximate += skipped;
  return counts;
}

}  // namespace

Counted<RouteResult> route(const RouteIndex& index, const Rational& alpha, VectorUnit unit) {
  if (index.unreachable) return {*index.unreachable, {}};
  Counted<RouteResult> result;
  result.decisions = with_boundary_labels(
      index, alpha, unit, [&](const auto& labels) { result.answer = first_chain(index, labels, alpha); });
  return result;
}

Counted<RouteResult> route(const MarketColumns& columns, const Rational& alpha, std::optional<std::size_t> client) {
  return route(make_route_index(columns, client), alpha);
}

Counted<RouteAnswer> certified_route(const MarketColumns& columns, const Rational& alpha,
                                     std::optional<std::size_t> client) {
  const RouteIndex index = make_route_index(columns, client);
  if (index.unreachable) return {*index.unreachable, {}};
  OptimalRoute answer;
  answer.labels.resize(columns.size());
  const FilterCounts counts = with_boundary_labels(index, alpha, widest_vector_unit(), [&](const auto& labels) {
    answer.chain = first_chain(index, labels, alpha);
    for (const RouteIndex::Cell& cell : index.cells) {
      const PathCost rest = path_cost(index, labels[cell.next].cost);
      for (std::uint32_t k = cell.begin; k < cell.end; ++k) {
        const std::uint32_t i = index.node[k];
        PathCost label{rest.price + columns.price.value(i), rest.time + columns.cost.value(i)};
        if (client && columns.last[i] == columns.layers) label.time += columns.clients[*client].from.value(i);
        answer.labels[i] = std::move(label);
      }
    }
  });
  return {std::move(answer), counts};
}

}  // namespace p2pllm::optimized
