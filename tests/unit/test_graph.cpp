#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <numeric>
#include <random>
#include <variant>

#include "reference/market/pareto.hpp"
#include "reference/market/path_rules.hpp"
#include "reference/market/route.hpp"
#include "tests/unit/market_builder.hpp"

using namespace p2pllm;
using namespace p2pllm::reference;
using namespace p2pllm::testing;

namespace {

using Label = PathLabel<Rational>;

/// The least label of a chain by one label a boundary, D(0) of ROUTE-7; nothing if there is no chain.
std::optional<Label> merged_least(const Network& network, const Rational& alpha, const ClientLegs& legs) {
  const Preference<Rational> preference{alpha, network.price_scale, network.cost_scale};
  std::map<std::int64_t, Label> least_from = {{network.layers, Label{0, 0, 0}}};
  for (std::int64_t boundary = network.layers - 1; boundary >= 0; --boundary)
    for (std::size_t i = 0; i < network.size(); ++i) {
      const Node& node = network.nodes[i];
      if (node.layers.first != boundary || !least_from.contains(node.layers.last)) continue;
      Rational time = node.cost;
      if (boundary == 0) time += legs.to(i);
      if (node.layers.last == network.layers) time += legs.from(i);
      const Label through = joined(path_label(preference, node.price, time), least_from.at(node.layers.last));
      const auto [place, is_new] = least_from.emplace(boundary, through);
      if (!is_new) place->second = least(place->second, through);
    }
  const auto found = least_from.find(0);
  return found == least_from.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

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

TEST_CASE("an edge leads from the end of a range to its beginning, and nowhere else", "[ROUTE-1]") {
  const Network network =
      network_of(3, {{{0, 3}, "9", "9"}, {{0, 1}, "1", "1"}, {{1, 3}, "1", "1"}, {{2, 3}, "1", "1"}});
  CHECK(count_chains(network) == 2);  // the whole model by one node, and 1 then 2
  const auto chain = std::get<OptimalRoute>(route(network, Rational(1, 2), {}).value()).chain;
  CHECK(chain.nodes == std::vector<std::size_t>{1, 2});
  const auto alone = std::get<OptimalRoute>(route(network_of(3, {{{0, 3}, "9", "9"}}), Rational(1, 2), {}).value());
  CHECK(alone.chain.nodes == std::vector<std::size_t>{0});
}

TEST_CASE("without latency between peers one label a boundary gives the optimum", "[ROUTE-7]") {
  std::mt19937 random(7);
  int chains = 0;
  for (int trial = 0; trial < 400; ++trial) {
    const long layers = static_cast<long>(1 + random() % 5);
    std::vector<Peer> peers;
    for (std::size_t n = 1 + random() % 10; n > 0; --n) {
      const long first = static_cast<long>(random()) % layers;
      const long last = first + 1 + static_cast<long>(random()) % (layers - first);
      peers.push_back({{first, last}, std::to_string(1 + random() % 4), std::to_string(random() % 5)});
    }
    Network network = network_of(layers, peers);
    if (trial % 2 == 0) {
      Client client{"client", {}, {}};
      for (std::size_t i = 0; i < network.size(); ++i) {
        client.to.emplace_back(static_cast<long>(random() % 4));
        client.from.emplace_back(static_cast<long>(random() % 4));
      }
      network.clients = {client};
    }
    const ClientLegs legs{network.clients.empty() ? nullptr : network.clients.data()};
    const Rational alpha(static_cast<long>(random() % 5), 4);
    const auto answer = route(network, alpha, legs).value();
    const std::optional<Label> merged = merged_least(network, alpha, legs);
    const auto* found = std::get_if<OptimalRoute>(&answer);
    REQUIRE(merged.has_value() == (found != nullptr));
    if (found == nullptr) continue;
    ++chains;
    CHECK(found->chain.weight == merged->weight);
    CHECK(found->chain.cost == PathCost{merged->price, merged->time});
  }
  CHECK(chains > 100);
}
