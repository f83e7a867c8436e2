#pragma once

#include <string>
#include <vector>

#include "model/market/network.hpp"
#include "model/market/verdict.hpp"
#include "model/numbers/parse.hpp"

namespace p2pllm::testing {

inline Rational exact(const std::string& text) { return parse_rational(text).value(); }

struct Peer {
  LayerRange layers;
  std::string cost;
  std::string price;
};

/// A network of nodes named a, b, c, .. in this order; alpha 1/2.
inline Network network_of(std::int64_t layers, const std::vector<Peer>& peers) {
  Network network;
  network.model_name = "test";
  network.layers = layers;
  network.alpha = Rational(1, 2);
  for (const Peer& peer : peers)
    network.nodes.push_back(
        {std::string(1, static_cast<char>('a' + network.size())), peer.layers, exact(peer.cost), exact(peer.price)});
  network.sha256 = std::string(64, '0');
  return network;
}

/// `count` nodes of one layer and equal cost and price.
inline Network equal_nodes(std::size_t count, const std::string& cost, const std::string& price) {
  return network_of(1, std::vector<Peer>(count, Peer{{0, 1}, cost, price}));
}

inline bool encloses(const Enclosure& enclosure, const Rational& value) {
  return enclosure.lower <= value && value <= enclosure.upper;
}

}  // namespace p2pllm::testing
