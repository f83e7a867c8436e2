#include "checker/exp_bounds.hpp"

#include <algorithm>

namespace p2pllm::checker {
namespace {

long bit_length(const mpz_class& value) { return static_cast<long>(mpz_sizeinbase(value.get_mpz_t(), 2)); }
/// Some m with 2^(m-2) < value < 2^m; value > 0.
long magnitude(const Rational& value) { return bit_length(value.numerator()) - bit_length(value.denominator()) + 1; }

/// value * 2^bits, exactly.
Rational scaled(const Rational& value, long bits) {
  mpq_class result = value.raw();
  const auto shift = bits >= 0 ? mpq_mul_2exp : mpq_div_2exp;
  shift(result.get_mpq_t(), result.get_mpq_t(), static_cast<mp_bitcnt_t>(std::abs(bits)));
  return Rational::from_canonical(std::move(result));
}

}  // namespace

Enclosure rounded(const Enclosure& value, long bits) {
  const auto end = [bits](const Rational& exact, mpz_class (*round)(const Rational&)) {
    const long fraction = exact.sign() == 0 ? 0 : bits + 1 - magnitude(exact);
    return scaled(Rational(round(scaled(exact, fraction))), -fraction);
  };
  return {end(value.lower, floor), end(value.upper, ceil)};
}

// All integers here are positive, so `>>` and `/` round down, and adding one gives an upper bound.
Enclosure exp_of_minus(const Rational& x, long bits) {
  constexpr long argument_max = 16384;
  if (x > Rational(argument_max)) return {0, Rational::power_of_two(-argument_max)};  // as e > 2
  if (x.sign() == 0) return {1, 1};
  const long halvings = std::max(magnitude(x) + 32, 0L);  // x / 2^halvings < 2^-32
  const long fraction = bits + halvings + 8;              // each squaring doubles the relative error
  const mpz_class one = mpz_class(1) << fraction;
  // Taylor's series of e^(x / 2^halvings). The omitted terms are together at most the last term that is included.
  const mpz_class y = floor(scaled(x, fraction - halvings)), y_upper = y + 1;
  mpz_class term_lower = one, term_upper = one, growth_lower = one, growth_upper = one;
  for (unsigned long n = 1; term_lower > 0; ++n) {
    term_lower = ((term_lower * y) >> fraction) / n;
    term_upper = ((term_upper * y_upper) >> fraction) / n + 1;
    growth_lower += term_lower;
    growth_upper += term_upper;
  }
  growth_upper += term_upper;
  mpz_class lower = (one << fraction) / growth_upper, upper = (one << fraction) / growth_lower + 1;
  long exponent = -fraction;
  for (long i = 0; i < halvings; ++i) {
    const long excess = std::max(2 * bit_length(upper) - fraction, 0L);
    lower = (lower * lower) >> excess;
    upper = ((upper * upper) >> excess) + 1;
    exponent = 2 * exponent + excess;
  }
  return rounded({scaled(Rational(lower), exponent), scaled(Rational(upper), exponent)}, bits);
}

}  // namespace p2pllm::checker
