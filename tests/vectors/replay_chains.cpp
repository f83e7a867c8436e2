#include <catch2/catch.hpp>
#include <variant>

#include "reference/market/pareto.hpp"
#include "reference/market/path_rules.hpp"
#include "reference/market/route.hpp"
#include "tests/vectors/vectors.hpp"

using namespace p2pllm;
using vectors::Case;

namespace {

void blocked(const Case& c, const Unreachable& answer) {
  c.expected().require_object({"reachable", "blocked_boundary", "chains"});
  c.equal(c.expected().member("reachable"), false);
  c.equal(c.expected().member("blocked_boundary"), static_cast<long long>(answer.blocked_boundary));
  c.certify(std::nullopt, {}, {}, answer);
}

void equal_route(const Case& c, const RouteAnswer& answer) {
  if (const auto* none = std::get_if<Unreachable>(&answer)) return blocked(c, *none);
  const auto& [chain, labels] = std::get<OptimalRoute>(answer);
  const JsonCursor& expect = c.expected();
  c.equal(expect.member("reachable"), true);
  expect.require_object({"reachable", "path", "weight", "price", "time", "chains"});
  c.equal(expect.member("path"), chain.nodes);
  c.equal(expect.member("weight"), chain.weight);
  c.equal(expect.member("price"), chain.cost.price);
  c.equal(expect.member("time"), chain.cost.time);
  c.certify(c.alpha(), c.legs(), {}, std::get<OptimalRoute>(answer));
}

}  // namespace

TEST_CASE("routes are those of the vectors", "[route][ROUTE-1][ROUTE-2][ROUTE-3][ROUTE-4][ROUTE-5][ROUTE-7]") {
  vectors::replay("route", [](const Case& c) {
    const ClientLegs legs = c.legs();
    const auto answer = reference::route(c.network(), c.alpha(), legs);
    if (!answer) return c.require("expect", false, answer.error().message());
    c.equal(c.expected().member("chains"), reference::count_chains(c.network()).get_str());
    equal_route(c, *answer);
    equal_route(c, *reference::explicit_route(c.network(), c.alpha(), legs));
  });
}

TEST_CASE("frontiers are those of the vectors", "[pareto][PARETO-1][PARETO-3][PARETO-4][PARETO-5][PARETO-6][ROUTE-5]") {
  vectors::replay("pareto", [](const Case& c) {
    const ClientLegs legs = c.legs();
    const auto answer = reference::pareto(c.network(), legs);
    if (!answer) return c.require("expect", false, answer.error().message());
    if (const auto* none = std::get_if<Unreachable>(&*answer)) return blocked(c, *none);
    const auto& frontier = std::get<Frontier>(*answer);
    const JsonCursor& expect = c.expected();
    c.equal(expect.member("reachable"), true);
    expect.require_object({"reachable", "points"});
    const JsonCursor points = expect.member("points");
    c.require("/expect/points", points.size() == frontier.points.size(),
              std::to_string(frontier.points.size()) + " points");
    for (std::size_t k = 0; k < std::min(points.size(), frontier.points.size()); ++k) {
      const JsonCursor point = points.item(k);
      const FrontierPoint& computed = frontier.points[k];
      point.require_object({"price", "time", "path", "class", "alpha"});
      c.equal(point.member("price"), computed.cost.price);
      c.equal(point.member("time"), computed.cost.time);
      c.equal(point.member("path"), computed.path);
      c.equal(point.member("class"), std::string(to_string(computed.kind)));
      const JsonCursor alpha = point.member("alpha");
      if (alpha.value().is_null() || !computed.alpha) {
        c.require(c.where(alpha), alpha.value().is_null() && !computed.alpha, computed.alpha ? "an interval" : "null");
        continue;
      }
      if (alpha.size() != 2) alpha.fail("an interval is [lower, upper]");
      c.equal(alpha.item(0), computed.alpha->first);
      c.equal(alpha.item(1), computed.alpha->second);
    }
    for (const auto& [a, a_path, a_kind, a_alpha] : frontier.points)
      for (const auto& [b, b_path, b_kind, b_alpha] : frontier.points)
        c.require("/expect/points", !reference::dominates(a.price, a.time, b.price, b.time), "a point that dominates");
    c.certify(std::nullopt, legs, {}, frontier);
  });
}
