#pragma once

#include <cstdint>
#include <span>

#include "kernels/portable/exp.hpp"
#include "kernels/portable/interval_lane.hpp"
#include "kernels/portable/log.hpp"
#include "model/numbers/number.hpp"

namespace p2pllm::kernels {

/// A closed interval of reals with ends that are doubles, rounded outward (PRICE-15).
///
/// Law: for all x in X and y in Y: x op y lies in X op Y, and f(x) in f(X), for every operation here.
/// The ends of + - * / are the nearest doubles that enclose; those of exp and log are within two units in the last
/// place of these. An end beyond the doubles is infinite, and stands for no number. Division by an interval that
/// contains zero yields the whole line. Comparisons are `yes` or `no` only when they hold for every pair of points.
/// Every target gives the same bits; no end is -0.
class DoubleInterval {
 public:
  /// The point zero.
  constexpr DoubleInterval() = default;
  /// A finite number.
  constexpr explicit DoubleInterval(double point) : ends_{point, point} {}
  /// [lower, upper], lower <= upper; lower may be -infinity, upper infinity.
  constexpr DoubleInterval(double lower, double upper) : ends_{lower, upper} {}
  constexpr explicit DoubleInterval(const Ends& ends) : ends_(ends) {}

  [[nodiscard]] constexpr double lower() const { return ends_.lower; }
  [[nodiscard]] constexpr double upper() const { return ends_.upper; }
  [[nodiscard]] constexpr const Ends& ends() const { return ends_; }
  [[nodiscard]] constexpr bool contains(double x) const { return ends_.lower <= x && x <= ends_.upper; }
  [[nodiscard]] constexpr bool is_point() const { return ends_.lower == ends_.upper; }

  P2PLLM_LANE friend DoubleInterval operator+(const DoubleInterval& a, const DoubleInterval& b) {
    return DoubleInterval(add_lane(a.ends_, b.ends_));
  }
  P2PLLM_LANE friend DoubleInterval operator-(const DoubleInterval& a, const DoubleInterval& b) {
    return DoubleInterval(subtract_lane(a.ends_, b.ends_));
  }
  P2PLLM_LANE friend DoubleInterval operator*(const DoubleInterval& a, const DoubleInterval& b) {
    if (a.ends_.lower >= 0 && b.ends_.lower >= 0)  // half of the work, and the same result
      return {multiply_down(a.ends_.lower, b.ends_.lower), multiply_up(a.ends_.upper, b.ends_.upper)};
    return DoubleInterval(multiply_lane(a.ends_, b.ends_));
  }
  P2PLLM_LANE friend DoubleInterval operator/(const DoubleInterval& a, const DoubleInterval& b) {
    return DoubleInterval(divide_lane(a.ends_, b.ends_));
  }
  P2PLLM_LANE friend DoubleInterval operator-(const DoubleInterval& a) {
    return {0.0 - a.ends_.upper, 0.0 - a.ends_.lower};
  }

  P2PLLM_LANE friend Uncertain operator<(const DoubleInterval& a, const DoubleInterval& b) {
    if (a.ends_.upper < b.ends_.lower) return Uncertain::yes;
    return a.ends_.lower >= b.ends_.upper ? Uncertain::no : Uncertain::undecided;
  }
  P2PLLM_LANE friend Uncertain operator<=(const DoubleInterval& a, const DoubleInterval& b) { return lnot(b < a); }
  P2PLLM_LANE friend Uncertain operator>(const DoubleInterval& a, const DoubleInterval& b) { return b < a; }
  P2PLLM_LANE friend Uncertain operator>=(const DoubleInterval& a, const DoubleInterval& b) { return b <= a; }
  P2PLLM_LANE friend Uncertain operator==(const DoubleInterval& a, const DoubleInterval& b) {
    if (a.ends_.upper < b.ends_.lower || b.ends_.upper < a.ends_.lower) return Uncertain::no;
    const bool are_equal_points = a.is_point() && b.is_point();
    return are_equal_points ? Uncertain::yes : Uncertain::undecided;
  }

  friend DoubleInterval hull(const DoubleInterval& a, const DoubleInterval& b) {
    return {least_of(a.ends_.lower, b.ends_.lower), greatest_of(a.ends_.upper, b.ends_.upper)};
  }

 private:
  Ends ends_{0, 0};
};

/// e^X; 1 exactly at the point zero.
[[nodiscard]] DoubleInterval exp(const DoubleInterval& x);
/// ln x of the numbers above zero in X: -infinity at a lower end of zero or below; the whole line if there is none.
[[nodiscard]] DoubleInterval log(const DoubleInterval& x);

using p2pllm::select;  // of machine numbers, which this one would hide
/// Returns the chosen arm, or the hull of both while the condition is undecided.
[[nodiscard]] inline DoubleInterval select(Uncertain condition, const DoubleInterval& if_true,
                                           const DoubleInterval& if_false) {
  if (!decided(condition)) return hull(if_true, if_false);
  return certainly(condition) ? if_true : if_false;
}

/// Intervals in two columns of one length: a batch.
struct ConstIntervals {
  std::span<const double> lower;
  std::span<const double> upper;
};
struct Intervals {
  std::span<double> lower;
  std::span<double> upper;
};

/// Each element by the law of DoubleInterval and with its bits, by the widest vectors of this processor. `out` has the
/// size of the operands, and may be one of them.
void add(const ConstIntervals& a, const ConstIntervals& b, const Intervals& out);
void subtract(const ConstIntervals& a, const ConstIntervals& b, const Intervals& out);
void multiply(const ConstIntervals& a, const ConstIntervals& b, const Intervals& out);
void divide(const ConstIntervals& a, const ConstIntervals& b, const Intervals& out);
void exp(const ConstIntervals& x, const Intervals& out);
void log(const ConstIntervals& x, const Intervals& out);

}  // namespace p2pllm::kernels

namespace p2pllm {

template <>
struct NumberTraits<kernels::DoubleInterval> {
  using Truth = Uncertain;
  static kernels::DoubleInterval literal(const kernels::DoubleInterval& /*like*/, std::int64_t value) {
    const auto rounded = static_cast<double>(value);
    constexpr std::int64_t exact_max = std::int64_t{1} << 53;
    if (value >= -exact_max && value <= exact_max) return kernels::DoubleInterval(rounded);
    return {kernels::next_down(rounded), kernels::next_up(rounded)};
  }
};
static_assert(Number<kernels::DoubleInterval>);

}  // namespace p2pllm
