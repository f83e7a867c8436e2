#include "optimized/market/route_weights.hpp"

#include <algorithm>

#include "model/assert.hpp"

namespace p2pllm::optimized {
namespace {

// Errors of approximate weights. All terms are >= 0, so that relative errors of the terms bound that of the sum.
// double: truncated alpha and unit 2^-52 each, their product 2^-53; integer, product and sum 2^-53 each: together below
//         4.1 * 2^-52 < 2^-49.
// float:  the same and four roundings to 24 bits: together below 4.1 * 2^-24 < 2^-21.
// A nonzero product is at least as great as its coefficient: none is subnormal if no coefficient is below these bounds.
constexpr double double_coefficient_min = 0x1p-900;
constexpr double float_coefficient_min = 0x1p-100;

long bits_of(const mpz_class& value) { return static_cast<long>(mpz_sizeinbase(value.get_mpz_t(), 2)); }

Int128 to_int128(const mpz_class& value) {
  const mpz_class high = value >> 64;
  const mpz_class low = value - (high << 64);
  return static_cast<Int128>(high.get_si()) * (Int128{1} << 64) + low.get_ui();
}

/// Encloses value / 2^shift in integers.
Enclosed<Int128> truncated(const mpz_class& value, unsigned long shift) {
  const mpz_class lower = value >> shift;
  const bool is_exact = (lower << shift) == value;
  return {to_int128(lower), to_int128(lower) + (is_exact ? 0 : 1)};
}

Enclosed<double> around(double value, double error) { return {value - value * error, value + value * error}; }

}  // namespace

mpz_class to_integer(Int128 value) {
  mpz_class result = static_cast<long>(value >> 64);
  result <<= 64;
  return result + static_cast<unsigned long>(value);
}

RouteWeights::RouteWeights(const CostUnits& units, const Rational& alpha) {
  P2PLLM_ASSERT(alpha.sign() >= 0 && alpha <= Rational(1));
  const Rational rest = Rational(1) - alpha;
  const Rational by_price = alpha * units.price;
  const Rational by_time = rest * units.time;
  price = by_price.numerator() * by_time.denominator();
  time = by_time.numerator() * by_price.denominator();
  const mpz_class divisor = gcd(price, time);
  price /= divisor;
  time /= divisor;

  const Rational& greater = units.price < units.time ? units.time : units.price;
  approximate = {alpha.raw().get_d() * (units.price / greater).raw().get_d(),
                 rest.raw().get_d() * (units.time / greater).raw().get_d()};
  coarse = {static_cast<float>(approximate.price), static_cast<float>(approximate.time)};
  const double least = std::min(price == 0 ? 1.0 : approximate.price, time == 0 ? 1.0 : approximate.time);
  if (least < double_coefficient_min) margin = std::numeric_limits<double>::infinity();
  if (least < float_coefficient_min) coarse_margin = std::numeric_limits<float>::infinity();

  // (2^k + 2^k) * 2^sum_bits <= 2^126 bounds every sum of products.
  P2PLLM_ASSERT(units.sum_bits <= 124);
  const long bits = std::max(bits_of(price), bits_of(time));
  const auto shift = static_cast<unsigned long>(std::max(0L, bits - (125 - static_cast<long>(units.sum_bits))));
  wide_price = truncated(price, shift);
  wide_time = truncated(time, shift);
}

RouteLabel<Enclosed<double>> RouteOrder::approximate(const IntegerCost<Int128>& cost) const {
  const auto price = static_cast<double>(cost.price);
  const auto time = static_cast<double>(cost.time);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Enclosed<double> weight = weights_.margin < infinity ? around(approximate_weight(price, time), 2 * double_error)
                                                             : Enclosed<double>{0, infinity};
  return {weight, around(price, double_error), around(time, double_error)};
}

RouteLabel<Enclosed<Int128>> RouteOrder::wide(const IntegerCost<Int128>& cost) const {
  return {{weight_of(weights_.wide_price.lower, weights_.wide_time.lower, cost.price, cost.time),
           weight_of(weights_.wide_price.upper, weights_.wide_time.upper, cost.price, cost.time)},
          {cost.price, cost.price},
          {cost.time, cost.time}};
}

RouteLabel<Rational> RouteOrder::exact(const IntegerCost<Int128>& cost) const {
  const mpz_class price = to_integer(cost.price);
  const mpz_class time = to_integer(cost.time);
  return {Rational(mpz_class(weight_of(weights_.price, weights_.time, price, time))), Rational(price), Rational(time)};
}

bool RouteOrder::comes_first(const IntegerCost<Rational>& a, const IntegerCost<Rational>& b) {
  ++always_exact_;
  const auto label = [this](const IntegerCost<Rational>& cost) {
    return RouteLabel<Rational>{weight_of(Rational(weights_.price), Rational(weights_.time), cost.price, cost.time),
                                cost.price, cost.time};
  };
  return optimized::comes_first(label(a), label(b));
}

}  // namespace p2pllm::optimized
