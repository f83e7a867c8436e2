#include "reference/market/route.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/topological_sort.hpp>
#include <iterator>
#include <map>
#include <set>
#include <stdexcept>

#include "reference/market/path_rules.hpp"

namespace p2pllm::reference {
namespace {

using Label = PathLabel<Rational>;

using StartIndex = std::map<std::int64_t, std::vector<std::size_t>>;  // nodes by their first boundary, in file order

StartIndex nodes_by_start(const Network& network) {
  StartIndex starts;
  for (std::size_t i = 0; i < network.size(); ++i) starts[network.nodes[i].layers.first].push_back(i);
  return starts;
}

std::size_t edge_count(const Network& network, const StartIndex& starts) {
  std::size_t edges = 2 * network.size();
  for (const Node& node : network.nodes)
    if (const auto next = starts.find(node.layers.last); next != starts.end()) edges += next->second.size();
  return edges;
}

/// Labels of the pieces of a chain for one client (ROUTE-2).
struct StepCosts {
  const Network& network;
  Preference<Rational> preference;
  ClientLegs legs;

  StepCosts(const Network& of_network, const Rational& alpha, const ClientLegs& of_client)
      : network(of_network), preference{alpha, of_network.price_scale, of_network.cost_scale}, legs(of_client) {}

  [[nodiscard]] Label to_first(std::size_t i) const { return path_label(preference, Rational(0), legs.to(i)); }
  /// The node's own price and cost, then the leg after it.
  [[nodiscard]] Label through(std::size_t i, const Rational& leg) const {
    return path_label(preference, network.nodes[i].price, network.nodes[i].cost + leg);
  }
};

/// The graph of ROUTE-1, acyclic because ranges ascend along an edge (ROUTE-6): vertices 0 .. n-1 are the nodes in file
/// order, n is the source s, n + 1 the target t.
class PeerGraph {
 public:
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
  using Edge = Graph::edge_descriptor;

  PeerGraph(const StepCosts& costs, const StartIndex& starts)
      : costs_(costs), source_(costs.network.size()), target_(source_ + 1), graph_(target_ + 1) {
    const Network& network = costs.network;
    for (std::size_t i = 0; i < network.size(); ++i) {
      const LayerRange& range = network.nodes[i].layers;
      if (range.first == 0) boost::add_edge(source_, i, graph_);
      if (range.last == network.layers) boost::add_edge(i, target_, graph_);
      if (const auto next = starts.find(range.last); next != starts.end())
        for (const std::size_t j : next->second) boost::add_edge(i, j, graph_);
    }
  }

  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] std::size_t source() const { return source_; }
  [[nodiscard]] std::size_t target() const { return target_; }

  [[nodiscard]] Label label_of(const Edge& edge) const {
    const std::size_t from = boost::source(edge, graph_);
    const std::size_t to = boost::target(edge, graph_);
    if (from == source_) return costs_.to_first(to);
    return costs_.through(from, to == target_ ? costs_.legs.from(from) : costs_.network.latency_between(from, to));
  }
  void append_node(const Edge& edge, std::vector<std::size_t>& chain) const {
    if (boost::target(edge, graph_) != target_) chain.push_back(boost::target(edge, graph_));
  }
  [[nodiscard]] std::optional<Label> suffix_label(std::size_t i, const std::vector<std::optional<Label>>& rest) const {
    return rest[i];
  }

 private:
  const StepCosts& costs_;
  std::size_t source_;
  std::size_t target_;
  Graph graph_;
};

/// 0, the last boundary, and every boundary at which a range begins or ends, ascending.
std::vector<std::int64_t> boundaries_of(const Network& network) {
  std::vector<std::int64_t> boundaries{0, network.layers};
  for (const Node& node : network.nodes) boundaries.insert(boundaries.end(), {node.layers.first, node.layers.last});
  std::ranges::sort(boundaries);
  boundaries.erase(std::unique(boundaries.begin(), boundaries.end()), boundaries.end());
  return boundaries;
}

/// The multigraph of ROUTE-7, for networks without latency between peers: its vertices are the boundaries in ascending
/// order, its edges the nodes in file order.
class BoundaryGraph {
 public:
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property, std::size_t>;
  using Edge = Graph::edge_descriptor;

  explicit BoundaryGraph(const StepCosts& costs)
      : costs_(costs), boundaries_(boundaries_of(costs.network)), graph_(boundaries_.size()) {
    for (std::size_t i = 0; i < costs.network.size(); ++i) {
      const LayerRange& range = costs.network.nodes[i].layers;
      boost::add_edge(vertex_at(range.first), vertex_at(range.last), i, graph_);
    }
  }

  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] std::size_t source() const { return vertex_at(0); }
  [[nodiscard]] std::size_t target() const { return vertex_at(costs_.network.layers); }

  [[nodiscard]] Label label_of(const Edge& edge) const {
    const std::size_t i = graph_[edge];
    return costs_.network.nodes[i].layers.first == 0 ? joined(costs_.to_first(i), own(i)) : own(i);
  }
  void append_node(const Edge& edge, std::vector<std::size_t>& chain) const { chain.push_back(graph_[edge]); }
  [[nodiscard]] std::optional<Label> suffix_label(std::size_t i, const std::vector<std::optional<Label>>& rest) const {
    const std::optional<Label>& behind = rest[vertex_at(costs_.network.nodes[i].layers.last)];
    return behind ? std::optional(joined(own(i), *behind)) : std::nullopt;
  }

