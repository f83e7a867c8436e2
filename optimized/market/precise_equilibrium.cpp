#include "optimized/market/precise_equilibrium.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>

#include "kernels/market/equilibrium_rules.hpp"

namespace p2pllm::optimized {
namespace {

Rational exactly(double value) { return Rational::from_canonical(mpq_class(value)); }

/// The iteration of joint_newton.hpp in points of any precision. The points are taken as exact numbers; how far they
/// are off is bounded by their residuals.
class PreciseIteration {
 public:
  PreciseIteration(const JointSolution& start, const std::vector<Rational>& cost_weights, long bits)
      : cost_weights_(cost_weights), bits_(bits), dominant_(start.dominant) {
    for (const double log_share : start.log_share) log_share_.push_back(number(exactly(log_share)));
    log_odds_ = number(exactly(start.log_odds));
    log_sum_ = number(exactly(start.log_sum));
    set_precision(bits);
  }

  void set_precision(long bits) {
    bits_ = bits;
    utility_.clear();
    for (const Rational& weight : cost_weights_) utility_.push_back(number(cost_weights_[dominant_] - weight));
    for (Interval& value : log_share_) value = value.with_bits(bits);
    log_odds_ = log_odds_.with_bits(bits);
    log_sum_ = log_sum_.with_bits(bits);
  }

  /// One joint Newton step. @returns about the greatest change of a logarithm
  double step() {
    const Interval zero = number(0), one = number(1);
    struct Linear {
      Interval share, residual, inverse;  ///< P, g / G', 1 / G'
    };
    const std::vector<Linear> nodes = of_each_node<Linear>([&](std::size_t i) {
      const Terms terms = terms_of(i);
      const Interval inverse = (one / kernels::log_share_slope(terms.share, terms.odds_and_one)).midpoint();
      return Linear{terms.share.midpoint(), (terms.residual * inverse).midpoint(), inverse};
    });
    Interval sum = zero, sum_of_residuals = zero, sum_of_slopes = zero;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (i == dominant_) continue;
      sum = (sum + nodes[i].share).midpoint();
      sum_of_residuals = (sum_of_residuals + nodes[i].share * nodes[i].residual).midpoint();
      sum_of_slopes = (sum_of_slopes + nodes[i].share * nodes[i].inverse).midpoint();
    }
    const Interval odds = exp(log_odds_).midpoint();
    const Interval log_price = log1p(odds).midpoint();
    const Interval residual = kernels::log_odds_residual(log_odds_, log_price, odds, log_sum_);
    const Interval inverse = one / kernels::log_odds_slope(odds);
    const Interval weight = odds / (one + odds) * inverse;
    const Interval change =
        kernels::joint_step(log(sum) + log_price, sum_of_residuals / sum, sum_of_slopes / sum, residual, weight)
            .midpoint();
    double greatest = std::abs(change.approximate());
    for (std::size_t i = 0; i < log_share_.size(); ++i) {
      if (i == dominant_) continue;
      const Interval own = (nodes[i].residual + change * nodes[i].inverse).midpoint();
      greatest = std::max(greatest, std::abs(own.approximate()));
      log_share_[i] = minimum((log_share_[i] - own).midpoint(), number(Rational(-69, 100)));
    }
    const Interval own = ((residual + change) * inverse).midpoint();
    log_odds_ = (log_odds_ - own).midpoint();
    log_sum_ = (log_sum_ + change).midpoint();
    return std::max(greatest, std::abs(own.approximate()));
  }

  /// Enclosures by the argument of joint_newton.cpp; nothing if the residuals are too great for it.
  [[nodiscard]] std::optional<PreciseEnds> enclosures(const Rational& sensitivity) const {
    const Interval zero = number(0), one = number(1);
    struct Bounded {
      Interval share, residual;  ///< P, |rho|
    };
    const std::vector<Bounded> nodes = of_each_node<Bounded>([&](std::size_t i) {
      if (i == dominant_)
        return Bounded{
            zero, magnitude(kernels::log_odds_residual(log_odds_, log1p(exp(log_odds_)), exp(log_odds_), log_sum_))};
      const Terms terms = terms_of(i);
      return Bounded{terms.share, magnitude(terms.residual)};
    });
    Interval sum = zero, sum_of_residuals = zero;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (i == dominant_) continue;
      sum += nodes[i].share;
      sum_of_residuals += nodes[i].share * nodes[i].residual;
    }
    const Interval odds = exp(log_odds_);
    const Interval off = magnitude(log(sum) + log1p(odds));
    const Interval average = sum_of_residuals / sum * number(Rational(102, 100));
    const Interval radius = number(4) * (off + average + nodes[dominant_].residual);
    if (!certainly(radius < number(Rational(1, 100)))) return std::nullopt;
    const Interval a = number(sensitivity);
    struct Node {
      Enclosure price, share, revenue;
    };
    const std::vector<Node> found = of_each_node<Node>([&](std::size_t i) {
      const Interval error = radius + nodes[i].residual;
      const Interval around = hull(-error, error);
      // Price, share and revenue rise with the logarithm, so the ends are those of its interval.
      const Interval share = i == dominant_ ? exp(log_odds_ + around) : exp(log_share_[i] + around);
      return Node{ends_of(i == dominant_ ? one + share : one / (one - share), a),
                  ends_of(i == dominant_ ? one / (one + one / share) : share, one),
                  ends_of(i == dominant_ ? share : one / (one / share - one), a)};
    });
    PreciseEnds ends;
    for (const Node& node : found) {
      ends.price.push_back(node.price);
      ends.share.push_back(node.share);
      ends.revenue.push_back(node.revenue);
    }
    return ends;
  }

