#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include "checker/check.hpp"
#include "optimized/market/hull.hpp"
#include "optimized/market/route.hpp"
#include "properties/chains.hpp"
#include "properties/generators/near_tie.hpp"
#include "reference/market/route.hpp"

namespace p2pllm::properties {
namespace {

using optimized::MarketColumns;
using optimized::RouteIndex;
using optimized::RouteResult;
using optimized::VectorUnit;

std::optional<std::size_t> first_column_client(const MarketColumns& columns) {
  return columns.clients.empty() ? std::nullopt : std::optional<std::size_t>(0);
}

void expect_same(const RouteResult& fast, const RouteAnswer& exact) {
  expect_equal(fast.index(), exact.index(), "whether a chain exists");
  if (const auto* blocked = std::get_if<Unreachable>(&exact)) {
    expect_equal(std::get<Unreachable>(fast).reachable, blocked->reachable, "reachable boundaries");
    expect_equal(std::get<Unreachable>(fast).blocked_boundary, blocked->blocked_boundary, "blocked boundary");
    return;
  }
  const Chain& chain = std::get<Chain>(fast);
  const Chain& expected = std::get<OptimalRoute>(exact).chain;
  expect_equal(chain.nodes, expected.nodes, "path");
  expect_equal(chain.cost.price, expected.cost.price, "price");
  expect_equal(chain.cost.time, expected.cost.time, "time");
  expect_equal(chain.weight, expected.weight, "weight");
}

/// The same answer with no labels.
RouteAnswer as_answer(const RouteResult& result) {
  if (const auto* blocked = std::get_if<Unreachable>(&result)) return *blocked;
  return OptimalRoute{std::get<Chain>(result), {}};
}

RouteAnswer reference_route(const Network& network, const Rational& alpha) {
  auto answer = reference::route(network, alpha, first_client(network));
  expect(answer.has_value(), "a network this small is within every limit");
  return *std::move(answer);
}

/// Both halves on one network, on every vector unit of this machine.
FilterCounts expect_agreement(const Network& network, const MarketColumns& columns, const Rational& alpha) {
  const RouteAnswer exact = reference_route(network, alpha);
  const RouteIndex index = optimized::make_route_index(columns, first_column_client(columns));
  const auto portable = optimized::route(index, alpha, VectorUnit::portable);
  expect_same(portable.answer, exact);
  for (const VectorUnit unit : {VectorUnit::avx2, VectorUnit::avx512}) {
    if (!is_supported(unit)) continue;
    const auto other = optimized::route(index, alpha, unit);
    expect_same(other.answer, exact);
    expect(other.decisions == portable.decisions, "each vector unit decides alike");
  }
  expect_same(optimized::RouteHulls(index).route(alpha).answer, exact);
  return portable.decisions;
}

Network without_latency(Network network) {
  network.latency.clear();
  return network;
}

PROPERTY("the fast route is the reference's route", "[ROUTE-2][ROUTE-3][ROUTE-4][ROUTE-5][ROUTE-7]", 2000) {
  const World world(without_latency(draw_network({.nodes_max = 14})));
  const Rational alpha = draw_alpha();
  const auto columns = optimized::columns_of(world.network);
  reach("empty network", world.network.nodes.empty());
  reach("unreachable", world.chains.empty());
  reach("client legs", traits_of(world.network).client_legs);
  reach("equal costs", traits_of(world.network).equal_costs);
  reach("alpha 0", alpha == Rational(0));
  reach("alpha 1", alpha == Rational(1));
  reach("several chains", world.chains.size() > 1);
  note("no columns", !columns);
  if (!columns) return;
  const RouteIndex index = optimized::make_route_index(*columns, first_column_client(*columns));
  reach("32-bit integers", !index.unreachable && index.costs.index() == 0);
  reach("64-bit integers", !index.unreachable && index.costs.index() == 1);
  expect_agreement(world.network, *columns, alpha);
}

PROPERTY("the first nodes of the cells change at the break points of their hulls alone", "[ROUTE-3][PARETO-4]", 400) {
  const Network network = without_latency(draw_network({.nodes_min = 3, .nodes_max = 14, .layers_max = 2}));
  const auto columns = optimized::columns_of(network);
  note("no columns", !columns);
  if (!columns) return;
  const RouteIndex index = optimized::make_route_index(*columns, first_column_client(*columns));
  if (index.unreachable) return;
  const optimized::RouteHulls hulls(index);
  std::vector<Rational> alphas = hulls.break_points();
  reach("several break points", alphas.size() > 1);
  reach("no break point", alphas.empty());
  for (const Rational& alpha : alphas) {
    expect(Rational(0) < alpha && alpha < Rational(1), "a break point lies in (0, 1)");
    expect_same(hulls.route(alpha).answer, reference_route(network, alpha));
  }
  alphas.insert(alphas.begin(), Rational(0));
  alphas.emplace_back(1);
  for (std::size_t k = 1; k < alphas.size(); ++k) {
    const Rational low = (Rational(7) * alphas[k - 1] + alphas[k]) / Rational(8);
    const Rational high = (alphas[k - 1] + Rational(7) * alphas[k]) / Rational(8);
    const auto inside = optimized::route(index, low).answer;
    expect_same(inside, reference_route(network, low));
    // The nodes of all cells are the same, so that the chain differs only where two chains of them change places.
    expect_same(hulls.route(high).answer, reference_route(network, high));
    if (network.layers == 1)
      expect_equal(std::get<Chain>(inside).nodes, std::get<Chain>(hulls.route(high).answer).nodes, "chain between");
  }
  reach("one layer", network.layers == 1);
}

PROPERTY("many alphas in one pass give each alpha's own route on every number of threads", "[ROUTE-3][ROUTE-7]", 400) {
  const auto nodes = static_cast<int>(draw_integer(0, 1) * draw_integer(600, 1500));
  const Network network = without_latency(
      nodes > 0 ? draw_large_market(static_cast<std::size_t>(nodes), draw_integer(1, 3), draw_integer(1, 40))
                : draw_network({.nodes_max = 14}));
  const auto columns = optimized::columns_of(network);
  note("no columns", !columns);
  if (!columns) return;
  std::vector<Rational> alphas;
  for (std::int64_t k = draw_integer(1, 20); k > 0; --k) alphas.push_back(draw_alpha());
  reach("more alphas than one pass takes", alphas.size() > optimized::scan_tile);
  reach("several blocks a cell", nodes > 0);
  reach("a repeated alpha", [&] {
    for (std::size_t k = 1; k < alphas.size(); ++k)
      if (alphas[k] == alphas[0]) return true;
    return false;
  }());
  const RouteIndex index = optimized::make_route_index(*columns, first_column_client(*columns));
  const oneapi::tbb::global_control threads_max(oneapi::tbb::global_control::max_allowed_parallelism, 4);
  std::vector<std::vector<optimized::Counted<RouteResult>>> runs;
  for (const int threads : {1, 2, 4})
    oneapi::tbb::task_arena(threads).execute([&] { runs.push_back(optimized::routes(index, alphas)); });
  for (std::size_t k = 0; k < alphas.size(); ++k) {
    expect_same(runs[0][k].answer, as_answer(optimized::route(index, alphas[k]).answer));
    for (const auto& run : runs) {
      expect_same(run[k].answer, as_answer(runs[0][k].answer));
      expect(run[k].decisions == runs[0][k].decisions, "each number of threads decides alike");
    }
  }
}

}  // namespace
}  // namespace p2pllm::properties
