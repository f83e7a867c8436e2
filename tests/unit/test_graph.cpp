#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <variant>

#include "reference/market/pareto.hpp"
#include "reference/market/route.hpp"
#include "tests/unit/market_builder.hpp"

using namespace p2pllm;
using namespace p2pllm::reference;
using namespace p2pllm::testing;

TEST_CASE("ranges rise along a chain, so any order of the file gives the same chain and frontier",
          "[ROUTE-6][ROUTE-4][PARETO-3]") {
  const std::vector<Peer> peers = {
      {{0, 1}, "1", "2"}, {{1, 2}, "2", "1"}, {{2, 4}, "1", "1"}, {{2, 3}, "1", "1/4"}, {{3, 4}, "1", "1/4"}};
  std::vector<std::size_t> order(peers.size());
  std::iota(order.begin(), order.end(), 0);
  do {
    std::vector<Peer> shuffled;
    for (const std::size_t i : order) shuffled.push_back(peers[i]);
    const Network network = network_of(4, shuffled);
    const auto chain = std::get<OptimalRoute>(route(network, Rational(3, 4), {}).value()).chain;
    CHECK(chain.cost == PathCost{exact("7/2"), 5});
    CHECK(chain.nodes.size() <= std::min<std::size_t>(network.size(), 4));
    for (std::size_t k = 0; k + 1 < chain.nodes.size(); ++k)
      CHECK(network.nodes[chain.nodes[k]].layers.first < network.nodes[chain.nodes[k + 1]].layers.first);
    const auto frontier = std::get<Frontier>(pareto(network, {}).value());
    REQUIRE(frontier.points.size() == 2);
    CHECK(frontier.points[0].cost == PathCost{exact("7/2"), 5});
    CHECK(frontier.points[1].cost == PathCost{4, 4});
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("the explicit graph has a limit of edges, which routing without latency does not meet",
          "[ROUTE-4][ROUTE-7]") {
  std::vector<Peer> peers;
  for (std::int64_t k = 0; k < 11'000; ++k) peers.push_back({{k % 2, k % 2 + 1}, "1", "1"});
  const Network network = network_of(2, peers);
  const auto refused = explicit_route(network, Rational(1, 2), {});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == Fault::Kind::limit_reached);
  // 5,500 nodes lead to 5,500 others each; two edges for each node are counted for the source and the target.
  CHECK(refused.error().message() == "the explicit graph has 30272000 edges, more than the limit of 30000000");
  const auto chain = std::get<OptimalRoute>(route(network, Rational(1, 2), {}).value()).chain;
  CHECK(chain.nodes == std::vector<std::size_t>{0, 1});
}

TEST_CASE("an edge leads from the end of a range to its beginning, and nowhere else", "[ROUTE-1]") {
  const Network network =
      network_of(3, {{{0, 3}, "9", "9"}, {{0, 1}, "1", "1"}, {{1, 3}, "1", "1"}, {{2, 3}, "1", "1"}});
  CHECK(count_chains(network) == 2);  // the whole model by one node, or node 1 and then 2
  const auto chain = std::get<OptimalRoute>(route(network, Rational(1, 2), {}).value()).chain;
  CHECK(chain.nodes == std::vector<std::size_t>{1, 2});
  const auto alone = std::get<OptimalRoute>(route(network_of(3, {{{0, 3}, "9", "9"}}), Rational(1, 2), {}).value());
  CHECK(alone.chain.nodes == std::vector<std::size_t>{0});
}
