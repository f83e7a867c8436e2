#pragma once

#include "kernels/portable/lane.hpp"

namespace p2pllm::kernels {

/// A sum whose rounding errors are carried along: relatively off by 2 eps.
class CompensatedSum {
 public:
  P2PLLM_LANE void add(double term) {
    const double next = sum_ + term;
    const double kept = next - sum_;
    lost_ += (sum_ - (next - kept)) + (term - kept);
    sum_ = next;
  }
  [[nodiscard]] P2PLLM_LANE double value() const { return sum_ + lost_; }

 private:
  double sum_ = 0;
  double lost_ = 0;
};

}  // namespace p2pllm::kernels
