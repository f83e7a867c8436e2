#include "apps/p2pllm/view/svg.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace p2pllm::app {
namespace {

/// The decimal logarithm of a positive number of any size.
double log10_of(const Rational& value) {
  long up = 0;
  long down = 0;
  const double numerator = mpz_get_d_2exp(&up, value.numerator().get_mpz_t());
  const double denominator = mpz_get_d_2exp(&down, value.denominator().get_mpz_t());
  return std::log10(numerator / denominator) + static_cast<double>(up - down) * std::log10(2.0);
}

Rational power_of_ten(long exponent) {
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, static_cast<unsigned long>(std::abs(exponent)));
  return exponent < 0 ? Rational(mpz_class(1), power) : Rational(power);
}

std::vector<Rational> linear_ticks(const Axis& axis, int parts) {
  Rational step = round_decimal(axis.span / Rational(parts), 1, Rounding::up);
  const std::string numeral = to_decimal(step, 1);
  const long digit = numeral[numeral.find_first_of("123456789")] - '0';
  step *= digit > 5 ? Rational(10, digit) : digit > 2 ? Rational(5, digit) : Rational(1);
  std::vector<Rational> result;
  for (Rational tick = Rational(ceil(axis.least / step)) * step; tick <= axis.least + axis.span; tick += step)
    result.push_back(tick);
  return result;
}

std::vector<Rational> logarithmic_ticks(const Axis& axis, int parts) {
  const double first = log10_of(axis.least);
  const double decades = log10_of(axis.least + axis.span) - first;
  const bool is_dense = decades < 2.5;  // fewer powers of ten would be too few ticks
  const long every = std::max(1L, std::lround(std::ceil(decades / parts)));
  std::vector<Rational> result;
  for (long exponent = std::lround(std::floor(first)); exponent <= std::lround(std::ceil(first + decades)); ++exponent)
    for (const long factor : {1, 2, 5}) {
      const Rational tick = power_of_ten(exponent) * Rational(factor);
      const bool is_shown = is_dense || (factor == 1 && exponent % every == 0);
      if (is_shown && axis.least <= tick && tick <= axis.least + axis.span) result.push_back(tick);
    }
  return result;
}

}  // namespace

double to_double(const Rational& value) { return value.raw().get_d(); }

Axis Axis::around(const Rational& least, const Rational& greatest, double pixel_least, double pixel_greatest) {
  const Rational spread = greatest > least ? greatest - least : Rational(1);
  const Rational margin = spread * Rational(6, 100);
  return {least - margin, spread + margin + margin, pixel_least, pixel_greatest};
}

double Axis::pixel(const Rational& value) const {
  const double first = is_logarithmic ? log10_of(least) : 0;
  const double part =
      is_logarithmic ? (log10_of(value) - first) / (log10_of(least + span) - first) : to_double((value - least) / span);
  return pixel_least + part * (pixel_greatest - pixel_least);
}

std::vector<Rational> Axis::ticks(int parts) const {
  if (is_logarithmic) return logarithmic_ticks(*this, parts);
  std::vector<Rational> result = linear_ticks(*this, parts);
  while (result.size() < 2) result = linear_ticks(*this, parts *= 2);
  return result;
}

int Axis::digits() const {
  constexpr int digits_min = 4;
  const double hundredths = 100 * std::abs(pixel_greatest - pixel_least);
  if (is_logarithmic) return digits_min + 2;  // a relative 1e-6 / 2 of some decades
  const Rational greatest = std::max(abs(least), abs(least + span));
  return std::max(digits_min, static_cast<int>(std::ceil(log10_of(greatest / span) + std::log10(hundredths))));
}

std::string svg_open(double width, double height) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\">\n",
      width, height);
}

}  // namespace p2pllm::app
