#pragma once

namespace p2pllm::optimized {

/// A sum whose rounding errors are carried along: relatively off by 2 eps.
class CompensatedSum {
 public:
  void add(double term) {
    const double next = sum_ + term;
    const double kept = next - sum_;
    lost_ += (sum_ - (next - kept)) + (term - kept);
    sum_ = next;
  }
  [[nodiscard]] double value() const { return sum_ + lost_; }

 private:
  double sum_ = 0;
  double lost_ = 0;
};

}  // namespace p2pllm::optimized
