#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>

#include "bench/random_market.hpp"
#include "checker/check.hpp"
#include "reference/market/pareto.hpp"
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
  return *read_network({std::istreambuf_iterator<char>(file), {}}, path);
}

const Network& market(std::size_t nodes, std::int64_t layers) {
  static std::map<std::pair<std::size_t, std::int64_t>, Network> made;
  return made.try_emplace({nodes, layers}, bench::random_market({nodes, layers, false}, 1)).first->second;
}

EquilibriumReport verified(const Network& network) {
  return reference::verify(network, posted_prices(network), half, Tolerance{});
}

/// A certificate that asks the checker for the most work: every node within epsilon of its equilibrium price.
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
}
void verify_real_market(State& state) {
  const Network network = real_market();
  for (auto _ : state) benchmark::DoNotOptimize(verified(network));
}
void route_real_market(State& state) {
  const Network network = real_market();
  for (auto _ : state) benchmark::DoNotOptimize(reference::route(network, half, {&network.clients.front()}));
}
void pareto_real_market(State& state) {
  const Network network = real_market();
  for (auto _ : state) benchmark::DoNotOptimize(reference::pareto(network, {&network.clients.front()}));
}
void pareto_1000_nodes_20_layers_latency(State& state) {
  const Network network = bench::random_market({1000, 20, true}, 1);
  for (auto _ : state) benchmark::DoNotOptimize(reference::pareto(network, {}));
}
void read_100000_nodes(State& state) {
  const std::string text = bench::network_text(market(100'000, 80));
  for (auto _ : state) benchmark::DoNotOptimize(read_network(text, "random"));
}

BENCHMARK(solve_1000_nodes_256_bits)->Unit(benchmark::kMillisecond);
BENCHMARK(verify_10000_nodes)->Unit(benchmark::kMillisecond);
BENCHMARK(verify_10000_nodes_one_group)->Unit(benchmark::kMillisecond);
BENCHMARK(verify_10000_nodes_at_equilibrium)->Unit(benchmark::kMillisecond);
BENCHMARK(check_10000_nodes_at_equilibrium)->Unit(benchmark::kMillisecond);
BENCHMARK(verify_real_market)->Unit(benchmark::kMillisecond);
BENCHMARK(route_real_market)->Unit(benchmark::kMillisecond);
BENCHMARK(pareto_real_market)->Unit(benchmark::kMillisecond);
BENCHMARK(pareto_1000_nodes_20_layers_latency)->Unit(benchmark::kMillisecond);
BENCHMARK(read_100000_nodes)->Unit(benchmark::kMillisecond);

}  // namespace
