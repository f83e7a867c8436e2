#include <catch2/catch.hpp>

#include "model/numbers/rational.hpp"
#include "reference/market/demand_rules.hpp"
#include "reference/market/regret_rules.hpp"

using namespace p2pllm;
using namespace p2pllm::reference;

TEST_CASE("weights by hand: alpha 1/3, scales 2 and 4, temperature 5, price 11, cost 7", "[PRICE-2]") {
  const Rational alpha(1, 3);
  const Rational sensitivity = price_sensitivity(alpha, Rational(2), Rational(5));
  const Rational own_cost_weight = cost_weight(alpha, Rational(7), Rational(4), Rational(5));
  CHECK(sensitivity == Rational(1, 30));
  CHECK(own_cost_weight == Rational(7, 30));
  CHECK(demand_weight(sensitivity, Rational(11), own_cost_weight) == Rational(3, 5));
}

TEST_CASE("share and revenue by hand: terms 1 and 3, price 8", "[PRICE-3][PRICE-4]") {
  CHECK(demand_share(Rational(1), Rational(3)) == Rational(1, 4));
  CHECK(rest_share(Rational(1), Rational(3)) == Rational(3, 4));
  CHECK(revenue(Rational(8), Rational(1, 4)) == Rational(2));
}

TEST_CASE("slope, gradient and ascent by hand: a 2, price 3, share 1/4", "[PRICE-5]") {
  CHECK(share_slope(Rational(2), Rational(1, 4)) == Rational(-3, 8));
  CHECK(revenue_gradient(Rational(2), Rational(3), Rational(1, 4)) == Rational(-7, 8));
  CHECK(ascent_step(Rational(3), Rational(1, 2), Rational(-7, 8)) == Rational(41, 16));
}

TEST_CASE("revenue rises below the price at which a p (1 - P) is 1 and falls above", "[PRICE-5][PRICE-6]") {
  for (long a = 1; a <= 4; ++a)
    for (long p = 1; p <= 12; ++p)
      for (long part = 1; part < 8; ++part) {
        const Rational sensitivity(a, 2), price(p, 3), share(part, 8);
        const Rational z = stationarity(price, 1 - share, sensitivity);
        CHECK(revenue_gradient(sensitivity, price, share).sign() == (1 - z).sign());
        CHECK(z == sensitivity * price * (1 - share));
      }
}
