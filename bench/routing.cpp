#include <fmt/core.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <array>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dag_shortest_paths.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <random>

#include "optimized/market/hull.hpp"

// Figures of fast routing: medians of interleaved runs in one process, each with the ratio that is asked of it.
namespace {

using namespace p2pllm;
using namespace p2pllm::optimized;
using Seconds = std::chrono::duration<double>;

struct Contender {
  std::string name;
  std::function<void()> run;
  std::vector<double> seconds = {};
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// The mean of the fastest quarter.
double best_quarter(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t count = std::max<std::size_t>(1, values.size() / 4);
  return std::accumulate(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count), 0.0) /
         static_cast<double>(count);
}

void print_load() {
  std::array<double, 3> load{};
  if (getloadavg(load.data(), 3) == 3)
    fmt::print("load of the machine: {:.2f} {:.2f} {:.2f}\n", load[0], load[1], load[2]);
}

/// Runs the contenders one after the other, `rounds` times; `before` precedes each run, outside its time.
void interleave(
    std::vector<Contender>& contenders, int rounds, const std::function<void()>& before = [] {}) {
  for (int round = 0; round < rounds; ++round)
    for (Contender& contender : contenders) {
      before();
      const auto begin = std::chrono::steady_clock::now();
      contender.run();
      contender.seconds.push_back(Seconds(std::chrono::steady_clock::now() - begin).count());
    }
  for (const Contender& contender : contenders)
    fmt::print("  {:<58} {:>12.4f} ms\n", contender.name, 1e3 * median(contender.seconds));
}

/// Prints one ratio of medians, and whether it is what is asked.
void ratio(const std::string& what, double value, double limit, bool at_least) {
  const bool holds = at_least ? value >= limit : value <= limit;
  fmt::print("  {:<58} {:>12.2f} x  asked {} {:g}: {}\n", what, value, at_least ? ">=" : "<=", limit,
             holds ? "met" : "MISSED");
}

volatile double sink;
volatile std::uint64_t read_sink;

/// One pass over `bytes`, eight at a time.
std::uint64_t sum_of(const std::vector<std::uint64_t>& words) {
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

void one_alpha(bool wide) {
  constexpr std::uint32_t layers = 32;
  fmt::print("one alpha, V = 10^6, m = {}, {} bits a number\n", layers, wide ? 64 : 32);
  const MarketColumns columns = random_columns(1'000'000, layers, wide ? 1'000'000'000'000 : 1000, wide);
  const RouteIndex index = make_route_index(columns, std::nullopt);
  const Multigraph graph = boundary_multigraph(columns);
  const std::vector<std::uint64_t> same_bytes(columns.size() * (wide ? 2 : 1), 1);
  std::vector<std::uint64_t> other_data(12'000'000);
  const Rational alpha(37, 100);
  for (const bool cached : {true, false}) {
    fmt::print(" {}\n", cached ? "data in cache as the last run left it" : "data out of cache (96 MB read in between)");
    std::vector<Contender> runs = {
        {"route on a resident index", [&] { sink = static_cast<double>(route(index, alpha).decisions.approximate); }},
        {"sequential read of the same bytes", [&] { read_sink = sum_of(same_bytes); }},
        {"Boost.Graph dag_shortest_paths, boundary multigraph", [&] { sink = shortest_path(graph, 0, layers); }}};
    interleave(runs, cached ? 41 : 21, [&] {
      if (!cached) read_sink = sum_of(other_data);
    });
    const double own = median(runs[0].seconds);
    ratio("Boost.Graph / route", median(runs[2].seconds) / own, 4, true);
    ratio("route / read", own / median(runs[1].seconds), wide ? 2 : 1.3, false);
  }
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
  oneapi::tbb::task_arena two(2);
  std::vector<Contender> runs = {
      {"64 alphas in one pass, one thread",
       [&] { one.execute([&] { sink = static_cast<double>(routes(index, alphas).size()); }); }},
      {"64 single passes",
       [&] {
         for (const Rational& alpha : alphas) sink = static_cast<double>(route(index, alpha).decisions.approximate);
       }},
      {"64 alphas in one pass, two threads",
       [&] { two.execute([&] { sink = static_cast<double>(routes(index, alphas).size()); }); }}};
  interleave(runs, 41);
  ratio("single passes / one pass", median(runs[1].seconds) / median(runs[0].seconds), 4, true);
  ratio("one thread / two threads, best quarter of each", best_quarter(runs[0].seconds) / best_quarter(runs[2].seconds),
        1.7, true);
}

void hull_queries() {
  fmt::print("one query after the hulls are built, V = 10^6, m = 32\n");
  const MarketColumns columns = random_columns(1'000'000, 32, 1000, false);
  const RouteIndex index = make_route_index(columns, std::nullopt);
  const auto begin = std::chrono::steady_clock::now();
  const RouteHulls hulls(index);
  const double built = Seconds(std::chrono::steady_clock::now() - begin).count();
  const std::vector<Rational> alphas = sixty_four_alphas();
  std::size_t k = 0;
  const auto next = [&]() -> const Rational& { return alphas[k++ % alphas.size()]; };
  std::vector<Contender> runs = {
      {"query of the hulls", [&] { sink = static_cast<double>(hulls.route(next()).decisions.approximate); }},
      {"full pass", [&] { sink = static_cast<double>(route(index, next()).decisions.approximate); }}};
  interleave(runs, 201);
  fmt::print("  built once in {:.1f} ms: {} nodes on hulls, {} break points\n", 1e3 * built, hulls.size(),
             hulls.break_points().size());
  ratio("full pass / query", median(runs[1].seconds) / median(runs[0].seconds), 50, true);
}

}  // namespace

int main() {
  one_alpha(false);
  one_alpha(true);
  many_alphas();
  hull_queries();
  print_load();
}
