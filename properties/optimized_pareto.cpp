#include "optimized/market/pareto.hpp"

#include "checker/check.hpp"
#include "properties/chains.hpp"
#include "properties/generators/near_tie.hpp"
#include "reference/market/pareto.hpp"

namespace p2pllm::properties {
namespace {

using optimized::ClientChoice;
using optimized::MarketColumns;

ClientChoice first_choice(const MarketColumns& columns) {
  return columns.clients.empty() ? ClientChoice() : ClientChoice(0);
}

void expect_same_points(const Frontier& fast, const Frontier& exact) {
  expect_equal(fast.points.size(), exact.points.size(), "number of points");
  for (std::size_t k = 0; k < exact.points.size(); ++k) {
    const std::string name = " of point " + shown(k);
    const FrontierPoint& point = fast.points[k];
    const FrontierPoint& expected = exact.points[k];
    expect_equal(point.cost.price, expected.cost.price, "price" + name);
    expect_equal(point.cost.time, expected.cost.time, "time" + name);
    expect_equal(point.path, expected.path, "path" + name);
    expect_equal(std::string(to_string(point.kind)), std::string(to_string(expected.kind)), "class" + name);
    expect(point.alpha == expected.alpha, "interval" + name);
  }
}

void expect_same(const FrontierAnswer& fast, const FrontierAnswer& exact) {
  expect_equal(fast.index(), exact.index(), "whether a chain exists");
  if (const auto* blocked = std::get_if<Unreachable>(&exact))
    expect_equal(std::get<Unreachable>(fast).reachable, blocked->reachable, "reachable boundaries");
  else expect_same_points(std::get<Frontier>(fast), std::get<Frontier>(exact));
}

/// Both halves on one network; with all labels, too.
void expect_agreement(const Network& network, const MarketColumns& columns) {
  const auto exact = reference::pareto(network, first_client(network));
  const auto fast = optimized::pareto(columns, first_choice(columns));
  const auto certified = optimized::certified_pareto(columns, first_choice(columns));
  expect(exact && fast && certified, "a network this small is within every limit");
  expect_same(fast->answer, *exact);
  expect_same(certified->answer, *exact);
  if (const auto* frontier = std::get_if<Frontier>(&*exact)) {
    expect(std::get<Frontier>(certified->answer).labels == frontier->labels, "labels");
    expect(std::get<Frontier>(fast->answer).labels.empty(), "no labels are made that nobody asked for");
  }
}

PROPERTY("the fast frontier is the reference's frontier", "[PARETO-1][PARETO-3][PARETO-4][PARETO-6]", 1500) {
  const World world(draw_network({.nodes_max = 13}));
  const auto columns = optimized::columns_of(world.network);
  note("no columns", !columns);
  reach("unreachable", world.chains.empty());
  reach("latency", traits_of(world.network).latency);
  reach("no latency", !traits_of(world.network).latency);
  reach("client legs", traits_of(world.network).client_legs);
  reach("equal costs", traits_of(world.network).equal_costs);
  reach("several chains", world.chains.size() > 1);
  if (columns) expect_agreement(world.network, *columns);
}

PROPERTY("beside a line or a tie the fast frontier has the reference's classes", "[PARETO-3][PARETO-4]", 800) {
  Network network;
  if (draw_coin()) network = draw_near_collinear().network;
  else {
    auto near = draw_near_tie();
    reach("a near tie", near.has_value());
    if (!near) return;
    network = near->world.network;
  }
  const auto columns = optimized::columns_of(network);
  reach("columns hold it", columns.has_value());
  if (!columns) return;
  const auto counts = optimized::pareto(*columns, first_choice(*columns))->decisions;
  reach("labels of 64 bits", counts.approximate > 0);
  reach("labels of 128 bits", counts.wider > 0);
  expect_agreement(network, *columns);
}

PROPERTY("many nodes of few costs keep the smallest chain of each point", "[PARETO-6]", 300) {
  Network network;
  network.layers = draw_integer(1, 4);
  for (std::int64_t k = draw_integer(4, 40); k > 0; --k) {
    const std::int64_t first = draw_integer(0, network.layers - 1);
    const std::int64_t last = draw_integer(first + 1, std::min(first + 2, network.layers));
    network.nodes.push_back({"n" + std::to_string(k), {first, last}, draw_integer(1, 4), draw_integer(0, 4)});
  }
  if (draw_coin())
    for (std::size_t i = 0; i < network.size(); ++i) {
      network.latency.emplace_back();
      for (std::size_t j = 0; j < network.size(); ++j) network.latency.back().emplace_back(draw_integer(0, 2));
    }
  reach("latency", !network.latency.empty());
  reach("no latency", network.latency.empty());
  const auto columns = optimized::columns_of(network);
  expect(columns.has_value(), "small integers fit");
  reach("a chain exists", !std::holds_alternative<Unreachable>(optimized::pareto(*columns, {})->answer));
  expect_agreement(network, *columns);
}

PROPERTY("a limit on labels gives no part of a fast frontier", "[PARETO-3]", 400) {
  const Network network = draw_network({.nodes_max = 11});
  const auto limit = static_cast<std::size_t>(draw_integer(0, 12));
  const auto columns = optimized::columns_of(network);
  note("no columns", !columns);
  if (!columns) return;
  const auto exact = reference::pareto(network, first_client(network), limit);
  const auto fast = optimized::pareto(*columns, first_choice(*columns), limit);
  const auto certified = optimized::certified_pareto(*columns, first_choice(*columns), limit);
  reach("the limit is hit", !fast.has_value());
  reach("the limit is not hit", fast.has_value());
  reach("the reference alone gives up", fast && !exact);
  reach("the limit is hit by the labels of all nodes", fast && !certified);
  if (exact) {
    expect(fast.has_value() && certified.has_value(), "the reference keeps no more labels");
    expect_same(fast->answer, *exact);
    expect_same(certified->answer, *exact);
    return;
  }
  if (!fast) expect_equal(fast.error().message(), exact.error().message(), "the reason");
  const bool has_chain = !fast || std::holds_alternative<Frontier>(fast->answer);
  if (has_chain) expect(!certified && certified.error().kind == Fault::Kind::limit_reached, "all labels are too many");
}

PROPERTY("the checker accepts every fast frontier's certificate", "[CERT-4][PARETO-3]", 400) {
  const World world(filed(draw_network({.nodes_max = 10})));
  const auto columns = optimized::columns_of(world.network);
  note("no columns", !columns);
  if (!columns) return;
  const ClientChoice client = first_choice(*columns);
  const auto answer = optimized::certified_pareto(*columns, client);
  Certificate certificate{world.network.sha256, "", {}, {}, {}};
  const auto* frontier = std::get_if<Frontier>(&answer->answer);
  reach("several points", frontier != nullptr && frontier->points.size() > 1);
  reach("a client", client.has_value());
  if (frontier == nullptr) return;
  if (client) certificate.client = world.network.clients[*client].id;
  certificate.claim = *frontier;
  const checker::Decision decision = checker::check(certificate, world.network, {});
  expect(decision.accepted, "rejected: " + decision.reason);
}

}  // namespace
}  // namespace p2pllm::properties
