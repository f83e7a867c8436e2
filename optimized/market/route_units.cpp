#include "optimized/market/route_units.hpp"

#include <algorithm>

namespace p2pllm::optimized {
namespace {

constexpr unsigned machine_bits = 64;

Rational common_unit(const Rational& a, const Rational& b) {
  mpz_class denominator;
  mpz_lcm(denominator.get_mpz_t(), a.denominator().get_mpz_t(), b.denominator().get_mpz_t());
  return {gcd(a.numerator(), b.numerator()), denominator};
}

std::uint64_t greatest_integer(const Column& column) {
  if (column.size() == 0) return 0;
  return column.is_narrow() ? *std::ranges::max_element(column.narrow()) : *std::ranges::max_element(column.wide());
}

}  // namespace

unsigned bits_of(const mpz_class& value) { return static_cast<unsigned>(mpz_sizeinbase(value.get_mpz_t(), 2)); }

CommonUnit::CommonUnit(std::span<const Column* const> columns) : unit(columns.front()->unit()), fits(true) {
  for (const Column* column : columns) unit = common_unit(unit, column->unit());
  for (const Column* column : columns) {
    const mpz_class factor = (column->unit() / unit).numerator();
    // A factor of more bits may meet a column of zeros, whose greatest entry does not show it.
    fits = fits && bits_of(factor) <= machine_bits;
    factors.push_back(factor.get_ui());
    greatest += factor * mpz_class(static_cast<unsigned long>(greatest_integer(*column)));
  }
  fits = fits && bits_of(greatest) <= machine_bits;
}

}  // namespace p2pllm::optimized
