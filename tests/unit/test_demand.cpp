#include <catch2/catch.hpp>
#include <random>

#include "model/numbers/interval.hpp"
#include "reference/market/demand_rules.hpp"
#include "reference/market/equilibrium_rules.hpp"
#include "reference/market/regret_rules.hpp"
#include "reference/market/solve.hpp"
#include "tests/unit/market_builder.hpp"

using namespace p2pllm;
using namespace p2pllm::reference;
using namespace p2pllm::testing;

namespace {

constexpr long bits = 200;
Interval number(const Rational& value) { return {value, bits}; }

/// A group as the rules see it: a, d and p of each node.
struct Profile {
  Rational sensitivity;
  std::vector<Rational> cost_weights;
  std::vector<Rational> prices;

  [[nodiscard]] Interval term(std::size_t i) const {
    return exp(number(-demand_weight(sensitivity, prices[i], cost_weights[i])));
  }
  [[nodiscard]] Interval sum_without(std::size_t i) const {
    Interval sum = number(0);
    for (std::size_t j = 0; j < prices.size(); ++j)
      if (j != i) sum += term(j);
    return sum;
  }
  [[nodiscard]] Interval log_revenue(std::size_t i) const {
    return log(revenue(number(prices[i]), demand_share(term(i), sum_without(i))));
  }
  [[nodiscard]] Interval potential() const {
    Interval log_prices = number(0);
    Rational total = 0;
    for (const Rational& price : prices) {
      log_prices += log(number(price));
      total += price;
    }
    return price_potential(log_prices, number(sensitivity), number(total), log(sum_without(0) + term(0)));
  }
};

}  // namespace

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

TEST_CASE("the potential changes by as much as the logarithm of the revenue of the node that moves", "[PRICE-14]") {
  std::mt19937 random(14);
  const auto drawn = [&random](long below) { return Rational(static_cast<long>(1 + random() % 4000), below); };
  for (int trial = 0; trial < 60; ++trial) {
    Profile profile{drawn(1000), {}, {}};
    for (std::size_t n = 2 + random() % 4; n > 0; --n) {
      profile.cost_weights.push_back(drawn(500));
      profile.prices.push_back(drawn(700));
    }
    const std::size_t mover = random() % profile.prices.size();
    Profile moved = profile;
    moved.prices[mover] = drawn(300);
    const Interval difference =
        (moved.potential() - profile.potential()) - (moved.log_revenue(mover) - profile.log_revenue(mover));
    CHECK(certainly(difference < number(Rational::power_of_two(-150))));
    CHECK(certainly(-difference < number(Rational::power_of_two(-150))));
  }
}

TEST_CASE("the equilibrium has the greatest potential", "[PRICE-14][PRICE-12]") {
  const Network network = network_of(1, {{{0, 1}, "1", "1"}, {{0, 1}, "3", "1"}, {{0, 1}, "7/2", "1"}});
  const auto nodes = solve(network, Rational(1, 2), 64).value().front().nodes;
  Profile best{Rational(1, 2), {Rational(1, 2), Rational(3, 2), Rational(7, 4)}, {}};
  for (const EquilibriumNode& node : nodes) best.prices.push_back((node.price.lower + node.price.upper) / 2);
  constexpr int unmoved = 13;
  for (const Rational& step : {Rational(1, 10), Rational(1, 1000), Rational(1, 1000000)})
    for (int direction = 0; direction < 27; ++direction) {  // every node down, unmoved or up
      Profile other = best;
      int code = direction;
      for (Rational& price : other.prices) {
        price += Rational(code % 3 - 1) * step;
        code /= 3;
      }
      if (direction != unmoved) CHECK(certainly(other.potential() < best.potential()));
    }
}
