#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include "checker/check.hpp"
#include "optimized/market/hull.hpp"
#include "optimized/market/route.hpp"
#include "optimized/market/route_latency.hpp"
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

/// Every decision of an answer by cheaper arithmetics than the exact one, or none of them.
void reach_arithmetics(const FilterCounts& counts) {
  reach("decided in 128 bits", counts.wider > 0);
  reach("decided exactly", counts.exact > 0);
}

/// Both halves on one network without latency, on every vector unit of this machine.
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

PROPERTY("the fast route with latency is the reference's route for every client",
         "[ROUTE-2][ROUTE-3][ROUTE-4][ROUTE-5]", 1500) {
  Network network = draw_network({.nodes_max = 14});
  if (network.nodes.empty()) return;  // without a latency
  if (network.latency.empty()) network.latency.assign(network.size(), std::vector<Rational>(network.size(), 1));
  const auto columns = optimized::columns_of(network);
  note("no columns", !columns);
  if (!columns) return;
  const Rational alpha = draw_alpha();
  std::vector<optimized::ClientChoice> clients;  // more than one tile
  for (std::size_t c = 0; c < 11; ++c)
    clients.push_back(c % (network.clients.size() + 1) == 0
                          ? optimized::ClientChoice()
                          : optimized::ClientChoice(c % (network.clients.size() + 1) - 1));
  const optimized::LatencyIndex index = optimized::make_latency_index(*columns);
  reach("unreachable", index.unreachable.has_value());
  reach("machine integers", !index.unreachable && index.terms.index() == 0);
  reach("several clients", network.clients.size() > 1);
  reach("a repeated cost", traits_of(network).equal_costs);
  const auto portable = optimized::routes(index, alpha, clients, VectorUnit::portable);
  for (const VectorUnit unit : {VectorUnit::portable, VectorUnit::avx2, VectorUnit::avx512}) {
    if (!is_supported(unit)) continue;
    const auto results = optimized::routes(index, alpha, clients, unit);
    for (std::size_t c = 0; c < clients.size(); ++c) {
      const ClientLegs legs{clients[c] ? &network.clients[*clients[c]] : nullptr};
      expect_same(results[c].answer, *reference::route(network, alpha, legs));
      expect(results[c].decisions == portable[c].decisions, "each vector unit decides alike");
    }
  }
  const oneapi::tbb::global_control threads_max(oneapi::tbb::global_control::max_allowed_parallelism, 4);
  for (const int threads : {1, 2, 4})
    oneapi::tbb::task_arena(threads).execute([&] {
      const auto results = optimized::routes(index, alpha, clients);
      for (std::size_t c = 0; c < clients.size(); ++c) {
        expect_same(results[c].answer, as_answer(portable[c].answer));
        expect(results[c].decisions == portable[c].decisions, "each number of threads decides alike");
      }
    });
}

PROPERTY("near ties are decided as by the reference, in 128 bits or exactly", "[ROUTE-3]", 1500) {
  auto near = draw_near_tie();
  reach("two chains to tie", near.has_value());
  if (!near) return;
  Network network = near->world.network;
  const bool is_merged = draw_coin();
  if (is_merged) network.latency.clear();
  if (!is_merged && network.latency.empty())
    network.latency.assign(network.size(), std::vector<Rational>(network.size(), 0));
  const auto columns = optimized::columns_of(network);
  reach("columns hold it", columns.has_value());
  note("no columns", !columns);
  if (!columns) return;
  if (is_merged) {
    reach_arithmetics(expect_agreement(network, *columns, near->alpha));
    return;
  }
  const auto fast = optimized::route(*columns, near->alpha, first_column_client(*columns));
  expect_same(fast.answer, reference_route(network, near->alpha));
  reach("decided in 128 bits, with latency", fast.decisions.wider > 0);
  reach("decided exactly, with latency", fast.decisions.exact > 0);
}

PROPERTY("the checker accepts every fast route's certificate", "[CERT-2][CERT-3][ROUTE-3][ROUTE-5]", 500) {
  const World world(filed(draw_network({.nodes_max = 10})));
  const Rational alpha = draw_alpha();
  const auto columns = optimized::columns_of(world.network);
  note("no columns", !columns);
  if (!columns) return;
  const auto client = first_column_client(*columns);
  const RouteAnswer answer = optimized::certified_route(*columns, alpha, client).answer;
  const RouteAnswer expected = reference_route(world.network, alpha);
  Certificate certificate{world.network.sha256, "", alpha, {}, {}};
  if (client) certificate.client = world.network.clients[*client].id;
  if (const auto* route = std::get_if<OptimalRoute>(&answer)) {
    expect(route->labels == std::get<OptimalRoute>(expected).labels, "the labels are the reference's");
    certificate.claim = *route;
  } else {
    certificate.alpha.reset();
    certificate.client.reset();
    certificate.claim = std::get<Unreachable>(answer);
  }
  reach("latency", !world.network.latency.empty());
  reach("no latency", world.network.latency.empty());
  reach("unreachable", world.chains.empty());
  reach("a client", client.has_value());
  const checker::Decision decision = checker::check(certificate, world.network, {});
  expect(decision.accepted, "rejected: " + decision.reason);
}

}  // namespace
}  // namespace p2pllm::properties
