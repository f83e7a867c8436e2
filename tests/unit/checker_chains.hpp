#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <tuple>
#include <vector>

#include "checker/check.hpp"
#include "tests/unit/checker_claims.hpp"

// Small networks, their honest route and Pareto certificates from plain enumeration, and hostile changes of these.
namespace p2pllm::testing {

/// Two layers: nodes 0, 1 serve the first, 2, 3 the second, 4 both; client and peers have latency.
inline Network small_network() {
  Network network;
  network.layers = 2;
  network.sha256 = "abc";
  network.nodes = {
      {"a", {0, 1}, 1, 4}, {"b", {0, 1}, 3, 1}, {"c", {1, 2}, 1, 5}, {"d", {1, 2}, 2, 2}, {"e", {0, 2}, 9, 1}};
  network.latency.assign(5, std::vector<Rational>(5, Rational(0)));
  network.latency[0][2] = 1;
  network.latency[1][2] = 2;
  network.latency[1][3] = Rational(1, 2);
  network.clients = {{"x", {1, 1, 0, 0, 1}, {0, 0, 1, 1, 1}}, {"y", {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}}};
  return network;
}

inline const ClientLegs legs_of(const Network& network) {
  return {network.clients.empty() ? nullptr : network.clients.data()};
}

inline PathCost plus(const PathCost& a, const PathCost& b) { return {a.price + b.price, a.time + b.time}; }
inline std::pair<Rational, Rational> as_pair(const PathCost& cost) { return {cost.price, cost.time}; }

/// All paths from a node to the end of the model, by plain recursion: the truth with which certificates are compared.
inline std::vector<std::pair<PathCost, std::vector<std::size_t>>> ways_on(const Network& network, std::size_t node) {
  const Node& own = network.nodes[node];
  std::vector<std::pair<PathCost, std::vector<std::size_t>>> ways;
  if (own.layers.last == network.layers) ways.push_back({{own.price, own.cost + legs_of(network).from(node)}, {node}});
  for (std::size_t next = 0; next < network.size(); ++next) {
    if (network.nodes[next].layers.first != own.layers.last) continue;
    for (auto [cost, path] : ways_on(network, next)) {
      path.insert(path.begin(), node);
      ways.push_back({plus({own.price, own.cost + network.latency_between(node, next)}, cost), path});
    }
  }
  return ways;
}

inline std::vector<std::pair<PathCost, std::vector<std::size_t>>> all_chains(const Network& network) {
  std::vector<std::pair<PathCost, std::vector<std::size_t>>> chains;
  for (std::size_t i = 0; i < network.size(); ++i)
    if (network.nodes[i].layers.first == 0)
      for (auto& [cost, path] : ways_on(network, i)) chains.push_back({plus({0, legs_of(network).to(i)}, cost), path});
  return chains;
}

inline auto rank(const Network& network, const Rational& alpha, const PathCost& cost) {
  return std::tuple(alpha * cost.price / network.price_scale + (1 - alpha) * cost.time / network.cost_scale, cost.price,
                    cost.time);
}

inline Certificate certificate_for(const Network& network, Claim claim) {
  Certificate certificate;
  certificate.network_sha256 = network.sha256;
  if (!network.clients.empty()) certificate.client = network.clients[0].id;
  certificate.claim = std::move(claim);
  return certificate;
}

/// The honest route certificate, made from all paths. @pre the network has a chain
inline Certificate route_certificate(const Network& network, const Rational& alpha) {
  OptimalRoute route;
  for (std::size_t i = 0; i < network.size(); ++i) {
    auto& label = route.labels.emplace_back();
    for (const auto& [cost, path] : ways_on(network, i))
      if (!label || rank(network, alpha, cost) < rank(network, alpha, *label)) label = cost;
  }
  const auto chains = all_chains(network);
  const auto best = std::min_element(chains.begin(), chains.end(), [&](const auto& a, const auto& b) {
    return std::pair(rank(network, alpha, a.first), a.second) < std::pair(rank(network, alpha, b.first), b.second);
  });
  route.chain = {best->second, best->first, std::get<0>(rank(network, alpha, best->first))};
  Certificate certificate = certificate_for(network, route);
  certificate.alpha = alpha;
  return certificate;
}

inline std::vector<PathCost> undominated(const std::vector<std::pair<PathCost, std::vector<std::size_t>>>& ways) {
  std::vector<PathCost> kept;
  for (const auto& [cost, path] : ways) {
    const auto beats = [&cost = cost](const auto& way) {
      return way.first.price <= cost.price && way.first.time <= cost.time && !(way.first == cost);
    };
    if (std::none_of(ways.begin(), ways.end(), beats) && std::find(kept.begin(), kept.end(), cost) == kept.end())
      kept.push_back(cost);
  }
  std::sort(kept.begin(), kept.end(), [](const PathCost& a, const PathCost& b) { return as_pair(a) < as_pair(b); });
  return kept;
}

/// The class and alpha of point k by its definition: pairwise comparison with every other point.
inline void classify(const Network& network, std::vector<FrontierPoint>& points, std::size_t k) {
  Rational lower = 0;
  Rational upper = 1;
  for (std::size_t j = 0; j < points.size(); ++j) {
    const Rational price = (points[j].cost.price - points[k].cost.price) / network.price_scale;
    const Rational time = (points[k].cost.time - points[j].cost.time) / network.cost_scale;
    if (j > k) lower = std::max(lower, time / (time + price));
    if (j < k) upper = std::min(upper, time / (time + price));
  }
  points[k].kind = lower < upper ? PointClass::extreme : lower == upper ? PointClass::tie : PointClass::unsupported;
  if (lower <= upper) points[k].alpha = {lower, upper};
}

inline Certificate pareto_certificate(const Network& network) {
  Frontier frontier;
  for (std::size_t i = 0; i < network.size(); ++i) frontier.labels.push_back(undominated(ways_on(network, i)));
  const auto chains = all_chains(network);
  for (const PathCost& cost : undominated(chains)) {
    std::vector<std::size_t> least;
    for (const auto& [other, path] : chains)
      if (other == cost && (least.empty() || path < least)) least = path;
    frontier.points.push_back({cost, least, PointClass::extreme, std::nullopt});
  }
  for (std::size_t k = 0; k < frontier.points.size(); ++k) classify(network, frontier.points, k);
  return certificate_for(network, frontier);
}

inline OptimalRoute& route_of(Certificate& certificate) { return std::get<OptimalRoute>(certificate.claim); }
inline Frontier& frontier_of(Certificate& certificate) { return std::get<Frontier>(certificate.claim); }
inline Unreachable& unreachable_of(Certificate& certificate) { return std::get<Unreachable>(certificate.claim); }

/// One layer, nodes of the given (price, time) in file order; no latency, no client.
inline Network one_layer(const std::vector<std::pair<int, int>>& costs) {
  Network network;
  network.layers = 1;
  for (const auto& [price, time] : costs) network.nodes.push_back({"n", {0, 1}, time, price});
  return network;
}

/// A random network of up to 6 nodes over small integers: ties and unreachable boundaries are common.
inline Network random_network(std::mt19937& random) {
  const auto below = [&random](unsigned n) { return static_cast<int>(random() % n); };
  Network network;
  network.layers = 1 + below(3);
  network.price_scale = Rational(1 + below(3), 2);
  network.cost_scale = 1 + below(2);
  const std::size_t n = 1 + random() % 6;
  for (std::size_t i = 0; i < n; ++i) {
    const long first = below(static_cast<unsigned>(network.layers));
    const long last = first + 1 + below(static_cast<unsigned>(network.layers - first));
    network.nodes.push_back({std::to_string(i), {first, last}, 1 + below(4), below(5)});
  }
  const auto some = [&] {
    std::vector<Rational> row;
    for (std::size_t i = 0; i < n; ++i) row.emplace_back(below(3));
    return row;
  };
  if (below(2) == 0)
    for (std::size_t i = 0; i < n; ++i) network.latency.push_back(some());
  if (below(2) == 0) network.clients = {{"x", some(), some()}};
  return network;
}

/// A hostile change of a cost by a small amount, which may be 0.
inline void disturb(PathCost& cost, std::mt19937& random) {
  const Rational amount(static_cast<long>(random() % 5) - 2, static_cast<long>(1 + random() % 2));
  (random() % 2 == 0 ? cost.price : cost.time) += amount;
}

}  // namespace p2pllm::testing
