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

// Vertices 0 .. n-1 are the nodes in file order, n is the source, n + 1 the sink.
using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
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

/// The graph of ROUTE-1, acyclic because ranges ascend along an edge (ROUTE-6).
Graph explicit_graph(const Network& network, const StartIndex& starts) {
  const std::size_t source = network.size();
  const std::size_t target = source + 1;
  Graph graph(network.size() + 2);
  for (std::size_t i = 0; i < network.size(); ++i) {
    const LayerRange& range = network.nodes[i].layers;
    if (range.first == 0) boost::add_edge(source, i, graph);
    if (range.last == network.layers) boost::add_edge(i, target, graph);
    if (const auto next = starts.find(range.last); next != starts.end())
      for (const std::size_t j : next->second) boost::add_edge(i, j, graph);
  }
  return graph;
}

/// Backward labels and the chain they lead along.
class ShortestPath {
 public:
  ShortestPath(const Network& network, const Rational& alpha, const ClientLegs& legs, const Graph& graph)
      : network_(network),
        preference_{alpha, network.price_scale, network.cost_scale},
        legs_(legs),
        graph_(graph),
        source_(network.size()),
        target_(source_ + 1),
        labels_(target_ + 1) {
    labels_[target_] = Label{Rational(0), Rational(0), Rational(0)};
    std::vector<std::size_t> order;  // every successor before its predecessors
    boost::topological_sort(graph_, std::back_inserter(order));
    for (const std::size_t vertex : order) relax(vertex);
  }

  [[nodiscard]] bool reachable() const { return labels_[source_].has_value(); }

  [[nodiscard]] OptimalRoute route() const {
    OptimalRoute result;
    for (std::size_t vertex = smallest_tight_successor(source_); vertex != target_;
         vertex = smallest_tight_successor(vertex))
      result.chain.nodes.push_back(vertex);
    const Label& total = *labels_[source_];
    result.chain.weight = total.weight;
    result.chain.cost = {total.price, total.time};
    for (std::size_t i = 0; i < network_.size(); ++i)
      result.labels.push_back(labels_[i] ? std::optional<PathCost>({labels_[i]->price, labels_[i]->time})
                                         : std::nullopt);
    return result;
  }

 private:
  /// Cost of being at `vertex` and then stepping to `next`: its own price and cost, then the leg between.
  [[nodiscard]] Label step(std::size_t vertex, std::size_t next) const {
    if (vertex == source_) return path_label(preference_, Rational(0), legs_.to(next));
    const Node& node = network_.nodes[vertex];
    const Rational leg = next == target_ ? legs_.from(vertex) : network_.latency_between(vertex, next);
    return path_label(preference_, node.price, node.cost + leg);
  }

  void relax(std::size_t vertex) {
    for (const std::size_t next : boost::make_iterator_range(boost::adjacent_vertices(vertex, graph_))) {
      if (!labels_[next]) continue;
      const Label through = joined(step(vertex, next), *labels_[next]);
      labels_[vertex] = labels_[vertex] ? least(*labels_[vertex], through) : through;
    }
  }

  /// Successors come in file order; the target is the only successor of its predecessors (ROUTE-1).
  [[nodiscard]] std::size_t smallest_tight_successor(std::size_t vertex) const {
    for (const std::size_t next : boost::make_iterator_range(boost::adjacent_vertices(vertex, graph_)))
      if (labels_[next] && !precedes(*labels_[vertex], joined(step(vertex, next), *labels_[next]))) return next;
    throw std::logic_error("a label that no successor explains");
  }

  const Network& network_;
  Preference<Rational> preference_;
  ClientLegs legs_;
  const Graph& graph_;
  std::size_t source_;
  std::size_t target_;
  std::vector<std::optional<Label>> labels_;
};

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

RouteAnswer merged_route(const Network& network, const Rational& alpha, const ClientLegs& legs) {
  const Preference<Rational> preference{alpha, network.price_scale, network.cost_scale};
  const StartIndex starts = nodes_by_start(network);
  std::map<std::int64_t, Label> rest{{network.layers, path_label(preference, Rational(0), Rational(0))}};
  const auto from_entry = [&](std::size_t i) {  // needs a label at the node's end
    const Node& node = network.nodes[i];
    const Rational leg = node.layers.last == network.layers ? legs.from(i) : Rational(0);
    return joined(path_label(preference, node.price, node.cost + leg), rest.at(node.layers.last));
  };
  const auto from_boundary = [&](std::size_t i) {
    const Rational leg = network.nodes[i].layers.first == 0 ? legs.to(i) : Rational(0);
    return joined(path_label(preference, Rational(0), leg), from_entry(i));
  };
  const auto leads_on = [&](std::size_t i) { return rest.contains(network.nodes[i].layers.last); };
  for (auto start = starts.rbegin(); start != starts.rend(); ++start)  // ends are greater: already known
    for (const std::size_t i : start->second)
      if (leads_on(i)) {
        const auto [here, is_first] = rest.try_emplace(start->first, from_boundary(i));
        if (!is_first) here->second = least(here->second, from_boundary(i));
      }
  const auto total = rest.find(0);
  if (total == rest.end()) return reachable_boundaries(network);
  OptimalRoute result{{{}, {total->second.price, total->second.time}, total->second.weight}, {}};
  for (std::int64_t boundary = 0; boundary < network.layers;) {
    const auto is_tight = [&](std::size_t i) { return leads_on(i) && !precedes(rest.at(boundary), from_boundary(i)); };
    result.chain.nodes.push_back(*std::ranges::find_if(starts.at(boundary), is_tight));
    boundary = network.nodes[result.chain.nodes.back()].layers.last;
  }
  for (std::size_t i = 0; i < network.size(); ++i) {
    std::optional<PathCost>& label = result.labels.emplace_back();
    if (leads_on(i)) label = {from_entry(i).price, from_entry(i).time};
  }
  return result;
}

Result<RouteAnswer> route(const Network& network, const Rational& alpha, const ClientLegs& legs) {
  const StartIndex starts = nodes_by_start(network);
  const std::size_t edges = edge_count(network, starts);
  if (edges > graph_edges_max)
    return limit_reached("the explicit graph has " + std::to_string(edges) + " edges, more than the limit of " +
                         std::to_string(graph_edges_max));
  const Graph graph = explicit_graph(network, starts);
  const ShortestPath path(network, alpha, legs, graph);
  if (!path.reachable()) return RouteAnswer(reachable_boundaries(network));
  return RouteAnswer(path.route());
}

}  // namespace p2pllm::reference
