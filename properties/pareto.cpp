#include "reference/market/pareto.hpp"

#include "properties/chains.hpp"
#include "properties/generators/near_tie.hpp"
#include "reference/market/path_rules.hpp"
#include "reference/market/route.hpp"

namespace p2pllm::properties {
namespace {

Frontier expect_frontier(const World& world) {
  const auto answer = reference::pareto(world.network, world.legs());
  expect(answer.has_value() && std::holds_alternative<Frontier>(*answer), "a frontier is expected");
  return std::get<Frontier>(*answer);
}

PointClass class_of(const std::optional<std::pair<Rational, Rational>>& interval) {
  if (!interval) return PointClass::unsupported;
  return interval->first < interval->second ? PointClass::extreme : PointClass::tie;
}

bool has_class(const Frontier& frontier, PointClass kind) {
  return std::any_of(frontier.points.begin(), frontier.points.end(),
                     [kind](const FrontierPoint& point) { return point.kind == kind; });
}

void expect_is_brute_force_frontier(const World& world, const Frontier& frontier) {
  const auto expected = brute_force::frontier(world.chains);
  expect_equal(frontier.points.size(), expected.size(), "number of points");
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const FrontierPoint& point = frontier.points[k];
    const std::string name = " of point " + shown(k);
    expect_equal(point.cost.price, expected[k].price, "price" + name);
    expect_equal(point.cost.time, expected[k].time, "time" + name);
    expect_equal(point.path, expected[k].nodes, "path" + name);
    const auto interval = brute_force::alpha_interval(world.network, expected[k], world.chains);
    expect_equal(std::string(to_string(point.kind)), std::string(to_string(class_of(interval))), "class" + name);
    expect_equal(point.alpha.has_value(), interval.has_value(), "whether some alpha supports" + name);
    if (!interval) continue;
    expect_equal(point.alpha->first, interval->first, "least alpha" + name);
    expect_equal(point.alpha->second, interval->second, "greatest alpha" + name);
  }
}

/// Whether distinct chains have one undominated cost.
bool has_frontier_tie(const World& world) {
  const auto frontier = brute_force::frontier(world.chains);
  return std::any_of(frontier.begin(), frontier.end(), [&](const auto& point) {
    return std::count_if(world.chains.begin(), world.chains.end(),
                         [&](const auto& chain) { return chain.price == point.price && chain.time == point.time; }) > 1;
  });
}

PROPERTY("the frontier is every undominated cost with its class interval and smallest chain",
         "[PARETO-1][PARETO-3][PARETO-4][PARETO-6]", 1500) {
  const World world(draw_network({.nodes_max = 11}));
  reach_chain_classes(world);
  reach("ties of price and time", has_frontier_tie(world));
  const auto answer = reference::pareto(world.network, world.legs());
  expect(answer.has_value(), "a network this small is within every limit");
  if (const auto* blocked = std::get_if<Unreachable>(&*answer)) {
    expect(world.chains.empty(), "unreachable was answered although a chain exists");
    expect_equal(blocked->reachable, brute_force::reachable(world.network), "reachable boundaries");
    expect_equal(blocked->blocked_boundary, blocked->reachable.back(), "blocked boundary");
    return;
  }
  const Frontier& frontier = std::get<Frontier>(*answer);
  reach("several points", frontier.points.size() > 1);
  reach("a tie on the hull", has_class(frontier, PointClass::tie));
  reach("an unsupported point", has_class(frontier, PointClass::unsupported));
  expect_is_brute_force_frontier(world, frontier);
}

PROPERTY("the frontier of fifty layers and more is every undominated cost", "[PARETO-3]", 40) {
  const World world(draw_network({.layout = NetworkShape::Layout::long_chain}));
  reach("50 layers or more", traits_of(world.network).long_chain);
  reach("several chains", world.chains.size() > 1);
  expect_is_brute_force_frontier(world, expect_frontier(world));
}

PROPERTY("a point on the line between its neighbours is a tie and beside the line it is not", "[PARETO-3][PARETO-4]",
         600) {
  const NearCollinear near = draw_near_collinear();
  const World world(near.network);
  const Frontier frontier = expect_frontier(world);
  expect_is_brute_force_frontier(world, frontier);
  const auto second = std::find_if(frontier.points.begin(), frontier.points.end(),
                                   [](const FrontierPoint& point) { return point.path.front() == 1; });
  reach("on the line", near.side == Side::exact);
  reach("below the line by under 1e-12", near.side == Side::below && near.gap < Rational(1, 1'000'000'000'000));
  reach("above the line by under 1e-12", near.side == Side::above && near.gap < Rational(1, 1'000'000'000'000));
  if (second == frontier.points.end()) {
    expect(near.side == Side::above && world.network.nodes[1].cost >= world.network.nodes[0].cost,
           "the second point is dominated only if it is as slow as the cheaper first");
    note("dominated", true);
    return;
  }
  const PointClass expected = near.side == Side::exact   ? PointClass::tie
                              : near.side == Side::below ? PointClass::extreme
                                                         : PointClass::unsupported;
  expect_equal(std::string(to_string(second->kind)), std::string(to_string(expected)), "class of the second point");
}

PROPERTY("the frontier beside a tie of weight is every undominated cost with its interval", "[PARETO-3][PARETO-4]",
         600) {
  const auto near = draw_near_tie();
  reach("two chains to tie", near.has_value());
  if (!near) return;
  reach_near_tie_classes(*near);
  expect_is_brute_force_frontier(near->world, expect_frontier(near->world));
}

PROPERTY("the optimal chain is on the frontier at every alpha and its point is supported there", "[PARETO-5][ROUTE-3]",
         600) {
  const World world(draw_network({.nodes_max = 12}));
  const Rational alpha = draw_alpha();
  reach("alpha 0", alpha == Rational(0));
  reach("alpha 1", alpha == Rational(1));
  if (world.chains.empty()) return;
  const Frontier frontier = expect_frontier(world);
  const auto answer = reference::route(world.network, alpha, world.legs());
  const Chain& chain = std::get<OptimalRoute>(*answer).chain;
  const auto point = std::find_if(frontier.points.begin(), frontier.points.end(),
                                  [&](const FrontierPoint& each) { return each.cost == chain.cost; });
  expect(point != frontier.points.end(), "the optimal chain's cost is a point of the frontier");
  expect_equal(point->path, chain.nodes, "the point shows the optimal chain");
  expect(point->alpha.has_value(), "the point is supported");
  expect(point->alpha->first <= alpha && alpha <= point->alpha->second, "alpha lies in the point's interval");
  reach("at an end of the interval", alpha == point->alpha->first || alpha == point->alpha->second);
}

PROPERTY("the intervals of extreme points tile 0 to 1", "[PARETO-4]", 300) {
  const World world(draw_network({.nodes_max = 13}));
  if (world.chains.empty()) return;
  const Frontier frontier = expect_frontier(world);
  Rational upper(1);
  for (const FrontierPoint& point : frontier.points) {
    if (point.kind != PointClass::extreme) continue;
    expect_equal(point.alpha->second, upper, "an interval begins where the last one ends");
    upper = point.alpha->first;
  }
  expect_equal(upper, Rational(0), "the least alpha of the fastest point");
  reach("several extreme points",
        std::count_if(frontier.points.begin(), frontier.points.end(),
                      [](const FrontierPoint& point) { return point.kind == PointClass::extreme; }) > 1);
}

PROPERTY("scaling keeps the frontier and scaling by one factor keeps its classes", "[PARETO-4]", 200) {
  const World world(draw_network({.nodes_max = 12}));
  const Rational price_factor = draw_positive();
  const Rational time_factor = draw_positive();
  if (world.chains.empty()) return;
  const Frontier before = expect_frontier(world);
  const Frontier after = expect_frontier(World(rescaled(world.network, price_factor, time_factor)));
  Network other_scales = world.network;
  other_scales.price_scale *= price_factor;
  const Frontier rescaled_only = expect_frontier(World(other_scales));
  reach("several points", before.points.size() > 1);
  expect_equal(after.points.size(), before.points.size(), "number of points");
  for (std::size_t k = 0; k < before.points.size(); ++k) {
    expect_equal(after.points[k].cost.price, before.points[k].cost.price * price_factor, "price");
    expect_equal(after.points[k].cost.time, before.points[k].cost.time * time_factor, "time");
    expect(after.points[k].path == before.points[k].path && after.points[k].alpha == before.points[k].alpha,
           "path and interval");
    expect(after.points[k].kind == before.points[k].kind, "class");
    expect(rescaled_only.points[k].kind == before.points[k].kind, "the class does not depend on the scales");
  }
}

PROPERTY("renumbering the nodes and adding a dominated one keep the costs of the frontier", "[PARETO-1][PARETO-3]",
         300) {
  const World world(draw_network({.nodes_max = 12}));
  if (world.network.nodes.empty() || world.chains.empty()) return;
  const auto order = draw_permutation(world.network.size());
  const auto node = static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(world.network.size()) - 1));
  const Rational dearer(draw_integer(0, 1));
  const Rational slower(draw_integer(0, 1));
  const Frontier before = expect_frontier(world);
  const Frontier renumbered_frontier = expect_frontier(World(permuted(world.network, order)));
  const Frontier extended = expect_frontier(World(with_dominated(world.network, node, dearer, slower)));
  reach("several points", before.points.size() > 1);
  reach("an equal twin", dearer == Rational(0) && slower == Rational(0));
  expect_equal(renumbered_frontier.points.size(), before.points.size(), "number of points, renumbered");
  expect_equal(extended.points.size(), before.points.size(), "number of points, extended");
  for (std::size_t k = 0; k < before.points.size(); ++k) {
    expect(renumbered_frontier.points[k].cost == before.points[k].cost, "cost, renumbered");
    expect(renumbered_frontier.points[k].alpha == before.points[k].alpha, "interval, renumbered");
    expect(before.points[k].path <= renumbered(renumbered_frontier.points[k].path, order),
           "the smallest path is the smallest");
    expect(extended.points[k].cost == before.points[k].cost, "cost, extended");
    expect_equal(extended.points[k].path, before.points[k].path, "path, extended");
  }
}

