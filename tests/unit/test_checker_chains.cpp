#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "checker/check.hpp"
#include "tests/unit/checker_chains.hpp"

using namespace p2pllm;
using namespace p2pllm::testing;
using p2pllm::checker::check;

TEST_CASE("honest certificates of random networks are accepted", "[CERT-2][CERT-3][CERT-4][CERT-5]") {
  std::mt19937 random(7);
  std::map<std::string, int> seen;
  for (int trial = 0; trial < 3000; ++trial) {
    const Network network = random_network(random);
    if (all_chains(network).empty()) continue;
    const Rational alpha(static_cast<long>(random() % 5), 4);
    CHECK(is_accepted(route_certificate(network, alpha), network));
    const Certificate pareto = pareto_certificate(network);
    CHECK(is_accepted(pareto, network));
    for (const FrontierPoint& point : std::get<Frontier>(pareto.claim).points) ++seen[to_string(point.kind)];
  }
  CHECK(seen["extreme"] > 100);
  CHECK(seen["tie"] > 10);
  CHECK(seen["unsupported"] > 10);
}

TEST_CASE("whatever is changed in a route certificate, what is accepted is true", "[CERT-2]") {
  std::mt19937 random(11);
  int accepted = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    const Network network = random_network(random);
    const auto chains = all_chains(network);
    if (chains.empty()) continue;
    const Rational alpha(static_cast<long>(random() % 5), 4);
    const Certificate good = route_certificate(network, alpha);
    Certificate bad = good;
    OptimalRoute& route = route_of(bad);
    if (random() % 2 == 0) {
      const auto& [cost, path] = chains[random() % chains.size()];
      route.chain = {path, cost, std::get<0>(rank(network, alpha, cost))};
    }
    for (auto changes = random() % 4; changes > 0; --changes) {
      auto& label = route.labels[random() % network.size()];
      if (label && random() % 8 == 0) label.reset();
      else if (!label) label = PathCost{static_cast<long>(random() % 6), static_cast<long>(random() % 6)};
      else disturb(*label, random);
    }
    if (!check(bad, network, {}).accepted) continue;
    ++accepted;
    const OptimalRoute& truth = std::get<OptimalRoute>(good.claim);
    CHECK(route.chain.nodes == truth.chain.nodes);
    CHECK(route.chain.cost == truth.chain.cost);
    CHECK(route.chain.weight == truth.chain.weight);
  }
  CHECK(accepted > 1000);
}

TEST_CASE("whatever is changed in a Pareto certificate, what is accepted is true", "[CERT-4][CERT-5]") {
  std::mt19937 random(13);
  int accepted = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    const Network network = random_network(random);
    const auto chains = all_chains(network);
    if (chains.empty()) continue;
    const Certificate good = pareto_certificate(network);
    Certificate bad = good;
    Frontier& frontier = frontier_of(bad);
    for (auto changes = random() % 3; changes > 0; --changes) {
      auto& labels = frontier.labels[random() % network.size()];
      auto& point = frontier.points[random() % frontier.points.size()];
      switch (random() % 5) {
        case 0: point.path = chains[random() % chains.size()].second; break;
        case 1: disturb(point.cost, random); break;
        case 2:
          if (!labels.empty()) disturb(labels[random() % labels.size()], random);
          break;
        case 3:
          if (!labels.empty()) labels.erase(labels.begin() + static_cast<long>(random() % labels.size()));
          break;
        default:
          if (frontier.points.size() > 1)
            frontier.points.erase(frontier.points.begin() + static_cast<long>(random() % frontier.points.size()));
      }
    }
    if (!check(bad, network, {}).accepted) continue;
    ++accepted;
    const Frontier& truth = std::get<Frontier>(good.claim);
    REQUIRE(frontier.points.size() == truth.points.size());
    for (std::size_t k = 0; k < truth.points.size(); ++k) {
      CHECK(frontier.points[k].cost == truth.points[k].cost);
      CHECK(frontier.points[k].path == truth.points[k].path);
      CHECK(frontier.points[k].kind == truth.points[k].kind);
      CHECK(frontier.points[k].alpha == truth.points[k].alpha);
    }
  }
  CHECK(accepted > 1000);
}
