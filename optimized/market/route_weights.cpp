#include "optimized/market/route_weights.hpp"

#include <algorithm>

#include "model/assert.hpp"

namespace p2pllm::optimized {
namespace {

// Errors of approximate weights. All terms are >= 0, so that relative errors of the terms bound that of the sum
// (agree-route-term-error, agree-route-sum-error).
// double, u = 2^-53: alpha and unit are truncated, 2 u each, their product rounded: below 6 u in a coefficient, below
//         9 u in a term, below 11 u < 2^-49 in the sum.
// float,  u = 2^-24: a coefficient is below 2 u, a term below 5 u, the sum below 7 u < 2^-21.
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
  if (shift == 0 && value.fits_slong_p() != 0) return {value.get_si(), value.get_si()};
  const mpz_class lower = value >> shift;
  const bool is_exact = (lower << shift) == value;
  return {to_int128(lower), to_int128(lower) + (is_exact ? 0 : 1)};
}

Enclosed<double> around(double value, double error) { return {value - value * error, value + value * error}; }

}  // namespace

mpz_class to_integer(Int128 value) {
  if (value == static_cast<long>(value)) return static_cast<long>(value);
  mpz_class result = static_cast<long>(value >> 64);
  result <<= 64;
  return result + static_cast<unsigned long>(value);
}

CostUnits::CostUnits(const Rational& of_price, const Rational& of_time, unsigned bits)
    : price(of_price), time(of_time), sum_bits(bits) {
  P2PLLM_ASSERT(bits <= 124);
  mpz_class denominator;
  mpz_lcm(denominator.get_mpz_t(), price.denominator().get_mpz_t(), time.denominator().get_mpz_t());
  part = Rational(gcd(price.numerator(), time.numerator()), denominator);
  price_parts = (price / part).numerator();
  time_parts = (time / part).numerator();
  const Rational& greater = price < time ? time : price;
  approximate = {(price / greater).raw().get_d(), (time / greater).raw().get_d()};
}

ExactWeights::ExactWeights(const CostUnits& units, const Rational& alpha)
    : price(alpha.numerator() * units.price_parts), time((alpha.denominator() - alpha.numerator()) * units.time_parts) {
  // (2^k + 2^k) * 2^sum_bits <= 2^126 bounds every sum of products (agree-route-no-overflow).
  const long bits = std::max(bits_of(price), bits_of(time));
  const auto shift = static_cast<unsigned long>(std::max(0L, bits - (125 - static_cast<long>(units.sum_bits))));
  wide_price = truncated(price, shift);
  wide_time = truncated(time, shift);
}

RouteWeights::RouteWeights(const CostUnits& units, const Rational& alpha) : units_(&units), alpha_(&alpha) {
  P2PLLM_ASSERT(alpha.sign() >= 0 && alpha.numerator() <= alpha.denominator());
  mpq_class rest = alpha.raw();  // 1 - alpha, in lowest terms as alpha is
  rest.get_num() = alpha.denominator() - alpha.numerator();
  approximate = {alpha.raw().get_d() * units.approximate.price, rest.get_d() * units.approximate.time};
  coarse = {static_cast<float>(approximate.price), static_cast<float>(approximate.time)};
  const double least = std::min(alpha.sign() == 0 ? 1.0 : approximate.price, sgn(rest) == 0 ? 1.0 : approximate.time);
  if (least < double_coefficient_min) margin = std::numeric_limits<double>::infinity();
  if (least < float_coefficient_min) coarse_margin = std::numeric_limits<float>::infinity();
}

Rational RouteWeights::weight(const IntegerCost<Int128>& cost) const {
  mpz_class by_price = to_integer(cost.price);
  by_price *= units_->price_parts;
  by_price *= alpha_->numerator();
  mpz_class parts = alpha_->denominator() - alpha_->numerator();
  parts *= units_->time_parts;
  parts *= to_integer(cost.time);
  parts += by_price;
  parts *= units_->part.numerator();
  return {parts, mpz_class(units_->part.denominator() * alpha_->denominator())};
}

Rational RouteWeights::weight(const IntegerCost<Rational>& cost) const {
  return weight_of(*alpha_ * units_->price, (Rational(1) - *alpha_) * units_->time, cost.price, cost.time);
}

RouteLabel<Enclosed<double>> RouteOrder::approximate(const IntegerCost<Int128>& cost) const {
  const double price = as_double(cost.price);
  const double time = as_double(cost.time);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Enclosed<double> weight = weights_.margin < infinity ? around(approximate_weight(price, time), 2 * double_error)
                                                             : Enclosed<double>{0, infinity};
  return {weight, around(price, double_error), around(time, double_error)};
}

RouteLabel<Enclosed<Int128>> RouteOrder::wide(const IntegerCost<Int128>& cost) {
  const ExactWeights& by = exact_weights();
  return {{weight_of(by.wide_price.lower, by.wide_time.lower, cost.price, cost.time),
           weight_of(by.wide_price.upper, by.wide_time.upper, cost.price, cost.time)},
          {cost.price, cost.price},
          {cost.time, cost.time}};
}

RouteLabel<Rational> RouteOrder::exact(const IntegerCost<Int128>& cost) {
  const mpz_class price = to_integer(cost.price);
  const mpz_class time = to_integer(cost.time);
  return {Rational(mpz_class(weight_of(exact_weights().price, exact_weights().time, price, time))), Rational(price),
          Rational(time)};
}

bool RouteOrder::comes_first(const IntegerCost<Rational>& a, const IntegerCost<Rational>& b) {
  ++always_exact_;
  const auto label = [this](const IntegerCost<Rational>& cost) {
    return RouteLabel<Rational>{
        weight_of(Rational(exact_weights().price), Rational(exact_weights().time), cost.price, cost.time), cost.price,
        cost.time};
  };
  return optimized::comes_first(label(a), label(b));
}

}  // namespace p2pllm::optimized