PROPERTY("a limit on labels gives no part of a frontier", "[PARETO-3]", 200) {
  const World world(draw_network({.nodes_max = 11}));
  const auto limit = static_cast<std::size_t>(draw_integer(0, 12));
  const auto limited = reference::pareto(world.network, world.legs(), limit);
  reach("the limit is hit", !limited.has_value());
  reach("the limit is not hit", limited.has_value());
  if (!limited) {
    expect(limited.error().kind == Fault::Kind::limit_reached, "the reason is the limit");
    return;
  }
  if (const auto* frontier = std::get_if<Frontier>(&*limited)) expect_is_brute_force_frontier(world, *frontier);
}

PROPERTY("without latency between peers the frontier and all labels are those of latencies of zero",
         "[PARETO-3][PARETO-6][ROUTE-7]", 600) {
  Network network = draw_network({.nodes_max = 14});
  network.latency.clear();
  const World world(std::move(network));
  Network zeros = world.network;
  zeros.latency.assign(zeros.size(), std::vector<Rational>(zeros.size()));
  reach("client legs", traits_of(world.network).client_legs);
  if (world.chains.empty()) return;
  const Frontier merged = expect_frontier(world);
  const Frontier expected = expect_frontier(World(std::move(zeros)));
  reach("several points", merged.points.size() > 1);
  reach("a boundary where several nodes begin", std::ranges::any_of(groups_of(world.network), [](const Group& group) {
          return group.nodes.size() > 1 && group.range.first > 0;
        }));
  expect(merged.labels == expected.labels, "labels");
  expect_equal(merged.points.size(), expected.points.size(), "number of points");
  for (std::size_t k = 0; k < merged.points.size(); ++k) {
    expect(merged.points[k].cost == expected.points[k].cost, "cost of point " + shown(k));
    expect_equal(merged.points[k].path, expected.points[k].path, "path of point " + shown(k));
    expect(merged.points[k].alpha == expected.points[k].alpha, "interval of point " + shown(k));
  }
}

