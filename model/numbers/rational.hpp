#pragma once

#include <gmpxx.h>

#include <compare>
#include <concepts>
#include <string>
#include <utility>

#include "model/numbers/integer.hpp"
#include "model/numbers/number.hpp"

namespace p2pllm {

/// An exact rational number, always in lowest terms with a positive denominator.
///
/// Law: for all rationals x, y: `x op y` is the mathematical x op y, and comparisons decide.
/// A value type over GMP whose operators return values, so that no expression template leaks into
/// `auto` or template deduction. Division by zero is a precondition violation (`y != 0`).
class Rational {
 public:
  Rational() = default;
  // The conversion is implicit, so that a rule may contain `1 - share`.
  template <std::signed_integral I>
  Rational(I value) : value_(static_cast<long>(value)) {}
  Rational(long numerator, long denominator) : value_(numerator, denominator) { value_.canonicalize(); }
  explicit Rational(const mpz_class& numerator) : value_(numerator) {}
  /// @param denominator  not zero
  Rational(const mpz_class& numerator, const mpz_class& denominator) : value_(numerator, denominator) {
    value_.canonicalize();
  }

  /// Requires a value that is already canonical: no gcd is taken.
  static Rational from_canonical(mpq_class value) {
    Rational result;
    result.value_ = std::move(value);
    return result;
  }
  /// 2^exponent, exactly.
  static Rational power_of_two(long exponent);

  [[nodiscard]] const mpz_class& numerator() const { return value_.get_num(); }
  [[nodiscard]] const mpz_class& denominator() const { return value_.get_den(); }
  [[nodiscard]] const mpq_class& raw() const { return value_; }
  [[nodiscard]] int sign() const { return sgn(value_); }
  [[nodiscard]] bool is_integer() const { return denominator() == 1; }

  Rational& operator+=(const Rational& other) {
    value_ += other.value_;
    return *this;
  }
  Rational& operator-=(const Rational& other) {
    value_ -= other.value_;
    return *this;
  }
  Rational& operator*=(const Rational& other) {
    value_ *= other.value_;
    return *this;
  }
  /// @param other  not zero
  Rational& operator/=(const Rational& other) {
    value_ /= other.value_;
    return *this;
  }

  friend Rational operator+(const Rational& a, const Rational& b) { return Rational(a) += b; }
  friend Rational operator-(const Rational& a, const Rational& b) { return Rational(a) -= b; }
  friend Rational operator*(const Rational& a, const Rational& b) { return Rational(a) *= b; }
  friend Rational operator/(const Rational& a, const Rational& b) { return Rational(a) /= b; }
  friend Rational operator-(const Rational& a) { return from_canonical(-a.value_); }

  friend bool operator==(const Rational& a, const Rational& b) { return a.value_ == b.value_; }
  friend std::strong_ordering operator<=>(const Rational& a, const Rational& b) {
    return cmp(a.value_, b.value_) <=> 0;
  }

 private:
  mpq_class value_;
};

[[nodiscard]] inline Rational abs(const Rational& value) { return value.sign() < 0 ? -value : value; }
/// The largest integer not above `value`.
[[nodiscard]] mpz_class floor(const Rational& value);
/// The smallest integer not below `value`.
[[nodiscard]] mpz_class ceil(const Rational& value);

enum class Rounding { down, nearest, up };

template <>
struct NumberTraits<Rational> {
  using Truth = bool;
  static Rational literal(const Rational& /*like*/, std::int64_t value) { return value; }
};

[[nodiscard]] inline Rational select(bool condition, const Rational& if_true, const Rational& if_false) {
  return condition ? if_true : if_false;
}
static_assert(Number<Rational>);

// GMP's integers are used as the rationals without a denominator.
[[nodiscard]] inline Rational integer_like(const Rational& /*like*/, std::int64_t value) { return value; }
[[nodiscard]] inline Rational div_floor(const Rational& value, std::int64_t divisor) {
  return Rational(floor(value / Rational(divisor)));
}
static_assert(Integer<Rational>);

/// "a/b", or "a" for an integer.
[[nodiscard]] std::string to_string(const Rational& value);

/// The nearest value of at most `digits` significant decimal digits on the requested side (down is towards minus
/// infinity).
[[nodiscard]] Rational round_decimal(const Rational& value, int digits, Rounding rounding = Rounding::nearest);

/// The result of round_decimal as a numeral, which parses back to exactly the rounded value. Exponents appear only
/// outside [1e-6, 1e15). Exact values with fewer than `digits` digits are printed in that shorter form.
[[nodiscard]] std::string to_decimal(const Rational& value, int digits, Rounding rounding = Rounding::nearest);

/// The rational of the smallest denominator in the closed interval [lower, upper], lower <= upper
/// (of those the one nearest to zero): Stern-Brocot, by continued fractions.
[[nodiscard]] Rational simplest_between(const Rational& lower, const Rational& upper);

}  // namespace p2pllm
