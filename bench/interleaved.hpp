#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace p2pllm::bench {

/// Seconds of two programs that took turns.
struct Comparison {
  double first = 0;
  double second = 0;
};

template <typename Run>
[[nodiscard]] double seconds_of(const Run& run) {
  const auto begin = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// The k-th smallest of some times.
[[nodiscard]] inline double quantile(std::vector<double> times, double part) {
  std::ranges::sort(times);
  return times[static_cast<std::size_t>(part * static_cast<double>(times.size()))];
}

/// Medians of `rounds` runs of each, in turn, so that what disturbs the machine disturbs both.
template <typename First, typename Second>
[[nodiscard]] Comparison interleave(int rounds, const First& first, const Second& second, double part = 0.5) {
  std::vector<double> of_first, of_second;
  for (int round = 0; round < rounds; ++round) {
    of_first.push_back(seconds_of(first));
    of_second.push_back(seconds_of(second));
  }
  return {quantile(of_first, part), quantile(of_second, part)};
}

/// One line: what was reached, what was asked for, and whether it was missed.
inline void verdict(double reached, double asked, const char* unit) {
  std::printf("  %.2f %s, at least %.2f asked for%s\n", reached, unit, asked, reached < asked ? ": MISSED" : "");
}
inline void verdict_at_most(double reached, double asked, const char* unit) {
  std::printf("  %.2f %s, at most %.2f asked for%s\n", reached, unit, asked, reached > asked ? ": MISSED" : "");
}

inline void print_load() {
  double load[3];
  if (getloadavg(load, 3) == 3)
    std::printf("load of the machine over 1, 5 and 15 minutes: %.2f %.2f %.2f\n", load[0], load[1], load[2]);
}

}  // namespace p2pllm::bench
