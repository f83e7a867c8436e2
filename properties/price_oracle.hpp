#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "model/market/network.hpp"

/// One group's prices in long double, from the definitions of spec/price.md by other methods than those of reference/:
/// golden-section search for the best revenue, best responses in turn for the equilibrium. The results are not
/// certified, but accurate to about `slack()`.
namespace p2pllm::properties {

/// The value in the 64 bits and the wide exponents of long double, truncated.
inline long double real(const Rational& value) {
  if (value.sign() == 0) return 0;
  const long above = static_cast<long>(mpz_sizeinbase(value.numerator().get_mpz_t(), 2)) -
                     static_cast<long>(mpz_sizeinbase(value.denominator().get_mpz_t(), 2));
  const long shift = 66 - above;
  const mpz_class mantissa = floor(abs(value) * Rational::power_of_two(shift));
  const mpz_class high = mantissa >> 34;
  const mpz_class low = mantissa - (high << 34);
  const long double magnitude =
      std::ldexp(static_cast<long double>(high.get_d()), 34) + static_cast<long double>(low.get_d());
  const long double scaled = std::ldexp(magnitude, static_cast<int>(std::clamp(-shift, -100000L, 100000L)));
  return value.sign() < 0 ? -scaled : scaled;
}

/// ln of a positive value of any smallness; -infinity at 0.
inline long double real_log(const Rational& value) {
  if (value.sign() == 0) return -std::numeric_limits<long double>::infinity();
  const long above = static_cast<long>(mpz_sizeinbase(value.numerator().get_mpz_t(), 2)) -
                     static_cast<long>(mpz_sizeinbase(value.denominator().get_mpz_t(), 2));
  return std::log(real(value * Rational::power_of_two(-above))) + static_cast<long double>(above) * std::log(2.0L);
}

class PriceOracle {
 public:
  PriceOracle(const Network& network, const std::vector<std::size_t>& nodes, const std::vector<Rational>& prices,
              const Rational& alpha)
      : sensitivity_(real(alpha / (network.price_scale * network.temperature))) {
    // Only differences of weights count, so that the least cost is subtracted exactly.
    const auto cheapest = std::min_element(nodes.begin(), nodes.end(), [&](std::size_t i, std::size_t j) {
      return network.nodes[i].cost < network.nodes[j].cost;
    });
    for (const std::size_t i : nodes) {
      const Rational slower = network.nodes[i].cost - network.nodes[*cheapest].cost;
      cost_weights_.push_back(real((Rational(1) - alpha) * slower / (network.cost_scale * network.temperature)));
      prices_.push_back(real(prices[i]));
    }
  }

  [[nodiscard]] std::size_t size() const { return prices_.size(); }
  [[nodiscard]] long double sensitivity() const { return sensitivity_; }
  [[nodiscard]] long double price(std::size_t i) const { return prices_[i]; }
  [[nodiscard]] long double weight(std::size_t i) const { return sensitivity_ * prices_[i] + cost_weights_[i]; }

  /// The error to allow for in a logarithm of a share or revenue.
  [[nodiscard]] long double slack() const {
    long double greatest = 1;
    for (std::size_t i = 0; i < size(); ++i) greatest = std::max(greatest, weight(i));
    return greatest * 1e-16L;
  }

  [[nodiscard]] long double log_share(std::size_t i, long double price) const {
    const long double own = -(sensitivity_ * price + cost_weights_[i]);
    const long double others = log_others(i);
    const long double top = std::max(own, others);
    return own - top - std::log(std::exp(own - top) + std::exp(others - top));
  }
  [[nodiscard]] long double log_share(std::size_t i) const { return log_share(i, prices_[i]); }

  /// ln R; -infinity at price 0.
  [[nodiscard]] long double log_revenue(std::size_t i, long double price) const {
    return std::log(price) + log_share(i, price);
  }

  /// 1 - P at a price, without cancellation.
  [[nodiscard]] long double rest(std::size_t i, long double price) const {
    const long double own = -(sensitivity_ * price + cost_weights_[i]);
    return 1 / (1 + std::exp(own - log_others(i)));
  }

  struct Best {
    long double price;
    long double log_revenue;
  };
  /// The greatest revenue over all prices, by golden section in the logarithm of the price.
  [[nodiscard]] Best best(std::size_t i) const {
    const long double golden = (std::sqrt(5.0L) - 1) / 2;
    long double low = std::log(0.5L / sensitivity_);
    long double high = std::log((4 + std::max(0.0L, -cost_weights_[i] - log_others(i))) / sensitivity_);
    for (int step = 0; step < 120; ++step) {
      const long double left = high - golden * (high - low);
      const long double right = low + golden * (high - low);
      if (log_revenue(i, std::exp(left)) < log_revenue(i, std::exp(right))) low = left;
      else high = right;
    }
    const long double price = std::exp((low + high) / 2);
    return {price, log_revenue(i, price)};
  }

  [[nodiscard]] long double relative_regret(std::size_t i) const {
    return -std::expm1(log_revenue(i, prices_[i]) - best(i).log_revenue);
  }
  [[nodiscard]] long double absolute_regret(std::size_t i) const {
    return std::exp(best(i).log_revenue) * relative_regret(i);
  }

  /// Plays best responses in turn until nothing moves: coordinate ascent on the strictly concave potential of PRICE-14.
  /// @returns false if it still moves after many rounds
  [[nodiscard]] bool play_to_equilibrium() {
    for (std::size_t i = 0; i < size(); ++i) prices_[i] = 1 / sensitivity_;
    for (int round = 0; round < 20000; ++round) {
      long double moved = 0;
      for (std::size_t i = 0; i < size(); ++i) {
        const long double next = stationary_price(i);
        moved = std::max(moved, std::abs(next / prices_[i] - 1));
        prices_[i] = next;
      }
      if (moved < 4 * std::numeric_limits<long double>::epsilon()) return true;
    }
    return false;
  }

 private:
  [[nodiscard]] long double log_others(std::size_t i) const {
    long double top = -std::numeric_limits<long double>::infinity();
    for (std::size_t j = 0; j < size(); ++j)
      if (j != i) top = std::max(top, -weight(j));
    long double sum = 0;
    for (std::size_t j = 0; j < size(); ++j)
      if (j != i) sum += std::exp(-weight(j) - top);
    return top + std::log(sum);
  }

  /// The root of a p (1 - P(p)) = 1, whose left side rises with p, by bisection.
  [[nodiscard]] long double stationary_price(std::size_t i) const {
    const long double others = log_others(i);
    long double low = 1 / sensitivity_;
    long double high = (4 + std::max(0.0L, -cost_weights_[i] - others)) / sensitivity_;
    for (int step = 0; step < 200 && low < high; ++step) {
      const long double middle = low + (high - low) / 2;
      if (middle <= low || middle >= high) break;
      const long double own = -(sensitivity_ * middle + cost_weights_[i]);
      if (sensitivity_ * middle < 1 + std::exp(own - others)) low = middle;
      else high = middle;
    }
    return high;
  }

  long double sensitivity_;
  std::vector<long double> cost_weights_;
  std::vector<long double> prices_;
};

}  // namespace p2pllm::properties
