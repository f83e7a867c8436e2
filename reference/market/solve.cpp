#include "reference/market/solve.hpp"

#include <algorithm>
#include <cmath>

#include "model/assert.hpp"
#include "reference/market/equilibrium_rules.hpp"
#include "reference/market/group.hpp"

namespace p2pllm::reference {
namespace {

/// Odds whose target in the condition is below this, less than 2^-144000, are held as 0: their enclosure ends at 0
/// anyway.
const Rational negligible_target = -100000;
bool is_negligible(const Interval& odds) { return certainly(odds <= Interval(Rational(0), odds.bits())); }

/// Joint Newton iteration for the odds v_i and s = ln sum e^-w_j of one group, in points of rising precision.
///
/// The unknowns satisfy PRICE-12: v_i - ln(1 + 1/v_i) = u_i - s - 1 and sum P_i = 1. The sum condition is written as
/// ln(sum of the others' shares) + ln(1 + v_top) = 0, where top is the node with the greatest share. This form is
/// nearly linear in s and free of cancellation when top has almost the whole share.
class OddsIteration {
 public:
  /// @param cost_weights  d_i, at least two of them
  OddsIteration(const std::vector<Rational>& cost_weights, long bits) : cost_weights_(cost_weights), bits_(bits) {
    const auto cheapest = std::min_element(cost_weights.begin(), cost_weights.end());
    top_ = static_cast<std::size_t>(cheapest - cost_weights.begin());
    set_precision(bits);
    odds_.assign(cost_weights.size(), number(0));
    bracket_log_sum();
  }

  void set_precision(long bits) {
    bits_ = bits;
    one_ = number(1);
    utilities_.clear();
    for (const Rational& weight : cost_weights_) utilities_.push_back(number(cost_weights_[top_] - weight));
    for (Interval& odds : odds_) odds = odds.with_bits(bits);
    log_sum_ = log_sum_.with_bits(bits);
  }

  /// Iterates until the sum condition is met to about half the precision. @returns false if it does not converge
  [[nodiscard]] bool settle() {
    const int outer_max = 2000;
    for (int outer = 0; outer < outer_max; ++outer) {
      if (!settle_odds()) return false;
      const Linearized at = linearize();
      if (is_small(at.sum_residual)) return true;
      (certainly(at.sum_residual > number(0)) ? lower_ : upper_) = log_sum_;
      Interval change = at.log_sum_change;
      const Interval next = (log_sum_ + change).midpoint();
      if (!certainly(next > lower_) || !certainly(next < upper_))
        change = ((lower_ + upper_) / number(2) - log_sum_).midpoint();
      move(at, change);
    }
    return false;
  }

  /// Makes one joint Newton step, which doubles the number of good bits.
  void refine() {
    const Linearized at = linearize();
    move(at, at.log_sum_change);
  }

  [[nodiscard]] const std::vector<Interval>& odds() const { return odds_; }
  [[nodiscard]] const Interval& log_sum() const { return log_sum_; }
  [[nodiscard]] const std::vector<Interval>& utilities() const { return utilities_; }
  [[nodiscard]] std::size_t top() const { return top_; }

 private:
  struct Linearized {
    std::vector<Interval> residual;  ///< of each odds condition
    std::vector<Interval> slope;     ///< of each odds condition by ln v
    Interval sum_residual;
    Interval log_sum_change;  ///< the joint Newton step of s
  };

  [[nodiscard]] Interval number(const Rational& value) const { return {value, bits_}; }

  /// s lies between its values if all nodes were as bad as the worst and if all were as good as the best (PRICE-12).
  /// The nodes other than top do not become negligible: their shares sum to 1 / (1 + v_top), which is at least 1 / (2 -
  /// worst).
  void bracket_log_sum() {
    const double n = static_cast<double>(cost_weights_.size());
    const Interval symmetric = number(Rational(std::lround(1024 * (std::log(n) - n / (n - 1))), 1024));
    const Interval slack = number(Rational(1, 256));
    Interval worst = number(0);
    std::optional<Interval> second;
    for (std::size_t i = 0; i < utilities_.size(); ++i) {
      worst = minimum(worst, utilities_[i]);
      if (i != top_ && (!second || certainly(utilities_[i] > *second))) second = utilities_[i];
    }
    lower_ = (worst + symmetric - slack).midpoint();
    upper_ = minimum(symmetric + slack, *second + number(negligible_target / Rational(-2))).midpoint();
    log_sum_ = upper_;
  }

  [[nodiscard]] Interval target_of(std::size_t i) const { return (utilities_[i] - log_sum_ - one_).midpoint(); }

  /// A starting point to the right of the root in ln v, from which Newton on the convex condition descends without
  /// overshoot.
  [[nodiscard]] Interval first_odds(const Interval& target) const {
    return (certainly(target > number(0)) ? target + one_ : exp(target)).midpoint();
  }