 private:
  struct Terms {
    Interval share, odds_and_one, residual;
  };
  [[nodiscard]] Terms terms_of(std::size_t i) const {
    const Interval one = number(1);
    const Interval share = exp(log_share_[i]);
    const Interval odds_and_one = one / (one - share);
    return {share, odds_and_one, kernels::log_share_residual(log_share_[i], odds_and_one, utility_[i], log_sum_)};
  }
  [[nodiscard]] Interval number(const Rational& value) const { return {value, bits_}; }
  [[nodiscard]] static Interval magnitude(const Interval& value) { return maximum(value, -value); }
  [[nodiscard]] static Enclosure ends_of(const Interval& scaled, const Interval& unit) {
    const Interval value = scaled / unit;
    return {value.lower().value_or(0), value.upper().value_or(Rational::power_of_two(65536))};
  }
  /// The values of all nodes, from several threads.
  template <typename Value, typename Function>
  [[nodiscard]] std::vector<Value> of_each_node(const Function& value_of) const {
    std::vector<std::optional<Value>> found(log_share_.size());
    tbb::parallel_for(std::size_t{0}, found.size(), [&](std::size_t i) { found[i] = value_of(i); });
    std::vector<Value> values;
    values.reserve(found.size());
    for (std::optional<Value>& value : found) values.push_back(*std::move(value));
    return values;
  }

  const std::vector<Rational>& cost_weights_;
  long bits_;
  std::size_t dominant_;
  std::vector<Interval> log_share_, utility_;
  Interval log_odds_{Rational(0), 64};
  Interval log_sum_{Rational(0), 64};
};

bool is_narrow(const Enclosure& value, long bits) {
  if (value.lower.sign() == 0) return value.upper <= Rational::power_of_two(-65536) * Rational(2);
  return value.upper - value.lower <= value.lower * Rational::power_of_two(-bits);
}

}  // namespace

std::optional<PreciseEnds> refine_equilibrium(const JointSolution& start, const std::vector<Rational>& cost_weights,
                                              const Rational& sensitivity, long bits) {
  const auto [least, most] = std::ranges::minmax(cost_weights);
  const auto whole_bits = [](const Rational& value) {
    return static_cast<long>(mpz_sizeinbase(mpz_class(ceil(value) + 1).get_mpz_t(), 2));
  };
  // The whole part of a logarithm costs bits, and so do sums of n terms.
  const long spare = whole_bits(most - least) + whole_bits(Rational(static_cast<long>(cost_weights.size()))) + 32;
  PreciseIteration iteration(start, cost_weights, 64 + spare);
  constexpr int steps_max = 200;
  for (int step = 0; iteration.step() > 0x1p-40; ++step)
    if (step == steps_max) return std::nullopt;
  for (long good = 40; good < bits + 16; good *= 2) {
    iteration.set_precision(std::min(2 * good, bits + 16) + spare);
    (void)iteration.step();
  }
  for (int extra = 0; extra < 4; ++extra) {
    auto ends = iteration.enclosures(sensitivity);
    const auto all_narrow = [bits](const std::vector<Enclosure>& values) {
      return std::ranges::all_of(values, [bits](const Enclosure& value) { return is_narrow(value, bits); });
    };
    if (ends && all_narrow(ends->price) && all_narrow(ends->share) && all_narrow(ends->revenue)) return ends;
    iteration.set_precision(bits + spare + 64 * (extra + 1));
    (void)iteration.step();
  }
  return std::nullopt;
}

}  // namespace p2pllm::optimized
