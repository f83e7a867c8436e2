#pragma once

#include <variant>

#include "model/market/frontier.hpp"
#include "properties/generators/network.hpp"
#include "properties/property.hpp"
#include "tests/small_worlds/brute_force.hpp"

// Helpers that the properties of routes and of frontiers share.
namespace p2pllm::properties {

/// A network and every chain of it for its first client.
struct World {
  Network network;
  std::vector<brute_force::Candidate> chains;

  explicit World(Network drawn) : network(std::move(drawn)) {
    auto found = brute_force::all_chains(network, legs());
    expect(found.has_value(), "the generator drew a network of too many chains");
    chains = *std::move(found);
  }
  [[nodiscard]] ClientLegs legs() const { return first_client(network); }
};

/// Counts the classes that a property of chains must reach.
inline void reach_chain_classes(const World& world) {
  const Traits traits = traits_of(world.network);
  reach("empty network", traits.empty);
  reach("unreachable", world.chains.empty());
  reach("every layer served, yet unreachable", [&] {
    for (std::int64_t layer = 0; layer < world.network.layers; ++layer) {
      bool served = false;
      for (const Node& node : world.network.nodes)
        served = served || (node.layers.first <= layer && layer < node.layers.last);
      if (!served) return false;
    }
    return world.chains.empty();
  }());
  reach("price 0", traits.price_zero);
  reach("equal costs", traits.equal_costs);
  reach("cost ratio 1e18", traits.extreme_ratio);
  reach("latency", traits.latency);
  reach("no latency", !traits.latency);
  reach("client legs", traits.client_legs);
  reach("several chains", world.chains.size() > 1);
}

/// The same network with one more node, last in the file, which serves the range of `node` and is better in nothing.
inline Network with_dominated(Network network, std::size_t node, const Rational& dearer, const Rational& slower) {
  Node copy = network.nodes[node];
  copy.id = "dominated";
  copy.price += dearer;
  copy.cost += slower;
  network.nodes.push_back(copy);
  if (!network.latency.empty()) {
    for (auto& row : network.latency) row.push_back(row[node] + dearer);
    network.latency.push_back(network.latency[node]);
  }
  for (Client& client : network.clients) {
    client.to.push_back(client.to[node]);
    client.from.push_back(client.from[node] + slower);
  }
  return network;
}

/// The same network with all prices and the price scale, all times and the cost scale, multiplied.
inline Network rescaled(Network network, const Rational& price_factor, const Rational& time_factor) {
  network.price_scale *= price_factor;
  network.cost_scale *= time_factor;
  for (Node& node : network.nodes) {
    node.price *= price_factor;
    node.cost *= time_factor;
  }
  for (auto& row : network.latency)
    for (Rational& entry : row) entry *= time_factor;
  for (Client& client : network.clients) {
    for (Rational& leg : client.to) leg *= time_factor;
    for (Rational& leg : client.from) leg *= time_factor;
  }
  return network;
}

/// A path of the network in its old numbering, when node k is old node order[k].
inline std::vector<std::size_t> renumbered(const std::vector<std::size_t>& path,
                                           const std::vector<std::size_t>& order) {
  std::vector<std::size_t> result;
  for (const std::size_t k : path) result.push_back(order[k]);
  return result;
}

}  // namespace p2pllm::properties
