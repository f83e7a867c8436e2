#include <catch2/catch.hpp>
#include <iostream>
#include <map>
#include <random>

#include "checker/exp_bounds.hpp"
#include "reference/market/best_response.hpp"
#include "reference/market/solve.hpp"
#include "reference/market/verify.hpp"
#include "tests/cross/ball.hpp"

// Compares best responses, regrets and equilibria with Lambert's W of FLINT/Arb.
namespace p2pllm::cross {
namespace {

class Dice {
 public:
  std::int64_t integer(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most - least + 1));
  }
  /// A few digits times a power of ten.
  Rational number(std::int64_t least_exponent, std::int64_t most_exponent) {
    Rational value(integer(1, 9999), 1000);
    for (std::int64_t exponent = integer(least_exponent, most_exponent); exponent != 0;
         exponent -= exponent > 0 ? 1 : -1)
      value = exponent > 0 ? value * Rational(10) : value / Rational(10);
    return value;
  }

 private:
  std::mt19937_64 random_{20251};
};

/// One group of `nodes` nodes with numbers of 10^-spread to 10^spread and occasionally a price of 0.
Network draw_market(Dice& dice, std::int64_t nodes, std::int64_t spread) {
  Network network;
  network.layers = 1;
  network.price_scale = dice.number(-1, 1);
  network.cost_scale = dice.number(-1, 2);
  network.temperature = dice.number(-1, 1);
  for (std::int64_t i = 0; i < nodes; ++i)
    network.nodes.push_back({"n" + std::to_string(i),
                             {0, 1},
                             dice.number(-spread, spread),
                             dice.integer(0, 9) == 0 ? Rational(0) : dice.number(-spread, spread)});
  return network;
}

/// The market of PRICE-2 to PRICE-7, computed from the definitions.
struct Market {
  Market(const Network& network, const Rational& alpha, std::vector<Ball> charged)
      : sensitivity(alpha / (network.price_scale * network.temperature)), prices(std::move(charged)) {
    for (const Node& node : network.nodes)
      cost_terms.push_back(exp(Ball(-(Rational(1) - alpha) * node.cost / (network.cost_scale * network.temperature))));
    for (std::size_t i = 0; i < prices.size(); ++i)
      terms.push_back(cost_terms[i] * exp(Ball(0) - sensitivity * prices[i]));
  }
  [[nodiscard]] Ball others(std::size_t i) const {
    Ball sum(0);
    for (std::size_t j = 0; j < terms.size(); ++j)
      if (j != i) sum = sum + terms[j];
    return sum;
  }
  [[nodiscard]] Ball share(std::size_t i) const { return terms[i] / (terms[i] + others(i)); }
  [[nodiscard]] Ball omega(std::size_t i) const { return lambert_w(cost_terms[i] / (others(i) * exp(Ball(1)))); }
  [[nodiscard]] Ball best_response(std::size_t i) const { return (Ball(1) + omega(i)) / sensitivity; }
  [[nodiscard]] Ball best_revenue(std::size_t i) const { return omega(i) / sensitivity; }
  [[nodiscard]] Ball regret(std::size_t i, bool absolute) const {
    const Ball lost = best_revenue(i) - prices[i] * share(i);
    return absolute ? lost : lost / best_revenue(i);
  }

  Ball sensitivity;
  std::vector<Ball> prices;
  std::vector<Ball> cost_terms;  // e^-d_i
  std::vector<Ball> terms;       // e^-w_i
};

std::vector<Ball> posted_balls(const Network& network) {
  std::vector<Ball> prices;
  for (const Node& node : network.nodes) prices.emplace_back(node.price);
  return prices;
}

const Rational& power_of_ten(int digits) {
  static std::vector<Rational> powers{Rational(1)};
  while (powers.size() <= static_cast<std::size_t>(digits)) powers.push_back(powers.back() * Rational(10));
  return powers[static_cast<std::size_t>(digits)];
}

/// Whether the relative width of an enclosure is at most 10^-digits.
bool is_known_to(const Enclosure& enclosure, int digits) {
  return (enclosure.upper - enclosure.lower) * power_of_ten(digits) <= enclosure.lower;
}

/// The classes of cases that a test met; `demand` prints them and fails if it never reached one.
class Classes {
 public:
  void met(const std::string& name, bool is_met) { counts_[name] += is_met ? 1 : 0; }
  void demand() const {
    for (const auto& [name, count] : counts_) {
      std::cout << "    " << count << "  " << name << "\n";
      CHECKED_ELSE(count > 0) { FAIL("never reached: " << name); }
    }
  }

 private:
  std::map<std::string, int> counts_;
};

void meet_classes(Classes& classes, const Market& market, const Network& network, std::size_t i, bool extreme) {
  const Ball omega = market.omega(i);
  classes.met("a best response above 100 / a", Ball(100) < omega);
  if (extreme) classes.met("a best response above 1e6 / a", Ball(power_of_ten(6)) < omega);
  classes.met("a best response within 1e-100 of 1 / a", omega < Ball(Rational(1) / power_of_ten(100)));
  classes.met("Lambert's W between 1/10 and 10", Ball(Rational(1, 10)) < omega && omega < Ball(10));
  classes.met("a share below 1e-300", market.share(i) < Ball(Rational(1) / power_of_ten(300)));
  classes.met("a price of 0", network.nodes[i].price.sign() == 0);
}

