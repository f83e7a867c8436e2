#include <fmt/core.h>
#include <oneapi/tbb/task_arena.h>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dag_shortest_paths.hpp>
#include <chrono>
#include <random>

#ifdef P2PLLM_IGRAPH
#include <igraph/igraph.h>
#endif

#include "bench/figure.hpp"
#include "bench/random_market.hpp"
#include "optimized/market/hull.hpp"
#include "optimized/market/pareto.hpp"
#include "reference/market/pareto.hpp"

// Figures of fast routing: medians of interleaved runs in one process, each with the ratio that is asked of it.
namespace {

using namespace p2pllm;
using namespace p2pllm::optimized;
using namespace p2pllm::bench;

volatile double sink;
volatile std::uint64_t read_sink;

/// One pass over `bytes`, eight at a time, with the widest vectors of the machine.
#if defined(__x86_64__) && !defined(__clang__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
std::uint64_t
sum_of(const std::vector<std::uint64_t>& words) {
  std::uint64_t sum = 0;
  for (const std::uint64_t word : words) sum += word;
  return sum;
}

/// `nodes` nodes of one layer each, costs in 1 .. 50 ms and prices in 0.5 .. 3 as multiples of `unit`.
MarketColumns random_columns(std::size_t nodes, std::uint32_t layers, std::uint64_t scale, bool wide) {
  std::mt19937_64 engine(1);
  MarketColumns columns;
  columns.layers = layers;
  std::vector<std::uint64_t> cost;
  std::vector<std::uint64_t> price;
  for (std::size_t i = 0; i < nodes; ++i) {
    columns.first.push_back(static_cast<std::uint32_t>(i % layers));
    columns.last.push_back(columns.first.back() + 1);
    cost.push_back(scale + engine() % (49 * scale));
    price.push_back(scale / 2 + engine() % (5 * scale / 2));
  }
  const Rational unit(1, static_cast<long>(scale));
  const auto column = [&](const std::vector<std::uint64_t>& values) {
    return wide ? Column(values, unit) : Column(std::vector<std::uint32_t>(values.begin(), values.end()), unit);
  };
  columns.cost = column(cost);
  columns.price = column(price);
  return columns;
}

using Multigraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                                         boost::property<boost::edge_weight_t, double>>;

/// The boundaries as vertices, the nodes as edges; one of its weights at the alpha of half.
Multigraph boundary_multigraph(const MarketColumns& columns) {
  Multigraph graph(static_cast<std::size_t>(columns.layers) + 1);
  for (std::size_t i = 0; i < columns.size(); ++i)
    boost::add_edge(columns.first[i], columns.last[i],
                    static_cast<double>(columns.price.integer(i)) + static_cast<double>(columns.cost.integer(i)),
                    graph);
  return graph;
}

double shortest_path(const Multigraph& graph, std::size_t source, std::size_t target) {
  std::vector<double> distance(boost::num_vertices(graph));
  std::vector<std::size_t> predecessor(boost::num_vertices(graph));
  boost::dag_shortest_paths(graph, source, boost::distance_map(distance.data()).predecessor_map(predecessor.data()));
  return distance[target];
}

#ifdef P2PLLM_IGRAPH
/// The same multigraph in igraph, which has no search of its own for acyclic graphs: Dijkstra's algorithm.
class IgraphMultigraph {
 public:
  explicit IgraphMultigraph(const Multigraph& graph) {
    igraph_vector_int_t edges;
    igraph_vector_int_init(&edges, 0);
    igraph_vector_init(&weights_, 0);
    const auto weight = boost::get(boost::edge_weight, graph);
    for (const auto& edge : boost::make_iterator_range(boost::edges(graph))) {
      igraph_vector_int_push_back(&edges, static_cast<igraph_integer_t>(boost::source(edge, graph)));
      igraph_vector_int_push_back(&edges, static_cast<igraph_integer_t>(boost::target(edge, graph)));
      igraph_vector_push_back(&weights_, weight[edge]);
    }
    igraph_create(&graph_, &edges, static_cast<igraph_integer_t>(boost::num_vertices(graph)), IGRAPH_DIRECTED);
    igraph_vector_int_destroy(&edges);
  }
  ~IgraphMultigraph() {
    igraph_vector_destroy(&weights_);
    igraph_destroy(&graph_);
  }
  IgraphMultigraph(const IgraphMultigraph&) = delete;
  IgraphMultigraph& operator=(const IgraphMultigraph&) = delete;

  [[nodiscard]] std::size_t path_length() const {
    igraph_vector_int_t path;
    igraph_vector_int_init(&path, 0);
    igraph_get_shortest_path_dijkstra(&graph_, nullptr, &path, 0, igraph_vcount(&graph_) - 1, &weights_, IGRAPH_OUT);
    const auto length = static_cast<std::size_t>(igraph_vector_int_size(&path));
    igraph_vector_int_destroy(&path);
    return length;
  }

