#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "bench/figure.hpp"
#include "bench/interleaved.hpp"
#include "model/simulation/draws.hpp"
#include "model/simulation/peers.hpp"
#include "optimized/simulation/group_prices.hpp"
#include "optimized/simulation/request_service.hpp"
#include "optimized/simulation/simulate.hpp"
#include "reference/simulation/simulate.hpp"

// The simulator against what is asked of it. `--time WORK` prints the seconds of one work alone, for simulation.py,
// which compares it with NumPy.
namespace {

using namespace p2pllm;
using bench::seconds_of;

constexpr std::size_t groups = 80;
constexpr std::size_t group_nodes = 12'500;
constexpr int steps_of_many = 10;

Scenario small(bool moves) {
  const std::string text = std::string(R"({"format": "p2pllm-scenario/1", "name": "bench", "network": {"generate": {
    "layers": 4, "counts": [10, 4, 10, 4], "cost": {"uniform": [1, 50]}, "price": 1}}, "alpha": "1/2",
    "scales": {"cost": 50}, "steps": 1000, "prices": {"eta": 1}, "monopoly": "ascend",
    "record": [0, 100, 500, 1000], "tolerance": "1e-11")") +
                           (moves ? R"(, "migration": {"period": 10, "schedule": "sweep"}})" : "}");
  return read_scenario(text, "bench").value();
}

/// The most memory that this process has had, in bytes.
double memory_peak() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  constexpr double kibi = 1024;
  return static_cast<double>(use.ru_maxrss) * kibi;
}

/// Bytes a peer of a run of a generated million, with two records. To be called before all else takes memory.
double bytes_a_peer() {
  std::string counts;
  for (std::size_t group = 0; group < groups; ++group) counts += (group == 0 ? "" : ",") + std::to_string(group_nodes);
  const Scenario scenario =
      read_scenario(
          R"({"format": "p2pllm-scenario/1", "name": "bench", "network": {"generate": {"layers": 80, "counts": [)" +
              counts + R"(], "cost": {"uniform": [1, 50]}, "price": 1}}, "alpha": "1/2",
    "scales": {"cost": 50}, "steps": 10, "prices": {"eta": 1}, "monopoly": "hold", "record": [0, 10], "tolerance": "1e-9"})",
          "bench")
          .value();
  const double before = memory_peak();
  if (!optimized::simulate(scenario, Peers(scenario, 1), 1)) std::abort();
  return (memory_peak() - before) / static_cast<double>(groups * group_nodes);
}

std::vector<optimized::GroupPrices> million() {
  const Draws draws(1);
  std::vector<optimized::GroupPrices> all(groups);
  std::uint32_t node = 0;
  for (optimized::GroupPrices& group : all)
    for (std::size_t k = 0; k < group_nodes; ++k, ++node)
      group.append({node, 1, uniform_of(draws.bits(Stream::costs, 0, node)).raw().get_d() / 2});
  return all;
}

/// Seconds of a step of a million peers, group after group, ten steps of each.
double seconds_of_a_step(std::vector<optimized::GroupPrices>& all) {
  const optimized::AscentConstants constants{0.5, 1, MonopolyRule::hold, 0};
  return seconds_of([&] {
           for (optimized::GroupPrices& group : all)
             for (int step = 0; step < steps_of_many; ++step) group.step(constants);
         }) /
         steps_of_many;
}

template <typename Run>
double median_seconds(int rounds, const Run& run) {
  std::vector<double> times;
  for (int round = 0; round < rounds; ++round) times.push_back(run());
  return bench::median(times);
}

double one_run() {
  static const Scenario scenario = small(false);
  static const Network network = generated_network(scenario, 3);
  return median_seconds(31, [] {
    return seconds_of([] {
      if (!optimized::simulate(scenario, network, 3)) std::abort();
    });
  });
}

double many_peers() {
  static std::vector<optimized::GroupPrices> all = million();
  return median_seconds(9, [] { return seconds_of_a_step(all); });
}

/// Requests a second that choose a chain of four among 28 nodes, without being served.
double choices_a_second(RequestMode mode) {
  constexpr std::uint64_t requests = 400'000;
  static const Scenario scenario = small(false);
  static const Network network = generated_network(scenario, 3);
  const std::vector<LayerRange> ranges = network.blocks;
  std::vector<optimized::GroupPrices> prices(ranges.size());
  for (std::uint32_t node = 0; node < network.size(); ++node)
    prices[static_cast<std::size_t>(network.nodes[node].layers.first)].append(
        {node, 7.0 / 3, network.nodes[node].cost.raw().get_d() / 100});
  optimized::RequestChoice choice(mode, ranges, network);
  choice.begin_step(prices, kernels::DoubleInterval(0.5), nullptr);
  const Draws draws(3);
  std::vector<std::uint32_t> chain;
  const double seconds = median_seconds(7, [&] {
    return seconds_of([&] {
      for (std::uint64_t request = 1; request <= requests; ++request)
        if (choice.choose(draws, request, chain) != optimized::RequestChoice::Outcome::chain) std::abort();
    });
  });
  return requests / seconds;
}

