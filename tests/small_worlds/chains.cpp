#include <catch2/catch.hpp>
#include <iostream>

#include "checker/check.hpp"
#include "model/market/certificate.hpp"
#include "reference/market/pareto.hpp"
#include "reference/market/route.hpp"
#include "tests/small_worlds/brute_force.hpp"
#include "tests/small_worlds/worlds.hpp"

// Compares routes, frontiers and their certificates with brute force in every world small enough to list.
namespace p2pllm::small_worlds {
namespace {

const std::array<Rational, 4> alphas{Rational(0), Rational(1, 3), Rational(1, 2), Rational(1)};

struct Tally {
  std::uint64_t worlds = 0;
  std::uint64_t reachable = 0;
  std::uint64_t routes = 0;
  std::uint64_t points = 0;
  std::uint64_t ties = 0;
  std::uint64_t unsupported = 0;
  std::uint64_t false_claims = 0;
  void print(const std::string& name) const {
    std::cout << name << ": " << worlds << " worlds, " << reachable << " reachable, " << routes << " routes, " << points
              << " points of which " << ties << " ties and " << unsupported << " unsupported, " << false_claims
              << " false claims rejected\n";
  }
};

/// Fails the test once, with the world in words; Catch's own macros are too slow for a million calls.
void require(bool holds, const char* what, const Network& network) {
  if (!holds) FAIL(what << " in the world: " << in_words(network));
}

bool is_accepted(const Network& network, const std::optional<Rational>& alpha, const Client* client, Claim claim) {
  Certificate certificate{network.sha256, "", alpha, {}, std::move(claim)};
  if (client != nullptr) certificate.client = client->id;
  return checker::check(certificate, network, {}).accepted;
}

/// With any other chain in place of the optimal one, the certificate must be rejected.
void reject_other_routes(const Network& network, const ClientLegs& legs, const Rational& alpha,
                         const OptimalRoute& route, const std::vector<brute_force::Candidate>& chains, Tally& tally) {
  for (const auto& other : chains) {
    if (other.nodes == route.chain.nodes) continue;
    OptimalRoute lie = route;
    lie.chain = {other.nodes, {other.price, other.time}, brute_force::weight(network, alpha, other)};
    require(!is_accepted(network, alpha, legs.client, lie), "another chain is accepted as optimal", network);
    ++tally.false_claims;
  }
}

void check_routes(const Network& network, const ClientLegs& legs, const std::vector<brute_force::Candidate>& chains,
                  bool certify, Tally& tally) {
  for (const Rational& alpha : alphas) {
    const auto answer = reference::route(network, alpha, legs);
    const auto* route = answer ? std::get_if<OptimalRoute>(&*answer) : nullptr;
    require(route != nullptr, "no route is found", network);
    const auto best = brute_force::optimal(network, alpha, chains);
    require(route->chain.nodes == best.nodes, "the route is not the least chain", network);
    require(route->chain.cost == PathCost{best.price, best.time}, "the route's cost is wrong", network);
    require(route->chain.weight == brute_force::weight(network, alpha, best), "the route's weight is wrong", network);
    ++tally.routes;
    if (!certify) continue;
    require(is_accepted(network, alpha, legs.client, *route), "the route's certificate is rejected", network);
    reject_other_routes(network, legs, alpha, *route, chains, tally);
  }
}

void check_frontier(const Network& network, const ClientLegs& legs, const std::vector<brute_force::Candidate>& chains,
                    bool certify, Tally& tally) {
  const auto answer = reference::pareto(network, legs);
  const auto* frontier = answer ? std::get_if<Frontier>(&*answer) : nullptr;
  require(frontier != nullptr, "no frontier is found", network);
  const auto expected = brute_force::frontier(chains);
  require(frontier->points.size() == expected.size(), "the frontier has another size", network);
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const FrontierPoint& point = frontier->points[k];
    require(point.cost == PathCost{expected[k].price, expected[k].time}, "a point's cost is wrong", network);
    require(point.path == expected[k].nodes, "a point's chain is not the smallest", network);
    const auto interval = brute_force::alpha_interval(network, expected[k], chains);
    require(point.alpha == interval, "a point's alpha interval is wrong", network);
    const PointClass kind = !interval                            ? PointClass::unsupported
                            : interval->first < interval->second ? PointClass::extreme
                                                                 : PointClass::tie;
    require(point.kind == kind, "a point's class is wrong", network);
    ++tally.points;
    tally.ties += kind == PointClass::tie ? 1 : 0;
    tally.unsupported += kind == PointClass::unsupported ? 1 : 0;
    if (!certify) continue;
    Frontier lie = *frontier;
    lie.points.erase(lie.points.begin() + static_cast<std::ptrdiff_t>(k));
    require(!is_accepted(network, {}, legs.client, lie), "a frontier without one of its points is accepted", network);
    ++tally.false_claims;
  }
  if (certify)
    require(is_accepted(network, {}, legs.client, *frontier), "the frontier's certificate is rejected", network);
}

void check_world(const Network& network, const ClientLegs& legs, bool certify, Tally& tally) {
  ++tally.worlds;
  const auto chains = brute_force::all_chains(network, legs);
  const Unreachable boundaries = reference::reachable_boundaries(network);
  require(boundaries.reachable == brute_force::reachable(network), "the reachable boundaries are wrong", network);
  require(reference::count_chains(network) == chains->size(), "the number of chains is wrong", network);
  if (certify)
    require(is_accepted(network, {}, nullptr, boundaries) == chains->empty(),
            "unreachability is certified iff there is no chain", network);
  if (chains->empty()) {
    const auto route = reference::route(network, Rational(1, 2), legs);
    const auto frontier = reference::pareto(network, legs);
    require(std::holds_alternative<Unreachable>(*route) && std::holds_alternative<Unreachable>(*frontier),
            "a chain is found where there is none", network);
    require(std::get<Unreachable>(*route).blocked_boundary == boundaries.reachable.back(),
            "the blocked boundary is wrong", network);
    return;
  }
  ++tally.reachable;
  check_routes(network, legs, *chains, certify, tally);
  check_frontier(network, legs, *chains, certify, tally);
}

/// Checks the networks of `nodes` nodes, and that there are as many as the closed formula says.
Tally check_all(std::size_t nodes, std::int64_t layers, std::int64_t costs, std::int64_t prices, Numbering numbering,
                bool certify) {
  Tally tally;
  const auto check = [&](const Network& network) { check_world(network, {}, certify, tally); };
  for_every_network(nodes, layers, node_choices(layers, costs, prices), check, numbering);
  const auto choices = static_cast<std::uint64_t>(layers * (layers + 1) / 2 * costs * prices);
  REQUIRE(tally.worlds ==
          (numbering == Numbering::every ? power(choices, nodes) : 2 * binomial(choices + nodes - 1, nodes)));
  tally.print(std::to_string(nodes) + " nodes on " + std::to_string(layers) + " layers, " + std::to_string(costs) +
              " costs, " + std::to_string(prices) + " prices");
  return tally;
}

TEST_CASE("all networks of up to 3 nodes with certificates",
          "[ROUTE-1][ROUTE-2][ROUTE-3][ROUTE-5][PARETO-3][PARETO-4][PARETO-6][CERT-2][CERT-3][CERT-4][CERT-5]") {
  for (std::size_t nodes = 0; nodes <= 3; ++nodes) {
    CHECK(check_all(nodes, 1, 2, 3, Numbering::every, true).worlds == power(6, nodes));
    CHECK(check_all(nodes, 2, 2, 3, Numbering::every, true).worlds == power(18, nodes));
    CHECK(check_all(nodes, 3, 2, 2, Numbering::every, true).worlds == power(24, nodes));
  }
}

TEST_CASE("all networks of 4 nodes on 2 layers", "[ROUTE-1][ROUTE-3][ROUTE-5][PARETO-3][PARETO-4][PARETO-6]") {
  const Tally tally = check_all(4, 2, 2, 2, Numbering::every, false);
  CHECK(tally.worlds == 20'736);
  CHECK(tally.ties > 0);
  CHECK(tally.reachable < tally.worlds);
}

TEST_CASE("all networks of 4 nodes on 3 layers in two numberings",
          "[ROUTE-1][ROUTE-3][ROUTE-5][PARETO-3][PARETO-4][PARETO-6]") {
  const Tally tally = check_all(4, 3, 2, 2, Numbering::two, false);
  CHECK(tally.worlds == 35'100);
  CHECK(tally.ties > 0);
  CHECK(tally.reachable < tally.worlds);
}

TEST_CASE("all networks of 5 nodes in two numberings", "[ROUTE-3][PARETO-3]") {
  CHECK(check_all(5, 2, 2, 2, Numbering::two, false).worlds == 8'736);
  CHECK(check_all(5, 3, 2, 1, Numbering::two, false).worlds == 8'736);
  CHECK(check_all(5, 3, 1, 2, Numbering::two, false).worlds == 8'736);
}

TEST_CASE("all costs of 3 nodes in one group", "[PARETO-4]") {
  // With one layer, every node is a chain, so that the frontier takes every shape of 3 points on a 5 x 5 grid.
  const Tally tally = check_all(3, 1, 5, 5, Numbering::every, false);
  CHECK(tally.worlds == 15'625);
  CHECK(tally.ties > 0);
  CHECK(tally.unsupported > 0);
}

TEST_CASE("all latencies and client legs of 2 layers of 2 nodes", "[ROUTE-2][ROUTE-3][PARETO-3][CERT-2][CERT-4]") {
  // 3^4 latencies, 2^4 prices, 2 legs of two values each; legs and latencies that no chain uses are absurd.
  Tally tally;
  const Rational absurd(-1000);
  for_every_sequence(4, 3, [&](const std::vector<std::size_t>& latency) {
    for_every_sequence(6, 2, [&](const std::vector<std::size_t>& rest) {
      Network network;
      network.layers = 2;
      const auto value = [](std::size_t digit) { return Rational(static_cast<std::int64_t>(digit)); };
      for (std::size_t i = 0; i < 4; ++i) {
        const auto layer = static_cast<std::int64_t>(i / 2);
        network.nodes.push_back({"n" + std::to_string(i), {layer, layer + 1}, 1, value(rest[i])});
      }
      network.latency.assign(4, std::vector<Rational>(4, absurd));
      for (std::size_t k = 0; k < 4; ++k) network.latency[k / 2][2 + k % 2] = value(latency[k]);
      network.clients.push_back({"c", {value(rest[4]), 1, absurd, absurd}, {absurd, absurd, 0, value(rest[5])}});
      check_world(network, {&network.clients.front()}, true, tally);
    });
  });
  CHECK(tally.worlds == power(3, 4) * power(2, 6));
  CHECK(tally.ties > 0);
  CHECK(tally.unsupported > 0);
  tally.print("latencies and legs");
}

TEST_CASE("canary: the lightest chain by a forward greedy walk is the route", "[.][canary]") {
  // This is false: the cheapest first node need not lead to the cheapest chain.
  const auto choices = node_choices(2, 2, 2);
  for_every_network(3, 2, choices, [](const Network& network) {
    const auto chains = brute_force::all_chains(network, {});
    if (chains->empty()) return;
    const auto best = brute_force::optimal(network, Rational(1, 2), *chains);
    std::size_t first = network.size();
    for (std::size_t i = 0; i < network.size(); ++i)
      if (network.nodes[i].layers.first == 0 &&
          (first == network.size() || network.nodes[i].cost < network.nodes[first].cost))
        first = i;
    require(best.nodes.front() == first, "the greedy walk misses the route", network);
  });
}

}  // namespace
}  // namespace p2pllm::small_worlds
