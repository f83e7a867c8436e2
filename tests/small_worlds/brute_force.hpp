#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "model/market/network.hpp"

/// Routes and frontiers found by looking at every chain, from the definitions of spec/route.md and spec/pareto.md and
/// without any algorithm. Shares nothing with reference/ except the vocabulary of inputs.
namespace p2pllm::brute_force {

struct Candidate {
  std::vector<std::size_t> nodes;
  Rational price;
  Rational time;
};

/// Whether a sequence of nodes is a chain (ROUTE-1).
inline bool is_chain(const Network& network, const std::vector<std::size_t>& nodes) {
  if (nodes.empty() || network.nodes[nodes.front()].layers.first != 0) return false;
  for (std::size_t k = 0; k + 1 < nodes.size(); ++k)
    if (network.nodes[nodes[k]].layers.last != network.nodes[nodes[k + 1]].layers.first) return false;
  return network.nodes[nodes.back()].layers.last == network.layers;
}

/// Price and time of a sequence of nodes (ROUTE-2).
inline Candidate costed(const Network& network, const ClientLegs& legs, const std::vector<std::size_t>& nodes) {
  Candidate result{nodes, 0, legs.to(nodes.front()) + legs.from(nodes.back())};
  for (const std::size_t i : nodes) {
    result.price += network.nodes[i].price;
    result.time += network.nodes[i].cost;
  }
  for (std::size_t k = 0; k + 1 < nodes.size(); ++k)
    if (!network.latency.empty()) result.time += network.latency[nodes[k]][nodes[k + 1]];
  return result;
}

/// Every chain, or nothing when there are more than `chains_max`.
inline std::optional<std::vector<Candidate>> all_chains(const Network& network, const ClientLegs& legs,
                                                        std::size_t chains_max = 1'000'000) {
  std::vector<Candidate> result;
  std::vector<std::vector<std::size_t>> open{{}};
  while (!open.empty()) {
    const std::vector<std::size_t> prefix = std::move(open.back());
    open.pop_back();
    const std::int64_t boundary = prefix.empty() ? 0 : network.nodes[prefix.back()].layers.last;
    if (!prefix.empty() && boundary == network.layers) {
      if (result.size() == chains_max) return std::nullopt;
      result.push_back(costed(network, legs, prefix));
      continue;
    }
    for (std::size_t i = 0; i < network.size(); ++i) {
      if (network.nodes[i].layers.first != boundary) continue;
      open.push_back(prefix);
      open.back().push_back(i);
    }
  }
  return result;
}

inline Rational weight(const Network& network, const Rational& alpha, const Candidate& chain) {
  return alpha * chain.price / network.price_scale + (Rational(1) - alpha) * chain.time / network.cost_scale;
}

/// The least chain in the one order (ROUTE-3). @pre there is at least one chain
inline Candidate optimal(const Network& network, const Rational& alpha, const std::vector<Candidate>& chains) {
  const Candidate* best = nullptr;
  Rational best_weight;
  for (const Candidate& chain : chains) {
    const Rational own = weight(network, alpha, chain);
    if (best != nullptr && std::tie(best_weight, best->price, best->time, best->nodes) <
                               std::tie(own, chain.price, chain.time, chain.nodes))
      continue;
    best = &chain;
    best_weight = own;
  }
  return *best;
}

/// Boundaries reachable from 0 (ROUTE-5), ascending.
inline std::vector<std::int64_t> reachable(const Network& network) {
  std::set<std::int64_t> reached{0};
  for (std::size_t before = 0; before != reached.size();) {
    before = reached.size();
    for (const Node& node : network.nodes)
      if (reached.contains(node.layers.first)) reached.insert(node.layers.last);
  }
  return {reached.begin(), reached.end()};
}

inline bool dominates(const Candidate& a, const Candidate& b) {
  return a.price <= b.price && a.time <= b.time && (a.price < b.price || a.time < b.time);
}

/// The chains that no chain dominates, for each cost the lexicographically smallest, by ascending price (PARETO-1,
/// PARETO-6).
inline std::vector<Candidate> frontier(std::vector<Candidate> chains) {
  const auto key = [](const Candidate& chain) { return std::tie(chain.price, chain.time, chain.nodes); };
  std::sort(chains.begin(), chains.end(), [&](const Candidate& a, const Candidate& b) { return key(a) < key(b); });
  const auto same_cost = [](const Candidate& a, const Candidate& b) { return a.price == b.price && a.time == b.time; };
  chains.erase(std::unique(chains.begin(), chains.end(), same_cost), chains.end());
  std::vector<Candidate> result;
  for (const Candidate& chain : chains)
    if (std::none_of(chains.begin(), chains.end(), [&](const Candidate& other) { return dominates(other, chain); }))
      result.push_back(chain);
  return result;
}

/// The alphas in [0, 1] at which none of `others` weighs less than `point` (PARETO-4): each other cuts off one side.
inline std::optional<std::pair<Rational, Rational>> alpha_interval(const Network& network, const Candidate& point,
                                                                   const std::vector<Candidate>& others) {
  Rational least(0);
  Rational most(1);
  for (const Candidate& other : others) {
    // other - point weighs at_0 + alpha * (at_1 - at_0), which must not be negative
    const Rational at_1 = (other.price - point.price) / network.price_scale;
    const Rational at_0 = (other.time - point.time) / network.cost_scale;
    if (at_1 == at_0) {
      if (at_0.sign() < 0) return std::nullopt;
      continue;
    }
    const Rational zero = at_0 / (at_0 - at_1);
    if (at_1 > at_0) least = std::max(least, zero);
    else most = std::min(most, zero);
  }
  if (least > most) return std::nullopt;
  return std::pair(least, most);
}

}  // namespace p2pllm::brute_force
