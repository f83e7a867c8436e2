#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
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

/// Processor seconds of this thread: what a program on one thread takes, whatever else the machine does.
template <typename Run>
[[nodiscard]] double processor_seconds_of(const Run& run) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  };
  const double begin = now();
  run();
  return now() - begin;
}

/// The k-th smallest of some times.
[[nodiscard]] inline double quantile(std::vector<double> times, double part) {
  std::ranges::sort(times);
  return times[static_cast<std::size_t>(part * static_cast<double>(times.size()))];
}

/// Medians of `rounds` runs of each, in turn, so that what disturbs the machine disturbs both.
/// By processor time, for programs on one thread.
template <typename First, typename Second>
[[nodiscard]] Comparison interleave(int rounds, const First& first, const Second& second) {
  std::vector<double> of_first, of_second;
  for (int round = 0; round < rounds; ++round) {
    of_first.push_back(processor_seconds_of(first));
    of_second.push_back(processor_seconds_of(second));
  }
  return {quantile(of_first, 0.5), quantile(of_second, 0.5)};
}

/// The end of the best quarter of `rounds` runs of each in turn, by the clock: for programs on several threads.
template <typename First, typename Second>
[[nodiscard]] Comparison interleave_threads(int rounds, const First& first, const Second& second) {
  std::vector<double> of_first, of_second;
  for (int round = 0; round < rounds; ++round) {
    of_first.push_back(seconds_of(first));
    of_second.push_back(seconds_of(second));
  }
  return {quantile(of_first, 0.25), quantile(of_second, 0.25)};
}

}  // namespace p2pllm::bench
