#include "model/numbers/rational.hpp"

#include <cstdlib>

#include "model/assert.hpp"

namespace p2pllm {
namespace {

mpz_class power_of_ten(unsigned long exponent) {
  mpz_class result;
  mpz_ui_pow_ui(result.get_mpz_t(), 10, exponent);
  return result;
}

Rational scaled_by_ten(const Rational& value, long exponent) {
  const Rational factor(power_of_ten(static_cast<unsigned long>(std::labs(exponent))));
  return exponent >= 0 ? value * factor : value / factor;
}

mpz_class rounded(const Rational& value, Rounding rounding) {
  switch (rounding) {
    case Rounding::down: return floor(value);
    case Rounding::up: return ceil(value);
    case Rounding::nearest: break;
  }
  return floor(value + Rational(1, 2));
}

/// Decimal exponent e with 10^e <= |value| < 10^(e+1); value is not zero.
long decimal_exponent(const Rational& value) {
  const Rational magnitude = abs(value);
  long exponent = static_cast<long>(mpz_sizeinbase(magnitude.numerator().get_mpz_t(), 10)) -
                  static_cast<long>(mpz_sizeinbase(magnitude.denominator().get_mpz_t(), 10));
  while (scaled_by_ten(magnitude, -exponent) >= Rational(10)) ++exponent;
  while (scaled_by_ten(magnitude, -exponent) < Rational(1)) --exponent;
  return exponent;
}

/// `digits` times 10^exponent in positional or scientific notation.
std::string place_point(std::string digits, long exponent, bool negative) {
  while (digits.size() > 1 && digits.back() == '0') {
    digits.pop_back();
    ++exponent;
  }
  const long size = static_cast<long>(digits.size());
  const long leading = exponent + size - 1;  // power of ten of the first digit
  std::string text;
  if (leading < -6 || leading >= 15) {
    text = digits.substr(0, 1) + (size > 1 ? "." + digits.substr(1) : "") + "e" + std::to_string(leading);
  } else if (exponent >= 0) {
    text = digits + std::string(static_cast<std::size_t>(exponent), '0');
  } else if (leading >= 0) {
    const auto whole = static_cast<std::size_t>(leading + 1);
    text = digits.substr(0, whole) + "." + digits.substr(whole);
  } else {
    text = "0." + std::string(static_cast<std::size_t>(-leading - 1), '0') + digits;
  }
  return negative ? "-" + text : text;
}

/// Simplest rational in [lower, upper] with 0 < lower.
Rational simplest_positive(const Rational& lower, const Rational& upper) {
  const mpz_class whole = ceil(lower);
  if (Rational(whole) <= upper) return Rational(whole);
  const Rational base(mpz_class(whole - 1));
  return base + Rational(1) / simplest_positive(Rational(1) / (upper - base), Rational(1) / (lower - base));
}

}  // namespace

Rational Rational::power_of_two(long exponent) {
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 2, static_cast<unsigned long>(std::labs(exponent)));
  return exponent >= 0 ? Rational(power) : Rational(mpz_class(1), power);
}

mpz_class floor(const Rational& value) {
  mpz_class result;
  mpz_fdiv_q(result.get_mpz_t(), value.numerator().get_mpz_t(), value.denominator().get_mpz_t());
  return result;
}

mpz_class ceil(const Rational& value) {
  mpz_class result;
  mpz_cdiv_q(result.get_mpz_t(), value.numerator().get_mpz_t(), value.denominator().get_mpz_t());
  return result;
}

std::string to_string(const Rational& value) { return value.raw().get_str(); }

Rational round_decimal(const Rational& value, int digits, Rounding rounding) {
  if (value.sign() == 0) return value;
  const long exponent = decimal_exponent(value) - digits + 1;
  return scaled_by_ten(Rational(rounded(scaled_by_ten(value, -exponent), rounding)), exponent);
}

std::string to_decimal(const Rational& value, int digits, Rounding rounding) {
  const Rational shown = round_decimal(value, digits, rounding);
  if (shown.sign() == 0) return "0";
  const long exponent = decimal_exponent(shown) - digits + 1;
  const mpz_class mantissa = floor(abs(scaled_by_ten(shown, -exponent)));
  return place_point(mantissa.get_str(), exponent, shown.sign() < 0);
}

Rational simplest_between(const Rational& lower, const Rational& upper) {
  P2PLLM_ASSERT(lower <= upper);
  if (lower.sign() > 0) return simplest_positive(lower, upper);
  if (upper.sign() < 0) return -simplest_positive(-upper, -lower);
  return Rational(0);
}

}  // namespace p2pllm