 private:
  [[nodiscard]] std::size_t vertex_at(std::int64_t boundary) const {
    return static_cast<std::size_t>(std::ranges::lower_bound(boundaries_, boundary) - boundaries_.begin());
  }
  [[nodiscard]] Label own(std::size_t i) const {
    const bool is_last = costs_.network.nodes[i].layers.last == costs_.network.layers;
    return costs_.through(i, is_last ? costs_.legs.from(i) : Rational(0));
  }

  const StepCosts& costs_;
  std::vector<std::int64_t> boundaries_;
  Graph graph_;
};

/// Backward labels over a graph of steps, and the chain that follows them (ROUTE-3).
template <typename Steps>
class ShortestPath {
 public:
  explicit ShortestPath(const Steps& steps) : steps_(steps), labels_(boost::num_vertices(steps.graph())) {
    labels_[steps.target()] = Label{Rational(0), Rational(0), Rational(0)};
    std::vector<std::size_t> order;  // every successor before its predecessors
    boost::topological_sort(steps.graph(), std::back_inserter(order));
    for (const std::size_t vertex : order) relax(vertex);
  }

  [[nodiscard]] const std::vector<std::optional<Label>>& labels() const { return labels_; }

  [[nodiscard]] std::vector<std::size_t> smallest_chain() const {
    std::vector<std::size_t> chain;
    for (std::size_t vertex = steps_.source(); vertex != steps_.target();) {
      const auto edge = first_tight_edge(vertex);
      steps_.append_node(edge, chain);
      vertex = boost::target(edge, steps_.graph());
    }
    return chain;
  }

 private:
  /// Edges in the file order of the nodes that they add to a chain (ROUTE-1, ROUTE-7).
  [[nodiscard]] auto steps_from(std::size_t vertex) const {
    return boost::make_iterator_range(boost::out_edges(vertex, steps_.graph()));
  }

  void relax(std::size_t vertex) {
    for (const auto& edge : steps_from(vertex)) {
      const std::optional<Label>& rest = labels_[boost::target(edge, steps_.graph())];
      if (!rest) continue;
      const Label through = joined(steps_.label_of(edge), *rest);
      labels_[vertex] = labels_[vertex] ? minimum(*labels_[vertex], through) : through;
    }
  }

  [[nodiscard]] typename Steps::Edge first_tight_edge(std::size_t vertex) const {
    for (const auto& edge : steps_from(vertex)) {
      const std::optional<Label>& rest = labels_[boost::target(edge, steps_.graph())];
      if (rest && !precedes(*labels_[vertex], joined(steps_.label_of(edge), *rest))) return edge;
    }
    throw std::logic_error("a label that no step explains");
  }

  const Steps& steps_;
  std::vector<std::optional<Label>> labels_;
};

template <typename Steps>
RouteAnswer route_on(const Steps& steps, const Network& network) {
  const ShortestPath path(steps);
  const std::optional<Label>& total = path.labels()[steps.source()];
  if (!total) return reachable_boundaries(network);
  OptimalRoute result{{path.smallest_chain(), {total->price, total->time}, total->weight}, {}};
  for (std::size_t i = 0; i < network.size(); ++i) {
    std::optional<PathCost>& label = result.labels.emplace_back();
    if (const auto suffix = steps.suffix_label(i, path.labels())) label = {suffix->price, suffix->time};
  }
  return result;
}

}  // namespace

Unreachable reachable_boundaries(const Network& network) {
  const StartIndex starts = nodes_by_start(network);
  std::set<std::int64_t> reached{0};
  for (auto boundary = reached.begin(); boundary != reached.end(); ++boundary)  // additions lie ahead
    if (const auto here = starts.find(*boundary); here != starts.end())
      for (const std::size_t i : here->second) reached.insert(network.nodes[i].layers.last);
  return {*reached.rbegin(), {reached.begin(), reached.end()}};
}

mpz_class count_chains(const Network& network) {
  const StartIndex starts = nodes_by_start(network);
  const mpz_class limit = Rational::power_of_two(counted_chains_bits_max).numerator();
  std::map<std::int64_t, mpz_class> chains{{0, 1}};  // ways to arrive at a boundary
  for (const auto& [boundary, nodes] : starts)
    if (const auto arrived = chains.find(boundary); arrived != chains.end())
      for (const std::size_t i : nodes) {
        mpz_class& ways = chains[network.nodes[i].layers.last];
        ways += arrived->second;
        if (ways > limit) ways = limit;
      }
  return chains[network.layers];
}

Result<RouteAnswer> route(const Network& network, const Rational& alpha, const ClientLegs& legs) {
  if (!network.latency.empty()) return explicit_route(network, alpha, legs);
  const StepCosts costs(network, alpha, legs);
  return route_on(BoundaryGraph(costs), network);
}

Result<RouteAnswer> explicit_route(const Network& network, const Rational& alpha, const ClientLegs& legs) {
  const StartIndex starts = nodes_by_start(network);
  const std::size_t edges = edge_count(network, starts);
  if (edges > graph_edges_max)
    return limit_reached("the explicit graph has " + std::to_string(edges) + " edges, more than the limit of " +
                         std::to_string(graph_edges_max));
  const StepCosts costs(network, alpha, legs);
  return route_on(PeerGraph(costs, starts), network);
}

}  // namespace p2pllm::reference
