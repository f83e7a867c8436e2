#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>
#include <queue>

#include "bench/random_market.hpp"
#include "checker/check.hpp"
#include "model/crypto/sha256.hpp"
#include "reference/market/migrate.hpp"
#include "reference/market/pareto.hpp"
#include "reference/market/path_rules.hpp"
#include "reference/market/route.hpp"
#include "reference/market/solve.hpp"
#include "reference/market/verify.hpp"

namespace {

using namespace p2pllm;
using benchmark::State;

const Rational half(1, 2);

Network real_market() {
  const std::string path = P2PLLM_EXAMPLES "/real_market.json";
  std::ifstream file(path);
  return *read_network(std::string(std::istreambuf_iterator<char>(file), {}), path);
}

const Network& market(std::size_t nodes, std::int64_t layers) {
  static std::map<std::pair<std::size_t, std::int64_t>, Network> made;
  return made.try_emplace({nodes, layers}, bench::random_market({nodes, layers, false}, 1)).first->second;
}

EquilibriumReport verified(const Network& network) {
  return reference::verify(network, posted_prices(network), half, Tolerance{});
}

/// A certificate that makes the most work for the checker: every node is within epsilon of its equilibrium price.
struct CheckCase {
  Network network;
  Certificate certificate;
};

const CheckCase& check_case() {
  static const CheckCase made = [] {
    CheckCase result{bench::random_market({10'000, 20, false}, 1), {}};
    const auto solution = reference::solve(result.network, half, 64);
    for (const EquilibriumGroup& group : *solution)
      for (const EquilibriumNode& node : group.nodes)
        result.network.nodes[node.node].price = simplest_between(node.price.lower, node.price.upper);
    result.certificate = {result.network.sha256, "", half, {}, equilibrium_claim(verified(result.network))};
    return result;
  }();
  return made;
}

void solve_1000_nodes_256_bits(State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(reference::solve(market(1000, 1), half, 256));
}
void verify_10000_nodes(State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(verified(market(10'000, 20)));
}
void verify_10000_nodes_one_group(State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(verified(market(10'000, 1)));
}
void verify_10000_nodes_at_equilibrium(State& state) {
  const Network& network = check_case().network;
  for (auto _ : state) benchmark::DoNotOptimize(verified(network));
}
void check_10000_nodes_at_equilibrium(State& state) {
  const auto& [network, certificate] = check_case();
  for (auto _ : state)
    if (!checker::check(certificate, network, std::nullopt).accepted) state.SkipWithError("rejected");
  state.SetLabel("against verify_10000_nodes_at_equilibrium");
}
void verify_real_market(State& state) {
  const Network network = real_market();
  for (auto _ : state) benchmark::DoNotOptimize(verified(network));
}
void route_real_market(State& state) {
  const Network network = real_market();
  for (auto _ : state) benchmark::DoNotOptimize(reference::route(network, half, {&network.clients.front()}));
}

/// The least weight of a chain by Dijkstra's algorithm, over every pair of nodes of which one begins where the other
/// ends.
Rational least_weight(const Network& network) {
  const reference::Preference<Rational> preference{half, network.price_scale, network.cost_scale};
  std::vector<std::vector<std::size_t>> from(static_cast<std::size_t>(network.layers) + 1);
  for (std::size_t i = 0; i < network.size(); ++i)
    from[static_cast<std::size_t>(network.nodes[i].layers.first)].push_back(i);
  using Entry = std::pair<Rational, std::size_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> waiting;
  std::vector<std::optional<Rational>> least(network.size());
  const auto extend = [&](const Rational& weight, std::int64_t boundary) {
    for (const std::size_t next : from[static_cast<std::size_t>(boundary)]) {
      const Node& node = network.nodes[next];
      Rational total = weight + reference::path_weight(preference, node.price, node.cost);
      if (!least[next] || total < *least[next]) waiting.emplace(*(least[next] = std::move(total)), next);
    }
  };
  extend(0, 0);
  while (!waiting.empty()) {
    const auto [weight, node] = waiting.top();
    waiting.pop();
    if (network.nodes[node].layers.last == network.layers) return weight;
    if (weight == *least[node]) extend(weight, network.nodes[node].layers.last);
  }
  return 0;
}
void dijkstra_2000_nodes(State& state) {
  const Network& network = market(2000, 20);
  const RouteAnswer answer = *reference::route(network, half, {});
  for (auto _ : state)
    if (least_weight(network) != std::get<OptimalRoute>(answer).chain.weight) state.SkipWithError("another weight");
}
void route_2000_nodes(State& state) {
  const Network& network = market(2000, 20);
  for (auto _ : state) benchmark::DoNotOptimize(reference::route(network, half, {}));
  state.SetLabel("against dijkstra_2000_nodes");
}
void pareto_real_market(State& state) {
  const Network network = real_market();
  for (auto _ : state) benchmark::DoNotOptimize(reference::pareto(network, {&network.clients.front()}));
}
void pareto_1000_nodes_20_layers_latency(State& state) {
  const Network network = bench::random_market({1000, 20, true}, 1);
  for (auto _ : state) benchmark::DoNotOptimize(reference::pareto(network, {}));
}
/// 2,000 nodes that all begin in the first of 32 one-layer blocks: nearly everybody has to move.
const Network& crowd() {
  static const Network made = [] {
    Network network = market(2000, 1);
    network.layers = 32;
    for (std::int64_t x = 0; x < network.layers; ++x) network.blocks.push_back({x, x + 1});
    return network;
  }();
  return made;
}
reference::MigrationWeights by_revenue(const Network& network) {
  return reference::revenue_weights(network, posted_prices(network), half);
}

/// The sweeps by their definition, with exact loads kept as fractions, with which the reference is compared.
std::size_t migrate_by_fractions(const Network& network) {
  std::vector<Rational> loads(network.blocks.size());
  std::vector<std::size_t> at(network.size(), 0);
  for (const Node& node : network.nodes) loads[0] += 1 / node.cost;
  std::size_t moves = 0;
  for (std::size_t before = 1; before != 0;) {
    before = 0;
    for (std::size_t i = 0; i < network.size(); ++i) {
      const Rational own = 1 / network.nodes[i].cost;
      std::size_t best = at[i];
      for (std::size_t r = 0; r < loads.size(); ++r)
        if (r != at[i] && loads[r] < (best == at[i] ? loads[best] - own : loads[best])) best = r;
      if (best == at[i]) continue;
      loads[at[i]] -= own;
      loads[best] += own;
      at[i] = best;
      ++before;
    }
    moves += before;
  }
  return moves;
}

void migrate_2000_nodes_32_groups_share(State& state) {
  const auto weights = reference::share_weights(crowd());
  for (auto _ : state) benchmark::DoNotOptimize(reference::migrate(crowd(), weights));
  state.SetLabel("against migrate_2000_nodes_32_groups_fractions");
}
void migrate_2000_nodes_32_groups_fractions(State& state) {
  const std::size_t moves = reference::migrate(crowd(), reference::share_weights(crowd()))->moves.size();
  for (auto _ : state)
    if (migrate_by_fractions(crowd()) != moves) state.SkipWithError("other moves");
}
void migrate_2000_nodes_32_groups_revenue(State& state) {
  const auto weights = by_revenue(crowd());
  for (auto _ : state) benchmark::DoNotOptimize(reference::migrate(crowd(), weights));
}
void check_2000_nodes_at_rest(State& state, const reference::MigrationWeights& weights, std::optional<Rational> alpha) {
  const Allocation rest = reference::migrate(crowd(), weights)->allocation;
  const Certificate certificate{crowd().sha256, "", alpha, {}, reference::balance_claim(crowd(), weights, rest)};
  for (auto _ : state)
    if (!checker::check(certificate, crowd(), std::nullopt).accepted) state.SkipWithError("rejected");
}
void check_2000_nodes_at_rest_share(State& state) {
  check_2000_nodes_at_rest(state, reference::share_weights(crowd()), {});
}
void check_2000_nodes_at_rest_revenue(State& state) { check_2000_nodes_at_rest(state, by_revenue(crowd()), half); }
const std::string& large_file() {
  static const std::string text = bench::network_text(market(100'000, 80));
  return text;
}
void read_100000_nodes(State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(read_network(large_file(), "random"));
  state.SetLabel("against sha256_of_100000_nodes");
}
void sha256_of_100000_nodes(State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(sha256_hex(large_file()));
}

BENCHMARK(solve_1000_nodes_256_bits)->Unit(benchmark::kMillisecond);
BENCHMARK(verify_10000_nodes)->Unit(benchmark::kMillisecond);
BENCHMARK(verify_10000_nodes_one_group)->Unit(benchmark::kMillisecond);
BENCHMARK(verify_10000_nodes_at_equilibrium)->Unit(benchmark::kMillisecond);
BENCHMARK(check_10000_nodes_at_equilibrium)->Unit(benchmark::kMillisecond);
BENCHMARK(verify_real_market)->Unit(benchmark::kMillisecond);
BENCHMARK(route_real_market)->Unit(benchmark::kMillisecond);
BENCHMARK(route_2000_nodes)->Unit(benchmark::kMillisecond);
BENCHMARK(dijkstra_2000_nodes)->Unit(benchmark::kMillisecond);
BENCHMARK(pareto_real_market)->Unit(benchmark::kMillisecond);
BENCHMARK(pareto_1000_nodes_20_layers_latency)->Unit(benchmark::kMillisecond);
BENCHMARK(migrate_2000_nodes_32_groups_share)->Unit(benchmark::kMillisecond);
BENCHMARK(migrate_2000_nodes_32_groups_fractions)->Unit(benchmark::kMillisecond);
BENCHMARK(migrate_2000_nodes_32_groups_revenue)->Unit(benchmark::kMillisecond);
BENCHMARK(check_2000_nodes_at_rest_share)->Unit(benchmark::kMillisecond);
BENCHMARK(check_2000_nodes_at_rest_revenue)->Unit(benchmark::kMillisecond);
BENCHMARK(read_100000_nodes)->Unit(benchmark::kMillisecond);
BENCHMARK(sha256_of_100000_nodes)->Unit(benchmark::kMillisecond);

}  // namespace
