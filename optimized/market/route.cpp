#include "optimized/market/route.hpp"

#include "optimized/market/market_loops.hpp"
#include "optimized/market/route_latency.hpp"
#include "optimized/market/route_search.hpp"

namespace p2pllm::optimized {
namespace {

/// Calls `use` with the labels of all boundaries and the weights.
template <typename Use>
FilterCounts with_boundary_labels(const RouteIndex& index, const Rational& alpha, VectorUnit unit, MarketLoops* loops,
                                  const Use& use) {
  const RouteWeights weights(index.units, alpha);
  RouteOrder order(weights);
  std::uint64_t skipped = 0;
  const auto scan = [&]<typename T, typename F>(const SortedCosts<T>& costs, F type) {
    const ScanWeights<F> coefficients = scan_weights(weights, type);
    std::vector<F> least(index.block_ends.size());
    if (loops != nullptr) loops->scan(costs.price, costs.time, index.block_ends, coefficients, least);
    else scan_blocks(costs.price, costs.time, 0, index.block_ends, std::span(&coefficients, 1), least, unit);
    use(boundary_labels(index, costs, CellSearch<T, F>(index, costs, weights, least, unit), order, skipped), weights);
  };
  if (const auto* narrow = std::get_if<0>(&index.costs)) scan(*narrow, float{});
  else if (const auto* wide = std::get_if<1>(&index.costs)) scan(*wide, double{});
  else {
    const auto& costs = std::get<2>(index.costs);
    use(boundary_labels(index, costs, ExactCellSearch(costs), order, skipped), weights);
  }
  FilterCounts counts = order.counts();
  counts.approximate += skipped;
  return counts;
}

Counted<RouteResult> route_by(const RouteIndex& index, const Rational& alpha, VectorUnit unit, MarketLoops* loops) {
  if (index.unreachable) return {*index.unreachable, {}};
  Counted<RouteResult> result;
  result.decisions = with_boundary_labels(
      index, alpha, unit, loops,
      [&](const auto& labels, const RouteWeights& weights) { result.answer = first_chain(index, labels, weights); });
  return result;
}

}  // namespace

Counted<RouteResult> route(const RouteIndex& index, const Rational& alpha, VectorUnit unit) {
  return route_by(index, alpha, unit, nullptr);
}

Counted<RouteResult> route(const MarketColumns& columns, const Rational& alpha, std::optional<std::size_t> client,
                           MarketLoops* loops) {
  const VectorUnit unit = widest_vector_unit();
  if (!columns.latency) return route_by(make_route_index(columns, client), alpha, unit, loops);
  return std::move(routes(make_latency_index(columns), alpha, std::span(&client, 1), unit, loops).front());
}

Counted<RouteAnswer> certified_route(const MarketColumns& columns, const Rational& alpha,
                                     std::optional<std::size_t> client, MarketLoops* loops) {
  if (columns.latency) return certified_route(make_latency_index(columns), alpha, client, columns.size(), loops);
  const RouteIndex index = make_route_index(columns, client);
  if (index.unreachable) return {*index.unreachable, {}};
  OptimalRoute answer;
  answer.labels.resize(columns.size());
  const FilterCounts counts = with_boundary_labels(
      index, alpha, widest_vector_unit(), loops, [&](const auto& labels, const RouteWeights& weights) {
        answer.chain = first_chain(index, labels, weights);
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
