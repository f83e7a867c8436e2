#include "kernels/portable/omega.hpp"

#include <limits>

#include "kernels/portable/omega_lane.hpp"
#include "kernels/portable/target.hpp"

namespace p2pllm::kernels {
namespace {

/// Doubles the distance until the end is certified. `farthest` is an end that needs no certificate: zero or infinity.
template <typename End>
double certified(const End& end_at, double farthest) {
  OmegaStep step = omega_first_step();
  for (int doublings = 0; doublings < 64; ++doublings) {
    step = {2 * step.relative_logarithmic, 2 * step.relative_exponential, 2 * step.absolute};
    const double end = end_at(step);
    if (end == end) return end;
  }
  return farthest;
}

double lower_end(double x, double tried) {
  if (tried == tried) return tried;
  return certified([&](const OmegaStep& step) { return omega_below(x, omega(x), step); }, 0);
}
double upper_end(double x, double tried) {
  if (tried == tried) return tried;
  return certified([&](const OmegaStep& step) { return omega_above(x, omega(x), step); }, infinity);
}

}  // namespace

double omega(double x) { return fastest_target().omega(x); }
void omega(std::span<const double> in, std::span<double> out) {
  fastest_target().omega_batch(in.data(), out.data(), in.size());
}

DoubleInterval omega(const DoubleInterval& x) {
  double lower = 0;
  double upper = 0;
  const double x_lower = x.lower();
  const double x_upper = x.upper();
  omega({std::span(&x_lower, 1), std::span(&x_upper, 1)}, {std::span(&lower, 1), std::span(&upper, 1)});
  return {lower, upper};
}

void omega(const ConstIntervals& x, const Intervals& out) {
  // In blocks, because `out` may overwrite the arguments that an uncertified end still needs.
  constexpr std::size_t block = 256;
  double lower[block];
  double upper[block];
  for (std::size_t begin = 0; begin < x.lower.size(); begin += block) {
    const std::size_t count = x.lower.size() - begin < block ? x.lower.size() - begin : block;
    fastest_target().omega_intervals({x.lower.data() + begin, x.upper.data() + begin}, {lower, upper}, count);
    for (std::size_t i = 0; i < count; ++i) {
      const double certified_lower = lower_end(x.lower[begin + i], lower[i]);
      out.upper[begin + i] = upper_end(x.upper[begin + i], upper[i]);
      out.lower[begin + i] = certified_lower;
    }
  }
}

}  // namespace p2pllm::kernels
