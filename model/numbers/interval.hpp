#pragma once

#include <mpfi.h>

#include <functional>
#include <optional>

#include "model/numbers/number.hpp"
#include "model/numbers/rational.hpp"

namespace p2pllm {

/// A closed interval of reals that encloses an exact value, with ends of a stated binary precision (PRICE-15).
///
/// Law: for all x in X and y in Y: x op y lies in X op Y, and f(x) in f(X), for every operation here.
/// Ends are rounded outward by MPFI; a result has the greater precision of its operands. Division by
/// an interval that contains zero yields the whole line. Comparisons are `yes` or `no` only when they
/// hold for every pair of points.
class Interval {
 public:
  /// The value as tightly as `bits` (>= 2) allow: a point if it is a dyadic number that fits.
  Interval(const Rational& value, long bits);
  /// The hull of [lower, upper], lower <= upper.
  Interval(const Rational& lower, const Rational& upper, long bits);
  Interval(const Interval& other);
  Interval(Interval&& other) noexcept;
  Interval& operator=(const Interval& other);
  Interval& operator=(Interval&& other) noexcept;
  ~Interval();

  [[nodiscard]] long bits() const;
  /// An end as an exact rational; nothing when it is infinite or beyond 2^(+-65536). Ends nearer to zero
  /// than that are widened outward (to zero or to 2^-65536).
  [[nodiscard]] std::optional<Rational> lower() const;
  [[nodiscard]] std::optional<Rational> upper() const;
  /// The centre, rounded to nearest, as a point interval of the same precision.
  [[nodiscard]] Interval midpoint() const;
  /// The greatest absolute value of a point, rounded up, as a point interval of the same precision.
  [[nodiscard]] Interval magnitude() const;
  /// The same set at another precision, rounded outward.
  [[nodiscard]] Interval with_bits(long bits) const;
  [[nodiscard]] double approximate() const;
  [[nodiscard]] bool is_bounded() const;

  Interval& operator+=(const Interval& other);
  Interval& operator-=(const Interval& other);
  Interval& operator*=(const Interval& other);
  Interval& operator/=(const Interval& other);
  friend Interval operator+(const Interval& a, const Interval& b) { return combine(a, b, mpfi_add); }
  friend Interval operator-(const Interval& a, const Interval& b) { return combine(a, b, mpfi_sub); }
  friend Interval operator*(const Interval& a, const Interval& b) { return combine(a, b, mpfi_mul); }
  friend Interval operator/(const Interval& a, const Interval& b) { return combine(a, b, mpfi_div); }
  friend Interval operator-(const Interval& a) { return apply(a, mpfi_neg); }

  friend Uncertain operator<(const Interval& a, const Interval& b);
  friend Uncertain operator<=(const Interval& a, const Interval& b);
  friend Uncertain operator>(const Interval& a, const Interval& b) { return b < a; }
  friend Uncertain operator>=(const Interval& a, const Interval& b) { return b <= a; }
  friend Uncertain operator==(const Interval& a, const Interval& b);

  friend Interval exp(const Interval& a) { return apply(a, mpfi_exp); }
  /// The natural logarithm; -infinity at a lower end of zero.
  friend Interval log(const Interval& a) { return apply(a, mpfi_log); }
  /// ln(1 + a).
  friend Interval log1p(const Interval& a) { return apply(a, mpfi_log1p); }
  friend Interval hull(const Interval& a, const Interval& b) { return combine(a, b, mpfi_union); }

 private:
  explicit Interval(long bits);
  static Interval combine(const Interval& a, const Interval& b, int (*op)(mpfi_ptr, mpfi_srcptr, mpfi_srcptr));
  static Interval apply(const Interval& a, int (*op)(mpfi_ptr, mpfi_srcptr));

  mpfi_t value_;
};

/// Returns the chosen arm, or the hull of both while the condition is undecided.
[[nodiscard]] Interval select(Uncertain condition, const Interval& if_true, const Interval& if_false);

template <>
struct NumberTraits<Interval> {
  using Truth = Uncertain;
  static Interval literal(const Interval& like, std::int64_t value) { return {Rational(value), like.bits()}; }
};
static_assert(Number<Interval>);

/// The sequence of binary precisions for a certified decision: first, then doubled up to last.
struct Precision {
  long first_bits = 96;
  long last_bits = 6144;
};

/// Evaluates `question(bits)` at rising precision until it is decided (PRICE-15).
/// @returns the first decided answer; `undecided` if the last precision decides nothing.
[[nodiscard]] Uncertain certify(const Precision& ladder, const std::function<Uncertain(long bits)>& question);

}  // namespace p2pllm
