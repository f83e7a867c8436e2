#include <boost/multiprecision/mpfr.hpp>
#include <catch2/catch.hpp>
#include <iostream>
#include <random>

#include "reference/market/solve.hpp"

// Compares equilibria with damped best responses, computed from the definitions of demand and revenue in 100 digits.
namespace p2pllm::cross {
namespace {

using Real =
    boost::multiprecision::number<boost::multiprecision::mpfr_float_backend<100>, boost::multiprecision::et_off>;

Real real(const Rational& value) {
  Real result;
  mpfr_set_q(result.backend().data(), value.raw().get_mpq_t(), MPFR_RNDN);
  return result;
}

/// One group. Prices are held as a p, costs as d, so that a node's weight is their sum (PRICE-2).
class Players {
 public:
  Players(const Network& network, const Rational& alpha)
      : sensitivity_(real(alpha / (network.price_scale * network.temperature))) {
    for (const Node& node : network.nodes) {
      cost_weights_.push_back(real((Rational(1) - alpha) * node.cost / (network.cost_scale * network.temperature)));
      scaled_prices_.push_back(1);
    }
  }

  /// P_i at the given price of node i and the present prices of the others (PRICE-3); `rest` is 1 - P_i.
  struct Demand {
    Real share;
    Real rest;
  };
  [[nodiscard]] Demand demand(std::size_t i, const Real& scaled_price) const {
    Real others = 0;  // relative to the node's own term
    for (std::size_t j = 0; j < size(); ++j)
      if (j != i) others += exp(scaled_price + cost_weights_[i] - scaled_prices_[j] - cost_weights_[j]);
    return {1 / (1 + others), others / (1 + others)};
  }

  /// The a p at which revenue peaks: there a p (1 - P) passes 1 (PRICE-6). The logarithm of that product has the slope
  /// 1 / (a p) + P in a p. The search is Newton's method, kept within a bracket.
  [[nodiscard]] Real best_response(std::size_t i) const {
    Real low = 1;   // a p = 1 is too little for any share
    Real high = 0;  // not known yet
    Real price = scaled_prices_[i];
    for (int step = 0; step < 400; ++step) {
      const Demand at = demand(i, price);
      const Real residual = log(price * at.rest);
      (residual < 0 ? low : high) = price;
      Real next = price - residual / (1 / price + at.share);
      if (abs(next - price) <= price * tiny()) return next;
      if (next <= low || (high > 0 && next >= high)) next = high > 0 ? (low + high) / 2 : 2 * price;
      price = next;
    }
    return price;
  }

  /// Moves all prices at once, each by 7/8 of the way to its best response. @returns whether they come to rest
  [[nodiscard]] bool play() {
    for (int round = 0; round < 3000; ++round) {
      std::vector<Real> next;
      for (std::size_t i = 0; i < size(); ++i)
        next.push_back(scaled_prices_[i] + (best_response(i) - scaled_prices_[i]) * 7 / 8);
      Real moved = 0;
      for (std::size_t i = 0; i < size(); ++i) moved = std::max<Real>(moved, abs(next[i] / scaled_prices_[i] - 1));
      scaled_prices_ = std::move(next);
      if (moved < tiny()) return true;
    }
    return false;
  }

  /// A bound on the distance of every a p from that of the equilibrium: e = max |a p_i - 1 / (1 - P_i)|.
  ///
  /// Raising every a p by e keeps all shares, so there (a p_i + e) (1 - P_i) >= 1: no best response is above a p_i + e.
  /// Likewise, none is below a p_i - e after lowering by e. A best response rises with the others' prices and is
  /// continuous in them, so best responses map the box of profiles between the two into itself. By Brouwer's theorem,
  /// the box contains an equilibrium, and there is only one (PRICE-12).
  [[nodiscard]] Real error_bound() const {
    Real bound = tiny();  // covers the rounding below
    for (std::size_t i = 0; i < size(); ++i)
      bound = std::max<Real>(bound, abs(scaled_prices_[i] - 1 / demand(i, scaled_prices_[i]).rest));
    return bound;
  }

  [[nodiscard]] std::size_t size() const { return cost_weights_.size(); }
  [[nodiscard]] Real price(std::size_t i) const { return scaled_prices_[i] / sensitivity_; }
  [[nodiscard]] Real share(std::size_t i) const { return demand(i, scaled_prices_[i]).share; }
  [[nodiscard]] Real sensitivity() const { return sensitivity_; }

 private:
  /// A relative tolerance, well below the accuracy that the test demands and ten digits above the precision.
  static const Real& tiny() {
    static const Real value("1e-88");
    return value;
  }

  Real sensitivity_;
  std::vector<Real> cost_weights_;
  std::vector<Real> scaled_prices_;
};

bool holds(const Enclosure& enclosure, const Real& value, const Real& error) {
  return real(enclosure.lower) <= value + error && value - error <= real(enclosure.upper);
}

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::int64_t integer(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most - least + 1));
  }

 private:
  std::mt19937_64 random_;
};

Network draw_group(Dice& dice, std::int64_t nodes, std::int64_t spread) {
  Network network;
  network.layers = 1;
  network.price_scale = Rational(dice.integer(1, 9), dice.integer(1, 9));
  network.temperature = Rational(dice.integer(1, 9), dice.integer(1, 9));
  for (std::int64_t i = 0; i < nodes; ++i)
    network.nodes.push_back({"n" + std::to_string(i), {0, 1}, Rational(dice.integer(1, 100 * spread), 100), 0});
  return network;
}

/// @returns the greatest error bound found, in a p
Real check_markets(int markets, std::int64_t nodes_max, std::int64_t spread, Real* least_share) {
  Dice dice(static_cast<std::uint64_t>(spread));
  Real worst = 0;
  for (int k = 0; k < markets; ++k) {
    const Network network = draw_group(dice, dice.integer(2, nodes_max), spread);
    const Rational alpha(dice.integer(1, 20), 20);
    const long bits = k % 2 == 0 ? 64 : 256;
    Players players(network, alpha);
    REQUIRE(players.play());
    const Real error = players.error_bound();
    worst = std::max(worst, error);
    const auto solved = reference::solve(network, alpha, bits);
    REQUIRE(solved.has_value());
    for (const EquilibriumNode& node : solved->front().nodes) {
      const std::size_t i = node.node;
      const Real share = players.share(i);
      *least_share = std::min(*least_share, share);
      INFO("market " << k << ", node " << i << " of " << players.size() << ": a p = " << players.price(i) << ", error "
                     << error);
      CHECK(holds(node.price, players.price(i), error / players.sensitivity()));
      // If each a p moves by at most `error`, a share changes by a factor of at most e^(2 error).
      CHECK(holds(node.share, share, 3 * error * share));
      CHECK(holds(node.revenue, players.price(i) * share, 5 * error * players.price(i) * share));
    }
  }
  return worst;
}

TEST_CASE("solve encloses the rest point of damped best responses in 100 digits", "[PRICE-6][PRICE-12]") {
  Real least_share = 1;
  for (const std::int64_t spread : {1, 20, 1000}) {
    const Real worst = check_markets(25, 8, spread, &least_share);
    std::cout << "    costs up to " << spread << ": rest points known to " << worst.str(3) << "\n";
    // This is tighter than the enclosures of 256 bits, so that agreement with them is significant.
    CHECK(worst < Real("1e-80"));
  }
  std::cout << "    least share " << least_share.str(3) << "\n";
  CHECK(least_share < Real("1e-200"));
}

}  // namespace
}  // namespace p2pllm::cross