PROPERTY("dominance is a strict partial order", "[PARETO-2]", 500) {
  const auto cost = [] { return PathCost{draw_integer(0, 2), draw_integer(0, 2)}; };
  const PathCost a = cost();
  const PathCost b = cost();
  const PathCost c = cost();
  const auto dominates = [](const PathCost& x, const PathCost& y) {
    return reference::dominates(x.price, x.time, y.price, y.time);
  };
  reach("equal", a == b);
  reach("dominated", dominates(a, b));
  reach("incomparable", !(a == b) && !dominates(a, b) && !dominates(b, a));
  expect(!dominates(a, a), "irreflexive");
  expect(!(dominates(a, b) && dominates(b, a)), "asymmetric");
  if (dominates(a, b) && dominates(b, c)) expect(dominates(a, c), "transitive");
  expect_equal(dominates(a, b), reference::weakly_dominates(a.price, a.time, b.price, b.time) && !(a == b),
               "weak and unequal");
}

// A canary: it is false (the converse of PARETO-5) and must be found out. It runs by name only.
PROPERTY("canary: every point of the frontier is supported", "[.][canary]", 1500) {
  const World world(draw_network({.nodes_max = 11}));
  if (world.chains.empty()) return;
  for (const FrontierPoint& point : expect_frontier(world).points)
    expect(point.alpha.has_value(), "an unsupported point");
}

// A canary: it is true, but about a class that never occurs.
PROPERTY("canary: a network of a thousand layers", "[.][canary]", 20) {
  const World world(draw_network({}));
  reach("a thousand layers", world.network.layers >= 1000);
}

// A canary: it is true, but demands no class.
PROPERTY("canary: a property that demands no class", "[.][canary]", 20) {
  note("an empty network", draw_network({}).nodes.empty());
}

}  // namespace
}  // namespace p2pllm::properties