 private:
  igraph_t graph_{};
  igraph_vector_t weights_{};
};

void against_igraph() {
  fmt::print("one alpha, V = 10^6, m = 32, against igraph\n");
  const MarketColumns columns = random_columns(1'000'000, 32, 1000, false);
  const RouteIndex index = make_route_index(columns, std::nullopt);
  const IgraphMultigraph graph(boundary_multigraph(columns));
  const Rational alpha(1, 2);
  std::vector<Contender> runs = {
      {"route on a resident index", [&] { sink = static_cast<double>(route(index, alpha).decisions.approximate); }},
      {"igraph get_shortest_path_dijkstra, boundary multigraph",
       [&] { sink = static_cast<double>(graph.path_length()); }}};
  interleave(runs, 11);
  figure("one alpha, V = 10^6, 32 bits", "igraph, Dijkstra", median(runs[1].seconds) / median(runs[0].seconds),
         at_least(4));
}
#else
void against_igraph() { fmt::print("igraph: skipped, its library is not installed\n"); }
#endif

void one_alpha(bool wide) {
  constexpr std::uint32_t layers = 32;
  fmt::print("one alpha, V = 10^6, m = {}, {} bits a number\n", layers, wide ? 64 : 32);
  const MarketColumns columns = random_columns(1'000'000, layers, wide ? 1'000'000'000'000 : 1000, wide);
  const RouteIndex index = make_route_index(columns, std::nullopt);
  const Multigraph graph = boundary_multigraph(columns);
  const std::vector<std::uint64_t> same_bytes(columns.size() * (wide ? 2 : 1), 1);
  std::vector<std::uint64_t> other_data(12'000'000);
  const Rational alpha(37, 100);
  const Contender own{"route on a resident index",
                      [&] { sink = static_cast<double>(route(index, alpha).decisions.approximate); }};
  const Contender read{"sequential read of the same bytes", [&] { read_sink = sum_of(same_bytes); }};
  const Contender boost{"Boost.Graph dag_shortest_paths, boundary multigraph",
                        [&] { sink = shortest_path(graph, 0, layers); }};
  fmt::print(" data out of cache (96 MB read before each run)\n");
  std::vector<Contender> cold = {own, read, boost};
  interleave(cold, 31, [&](const Contender& /*next*/) { read_sink = sum_of(other_data); });
  const std::string work = fmt::format("one alpha, V = 10^6, {} bits, out of cache", wide ? 64 : 32);
  figure(work, "Boost.Graph, boundary multigraph", median(cold[2].seconds) / median(cold[0].seconds), at_least(4));
  figure(work, "sequential read", median(cold[0].seconds) / median(cold[1].seconds), at_most(wide ? 2 : 1.3));
  fmt::print(" data as far in cache as it fits (each run follows one of its own)\n");
  std::vector<Contender> warm = {own, read, boost};
  interleave(warm, 31, [](const Contender& next) { next.run(); });
  const std::string again = fmt::format("one alpha, V = 10^6, {} bits, again", wide ? 64 : 32);
  figure(again, "Boost.Graph, boundary multigraph", median(warm[2].seconds) / median(warm[0].seconds), at_least(4));
  figure(again, "sequential read", median(warm[0].seconds) / median(warm[1].seconds), at_most(wide ? 2 : 1.3));
}

/// alpha = 1/65 .. 64/65.
std::vector<Rational> sixty_four_alphas() {
  std::vector<Rational> alphas;
  for (long k = 1; k <= 64; ++k) alphas.emplace_back(k, 65);
  return alphas;
}

void many_alphas() {
  fmt::print("64 alphas, V = 10^6, m = 32, 32 bits a number\n");
  const MarketColumns columns = random_columns(1'000'000, 32, 1000, false);
  const RouteIndex index = make_route_index(columns, std::nullopt);
  const std::vector<Rational> alphas = sixty_four_alphas();
  oneapi::tbb::task_arena one(1);
  std::vector<Contender> runs = {
      {"64 alphas in one pass, one thread",
       [&] { one.execute([&] { sink = static_cast<double>(routes(index, alphas).size()); }); }},
      {"64 single passes", [&] {
         for (const Rational& alpha : alphas) sink = static_cast<double>(route(index, alpha).decisions.approximate);
       }}};
  interleave(runs, 41);
  figure("64 alphas, V = 10^6", "64 single passes", median(runs[1].seconds) / median(runs[0].seconds), at_least(4));

  std::vector<Rational> many;
  for (long k = 1; k <= 1024; ++k) many.emplace_back(k, 1025);
  FilterCounts counts;
  for (const auto& [answer, decisions] : routes(index, many)) {
    counts += decisions;
  }
  fmt::print("  decisions at 1024 alphas: {} approximate, {} in 128 bits, {} exact\n", counts.approximate, counts.wider,
             counts.exact);
  oneapi::tbb::task_arena two(2);
  const auto batch_on = [&](oneapi::tbb::task_arena& arena) {
    return [&] { arena.execute([&] { sink = static_cast<double>(routes(index, many).size()); }); };
  };
  std::vector<Contender> threads = {{"1024 alphas, one thread", batch_on(one)},
                                    {"1024 alphas, two threads", batch_on(two)}};
  print_machine();
  interleave(threads, 41);
  print_machine();
  figure("1024 alphas on two threads, best quarter", "one thread",
         best_quarter(threads[0].seconds) / best_quarter(threads[1].seconds), at_least(1.7));
}

void hull_queries() {
  fmt::print("one query after the hulls are built, V = 10^6, m = 32\n");
  const MarketColumns columns = random_columns(1'000'000, 32, 1000, false);
  const RouteIndex index = make_route_index(columns, std::nullopt);
  const auto begin = std::chrono::steady_clock::now();
  const RouteHulls hulls(index);
  const double built = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const std::vector<Rational> alphas = sixty_four_alphas();
  std::size_t k = 0;
  const auto next = [&]() -> const Rational& { return alphas[k++ % alphas.size()]; };
  const Contender query{"query of the hulls",
                        [&] { sink = static_cast<double>(hulls.route(next()).decisions.approximate); }};
  const Contender pass{"full pass", [&] { sink = static_cast<double>(route(index, next()).decisions.approximate); }};
  fmt::print("  built once in {:.1f} ms: {} nodes on hulls, {} break points\n", 1e3 * built, hulls.size(),
             hulls.break_points().size());
  const std::vector<std::uint64_t> other_data(12'000'000);
  fmt::print(" data out of cache (96 MB read before each run)\n");
  std::vector<Contender> cold = {query, pass};
  interleave(cold, 31, [&](const Contender& /*next*/) { read_sink = sum_of(other_data); });
  figure("query of the hulls, out of cache", "full pass", median(cold[1].seconds) / median(cold[0].seconds),
         at_least(50));
  fmt::print(" data as far in cache as it fits (each run follows one of its own)\n");
  std::vector<Contender> warm = {query, pass};
  interleave(warm, 201, [](const Contender& next_run) { next_run.run(); });
  figure("query of the hulls, again", "full pass", median(warm[1].seconds) / median(warm[0].seconds), at_least(50));
}

using ExplicitGraph = Multigraph;

/// A vertex for each node, and for the client at both ends; an edge wherever a range begins at which another ends.
ExplicitGraph explicit_graph(const MarketColumns& columns) {
  const std::size_t n = columns.size();
  ExplicitGraph graph(n + 2);
  std::vector<std::vector<std::size_t>> from(static_cast<std::size_t>(columns.layers) + 1);
  for (std::size_t i = 0; i < n; ++i) from[columns.first[i]].push_back(i);
  const auto weight = [&](std::size_t i) {
    return static_cast<double>(columns.price.integer(i) + columns.cost.integer(i));
  };
  for (const std::size_t i : from.front()) boost::add_edge(n, i, 0.0, graph);
  for (std::size_t i = 0; i < n; ++i) {
    for (const std::size_t j : from[columns.last[i]]) boost::add_edge(i, j, weight(i), graph);
    if (columns.last[i] == columns.layers) boost::add_edge(i, n + 1, weight(i), graph);
  }
  return graph;
}

void explicit_graphs() {
  fmt::print("explicit graph, V = 10^4, m = 32, build excluded\n");
  const MarketColumns columns = random_columns(10'000, 32, 1000, false);
  const RouteIndex index = make_route_index(columns, std::nullopt);
  const ExplicitGraph graph = explicit_graph(columns);
  const Rational alpha(1, 2);
  std::vector<Contender> runs = {
      {"route on a resident index", [&] { sink = static_cast<double>(route(index, alpha).decisions.approximate); }},
      {"Boost.Graph dag_shortest_paths, " + std::to_string(boost::num_edges(graph)) + " edges",
       [&] { sink = shortest_path(graph, columns.size(), columns.size() + 1); }}};
  interleave(runs, 21);
  figure("one alpha, V = 10^4", "Boost.Graph, explicit graph", median(runs[1].seconds) / median(runs[0].seconds),
         at_least(1000));
}

/// What a programmer writes first: for each client the label of each node over all of its successors, in double.
double plain_loops(const MarketColumns& columns, const std::vector<std::vector<std::size_t>>& from,
                   const std::vector<double>& latency, double by_price, double by_time, std::size_t clients) {
  const std::size_t n = columns.size();
  double total = 0;
  for (std::size_t c = 0; c < clients; ++c) {
    const auto leg = [&](const Column& column, std::size_t i) {
      return by_time * static_cast<double>(column.integer(i));
    };
    std::vector<double> label(n, std::numeric_limits<double>::infinity());
    std::vector<std::size_t> next(n, n);
    for (std::size_t boundary = from.size(); boundary-- > 0;)
      for (const std::size_t i : from[boundary]) {
        double best = std::numeric_limits<double>::infinity();
        if (columns.last[i] == columns.layers) best = leg(columns.clients[c].from, i);
        else
          for (const std::size_t j : from[columns.last[i]]) {
            const double weight = by_time * latency[i * n + j] + label[j];
            if (weight < best) {
              best = weight;
              next[i] = j;
            }
          }
        label[i] = best + by_price * static_cast<double>(columns.price.integer(i)) +
                   by_time * static_cast<double>(columns.cost.integer(i));
      }
    double least = std::numeric_limits<double>::infinity();
    for (const std::size_t i : from.front()) least = std::min(least, label[i] + leg(columns.clients[c].to, i));
    total += least;
  }
  return total;
}

void min_plus(std::uint32_t layers) {
  constexpr std::size_t nodes = 1000;
  constexpr std::size_t client_count = 8;
  fmt::print("min-plus with latency, n = {}, m = {}, {} clients\n", nodes, layers, client_count);
  MarketColumns columns = random_columns(nodes, layers, 1000, false);
  std::mt19937_64 engine(2);
  const auto random_column = [&](std::size_t size) {
    std::vector<std::uint32_t> values(size);
    for (std::uint32_t& value : values) value = static_cast<std::uint32_t>(1000 + engine() % 149'000);
    return Column(std::move(values), Rational(1, 1000));
  };
  columns.latency = random_column(nodes * nodes);
  std::vector<ClientChoice> clients;
  for (std::size_t c = 0; c < client_count; ++c) {
    columns.clients.push_back({"c" + std::to_string(c), random_column(nodes), random_column(nodes)});
    clients.emplace_back(c);
  }
  const LatencyIndex index = make_latency_index(columns);
  std::vector<std::vector<std::size_t>> from(layers + 1);
  for (std::size_t i = 0; i < nodes; ++i) from[columns.first[i]].push_back(i);
  std::vector<double> latency(nodes * nodes);
  for (std::size_t k = 0; k < latency.size(); ++k) latency[k] = static_cast<double>(columns.latency->integer(k));
  std::vector<Contender> runs = {
      {"routes of 8 clients", [&] { sink = static_cast<double>(routes(index, Rational(37, 100), clients).size()); }},
      {"plain loops at -O3, latencies in double",
       [&] { sink = plain_loops(columns, from, latency, 0.37, 0.63, client_count); }}};
  interleave(runs, 41);
  figure(fmt::format("latency, n = 1000, m = {}, 8 clients", layers), "plain loops at -O3",
         median(runs[1].seconds) / median(runs[0].seconds), at_least(4));
}

void frontier_with_latency() {
  fmt::print("exact frontier, n = 1000, m = 20, with latency\n");
  const Network network = random_market({1000, 20, true}, 1);
  const auto columns = columns_of(network);
  std::size_t points = 0;
  std::vector<Contender> runs = {
      {"fast frontier, its preparation included",
       [&] { points = std::get<Frontier>(pareto(*columns, {})->answer).points.size(); }},
      {"reference", [&] { sink = static_cast<double>(reference::pareto(network, {}).has_value()); }}};
  interleave(runs, 5);
  fmt::print("  {} points\n", points);
  figure("frontier, n = 1000, m = 20, latency", "reference", median(runs[1].seconds) / median(runs[0].seconds),
         at_least(30));
}

void frontier_without_latency() {
  fmt::print("exact frontier, n = 4000, m = 50, without latency\n");
  const auto columns = columns_of(random_market({4000, 50, false}, 1));
  std::size_t points = 0;
  std::vector<Contender> runs = {{"fast frontier, its preparation included",
                                  [&] { points = std::get<Frontier>(pareto(*columns, {})->answer).points.size(); }}};
  interleave(runs, 5);
  fmt::print("  {} points\n", points);
  figure("frontier, n = 4000, m = 50", "one second", median(runs[0].seconds), at_most(5));
}

}  // namespace

int main() {
  one_alpha(false);
  one_alpha(true);
  against_igraph();
  many_alphas();
  hull_queries();
  explicit_graphs();
  min_plus(2);
  min_plus(20);
  frontier_with_latency();
  frontier_without_latency();
  print_machine();
}
