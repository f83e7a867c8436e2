#include "optimized/market/demand_keys.hpp"

#include <algorithm>
#include <limits>

#include "kernels/market/price_rules.hpp"

namespace p2pllm::optimized {
namespace {

std::uint64_t greatest(const Column& column) {
  std::uint64_t most = 0;
  if (column.is_narrow())
    for (const std::uint32_t value : column.narrow()) most = std::max<std::uint64_t>(most, value);
  else
    for (const std::uint64_t value : column.wide()) most = std::max(most, value);
  return most;
}

/// The greatest integer that the column's width holds.
std::uint64_t width_max(const Column& column) {
  return column.is_narrow() ? std::numeric_limits<std::uint32_t>::max() : std::numeric_limits<std::uint64_t>::max();
}

mpz_class integer_of(std::uint64_t value) { return mpz_class(static_cast<unsigned long>(value)); }

/// The greatest rational of which both are multiples; 1 if both are 0.
Rational common_unit(const Rational& a, const Rational& b) {
  mpz_class numerator;
  mpz_class denominator;
  mpz_gcd(numerator.get_mpz_t(), a.numerator().get_mpz_t(), b.numerator().get_mpz_t());
  mpz_lcm(denominator.get_mpz_t(), a.denominator().get_mpz_t(), b.denominator().get_mpz_t());
  return numerator == 0 ? Rational(1) : Rational(numerator, denominator);
}

}  // namespace

std::optional<DemandScale> demand_scale(const MarketColumns& market, const Column& prices, const Rational& alpha) {
  DemandScale scale;
  scale.sensitivity = kernels::sensitivity_of(alpha, market.price_scale, market.temperature);
  const Rational price_step = scale.sensitivity * prices.unit();
  const Rational cost_step = kernels::weight_of_cost(alpha, market.cost.unit(), market.cost_scale, market.temperature);
  scale.unit = common_unit(price_step, cost_step);
  const mpz_class by_price = (price_step / scale.unit).numerator();
  const mpz_class by_cost = (cost_step / scale.unit).numerator();
  constexpr std::size_t bits_max = 127;
  const auto fits = [&](std::uint64_t price, std::uint64_t cost) {
    const mpz_class most = by_price * integer_of(price) + by_cost * integer_of(cost);
    return mpz_sizeinbase(most.get_mpz_t(), 2) <= bits_max;
  };
  for (const mpz_class& value : {by_price, by_cost})
    if (mpz_sizeinbase(value.get_mpz_t(), 2) > bits_max) return std::nullopt;
  // As a rule the width of the columns is enough to tell.
  if (!fits(width_max(prices), width_max(market.cost)) && !fits(greatest(prices), greatest(market.cost)))
    return std::nullopt;
  scale.by_price = to_wide(by_price);
  scale.by_cost = to_wide(by_cost);
  return scale;
}

}  // namespace p2pllm::optimized