/// A scenario of one layer whose prices do not move.
Scenario queue(const std::string& count, const std::string& steps, const std::string& requests) {
  return read_scenario(
             R"({"format": "p2pllm-scenario/1", "name": "queue", "network": {"generate": {"layers": 1,
    "counts": [)" +
                 count + R"(], "cost": 1, "price": 1}}, "alpha": "1/2", "steps": )" + steps +
                 R"(, "prices": {"eta": 1, "every": 10000000}, "monopoly": "hold", "step_ticks": 1000000000, "requests": )" +
                 requests + R"(, "record": [)" + steps + R"(], "tolerance": 1})",
             "bench")
      .value();
}

/// Customers a second of M/M/1 at a load of 0.8, whole runs.
double customers_a_second() {
  static const Scenario scenario = queue(
      "1", "100", R"({"mode": "least", "poisson_per_step": 8000, "cost_ticks": 100000, "service": "exponential"})");
  static const Network network = generated_network(scenario, 1);
  std::int64_t served = 0;
  const double seconds = median_seconds(5, [&] {
    return seconds_of([&] { served = optimized::simulate(scenario, network, 1)->records[0].requests->served; });
  });
  return static_cast<double>(served) / seconds;
}

/// Events a second, which are arrivals and ends of services, while a million or more requests wait.
double events_a_second() {
  // A thousand nodes serve half of the requests that arrive; two steps fill the queues.
  static const Scenario scenario =
      queue("1000", "6", R"({"mode": "boltzmann", "poisson_per_step": 1000000, "cost_ticks": 2000000})");
  static const Network network = generated_network(scenario, 1);
  std::vector<optimized::GroupPrices> prices(1);
  for (std::uint32_t node = 0; node < network.size(); ++node) prices[0].append({node, 1, 0.5});
  optimized::RequestChoice choice(RequestMode::boltzmann, network.blocks, network);
  choice.begin_step(prices, kernels::DoubleInterval(0.5), nullptr);
  optimized::RequestService service(scenario, network, Draws(1), 1);
  std::int64_t number = 1;
  for (; number <= 2; ++number)
    if (!service.advance(number, choice)) std::abort();
  const auto happened = [&] { return service.record().offered + service.record().served; };
  if (service.record().in_flight() < 900'000) std::abort();
  std::vector<double> rates;
  for (; number <= 6; ++number) {
    const std::int64_t before = happened();
    const double seconds = seconds_of([&] {
      if (!service.advance(number, choice)) std::abort();
    });
    rates.push_back(static_cast<double>(happened() - before) / seconds);
  }
  return bench::median(rates);
}

double exact_run() {
  static const Scenario scenario = small(true);
  static const Network network = generated_network(scenario, 3);
  return median_seconds(3, [] {
    return seconds_of([] {
      if (!reference::simulate(scenario, network, 3)) std::abort();
    });
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && argv[1] == std::string_view("--time")) {
    const std::string_view work = argv[2];
    std::printf("%.9f\n", work == "one" ? one_run() : work == "many" ? many_peers() : 1 / customers_a_second());
    return 0;
  }
  bench::print_machine();
  const double bytes = bytes_a_peer();
  std::printf("  10^6 peers in 80 ranges, generated: %.1f bytes a peer\n", bytes);
  bench::figure("10^6 peers, 80 layers, memory a peer", "64 bytes", bytes / 64, bench::at_most(1));
  const double one = one_run(), many = many_peers(), exact = exact_run();
  std::printf("  28 peers, 1000 steps, prices with radii: %.3f ms\n", one * 1e3);
  std::printf("  10^6 peers in 80 ranges, a step: %.2f ms\n", many * 1e3);
  std::printf("  28 peers, 1000 steps, by the reference, with migration and records: %.3f s\n", exact);
  bench::figure("28 peers, 1000 steps, one core", "half a millisecond", one / 0.5e-3, bench::at_most(1));
  bench::figure("10^6 peers, 80 layers, a step, one core", "four milliseconds", many / 4e-3, bench::at_most(1));
  const double boltzmann = choices_a_second(RequestMode::boltzmann), gumbel = choices_a_second(RequestMode::gumbel);
  const double events = events_a_second();
  std::printf("  requests that choose among 28 nodes: boltzmann %.2f M/s, gumbel %.2f M/s\n", boltzmann / 1e6,
              gumbel / 1e6);
  std::printf("  events with 10^6 pending: %.2f M/s; customers of M/M/1: %.2f M/s\n", events / 1e6,
              customers_a_second() / 1e6);
  bench::figure("requests, boltzmann", "3000000 a second", boltzmann / 3e6, bench::at_least(1));
  bench::figure("requests, gumbel", "250000 a second", gumbel / 250e3, bench::at_least(1));
  bench::figure("events, 10^6 pending", "1000000 a second", events / 1e6, bench::at_least(1));
  bench::figure("the reference, 28 peers, 1000 steps, records", "a second", exact, bench::at_most(1));
  return 0;
}