/// Compares every figure of a node with Arb's.
void require_agrees(const Market& market, std::size_t i, const NodeReport& node, bool absolute, int digits) {
  INFO("node " << i << " of " << market.terms.size());
  REQUIRE(market.best_response(i).known_bits() > 3000);
  REQUIRE(node.share.has_value());
  CHECK(meet(market.share(i), *node.share));
  REQUIRE(node.best_response.has_value());
  INFO("best response " << market.best_response(i).shown() << " against " << to_decimal(node.best_response->lower, 30));
  CHECK(meet(market.best_response(i), *node.best_response));
  CHECK(is_known_to(*node.best_response, digits));
  REQUIRE(node.regret.has_value());
  INFO("regret " << market.regret(i, absolute).shown() << " against " << to_decimal(node.regret->lower, 30) << " .. "
                 << to_decimal(node.regret->upper, 30));
  CHECK(meet(market.regret(i, absolute), *node.regret));
}

void check_reports(std::int64_t spread, int markets, const Precision& ladder, int digits) {
  Dice dice;
  Classes classes;
  for (int k = 0; k < markets; ++k) {
    const Network network = draw_market(dice, dice.integer(2, 7), spread);
    const Rational alpha(dice.integer(1, 19), 20);
    const bool absolute = dice.integer(0, 1) == 1;
    const auto report =
        reference::verify(network, posted_prices(network), alpha, {Rational(1, 1000), absolute}, ladder);
    const Market market(network, alpha, posted_balls(network));
    for (std::size_t i = 0; i < network.size(); ++i) {
      meet_classes(classes, market, network, i, spread > 3);
      require_agrees(market, i, report.groups[0].nodes[i], absolute, digits);
    }
  }
  classes.demand();
}

TEST_CASE("shares best responses and regrets of random markets are what Arb says", "[PRICE-3][PRICE-7][PRICE-9]") {
  check_reports(3, 300, {}, 9);
}

TEST_CASE("best responses of extreme markets are what Arb says", "[PRICE-7][PRICE-9]") { check_reports(7, 150, {}, 9); }

TEST_CASE("best responses agree with Arb to 120 digits", "[PRICE-7][PRICE-15]") {
  check_reports(3, 60, {1024, 6144}, 120);
}

TEST_CASE("each equilibrium price is Arb's best response to the others to 120 digits", "[PRICE-7][PRICE-12]") {
  Dice dice;
  Classes classes;
  for (int k = 0; k < 120; ++k) {
    const Network network = draw_market(dice, dice.integer(2, 7), k % 3);
    const Rational alpha(dice.integer(1, 19), 20);
    const auto solved = reference::solve(network, alpha, 512);
    REQUIRE(solved.has_value());
    std::vector<Ball> prices;
    for (const EquilibriumNode& node : solved->front().nodes) prices.emplace_back(node.price);
    const Market market(network, alpha, prices);
    for (const EquilibriumNode& node : solved->front().nodes) {
      const Ball price = market.best_response(node.node);
      INFO("node " << node.node << ": " << price.shown() << " against " << to_decimal(node.price.lower, 30));
      CHECK(price.known_bits() > 400);
      CHECK(is_known_to(node.price, 120));
      CHECK(meet(price, node.price));
      CHECK(meet(market.share(node.node), node.share));
      CHECK(meet(market.best_revenue(node.node), node.revenue));
      classes.met("a price above 100 / a", Ball(100) < market.omega(node.node));
      classes.met("a share below 1e-20", market.share(node.node) < Ball(Rational(1) / power_of_ten(20)));
    }
  }
  classes.demand();
}

TEST_CASE("Wright's omega is Arb's to the error it states", "[PRICE-7]") {
  Dice dice;
  for (const std::int64_t size : {1, 3, 100, 10'000, 1'000'000})
    for (const long bits : {64L, 200L, 1000L})
      for (int k = 0; k < 40; ++k) {
        const Rational x = Rational(dice.integer(-size * 1024, size * 1024), 1024);
        const Interval y = reference::wright_omega(Interval(x, bits));
        const Ball exact = lambert_w(exp(Ball(x)));
        const Rational error = (Rational(1) + abs(x)) * Rational::power_of_two(8 - bits);
        INFO("omega of " << to_string(x) << " at " << bits << " bits is " << exact.shown());
        if (y.lower()->sign() == 0 || *y.upper() <= Rational::power_of_two(-65535)) continue;
        CHECK(meet(exact, {*y.lower() * (Rational(1) - error), *y.upper() * (Rational(1) + error)}));
      }
}

TEST_CASE("the checker's bounds of exponentials hold Arb's", "[CERT-7]") {
  Dice dice;
  for (int k = 0; k < 3000; ++k) {
    const Rational x = k % 10 == 0 ? Rational(dice.integer(0, 20'000)) : dice.number(-12, 4);
    const long bits = dice.integer(0, 1) == 0 ? 64 : dice.integer(32, 600);
    const Enclosure bounds = checker::exp_of_minus(x, bits);
    INFO("e^-" << to_string(x) << " at " << bits << " bits");
    CHECK(meet(exp(Ball(-x)), bounds));
    if (x <= Rational(16384)) CHECK(bounds.upper - bounds.lower <= bounds.lower * Rational::power_of_two(4 - bits));
  }
}

// This runs by name only and must fail.
TEST_CASE("canary: the best response is one over a", "[.canary]") {
  Dice dice;
  const Network network = draw_market(dice, 3, 0);
  const Market market(network, Rational(1, 2), posted_balls(network));
  CHECK(meet(market.best_response(0) * market.sensitivity, {Rational(1), Rational(1)}));
}

}  // namespace
}  // namespace p2pllm::cross
