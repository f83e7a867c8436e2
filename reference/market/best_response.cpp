#include "reference/market/best_response.hpp"

#include <algorithm>

#include "model/assert.hpp"

namespace p2pllm::reference {

Interval wright_omega(const Interval& x) {
  const Interval one(Rational(1), x.bits());
  // Far out, the asymptote is a starting point of relative error under 1e-3; in between, a rough one is enough.
  Interval y = one;
  if (certainly(x > literal_like(x, 2))) y = (x - log(x)).midpoint();
  else if (certainly(x < literal_like(x, -2))) y = exp(x).midpoint();
  const int steps_max = 20;
  const Interval settled(Rational::power_of_two(-x.bits() / 2 - 4), x.bits());
  for (int step = 0; step < steps_max; ++step) {
    // Newton's method for y + ln y = x in ln y keeps y positive; the factor tends to 1 quadratically.
    const Interval change = ((x - y - log(y)) / (one + y)).midpoint();
    y = (y * exp(change)).midpoint();
    if (certainly(change < settled) && certainly(-change < settled)) break;
  }
  return y;
}

Rational best_response_price(const Rational& sensitivity, const Rational& own_cost_weight,
                             const Competitors& competitors, long bits) {
  P2PLLM_ASSERT(sensitivity.sign() > 0);
  const Interval x = Interval(competitors.shift - own_cost_weight - Rational(1), bits) - log(competitors.sum);
  const Interval scaled_price = Interval(Rational(1), bits) + wright_omega(x.midpoint());
  const Interval price = scaled_price / Interval(sensitivity, bits);
  // An error of the price counts a times as much in the exponent, so the bits of a p* are needed in addition.
  const mpz_class whole = ceil(*scaled_price.upper());
  const long kept = std::min(bits, bits / 2 + 8 + static_cast<long>(mpz_sizeinbase(whole.get_mpz_t(), 2)));
  return *price.with_bits(kept).midpoint().lower();
}

}  // namespace p2pllm::reference
