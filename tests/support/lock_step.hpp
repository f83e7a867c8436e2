#pragma once

#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include "model/numbers/integer.hpp"
#include "model/numbers/interval.hpp"
#include "model/numbers/rational.hpp"

namespace p2pllm::testing {

/// Two arithmetics gave answers that cannot both be right.
struct Disagreement : std::logic_error {
  using std::logic_error::logic_error;
};

// Whether the second arithmetic may give its answer when the first gives its own. Another number type adds an overload
// in its own namespace.
inline bool agree(bool first, bool second) { return first == second; }
inline bool agree(bool first, Uncertain second) { return !decided(second) || certainly(second) == first; }
inline bool agree(std::int64_t first, const Rational& second) {
  return second.is_integer() && second.numerator() == static_cast<long>(first);  // allocates nothing
}
inline bool agree(const Rational& first, const Interval& second) {
  const auto lower = second.lower();
  const auto upper = second.upper();
  return (!lower || *lower <= first) && (!upper || first <= *upper);
}

/// The answers that both arithmetics of LockStep<A, B> give to a comparison.
template <typename A, typename B>
class LockStepTruth {
 public:
  LockStepTruth(bool both) : LockStepTruth(both, truth_of_second(both)) {}
  LockStepTruth(Truth<A> first, Truth<B> second) : first_(std::move(first)), second_(std::move(second)) {
    if (!agree(first_, second_)) throw Disagreement("two arithmetics disagree on a comparison");
  }
  operator bool() const requires std::same_as < Truth<A>,
  bool > { return first_; }

  friend LockStepTruth land(const LockStepTruth& a, const LockStepTruth& b) {
    return {land(a.first_, b.first_), land(a.second_, b.second_)};
  }
  friend LockStepTruth lor(const LockStepTruth& a, const LockStepTruth& b) {
    return {lor(a.first_, b.first_), lor(a.second_, b.second_)};
  }
  friend LockStepTruth lnot(const LockStepTruth& a) { return {lnot(a.first_), lnot(a.second_)}; }
  [[nodiscard]] const Truth<A>& first() const { return first_; }
  [[nodiscard]] const Truth<B>& second() const { return second_; }

 private:
  static Truth<B> truth_of_second(bool value) {
    if constexpr (std::same_as<Truth<B>, Uncertain>) return to_uncertain(value);
    else return value;
  }

  Truth<A> first_;
  Truth<B> second_;
};

/// A number in two arithmetics side by side: each operation runs in both, and every comparison, every construction from
/// two values and every conversion to a value throws `Disagreement` where their answers cannot both be right.
///
/// @tparam A  an arithmetic that decides: machine integers, rationals
/// @tparam B  the arithmetic beside it: rationals, or intervals that must contain A's values
template <typename A, typename B>
class LockStep {
 public:
  using Answer = LockStepTruth<A, B>;

  LockStep() requires std::default_initializable<A> && std::default_initializable<B> : first_(), second_() {}
  LockStep(
      std::int64_t value) requires std::constructible_from<A, std::int64_t> && std::constructible_from<B, std::int64_t>
      : LockStep(A(value), B(value)) {}
  LockStep(A first, B second) : first_(std::move(first)), second_(std::move(second)) { require_agreement(); }

  [[nodiscard]] const A& value() const {
    require_agreement();
    return first_;
  }

  friend LockStep operator+(const LockStep& a, const LockStep& b) {
    return {a.first_ + b.first_, a.second_ + b.second_, Unchecked()};
  }
  friend LockStep operator-(const LockStep& a, const LockStep& b) {
    return {a.first_ - b.first_, a.second_ - b.second_, Unchecked()};
  }
  friend LockStep operator*(const LockStep& a, const LockStep& b) {
    return {a.first_ * b.first_, a.second_ * b.second_, Unchecked()};
  }
  friend LockStep operator/(const LockStep& a, const LockStep& b) {
    return {a.first_ / b.first_, a.second_ / b.second_, Unchecked()};
  }
  friend Answer operator<(const LockStep& a, const LockStep& b) { return {a.first_ < b.first_, a.second_ < b.second_}; }
  friend Answer operator<=(const LockStep& a, const LockStep& b) {
    return {a.first_ <= b.first_, a.second_ <= b.second_};
  }
  friend Answer operator==(const LockStep& a, const LockStep& b) {
    return {a.first_ == b.first_, a.second_ == b.second_};
  }
  friend LockStep select(const Answer& condition, const LockStep& a, const LockStep& b) {
    return {select(condition.first(), a.first_, b.first_), select(condition.second(), a.second_, b.second_),
            Unchecked()};
  }
  friend LockStep integer_like(const LockStep& like, std::int64_t value) {
    return {integer_like(like.first_, value), integer_like(like.second_, value)};
  }
  friend LockStep div_floor(const LockStep& value, std::int64_t divisor) {
    return {div_floor(value.first_, divisor), div_floor(value.second_, divisor), Unchecked()};
  }
  static LockStep literal(const LockStep& like, std::int64_t value) {
    return {literal_like(like.first_, value), literal_like(like.second_, value)};
  }

 private:
  struct Unchecked {};
  LockStep(A first, B second, Unchecked /*by an operation*/) : first_(std::move(first)), second_(std::move(second)) {}

  void require_agreement() const {
    if (!agree(first_, second_)) throw Disagreement("two arithmetics disagree on a value");
  }

  A first_;
  B second_;
};

}  // namespace p2pllm::testing

namespace p2pllm {

template <typename A, typename B>
struct NumberTraits<testing::LockStep<A, B>> {
  using Truth = testing::LockStepTruth<A, B>;
  static testing::LockStep<A, B> literal(const testing::LockStep<A, B>& like, std::int64_t value) {
    return testing::LockStep<A, B>::literal(like, value);
  }
};

}  // namespace p2pllm

namespace p2pllm::testing {

static_assert(Integer<LockStep<std::int64_t, Rational>>);
static_assert(Number<LockStep<Rational, Interval>>);

}  // namespace p2pllm::testing
