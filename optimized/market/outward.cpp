#include "optimized/market/outward.hpp"

#include <cmath>
#include <limits>

namespace p2pllm::optimized {

double rounded_down(const Rational& value) {
  const double truncated = value.raw().get_d();
  if (std::isinf(truncated)) return truncated > 0 ? std::numeric_limits<double>::max() : truncated;
  const bool is_above = Rational::from_canonical(mpq_class(truncated)) > value;
  return is_above ? std::nextafter(truncated, -std::numeric_limits<double>::infinity()) : truncated;
}

}  // namespace p2pllm::optimized
