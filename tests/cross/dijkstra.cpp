#include <array>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/reverse_graph.hpp>
#include <functional>

#include "properties/generators/near_tie.hpp"
#include "reference/market/route.hpp"

// Compares routes with Boost.Graph's implementation of Dijkstra's algorithm, in exact numbers.
namespace p2pllm::cross {
namespace {

using namespace p2pllm::properties;

/// (weight, price, time) of a part of a chain; std::array compares in the one order (ROUTE-3).
using Triple = std::array<Rational, 3>;

Triple sum(const Triple& a, const Triple& b) { return {a[0] + b[0], a[1] + b[1], a[2] + b[2]}; }

struct Leg {
  Triple triple;
  Rational weight;
};
using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, boost::no_property, Leg>;

/// The explicit graph of the nodes, a source and a sink. A node's own price and cost are paid on entering it, whereas
/// the reference pays them on leaving.
class ChainGraph {
 public:
  ChainGraph(const Network& network, const Rational& alpha, const ClientLegs& legs)
      : network_(network), alpha_(alpha), graph_(network.size() + 2), source_(network.size()), target_(source_ + 1) {
    for (std::size_t i = 0; i < network.size(); ++i) {
      if (network.nodes[i].layers.first == 0) enter(source_, i, legs.to(i));
      if (network.nodes[i].layers.last == network.layers) join(i, target_, 0, legs.from(i));
      for (std::size_t j = 0; j < network.size(); ++j)
        if (network.nodes[i].layers.last == network.nodes[j].layers.first) enter(i, j, network.latency_between(i, j));
    }
  }

  /// The least weight of a chain, by scalar distances.
  [[nodiscard]] Rational least_weight() const {
    std::vector<Rational> distance(boost::num_vertices(graph_));
    boost::dijkstra_shortest_paths(
        graph_, source_,
        boost::weight_map(boost::get(&Leg::weight, graph_))
            .distance_map(boost::make_iterator_property_map(distance.begin(), boost::get(boost::vertex_index, graph_)))
            .distance_inf(beyond_)
            .distance_zero(Rational(0))
            .distance_combine(std::plus<Rational>()));
    return distance[target_];
  }

  /// The least triple from the source to every vertex, and from each to the sink; `beyond_` if there is no path.
  [[nodiscard]] std::vector<Triple> from_source() const { return distances(graph_, source_); }
  [[nodiscard]] std::vector<Triple> to_target() const { return distances(boost::make_reverse_graph(graph_), target_); }

  [[nodiscard]] bool is_reached(const Triple& distance) const { return distance[0] < beyond_; }
  [[nodiscard]] std::size_t source() const { return source_; }
  [[nodiscard]] std::size_t target() const { return target_; }

  /// The sequences of nodes on paths of tight edges, at most `most` of them; all have the least triple.
  [[nodiscard]] std::vector<std::vector<std::size_t>> tight_chains(std::size_t most) const {
    const auto ahead = to_target();
    std::vector<std::vector<std::size_t>> found;
    std::vector<std::vector<std::size_t>> open{{source_}};
    while (!open.empty() && found.size() < most) {
      const auto path = std::move(open.back());
      open.pop_back();
      if (path.back() == target_) found.emplace_back(path.begin() + 1, path.end() - 1);
      for (const auto edge : boost::make_iterator_range(boost::out_edges(path.back(), graph_))) {
        const std::size_t next = boost::target(edge, graph_);
        if (!is_reached(ahead[next]) || sum(graph_[edge].triple, ahead[next]) != ahead[path.back()]) continue;
        open.push_back(path);
        open.back().push_back(next);
      }
    }
    return found;
  }

 private:
  void enter(std::size_t from, std::size_t to, const Rational& latency) {
    join(from, to, network_.nodes[to].price, network_.nodes[to].cost + latency);
  }
  void join(std::size_t from, std::size_t to, const Rational& price, const Rational& time) {
    const Rational weight = alpha_ * price / network_.price_scale + (Rational(1) - alpha_) * time / network_.cost_scale;
    boost::add_edge(from, to, {{weight, price, time}, weight}, graph_);
    beyond_ += weight;
  }

