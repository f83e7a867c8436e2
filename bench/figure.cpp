#include "bench/figure.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <numeric>

namespace p2pllm::bench {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double best_quarter(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t count = std::max<std::size_t>(1, values.size() / 4);
  return std::accumulate(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count), 0.0) /
         static_cast<double>(count);
}

void interleave(std::vector<Contender>& contenders, int rounds, const std::function<void(const Contender&)>& before) {
  for (int round = 0; round < rounds; ++round)
    for (Contender& contender : contenders) {
      before(contender);
      const auto begin = std::chrono::steady_clock::now();
      contender.run();
      contender.seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
  for (const Contender& contender : contenders)
    fmt::print("  {:<64} {:>12.4f} ms\n", contender.name, 1e3 * median(contender.seconds));
}

void figure(const std::string& work, const std::string& against, double value, Bound bound) {
  const bool is_least = bound.kind == Bound::Kind::at_least;
  const bool met = is_least ? value >= bound.value : value <= bound.value;
  fmt::print("  {:<64} {:>12.2f} x  asked {} {:g}: {}\n", work + " against " + against, value,
             is_least ? ">=" : "<=", bound.value, met ? "met" : "MISSED");
  if (const char* path = std::getenv("P2PLLM_FIGURES"))
    std::ofstream(path, std::ios::app) << fmt::format(
        R"({{"work": "{}", "against": "{}", "value": {:.6g}, "bound": {:g}, "kind": "{}", "met": {}}})"
        "\n",
        work, against, value, bound.value, is_least ? "at least" : "at most", met);
}

void print_machine() {
  std::ifstream info("/proc/cpuinfo");
  std::string line;
  while (std::getline(info, line))
    if (line.starts_with("model name")) break;
  std::array<double, 3> load{};
  if (getloadavg(load.data(), 3) == 3)
    fmt::print("{}; load {:.2f} {:.2f} {:.2f}\n", line.substr(std::min(line.find(": ") + 2, line.size())), load[0],
               load[1], load[2]);
}

}  // namespace p2pllm::bench
