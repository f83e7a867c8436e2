#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/market/network.hpp"

namespace p2pllm::small_worlds {

/// A choice of range, cost and price for one node of a world.
struct NodeChoice {
  LayerRange layers;
  std::int64_t cost;
  std::int64_t price;
};

/// Every node over `layers` layers with a cost of 1 .. costs and a price of 0 .. prices - 1: m (m + 1) / 2 * costs *
/// prices choices.
inline std::vector<NodeChoice> node_choices(std::int64_t layers, std::int64_t costs, std::int64_t prices) {
  std::vector<NodeChoice> result;
  for (std::int64_t first = 0; first < layers; ++first)
    for (std::int64_t last = first + 1; last <= layers; ++last)
      for (std::int64_t cost = 1; cost <= costs; ++cost)
        for (std::int64_t price = 0; price < prices; ++price) result.push_back({{first, last}, cost, price});
  return result;
}

/// Calls `visit` with every sequence of `size` digits in 0 .. base - 1.
/// @returns their number, base^size
template <typename Visit>
std::uint64_t for_every_sequence(std::size_t size, std::size_t base, const Visit& visit) {
  std::vector<std::size_t> digits(size, 0);
  for (std::uint64_t count = 1;; ++count) {
    visit(digits);
    std::size_t k = 0;
    while (k < size && ++digits[k] == base) digits[k++] = 0;
    if (k == size) return count;
  }
}

/// Calls `visit` with every ascending sequence of `size` digits in 0 .. base - 1, and with its reverse.
/// @returns the number of calls, twice the multisets: 2 * binomial(base + size - 1, size)
template <typename Visit>
std::uint64_t for_every_multiset(std::size_t size, std::size_t base, const Visit& visit) {
  std::vector<std::size_t> digits(size, 0);
  for (std::uint64_t count = 2;; count += 2) {
    visit(digits);
    visit(std::vector<std::size_t>(digits.rbegin(), digits.rend()));
    std::size_t k = size;
    while (k > 0 && digits[k - 1] == base - 1) --k;
    if (k == 0) return count;
    std::fill(digits.begin() + static_cast<std::ptrdiff_t>(k) - 1, digits.end(), digits[k - 1] + 1);
  }
}

enum class Numbering {
  every,  ///< every order of the nodes is a world
  two,    ///< every multiset of nodes in one order and its reverse
};

/// Calls `visit` with every network of exactly `nodes` nodes made of the choices.
template <typename Visit>
std::uint64_t for_every_network(std::size_t nodes, std::int64_t layers, const std::vector<NodeChoice>& choices,
                                const Visit& visit, Numbering numbering = Numbering::every) {
  Network network;
  network.layers = layers;
  for (std::size_t i = 0; i < nodes; ++i) network.nodes.push_back({"n" + std::to_string(i), {}, 1, 0});
  const auto build = [&](const std::vector<std::size_t>& digits) {
    for (std::size_t i = 0; i < nodes; ++i) {
      const NodeChoice& choice = choices[digits[i]];
      network.nodes[i].layers = choice.layers;
      network.nodes[i].cost = choice.cost;
      network.nodes[i].price = choice.price;
    }
    visit(network);
  };
  return numbering == Numbering::every ? for_every_sequence(nodes, choices.size(), build)
                                       : for_every_multiset(nodes, choices.size(), build);
}

inline std::uint64_t power(std::uint64_t base, std::size_t exponent) {
  return exponent == 0 ? 1 : base * power(base, exponent - 1);
}

inline std::uint64_t binomial(std::uint64_t n, std::uint64_t k) { return k == 0 ? 1 : binomial(n - 1, k - 1) * n / k; }

/// A network in one line, for a failure's message.
inline std::string in_words(const Network& network) {
  std::string text = std::to_string(network.layers) + " layers";
  for (const Node& node : network.nodes)
    text += "; " + to_string(node.layers) + " cost " + to_string(node.cost) + " price " + to_string(node.price);
  for (const auto& row : network.latency) {
    text += "; latency";
    for (const Rational& entry : row) text += " " + to_string(entry);
  }
  return text;
}

}  // namespace p2pllm::small_worlds
