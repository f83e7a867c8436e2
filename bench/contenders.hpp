#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

// Medians of interleaved runs in one process, and their ratios.
namespace p2pllm::bench {

using Seconds = std::chrono::duration<double>;

struct Contender {
  std::string name;
  std::function<void()> run;
  std::vector<double> seconds = {};
};

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// The mean of the fastest quarter.
inline double best_quarter(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t count = std::max<std::size_t>(1, values.size() / 4);
  return std::accumulate(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count), 0.0) /
         static_cast<double>(count);
}

inline void print_load() {
  std::array<double, 3> load{};
  if (getloadavg(load.data(), 3) == 3)
    fmt::print("load of the machine: {:.2f} {:.2f} {:.2f}\n", load[0], load[1], load[2]);
}

/// Runs the contenders one after the other, `rounds` times; `before` precedes each run, outside its time.
inline void interleave(
    std::vector<Contender>& contenders, int rounds,
    const std::function<void(const Contender&)>& before = [](const Contender& /*next*/) {}) {
  for (int round = 0; round < rounds; ++round)
    for (Contender& contender : contenders) {
      before(contender);
      const auto begin = std::chrono::steady_clock::now();
      contender.run();
      contender.seconds.push_back(Seconds(std::chrono::steady_clock::now() - begin).count());
    }
  for (const Contender& contender : contenders)
    fmt::print("  {:<58} {:>12.4f} ms\n", contender.name, 1e3 * median(contender.seconds));
}

/// Prints one ratio of medians, and whether it is what is asked.
inline void ratio(const std::string& what, double value, double limit, bool at_least) {
  const bool holds = at_least ? value >= limit : value <= limit;
  fmt::print("  {:<58} {:>12.2f} x  asked {} {:g}: {}\n", what, value, at_least ? ">=" : "<=", limit,
             holds ? "met" : "MISSED");
}

}  // namespace p2pllm::bench