  [[nodiscard]] Interval residual_of(std::size_t i) const {
    const Interval& v = odds_[i];
    if (is_negligible(v)) return number(0);
    return (odds_condition(v, log(one_ + one_ / v)) - target_of(i)).midpoint();
  }

  [[nodiscard]] bool is_small(const Interval& value) const {
    const Interval bound = number(Rational::power_of_two(-bits_ / 2));
    return certainly(value < bound) && certainly(-value < bound);
  }

  [[nodiscard]] bool settle_odds() {
    const int inner_max = 100;
    for (std::size_t i = 0; i < odds_.size(); ++i) {
      const Interval target = target_of(i);
      if (certainly(target < number(negligible_target))) {
        odds_[i] = number(0);
        continue;
      }
      const Interval start = first_odds(target);
      if (is_negligible(odds_[i]) || !certainly(odds_[i] <= start)) odds_[i] = start;
      for (int inner = 0;; ++inner) {
        if (inner == inner_max) return false;
        const Interval step = (residual_of(i) / odds_condition_slope(odds_[i])).midpoint();
        if (is_small(step)) break;
        odds_[i] = (odds_[i] * exp(-step)).midpoint();
        if (certainly(odds_[i] > start)) odds_[i] = start;
      }
    }
    return true;
  }

  [[nodiscard]] Linearized linearize() const {
    Linearized at{{}, {}, number(0), number(0)};
    Interval rest = number(0);  // the shares of all nodes but top
    Interval rest_residual = number(0);
    Interval rest_slope = number(0);
    for (std::size_t i = 0; i < odds_.size(); ++i) {
      at.residual.push_back(residual_of(i));
      at.slope.push_back(odds_condition_slope(odds_[i]).midpoint());
      if (i == top_) continue;
      const Interval share = share_of_odds(odds_[i]).midpoint();
      const Interval weight = (share / (one_ + odds_[i]) / at.slope[i]).midpoint();  // dP by the condition
      rest = (rest + share).midpoint();
      rest_residual = (rest_residual + weight * at.residual[i]).midpoint();
      rest_slope = (rest_slope + weight).midpoint();
    }
    const Interval top_weight = share_of_odds(odds_[top_]) / at.slope[top_];
    at.sum_residual = (log(rest) + log(one_ + odds_[top_])).midpoint();
    const Interval slope = rest_slope / rest + top_weight;
    at.log_sum_change = ((at.sum_residual - rest_residual / rest - top_weight * at.residual[top_]) / slope).midpoint();
    return at;
  }

  void move(const Linearized& at, const Interval& log_sum_change) {
    for (std::size_t i = 0; i < odds_.size(); ++i) {
      if (is_negligible(odds_[i])) continue;
      const Interval step = ((at.residual[i] + log_sum_change) / at.slope[i]).midpoint();
      odds_[i] = (odds_[i] * exp(-step)).midpoint();
    }
    log_sum_ = (log_sum_ + log_sum_change).midpoint();
  }

  const std::vector<Rational>& cost_weights_;
  long bits_;
  std::size_t top_ = 0;
  Interval one_{Rational(1), 64};
  Interval log_sum_{Rational(0), 64};
  Interval lower_ = log_sum_;        // end of ln S at which the sum is too great
  Interval upper_ = log_sum_;        // end at which the sum is too small
  std::vector<Interval> utilities_;  // u_i = d_top - d_i <= 0
  std::vector<Interval> odds_;
};

/// Proves that s lies within `radius` of its approximation and all odds within the enclosures returned (PRICE-12).
class OddsProof {
 public:
  OddsProof(const OddsIteration& approximation, const Rational& radius, long bits)
      : approximation_(approximation), radius_(radius), bits_(bits) {}

  /// @returns [lower, upper] of every node's odds; nothing if this precision does not prove them
  [[nodiscard]] std::optional<std::vector<Enclosure>> enclosures() const {
    // At the lesser s all odds are greater: the proof needs a lower bound there whose sum still exceeds 1, and vice
    // versa.
    const auto lower = bounds(-1);
    const auto upper = bounds(+1);
    if (!lower || !upper) return std::nullopt;
    if (!certainly(sum_condition(*lower) > number(0)) || !certainly(sum_condition(*upper) < number(0)))
      return std::nullopt;
    // |d ln v / ds| <= 1, so over the whole bracket v lies within a factor e^(2 radius) <= 1 + 3 radius of either
    // bound.
    const Rational widen = Rational(1) + Rational(3) * radius_;
    std::vector<Enclosure> result;
    for (std::size_t i = 0; i < lower->size(); ++i)
      result.push_back({*(*lower)[i].lower() / widen, *(*upper)[i].upper() * widen});
    return result;
  }

