#include "apps/p2pllm/simulation/statistics.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

#include "model/assert.hpp"

namespace p2pllm::app {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double tail = 0.025;  ///< on each side of 95 %

/// The value of rank ceil(q n) of sorted values.
double quantile_of(const std::vector<double>& sorted, double q) {
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

double median_of(const std::vector<double>& sorted) {
  const std::size_t n = sorted.size();
  return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

/// The number of values below the median is binomial with probability 1/2. The greatest r with P(count < r) <= 2.5 %
/// gives the order statistics of rank r and n + 1 - r.
Interval95 median_interval_of(const std::vector<double>& sorted) {
  const std::size_t n = sorted.size();
  const boost::math::binomial_distribution<> below(static_cast<double>(n), 0.5);
  std::size_t rank = 0;
  while (rank + 1 <= (n + 1) / 2 && boost::math::cdf(below, static_cast<double>(rank)) <= tail) ++rank;
  if (rank == 0) return {-infinite, infinite};  // too few runs for any interval
  return {sorted[rank - 1], sorted[n - rank]};
}

}  // namespace

Summary summarize(std::vector<double>& values) {
  P2PLLM_ASSERT(!values.empty());
  std::ranges::sort(values);
  const auto n = static_cast<double>(values.size());
  double mean = 0;
  for (const double value : values) mean += value / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  double half = 0;
  if (values.size() > 1) {
    const double error = std::sqrt(squares / (n - 1) / n);
    half = error * boost::math::quantile(boost::math::complement(boost::math::students_t(n - 1), tail));
  }
  return {mean,
          {mean - half, mean + half},
          quantile_of(values, 0.05),
          median_of(values),
          median_interval_of(values),
          quantile_of(values, 0.95)};
}

Interval95 proportion_interval(std::size_t hits, std::size_t runs) {
  using Binomial = boost::math::binomial_distribution<>;
  const auto n = static_cast<double>(runs);
  const auto k = static_cast<double>(hits);
  return {Binomial::find_lower_bound_on_p(n, k, tail), Binomial::find_upper_bound_on_p(n, k, tail)};
}

}  // namespace p2pllm::app
