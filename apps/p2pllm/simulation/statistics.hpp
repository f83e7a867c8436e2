#pragma once

#include <cstddef>
#include <vector>

namespace p2pllm::app {

struct Interval95 {
  double lower;
  double upper;
};

/// What independent runs say of one quantity (SIM-18).
struct Summary {
  double mean;
  Interval95 mean_interval;  ///< Student's, of 95 % confidence; a point for one run
  double low;                ///< the 5 % quantile: the value of rank ceil(n / 20)
  double median;
  Interval95 median_interval;  ///< of two order statistics, of at least 95 % confidence whatever the distribution is
  double high;                 ///< the 95 % quantile
};
/// @param values  one per run, at least one; sorted by the call
[[nodiscard]] Summary summarize(std::vector<double>& values);

/// The Clopper-Pearson interval of 95 % confidence (SIM-18) for a probability of which `hits` of `runs` trials came
/// true.
[[nodiscard]] Interval95 proportion_interval(std::size_t hits, std::size_t runs);

}  // namespace p2pllm::app