  template <typename AnyGraph>
  [[nodiscard]] std::vector<Triple> distances(const AnyGraph& graph, std::size_t start) const {
    std::vector<Triple> distance(boost::num_vertices(graph));
    boost::dijkstra_shortest_paths(
        graph, start,
        boost::weight_map(boost::get(&Leg::triple, graph))
            .distance_map(boost::make_iterator_property_map(distance.begin(), boost::get(boost::vertex_index, graph)))
            .distance_inf(Triple{beyond_, 0, 0})
            .distance_zero(Triple{0, 0, 0})
            .distance_combine(&sum));
    return distance;
  }

  const Network& network_;
  Rational alpha_;
  Rational beyond_ = 1;  // more than the weight of any path
  Graph graph_;
  std::size_t source_;
  std::size_t target_;
};

void expect_labels(const ChainGraph& graph, const Network& network, const OptimalRoute& route) {
  const auto ahead = graph.to_target();
  for (std::size_t i = 0; i < network.size(); ++i) {
    expect_equal(route.labels[i].has_value(), graph.is_reached(ahead[i]), "whether a suffix leaves node " + shown(i));
    if (!route.labels[i]) continue;
    expect_equal(route.labels[i]->price, network.nodes[i].price + ahead[i][1], "price of label " + shown(i));
    expect_equal(route.labels[i]->time, network.nodes[i].cost + ahead[i][2], "time of label " + shown(i));
  }
}

void expect_is_dijkstras(const Network& network, const Rational& alpha) {
  const ClientLegs legs = first_client(network);
  const ChainGraph graph(network, alpha, legs);
  const auto answer = reference::route(network, alpha, legs);
  expect(answer.has_value(), "a network this small is within every limit");
  const Triple best = graph.from_source()[graph.target()];
  reach("unreachable", !graph.is_reached(best));
  expect_equal(std::holds_alternative<OptimalRoute>(*answer), graph.is_reached(best), "reachability");
  if (!graph.is_reached(best)) return;

  const OptimalRoute& route = std::get<OptimalRoute>(*answer);
  expect_equal(route.chain.weight, graph.least_weight(), "the least weight");
  expect_equal(route.chain.weight, best[0], "weight");
  expect_equal(route.chain.cost.price, best[1], "price");
  expect_equal(route.chain.cost.time, best[2], "time");
  expect_labels(graph, network, route);

  const std::size_t tight_max = 2000;
  const auto tight = graph.tight_chains(tight_max);
  note("too many optimal chains to list", tight.size() == tight_max);
  reach("chains that tie in weight price and time", tight.size() > 1);
  reach("one chain is best", tight.size() == 1);
  if (tight.size() < tight_max)
    expect_equal(route.chain.nodes, *std::min_element(tight.begin(), tight.end()), "the smallest of the tied chains");

  const auto chains = brute_force::all_chains(network, legs, 20'000);
  reach("every chain listed", chains.has_value());
  reach("too many chains to list", !chains.has_value());
  if (chains) expect_equal(route.chain.nodes, brute_force::optimal(network, alpha, *chains).nodes, "the least of all");
}

PROPERTY("the route is Dijkstra's on the explicit graph", "[ROUTE-1][ROUTE-2][ROUTE-3]", 600) {
  Network network = draw_network({.nodes_max = draw_coin() ? 12 : 60, .layers_max = 8});
  Rational alpha = draw_alpha();
  const auto near = draw_integer(0, 3) == 0 ? draw_near_tie() : std::nullopt;
  reach("on a tie of weight or beside one", near.has_value());
  if (near) {
    network = near->world.network;
    alpha = near->alpha;
  }
  const Traits traits = traits_of(network);
  reach("alpha 0", alpha == Rational(0));
  reach("alpha 1", alpha == Rational(1));
  reach("latency", traits.latency);
  reach("client legs", traits.client_legs);
  reach("40 nodes or more", network.size() >= 40);
  expect_is_dijkstras(network, alpha);
}

}  // namespace
}  // namespace p2pllm::cross
