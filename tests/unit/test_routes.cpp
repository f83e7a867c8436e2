#include <catch2/catch.hpp>
#include <variant>

#include "reference/market/pareto.hpp"
#include "reference/market/route.hpp"
#include "tests/unit/market_builder.hpp"

using namespace p2pllm;
using namespace p2pllm::reference;
using namespace p2pllm::testing;

namespace {

const Rational half(1, 2);

OptimalRoute routed(const Network& network, const Rational& alpha = half, const ClientLegs& legs = {}) {
  return std::get<OptimalRoute>(route(network, alpha, legs).value());
}

Frontier frontier(const Network& network, const ClientLegs& legs = {}) {
  return std::get<Frontier>(pareto(network, legs).value());
}

using Path = std::vector<std::size_t>;

}  // namespace

TEST_CASE("the optimal chain of the toy market at every alpha", "[ROUTE-3]") {
  const Network toy = network_of(2, {{{0, 1}, "5", "1"}, {{0, 1}, "2", "3"}, {{1, 2}, "6", "1"}, {{1, 2}, "2", "6"}});
  CHECK(routed(toy, Rational(1)).chain.nodes == Path{0, 2});
  CHECK(routed(toy, Rational(0)).chain.nodes == Path{1, 3});
  const Chain chain = routed(toy).chain;
  CHECK(chain.nodes == Path{1, 2});
  CHECK(chain.cost.price == Rational(4));
  CHECK(chain.cost.time == Rational(8));
  CHECK(chain.weight == Rational(6));
  const auto labels = routed(toy).labels;
  REQUIRE(labels.size() == toy.size());
  CHECK(labels[1] == PathCost{4, 8});
  CHECK(labels[2] == PathCost{1, 6});
  // At alpha 3/5, (0, 2) and (1, 2) tie in weight: the lower price wins.
  CHECK(routed(toy, exact("3/5")).chain.nodes == Path{0, 2});
  CHECK(count_chains(toy) == 4);
}

TEST_CASE("of equal chains the lexicographically smallest is taken, where forward labels miss it", "[ROUTE-3]") {
  Network market = network_of(
      3, {{{0, 1}, "1", "1"}, {{0, 1}, "1", "1"}, {{1, 2}, "1", "1"}, {{1, 2}, "1", "1"}, {{2, 3}, "1", "1"}});
  market.latency.assign(5, std::vector<Rational>(5, Rational(0)));
  market.latency[0][2] = 1;
  market.latency[1][3] = 1;
  CHECK(routed(market).chain.nodes == Path{0, 3, 4});
}

TEST_CASE("every layer served and yet no chain: the blocked boundary is named", "[ROUTE-5]") {
  const Network gap = network_of(3, {{{0, 2}, "3", "1"}, {{1, 3}, "3", "1"}});
  const auto answer = std::get<Unreachable>(route(gap, half, {}).value());
  CHECK(answer.blocked_boundary == 2);
  CHECK(answer.reachable == std::vector<std::int64_t>{0, 2});
  CHECK(std::holds_alternative<Unreachable>(pareto(gap, {}).value()));
  CHECK(std::get<Unreachable>(route(network_of(3, {}), half, {}).value()).blocked_boundary == 0);
  CHECK(count_chains(gap) == 0);
}

TEST_CASE("latency and client legs enter the time; the diagonal does not", "[ROUTE-2]") {
  Network market = network_of(2, {{{0, 1}, "1", "1"}, {{1, 2}, "1", "1"}, {{0, 2}, "3", "2"}});
  market.latency = {{99, 7, 0}, {0, 99, 0}, {0, 0, 99}};
  market.clients = {{"c", {1, 1, 2}, {1, 1, 2}}};
  const ClientLegs legs{market.clients.data()};
  CHECK(routed(market, half, legs).chain.nodes == Path{2});
  CHECK(routed(market, half, legs).chain.cost.time == Rational(7));
  market.latency[0][1] = 1;
  CHECK(routed(market, half, legs).chain.cost.time == Rational(5));
  CHECK(routed(market, half, {}).chain.cost.time == Rational(3));
}

TEST_CASE("the toy frontier: three extreme points and one that no alpha reaches", "[PARETO-3][PARETO-4]") {
  const Network toy = network_of(2, {{{0, 1}, "5", "1"}, {{0, 1}, "2", "3"}, {{1, 2}, "6", "1"}, {{1, 2}, "2", "6"}});
  const auto points = frontier(toy).points;
  REQUIRE(points.size() == 4);
  CHECK(points[0].alpha == std::pair<Rational, Rational>(exact("3/5"), 1));
  CHECK(points[1].alpha == std::pair<Rational, Rational>(exact("4/9"), exact("3/5")));
  CHECK(points[2].kind == PointClass::unsupported);
  CHECK_FALSE(points[2].alpha.has_value());
  CHECK(points[2].path == Path{0, 3});
  CHECK(points[3].alpha == std::pair<Rational, Rational>(0, exact("4/9")));
}

TEST_CASE("three points on a line: the middle one is a tie at one alpha", "[PARETO-4]") {
  const Network line = network_of(1, {{{0, 1}, "3", "1"}, {{0, 1}, "2", "2"}, {{0, 1}, "1", "3"}});
  const auto points = frontier(line).points;
  REQUIRE(points.size() == 3);
  CHECK(points[1].kind == PointClass::tie);
  CHECK(points[1].alpha == std::pair<Rational, Rational>(half, half));
  CHECK(points[0].kind == PointClass::extreme);
}

TEST_CASE("equal everything: one point, the smallest chain", "[PARETO-6]") {
  const auto points = frontier(equal_nodes(5, "1", "1")).points;
  REQUIRE(points.size() == 1);
  CHECK(points[0].path == Path{0});
  CHECK(points[0].alpha == std::pair<Rational, Rational>(0, 1));
}

TEST_CASE("a label limit is an error, never a part of the frontier", "[PARETO-3]") {
  const Network line = network_of(2, {{{0, 1}, "3", "1"}, {{0, 1}, "2", "2"}, {{1, 2}, "1", "3"}});
  const auto limited = pareto(line, {}, 2);
  REQUIRE_FALSE(limited.has_value());
  CHECK(limited.error().kind == Fault::Kind::limit_reached);
  CHECK(limited.error().message() == "the frontier needs more than the limit of 2 labels");
  CHECK(pareto(line, {}, 3).has_value());
}
