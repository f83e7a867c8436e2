#pragma once

#include <vector>

#include "proofs/obligation.hpp"

namespace p2pllm::proofs {

/// Results of operations on `FittingInt` while it lives: each must fit a machine integer for the operation to be the
/// mathematical one.
class Results {
 public:
  Results() : outer_(current_) { current_ = this; }
  ~Results() { current_ = outer_; }
  Results(const Results&) = delete;
  Results& operator=(const Results&) = delete;
  /// @pre an object of this class exists
  static void note(const SymInt& result) { current_->all_.push_back(result); }

  /// Whether all of them are within [-2^63, 2^63).
  [[nodiscard]] SymBool fit(const Scope& scope) const {
    SymBool all = scope.truth(true);
    for (const SymInt& result : all_) {
      const SymInt low = integer_like(result, std::numeric_limits<std::int64_t>::min());
      const SymInt high = integer_like(result, std::numeric_limits<std::int64_t>::max());
      all = land(all, land(low <= result, result <= high));
    }
    return all;
  }
  [[nodiscard]] std::size_t size() const { return all_.size(); }

 private:
  static thread_local Results* current_;
  Results* outer_;
  std::vector<SymInt> all_;
};
inline thread_local Results* Results::current_ = nullptr;

/// An unknown integer in a rule of which it is asked whether machine integers hold all that it computes. Law: the value
/// is that of SymInt, and each sum, difference and product is noted.
class FittingInt {
 public:
  explicit FittingInt(SymInt value) : value_(std::move(value)) {}
  [[nodiscard]] const SymInt& value() const { return value_; }

  friend FittingInt operator+(const FittingInt& a, const FittingInt& b) { return noted(a.value_ + b.value_); }
  friend FittingInt operator-(const FittingInt& a, const FittingInt& b) { return noted(a.value_ - b.value_); }
  friend FittingInt operator*(const FittingInt& a, const FittingInt& b) { return noted(a.value_ * b.value_); }
  friend SymBool operator<(const FittingInt& a, const FittingInt& b) { return a.value_ < b.value_; }
  friend SymBool operator<=(const FittingInt& a, const FittingInt& b) { return a.value_ <= b.value_; }
  friend SymBool operator==(const FittingInt& a, const FittingInt& b) { return a.value_ == b.value_; }

 private:
  static FittingInt noted(SymInt result) {
    Results::note(result);
    return FittingInt(std::move(result));
  }
  SymInt value_;
};

[[nodiscard]] inline FittingInt select(const SymBool& condition, const FittingInt& a, const FittingInt& b) {
  return FittingInt(select(condition, a.value(), b.value()));
}
[[nodiscard]] inline FittingInt integer_like(const FittingInt& like, std::int64_t value) {
  return FittingInt(integer_like(like.value(), value));
}
/// A quotient by a positive constant is no greater than what is divided.
[[nodiscard]] inline FittingInt div_floor(const FittingInt& value, std::int64_t divisor) {
  return FittingInt(div_floor(value.value(), divisor));
}

}  // namespace p2pllm::proofs

namespace p2pllm {

template <>
struct NumberTraits<proofs::FittingInt> {
  using Truth = proofs::SymBool;
};
static_assert(Integer<proofs::FittingInt>);

}  // namespace p2pllm
