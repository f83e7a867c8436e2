#include "kernels/portable/target.hpp"

#include <array>

#include "kernels/portable/exp.hpp"
#include "kernels/portable/log.hpp"
#include "kernels/portable/targets.hpp"

namespace p2pllm::kernels {
namespace {

struct Available {
  std::array<const Target*, 3> list{};
  std::size_t count = 0;
  void add(const Target& target) { list[count++] = &target; }
};

Available find_targets() {
  Available found;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                          __builtin_cpu_supports("avx512vl");
  if (has_avx512) found.add(avx512_target);
  if (has_avx2) found.add(avx2_target);
#endif
  found.add(baseline_target);
  return found;
}

}  // namespace

std::span<const Target* const> targets() {
  static const Available available = find_targets();
  return std::span(available.list).first(available.count);
}

const Target& fastest_target() {
  static const Target& fastest = *targets().front();
  return fastest;
}

double exp(double x) { return fastest_target().exp(x); }
double log(double x) { return fastest_target().log(x); }

void exp(std::span<const double> in, std::span<double> out) {
  fastest_target().exp_batch(in.data(), out.data(), in.size());
}
void log(std::span<const double> in, std::span<double> out) {
  fastest_target().log_batch(in.data(), out.data(), in.size());
}

}  // namespace p2pllm::kernels
