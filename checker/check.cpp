#include "checker/check.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "checker/balance.hpp"
#include "checker/equilibrium.hpp"

namespace p2pllm::checker {
namespace {

using Labels = std::vector<PathCost>;  // by ascending price

PathCost operator+(const PathCost& a, const PathCost& b) { return {a.price + b.price, a.time + b.time}; }
PathCost operator-(const PathCost& a, const PathCost& b) { return {a.price - b.price, a.time - b.time}; }

/// The nodes, and the client as one more vertex that ends at boundary 0 and starts at the last one: chains are cycles.
struct ChainGraph {
  const Network& network;
  ClientLegs legs;
  std::size_t client = network.size();
  std::map<std::int64_t, std::vector<std::size_t>> starting_at = {{network.layers, {client}}};  ///< in file order

  ChainGraph(const Network& of_network, ClientLegs of_client) : network(of_network), legs(of_client) {
    for (std::size_t i = 0; i < client; ++i) starting_at[network.nodes[i].layers.first].push_back(i);
  }
  std::string place(std::size_t v, const char* of_client) const { return v == client ? of_client : at("labels", v); }
  std::int64_t end_of(std::size_t v) const { return v == client ? 0 : network.nodes[v].layers.last; }
  /// The cost of v itself and of the leg to `next`.
  PathCost step(std::size_t v, std::size_t next) const {
    if (v == client) return {0, legs.to(next)};
    const Rational leg = next == client ? legs.from(v) : network.latency_between(v, next);
    return {network.nodes[v].price, network.nodes[v].cost + leg};
  }
  /// Whether the step of a node to the nodes that begin at `start` costs the same for each of them (ROUTE-7).
  bool is_uniform(std::int64_t start) const { return network.latency.empty() && start != 0 && start != network.layers; }
};

/// Whether `path` is a chain of exactly `cost` such that no chain of equal cost branches off to a smaller index:
/// `is_label(v, remaining)` holds for no successor v before the one taken (CERT-2 d, CERT-5).
std::string chain_fault(ChainGraph& graph, std::vector<std::size_t> path, PathCost remaining, const auto& is_label) {
  path.push_back(graph.client);
  std::size_t here = graph.client;
  for (std::size_t k = 0; k < path.size(); here = path[k++]) {
    const std::vector<std::size_t>& successors = graph.starting_at[graph.end_of(here)];
    const bool is_early = path[k] == graph.client && k + 1 < path.size();
    if (is_early || !std::binary_search(successors.begin(), successors.end(), path[k]))
      return at("path", k) + ": must start at boundary " + std::to_string(graph.end_of(here));
    for (std::size_t s = 0; successors[s] < path[k]; ++s)
      if (is_label(successors[s], remaining - graph.step(here, successors[s])))
        return at("path", k) + ": node " + std::to_string(successors[s]) + " may cost the same and comes first";
    remaining = remaining - graph.step(here, path[k]);
  }
  return remaining == PathCost{} ? "" : "price and time: must be the sums along path";
}

bool is_antichain(const Labels& labels) {
  const auto fault = [](const PathCost& a, const PathCost& b) { return a.price >= b.price || a.time <= b.time; };
  return std::adjacent_find(labels.begin(), labels.end(), fault) == labels.end();
}

/// Whether every label of `later`, one step earlier, is weakly dominated by one of `own`. Both are antichains.
bool covers(const Labels& own, const PathCost& step, const Labels& later) {
  std::size_t affordable = 0;  // the number in `own` of no greater price; the last of them has the least time
  for (const PathCost& label : later) {
    const PathCost extended = step + label;
    while (affordable < own.size() && own[affordable].price <= extended.price) ++affordable;
    if (affordable == 0 || own[affordable - 1].time > extended.time) return false;
  }
  return true;
}

/// Whether labels and points are closed (CERT-4 b), so that every chain is weakly dominated by a point.
std::string cover_fault(const ChainGraph& graph, std::vector<Labels> labels, const Labels& points) {
  labels.push_back({PathCost{}});  // the client's, where chains end; where they begin, its labels are the points
  auto later = graph.starting_at;
  for (auto& [boundary, vertices] : later) {
    if (!graph.is_uniform(boundary)) continue;
    std::set<std::pair<Rational, Rational>> all;
    for (const std::size_t v : vertices)
      for (const auto& [price, time] : labels[v]) all.emplace(price, time);
    vertices = {labels.size()};  // one for all, as it has those of their labels that none dominates
    Labels& kept = labels.emplace_back();
    for (const auto& [price, time] : all)
      if (kept.empty() || time < kept.back().time) kept.push_back({price, time});
  }
  for (std::size_t v = 0; v <= graph.client; ++v)
    for (const std::size_t next : later[graph.end_of(v)])
      if (!covers(v == graph.client ? points : labels[v], graph.step(v, next), labels[next]))
        return "CERT-4: " + graph.place(v, "points") + ": some way on from here is dominated by none";
  return "";
}

/// Twice the area by which b lies below the line from a to c, a left of c.
Rational depth(const PathCost& a, const PathCost& b, const PathCost& c) {
  return (b.price - a.price) * (c.time - a.time) - (b.time - a.time) * (c.price - a.price);
}

/// Whether all points have the class and alpha of PARETO-4 (CERT-5). A strict vertex of the lower left hull has least
/// weight between the alphas that balance it with its neighbours, a point on an edge at the edge's alpha, and any other
/// point at no alpha.
std::string class_fault(const std::vector<FrontierPoint>& points, const Labels& costs, const Network& network) {
  using Alphas = std::optional<std::pair<Rational, Rational>>;
  std::vector<std::size_t> hull;
  for (std::size_t k = 0; k < costs.size(); hull.push_back(k++))
    while (hull.size() > 1 && depth(costs[hull.end()[-2]], costs[hull.back()], costs[k]).sign() <= 0) hull.pop_back();
  Rational upper = 1;
  for (std::size_t e = 0; e < hull.size(); ++e) {
    const std::size_t k = hull[e], next = e + 1 < hull.size() ? hull[e + 1] : k;
    const Rational saved = (costs[k].time - costs[next].time) / network.cost_scale;
    const Rational spent = (costs[next].price - costs[k].price) / network.price_scale;
    const Rational lower = next == k ? Rational(0) : saved / (saved + spent);
    for (std::size_t b = k; b == k || b < next; ++b) {
      const bool is_on_hull = depth(costs[k], costs[b], costs[next]).sign() == 0;
      const PointClass kind = b == k ? PointClass::extreme : is_on_hull ? PointClass::tie : PointClass::unsupported;
      const Alphas alpha = is_on_hull ? Alphas({lower, b == k ? upper : lower}) : std::nullopt;
      if (points[b].kind != kind || points[b].alpha != alpha)
        return "CERT-5: " + at("points", b) + ": wrong class or alpha";
    }
    upper = lower;
  }
  return "";
}

/// Whether the labels bound every chain and the claimed chain meets the bound (CERT-2).
std::string route_fault(const OptimalRoute& claim, const Rational& alpha, const Network& network, ClientLegs legs) {
  const Rational by_price = alpha / network.price_scale, by_time = (1 - alpha) / network.cost_scale;
  const auto rank = [&](const PathCost& c) {
    return std::tuple(by_price * c.price + by_time * c.time, c.price, c.time);
  };
  const auto& [path, cost, weight] = claim.chain;
  if (weight != std::get<0>(rank(cost))) return "CERT-2: weight: must be that of price and time";
  if (claim.labels.size() != network.size()) return "CERT-2: labels: one entry a node is required";
  auto labels = claim.labels;
  labels.emplace_back(PathCost{});  // the client's, where chains end; where they begin, its label is the claimed cost
  ChainGraph graph(network, legs);
  auto binding = graph.starting_at;
  for (auto& [boundary, vertices] : binding) {
    std::erase_if(vertices, [&](std::size_t v) { return !labels[v]; });
    const auto less = [&](std::size_t v, std::size_t w) { return rank(*labels[v]) < rank(*labels[w]); };
    if (graph.is_uniform(boundary) && !vertices.empty()) vertices = {*std::ranges::min_element(vertices, less)};
  }
  for (std::size_t v = 0; v <= graph.client; ++v) {
    const std::optional<PathCost>& own = v == graph.client ? cost : labels[v];
    for (const std::size_t next : binding[graph.end_of(v)])
      if (!own || rank(*own) > rank(graph.step(v, next) + *labels[next]))
        return "CERT-2: " + graph.place(v, "weight") + ": some way on from here may cost less";
  }
  const auto is_label = [&](std::size_t node, const PathCost& remaining) { return labels[node] == remaining; };
  const std::string fault = chain_fault(graph, path, cost, is_label);
  return fault.empty() ? "" : "CERT-2: " + fault;
}

/// Whether the reachable boundaries end before the last one (CERT-3).
std::string unreachable_fault(const Unreachable& claim, const Network& network) {
  std::set<std::int64_t> reachable = {0};
  const ChainGraph graph(network, {});
  for (const auto& [boundary, vertices] : graph.starting_at)  // ascending, as every node leads upward
    if (reachable.contains(boundary))
      for (const std::size_t v : vertices) reachable.insert(graph.end_of(v));
  if (!std::ranges::equal(reachable, claim.reachable)) return "CERT-3: reachable: must be what is, ascending";
  if (reachable.contains(network.layers)) return "CERT-3: reachable: the last boundary is";
  return claim.blocked_boundary == *reachable.rbegin() ? "" : "CERT-3: blocked_boundary: must be the greatest one";
}

/// Whether the points are the frontier, each with its chain, class and alpha (CERT-4, CERT-5).
std::string pareto_fault(const Frontier& claim, const Network& network, ClientLegs legs) {
  const auto& labels = claim.labels;
  if (labels.size() != network.size()) return "CERT-4: labels: one list a node is required";
  if (!std::ranges::all_of(labels, is_antichain)) return "CERT-4: labels: price must ascend and time descend";
  Labels costs;
  for (const FrontierPoint& point : claim.points) costs.push_back(point.cost);
  if (costs.empty() || !is_antichain(costs)) return "CERT-4: points: price must ascend, time descend; none is missing";
  ChainGraph graph(network, legs);
  if (std::string fault = cover_fault(graph, labels, costs); !fault.empty()) return fault;
  // A continuation of exactly this cost is a label: otherwise a label would dominate it and, by the cover, some point
  // this one.
  const auto is_label = [&](std::size_t node, const PathCost& cost) {
    const auto found = std::ranges::lower_bound(labels[node], cost.price, {}, &PathCost::price);
    return found != labels[node].end() && *found == cost;
  };
  for (std::size_t k = 0; k < costs.size(); ++k)
    if (const std::string fault = chain_fault(graph, claim.points[k].path, costs[k], is_label); !fault.empty())
      return "CERT-5: " + at("points", k) + "." + fault;
  return class_fault(claim.points, costs, network);
}

/// Greater than the number of digits in any input file; it bounds the work on every figure that derives from it.
bool is_long(const Rational& value) {
  return mpz_sizeinbase(value.numerator().get_mpz_t(), 2) + mpz_sizeinbase(value.denominator().get_mpz_t(), 2) > 16384;
}
bool is_negative(const Rational& value) { return value.sign() < 0; }

/// Checks the rules common to all kinds (CERT-1), then the rules of the claim's own kind.
std::string fault_of(const Certificate& certificate, const Network& network, const std::optional<Prices>& prices) {
  const auto* route = std::get_if<OptimalRoute>(&certificate.claim);
  const auto* frontier = std::get_if<Frontier>(&certificate.claim);
  const auto* equilibrium = std::get_if<EquilibriumClaim>(&certificate.claim);
  const auto* balance = std::get_if<BalanceClaim>(&certificate.claim);
  const bool of_prices = equilibrium || (balance && balance->rule == MigrationRule::revenue);
  if (certificate.network_sha256 != network.sha256) return "CERT-1: network_sha256: must be that of the network given";
  if ((prices ? prices->sha256 : "") != certificate.prices_sha256 || (prices && prices->sha256.empty()))
    return "CERT-1: prices_sha256: must be that of the prices given, or absent with them";
  if (prices && !of_prices) return "CERT-1: prices_sha256: chains have the network's own prices";
  if (prices && (prices->values.size() != network.size() || std::ranges::any_of(prices->values, is_negative)))
    return "CERT-1: prices: one a node is required, at least 0";
  const std::optional<Rational>& alpha = certificate.alpha;
  if (alpha.has_value() != (route || of_prices)) return "CERT-1: alpha: is of a route or of prices alone";
  if (alpha && (is_negative(*alpha) || *alpha > Rational(1) || is_long(*alpha)))
    return "CERT-1: alpha: must lie in [0, 1], in 16384 bits";
  if (certificate.client ? equilibrium || balance : (route || frontier) && !network.clients.empty())
    return "CERT-1: client: is of a chain alone, and required where the network has clients";
  ClientLegs legs;
  for (const Client& client : network.clients)
    if (client.id == certificate.client) legs.client = &client;
  if (certificate.client && !legs.client) return "CERT-1: client: the network has none of this id";
  if (route) return route_fault(*route, *alpha, network, legs);
  if (frontier) return pareto_fault(*frontier, network, legs);
  const std::vector<Rational>& charged = prices ? prices->values : posted_prices(network).values;
  if (balance) return balance_fault(*balance, alpha.value_or(0), network, charged);
  if (!equilibrium) return unreachable_fault(std::get<Unreachable>(certificate.claim), network);
  const auto& [epsilon, absolute] = equilibrium->tolerance;
  if (is_negative(epsilon) || is_long(epsilon) || (!absolute && epsilon >= Rational(1)))
    return "CERT-6: epsilon: must be at least 0, below 1 if relative, in 16384 bits";
  if (equilibrium->bits < certificate_bits_min || equilibrium->bits > certificate_bits_max)
    return "CERT-6: bits: must lie in 32 .. 16384";
  return equilibrium_fault(*equilibrium, *alpha, network, charged);
}

}  // namespace

Decision check(const Certificate& certificate, const Network& network, const std::optional<Prices>& prices) {
  const std::string fault = fault_of(certificate, network, prices);
  return {fault.empty(), fault};
}

}  // namespace p2pllm::checker
