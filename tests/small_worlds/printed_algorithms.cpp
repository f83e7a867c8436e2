#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <set>
#include <vector>

#include "reference/market/route.hpp"

// The paper's Algorithms 1 and 2 to the letter, kept as counterexamples (ROUTE-4).
namespace p2pllm::small_worlds {
namespace {

using Graph = std::vector<std::vector<std::size_t>>;

struct PrintedSort {
  const Graph& graph;
  std::uint64_t calls_max;
  std::uint64_t calls = 0;
  bool gave_up = false;
  std::vector<bool> visited;
  std::vector<bool> temp;
  std::vector<std::size_t> result;

  void dfs_visit(std::size_t u) {
    if (gave_up || ++calls > calls_max) {
      gave_up = true;
      return;
    }
    temp[u] = true;
    for (const std::size_t v : graph[u]) dfs_visit(v);  // as printed, without a test of visited
    temp[u] = false;
    visited[u] = true;
    result.push_back(u);
  }
};

/// Algorithm 1 as printed; it gives up after `calls_max` calls of DFS-Visit.
PrintedSort topological_sort_as_printed(const Graph& graph, std::uint64_t calls_max) {
  PrintedSort sort{graph, calls_max, 0, false, std::vector<bool>(graph.size()), std::vector<bool>(graph.size()), {}};
  for (std::size_t v = 0; v < graph.size(); ++v)
    if (!sort.visited[v]) sort.dfs_visit(v);
  sort.result = {sort.result.rbegin(), sort.result.rend()};
  return sort;
}

/// Algorithm 2 as printed, for vertex weights paid on leaving a vertex.
std::vector<std::size_t> shortest_path_as_printed(const Graph& graph, const std::vector<long>& weight, std::size_t s,
                                                  std::size_t t, const std::vector<std::size_t>& topo) {
  constexpr long infinity = std::numeric_limits<long>::max();
  constexpr std::size_t nil = std::numeric_limits<std::size_t>::max();
  std::vector<long> dist(graph.size(), infinity);
  std::vector<std::size_t> prev(graph.size(), nil);
  dist[s] = 0;
  for (const std::size_t u : topo)
    for (const std::size_t v : graph[u])
      if (dist[u] != infinity && dist[v] > dist[u] + weight[u]) {
        dist[v] = dist[u] + weight[u];
        prev[v] = u;
      }
  std::vector<std::size_t> path;
  for (std::size_t u = t; u != nil; u = prev[u]) path.insert(path.begin(), u);
  return path;
}

/// Layers of `width` nodes, each node linked to all nodes of the next layer.
Graph layered(std::size_t layers, std::size_t width) {
  Graph graph(layers * width);
  for (std::size_t i = 0; i + width < graph.size(); ++i)
    for (std::size_t j = 0; j < width; ++j) graph[i].push_back((i / width + 1) * width + j);
  return graph;
}

TEST_CASE("Algorithm 1 as printed visits 16 layers of 2 nodes 131070 times and repeats vertices", "[ROUTE-4]") {
  const auto sort = topological_sort_as_printed(layered(16, 2), 10'000'000);
  CHECK_FALSE(sort.gave_up);
  CHECK(sort.calls == 131'070);
  CHECK(sort.result.size() == 131'070);
  CHECK(std::set<std::size_t>(sort.result.begin(), sort.result.end()).size() == 32);
  for (std::size_t layers = 1; layers <= 12; ++layers)
    CHECK(topological_sort_as_printed(layered(layers, 2), 10'000'000).calls == 2 * ((1U << layers) - 1));
}

TEST_CASE("Algorithm 1 as printed with s first and t visits 196607 times", "[ROUTE-4]") {
  Graph graph{{1, 2}};
  for (const auto& successors : layered(16, 2)) {
    graph.emplace_back();
    for (const std::size_t v : successors) graph.back().push_back(v + 1);
  }
  graph[31].push_back(33);
  graph[32].push_back(33);
  graph.emplace_back();
  CHECK(topological_sort_as_printed(graph, 10'000'000).calls == 196'607);
}

TEST_CASE("Algorithm 1 as printed does not end on a cycle", "[ROUTE-4]") {
  CHECK(topological_sort_as_printed({{1}, {0}}, 10'000).gave_up);
  CHECK_FALSE(topological_sort_as_printed({{1}, {}}, 10'000).gave_up);
}

TEST_CASE("Algorithm 2 as printed answers an unreachable target with itself", "[ROUTE-4][ROUTE-5]") {
  const Graph graph{{1}, {}, {}};
  CHECK(shortest_path_as_printed(graph, {0, 1, 0}, 0, 2, {0, 1, 2}) == std::vector<std::size_t>{2});
}

TEST_CASE("Algorithms 1 and 2 as printed break a tie by their order and the reference by the file's",
          "[ROUTE-3][ROUTE-4]") {
  // Source, nodes 0 and 1 equal on layer 0, node 2 on layer 1, sink: vertices 3, 0, 1, 2, 4.
  const Graph graph{{2}, {2}, {4}, {0, 1}, {}};
  const auto topo = topological_sort_as_printed(graph, 1000).result;
  CHECK(shortest_path_as_printed(graph, {1, 1, 1, 0, 0}, 3, 4, topo) == std::vector<std::size_t>{3, 1, 2, 4});
  Network network;
  network.layers = 2;
  network.nodes = {{"a", {0, 1}, 1, 0}, {"b", {0, 1}, 1, 0}, {"c", {1, 2}, 1, 0}};
  const auto answer = reference::route(network, Rational(0), {});
  CHECK(std::get<OptimalRoute>(*answer).chain.nodes == std::vector<std::size_t>{0, 2});
}

TEST_CASE("the reference routes 16 layers of 2 nodes at once", "[ROUTE-4]") {
  Network network;
  network.layers = 16;
  for (std::int64_t i = 0; i < 32; ++i) network.nodes.push_back({"n" + std::to_string(i), {i / 2, i / 2 + 1}, 1, 1});
  const auto answer = reference::route(network, Rational(1, 2), {});
  const auto& chain = std::get<OptimalRoute>(*answer).chain;
  REQUIRE(chain.nodes.size() == 16);
  for (std::size_t k = 0; k < 16; ++k) CHECK(chain.nodes[k] == 2 * k);
  CHECK(reference::count_chains(network) == 65'536);
}

}  // namespace
}  // namespace p2pllm::small_worlds
