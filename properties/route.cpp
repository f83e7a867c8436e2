#include "reference/market/route.hpp"

#include <algorithm>
#include <functional>
#include <limits>

#include "properties/chains.hpp"
#include "properties/generators/near_tie.hpp"
#include "reference/market/pareto.hpp"
#include "reference/market/path_rules.hpp"

namespace p2pllm::properties {
namespace {

OptimalRoute expect_route(const World& world, const Rational& alpha) {
  const auto answer = reference::route(world.network, alpha, world.legs());
  expect(answer.has_value() && std::holds_alternative<OptimalRoute>(*answer), "a route is expected");
  return std::get<OptimalRoute>(*answer);
}

bool has_route(const World& world) { return !world.chains.empty(); }

/// The suffixes from a node as the chains of a network of their own (ROUTE-2).
World suffixes_from(const World& world, std::size_t node) {
  Network rest = world.network;
  const std::int64_t start = rest.nodes[node].layers.first;
  rest.layers -= start;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    LayerRange& range = rest.nodes[i].layers;
    const bool excluded = range.first <= start && i != node;
    // An excluded node is put out of the way: it begins at a boundary that no node reaches.
    range = excluded ? LayerRange{std::numeric_limits<std::int64_t>::max(), 0}
                     : LayerRange{range.first - start, range.last - start};
  }
  for (Client& client : rest.clients) std::fill(client.to.begin(), client.to.end(), Rational(0));
  return World(std::move(rest));
}

void expect_is_brute_force_optimum(const World& world, const Rational& alpha) {
  const auto answer = reference::route(world.network, alpha, world.legs());
  expect(answer.has_value(), "a network this small is within every limit");
  if (const auto* blocked = std::get_if<Unreachable>(&*answer)) {
    expect(!has_route(world), "unreachable was answered although a chain exists");
    expect_equal(blocked->reachable, brute_force::reachable(world.network), "reachable boundaries");
    expect_equal(blocked->blocked_boundary, blocked->reachable.back(), "blocked boundary");
    return;
  }
  expect(has_route(world), "a route was answered although no chain exists");
  const auto best = brute_force::optimal(world.network, alpha, world.chains);
  const Chain& chain = std::get<OptimalRoute>(*answer).chain;
  expect_equal(chain.nodes, best.nodes, "path");
  expect_equal(chain.cost.price, best.price, "price");
  expect_equal(chain.cost.time, best.time, "time");
  expect_equal(chain.weight, brute_force::weight(world.network, alpha, best), "weight");
}

bool has_tie(const World& world, const Rational& alpha) {
  if (!has_route(world)) return false;
  const auto best = brute_force::optimal(world.network, alpha, world.chains);
  return std::count_if(world.chains.begin(), world.chains.end(),
                       [&](const auto& chain) { return chain.price == best.price && chain.time == best.time; }) > 1;
}

bool has_weight_tie(const World& world, const Rational& alpha) {
  if (!has_route(world)) return false;
  const auto best = brute_force::optimal(world.network, alpha, world.chains);
  return std::any_of(world.chains.begin(), world.chains.end(), [&](const auto& chain) {
    return brute_force::weight(world.network, alpha, chain) == brute_force::weight(world.network, alpha, best) &&
           !(chain.price == best.price && chain.time == best.time);
  });
}

PROPERTY("the route is the least of all chains in the one order", "[ROUTE-1][ROUTE-2][ROUTE-3][ROUTE-5]", 2000) {
  const World world(draw_network({}));
  const Rational alpha = draw_alpha();
  reach_chain_classes(world);
  reach("alpha 0", alpha == Rational(0));
  reach("alpha 1", alpha == Rational(1));
  reach("ties of price and time", has_tie(world, alpha));
  reach("ties of weight alone", has_weight_tie(world, alpha));
  expect_is_brute_force_optimum(world, alpha);
  expect(reference::count_chains(world.network) == world.chains.size(), "the number of chains");
}

PROPERTY("the route is the least of all chains of fifty layers and more", "[ROUTE-3][ROUTE-4]", 60) {
  const World world(draw_network({.layout = NetworkShape::Layout::long_chain}));
  const Rational alpha = draw_alpha();
  reach("50 layers or more", traits_of(world.network).long_chain);
  reach("several chains", world.chains.size() > 1);
  reach("latency", traits_of(world.network).latency);
  reach("ties of price and time", has_tie(world, alpha));
  expect_is_brute_force_optimum(world, alpha);
}

PROPERTY("on a tie of weight the rest of the order decides and beside it the weight", "[ROUTE-2][ROUTE-3]", 1500) {
  const auto near = draw_near_tie();
  reach("two chains to tie", near.has_value());
  if (!near) return;
  reach_near_tie_classes(*near);
  expect_is_brute_force_optimum(near->world, near->alpha);
  if (near->side == Side::exact || near->alpha_moved) return;
  const auto path = expect_route(near->world, near->alpha).chain.nodes;
  expect_equal(std::count(path.begin(), path.end(), near->raised) == 1, near->side == Side::below,
               "the route uses the raised node iff its chain is the lighter one");
}

PROPERTY("the dual label of a node is the least cost of its suffixes", "[ROUTE-2][ROUTE-3]", 300) {
  const World world(draw_network({.nodes_max = 7, .layers_max = 4}));
  const Rational alpha = draw_alpha();
  reach("unreachable", !has_route(world));
  if (!has_route(world)) return;
  const OptimalRoute route = expect_route(world, alpha);
  expect_equal(route.labels.size(), world.network.size(), "one label a node");
  bool dead_end = false;
  for (std::size_t i = 0; i < world.network.size(); ++i) {
    const World rest = suffixes_from(world, i);
    dead_end = dead_end || !has_route(rest);
    expect_equal(route.labels[i].has_value(), has_route(rest), "whether node " + shown(i) + " has a label");
    if (!has_route(rest)) continue;
    const auto best = brute_force::optimal(rest.network, alpha, rest.chains);
    expect_equal(route.labels[i]->price, best.price, "price of label " + shown(i));
    expect_equal(route.labels[i]->time, best.time, "time of label " + shown(i));
  }
  reach("a node without a label", dead_end);
}

PROPERTY("ranges ascend along a chain so that every node is settled after all it leads to", "[ROUTE-6]", 300) {
  const World world(draw_network({.layers_max = 8}));
  std::vector<bool> leads_on(world.network.size());
  std::size_t longest = 0;
  for (const auto& chain : world.chains) {
    const auto first = [&](std::size_t i) { return world.network.nodes[i].layers.first; };
    expect(std::ranges::is_sorted(chain.nodes, std::less_equal{}, first) || chain.nodes.size() < 2,
           "a chain's nodes start at ascending boundaries");
    expect(chain.nodes.size() <= std::min(world.network.size(), static_cast<std::size_t>(world.network.layers)),
           "a chain has at most a node a layer, each once");
    longest = std::max(longest, chain.nodes.size());
    for (const std::size_t i : chain.nodes) leads_on[i] = true;
  }
  reach("a chain of four nodes", longest >= 4);
  if (world.chains.empty()) return;
  const OptimalRoute route = expect_route(world, draw_alpha());
  const auto frontier = reference::pareto(world.network, world.legs());
  expect(frontier.has_value(), "a network this small is within every limit");
  for (std::size_t i = 0; i < leads_on.size(); ++i)
    if (leads_on[i])
      expect(route.labels[i].has_value() && !std::get<Frontier>(*frontier).labels[i].empty(),
             "node " + shown(i) + " of a chain has its labels");
}

PROPERTY("without latency between peers one label a boundary gives the route and the labels of the explicit graph",
         "[ROUTE-7]", 600) {
  Network network = draw_network({.nodes_max = 14});
  network.latency.clear();
  const World world(std::move(network));
  const Rational alpha = draw_alpha();
  reach("ties of price and time", has_tie(world, alpha));
  reach("client legs", traits_of(world.network).client_legs);
  reach("unreachable", !has_route(world));
  const auto merged = reference::route(world.network, alpha, world.legs());
  const auto expected = reference::explicit_route(world.network, alpha, world.legs());
  expect(merged.has_value() && expected.has_value(), "a network this small is within every limit");
  expect_equal(merged->index(), expected->index(), "whether a chain exists");
  if (const auto* blocked = std::get_if<Unreachable>(&*merged)) {
    expect_equal(blocked->reachable, std::get<Unreachable>(*expected).reachable, "reachable boundaries");
    return;
  }
  const auto& [chain, labels] = std::get<OptimalRoute>(*merged);
  const auto& [best, best_labels] = std::get<OptimalRoute>(*expected);
  expect_equal(chain.nodes, best.nodes, "path");
  expect(chain.cost == best.cost && chain.weight == best.weight, "cost and weight");
  expect(labels == best_labels, "labels");
}

PROPERTY("scaling prices with their scale and times with theirs keeps the route", "[ROUTE-2]", 200) {
  const World world(draw_network({.nodes_max = 14}));
  const Rational alpha = draw_alpha();
  const Rational price_factor = draw_positive();
  const Rational time_factor = draw_positive();
  reach("several chains", world.chains.size() > 1);
  if (!has_route(world)) return;
  const Chain before = expect_route(world, alpha).chain;
  const Chain after = expect_route(World(rescaled(world.network, price_factor, time_factor)), alpha).chain;
  expect_equal(after.nodes, before.nodes, "path");
  expect_equal(after.weight, before.weight, "weight");
  expect_equal(after.cost.price, before.cost.price * price_factor, "price");
  expect_equal(after.cost.time, before.cost.time * time_factor, "time");
}

PROPERTY("renumbering the nodes keeps the cost of the route, and its path up to ties", "[ROUTE-3]", 300) {
  const World world(draw_network({.nodes_max = 14}));
  const Rational alpha = draw_alpha();
  const auto order = draw_permutation(world.network.size());
  const World other(permuted(world.network, order));
  reach("ties of price and time", has_tie(world, alpha));
  expect_equal(has_route(other), has_route(world), "reachability");
  if (!has_route(world)) return;
  const Chain before = expect_route(world, alpha).chain;
  const Chain after = expect_route(other, alpha).chain;
  expect_equal(after.weight, before.weight, "weight");
  expect_equal(after.cost.price, before.cost.price, "price");
  expect_equal(after.cost.time, before.cost.time, "time");
  const auto mapped = renumbered(after.nodes, order);
  expect(brute_force::is_chain(world.network, mapped), "the path maps to a chain");
  expect(before.nodes <= mapped, "the path of the first numbering is the smallest in it");
  if (!has_tie(world, alpha)) expect_equal(mapped, before.nodes, "the path, as no other costs the same");
}

PROPERTY("a dominated node changes no route", "[ROUTE-3]", 300) {
  const World world(draw_network({.nodes_max = 12}));
  if (world.network.nodes.empty()) return;
  const Rational alpha = draw_alpha();
  const auto node = static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(world.network.size()) - 1));
  const Rational dearer(draw_integer(0, 2));
  const Rational slower(draw_integer(0, 2));
  reach("an equal twin", dearer == Rational(0) && slower == Rational(0));
  if (!has_route(world)) return;
  const Chain before = expect_route(world, alpha).chain;
  reach("beside a node of the route", std::count(before.nodes.begin(), before.nodes.end(), node) > 0);
  const Chain after = expect_route(World(with_dominated(world.network, node, dearer, slower)), alpha).chain;
  expect_equal(after.nodes, before.nodes, "path");
  expect_equal(after.weight, before.weight, "weight");
  expect_equal(after.cost.price, before.cost.price, "price");
  expect_equal(after.cost.time, before.cost.time, "time");
}

PROPERTY("the one order is total and survives a common addition", "[ROUTE-3]", 500) {
  const auto label = [] {
    return reference::PathLabel<Rational>{draw_integer(0, 2), draw_integer(0, 2), draw_integer(0, 2)};
  };
  const auto a = label();
  const auto b = label();
  const auto c = label();
  const bool equal = a.weight == b.weight && a.price == b.price && a.time == b.time;
  reach("equal labels", equal);
  reach("equal weights", !equal && a.weight == b.weight);
  expect_equal(reference::precedes(a, b) + reference::precedes(b, a) + equal, 1, "exactly one of <, >, = holds");
  expect_equal(reference::precedes(joined(a, c), joined(b, c)), reference::precedes(a, b), "a + c < b + c iff a < b");
  if (reference::precedes(a, b) && reference::precedes(b, c)) expect(reference::precedes(a, c), "transitive");
  const auto smaller = reference::minimum(a, b);
  expect(!reference::precedes(a, smaller) && !reference::precedes(b, smaller), "the least precedes neither later");
}

}  // namespace
}  // namespace p2pllm::properties