 private:
  [[nodiscard]] Interval number(const Rational& value) const { return {value, bits_}; }

  /// Certified bounds of the odds at s + side * radius: lower bounds for side -1, upper bounds for +1.
  [[nodiscard]] std::optional<std::vector<Interval>> bounds(int side) const {
    const Interval one = number(1);
    const Interval log_sum = approximation_.log_sum() + number(Rational(side) * radius_);
    std::vector<Interval> result;
    for (std::size_t i = 0; i < approximation_.odds().size(); ++i) {
      const Interval& v = approximation_.odds()[i];
      const Interval target = approximation_.utilities()[i] - log_sum - one;
      if (is_negligible(v)) {  // 0 < v < e^target, as v exceeds ln(1 + v)
        result.push_back(side < 0 ? number(0) : exp(target));
        continue;
      }
      // The shift to first order, then an eighth of it further in the direction of the side.
      const Interval relative = number(radius_) * (one + v) / (v * (one + v) + one);
      const Interval bound =
          (v * (one - number(Rational(side)) * (relative - number(radius_ / Rational(8))))).midpoint();
      const Interval condition = odds_condition(bound, log(one + one / bound));
      if (!certainly(side < 0 ? condition < target : condition > target)) return std::nullopt;
      result.push_back(bound);
    }
    return result;
  }

  [[nodiscard]] Interval sum_condition(const std::vector<Interval>& odds) const {
    Interval rest = number(0);
    for (std::size_t i = 0; i < odds.size(); ++i)
      if (i != approximation_.top()) rest += share_of_odds(odds[i]);
    return log(rest) + log(number(1) + odds[approximation_.top()]);
  }

  const OddsIteration& approximation_;
  Rational radius_;
  long bits_;
};

long bit_length(const Rational& value) {
  const mpz_class whole = ceil(abs(value)) + 1;
  return static_cast<long>(mpz_sizeinbase(whole.get_mpz_t(), 2));
}

std::optional<std::vector<Enclosure>> enclose_odds(const GroupMarket& market, long bits) {
  const auto [minimum, maximum] = std::minmax_element(market.cost_weights.begin(), market.cost_weights.end());
  // Weights enter as differences, and their integer part costs bits; sums of n terms cost a few more.
  const long spare = bit_length(*maximum - *minimum) + bit_length(Rational(static_cast<long>(market.size())));
  const long first_bits = 64 + 2 * spare;
  const Rational radius = Rational::power_of_two(-bits - 5);
  for (long guard = 32; guard <= 512; guard *= 4) {
    const long last_bits = bits + spare + guard;
    OddsIteration iteration(market.cost_weights, first_bits);
    if (!iteration.settle()) return std::nullopt;
    iteration.refine();
    for (long good = first_bits - spare - 16; good < last_bits - spare; good *= 2) {  // bits after the binary point
      iteration.set_precision(std::min(2 * good + spare, last_bits));
      iteration.refine();
    }
    if (auto result = OddsProof(iteration, radius, last_bits).enclosures()) return result;
  }
  return std::nullopt;
}

/// Shortens enclosures to a few bits more than requested: those of the odds may have very many.
EquilibriumNode node_from(std::size_t node, const Enclosure& odds, const Rational& sensitivity, long bits) {
  const Interval v(odds.lower, odds.upper, bits + 16);
  const Interval a(sensitivity, bits + 16);
  const auto enclosure = [](const Interval& value) { return Enclosure{*value.lower(), *value.upper()}; };
  return {node,
          enclosure(price_of_odds(v, a)),
          {share_of_odds(odds.lower), share_of_odds(odds.upper)},
          enclosure(revenue_of_odds(v, a))};
}

}  // namespace

Result<std::vector<EquilibriumGroup>> solve(const Network& network, const Rational& alpha, long bits,
                                            const Progress& progress) {
  P2PLLM_ASSERT(solve_bits_min <= bits && bits <= solve_bits_max && alpha.sign() >= 0 && alpha <= Rational(1));
  std::vector<EquilibriumGroup> result;
  const std::vector<Group> groups = groups_of(network);
  for (const Group& group : groups) {
    const GroupMarket market = group_market(network, group, posted_prices(network).values, alpha);
    EquilibriumGroup& answer = result.emplace_back();
    answer.range = group.range;
    answer.exists = market.has_equilibrium();
    if (answer.exists) {
      const auto odds = enclose_odds(market, bits);
      if (!odds)
        return limit_reached("the equilibrium of group " + to_string(group.range) +
                             " was not enclosed within the precision limit");
      for (std::size_t k = 0; k < market.size(); ++k)
        answer.nodes.push_back(node_from(market.nodes[k], (*odds)[k], market.sensitivity, bits));
    }
    report(progress, result.size(), groups.size());
  }
  return result;
}

}  // namespace p2pllm::reference
