#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "bench/figure.hpp"
#include "bench/interleaved.hpp"
#include "model/simulation/draws.hpp"
#include "optimized/simulation/group_prices.hpp"
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
    std::printf("%.9f\n", argv[2] == std::string_view("one") ? one_run() : many_peers());
    return 0;
  }
  bench::print_machine();
  const double one = one_run(), many = many_peers(), exact = exact_run();
  std::printf("  28 peers, 1000 steps, prices with radii: %.3f ms\n", one * 1e3);
  std::printf("  10^6 peers in 80 ranges, a step: %.2f ms\n", many * 1e3);
  std::printf("  28 peers, 1000 steps, by the reference, with migration and records: %.3f s\n", exact);
  bench::figure("28 peers, 1000 steps, one core", "half a millisecond", one / 0.5e-3, bench::at_most(1));
  bench::figure("10^6 peers, 80 layers, a step, one core", "four milliseconds", many / 4e-3, bench::at_most(1));
  bench::figure("the reference, 28 peers, 1000 steps, records", "a second", exact, bench::at_most(1));
  return 0;
}
