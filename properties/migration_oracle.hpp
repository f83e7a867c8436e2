#pragma once

#include <algorithm>
#include <boost/multiprecision/mpfr.hpp>
#include <iterator>

#include "properties/generators/migration.hpp"

namespace p2pllm::properties {

/// Migration by its definitions (MIG-1 .. MIG-5): sums made anew for each question, exact fractions under the share
/// rule, exponentials in 300 digits and equality of multisets (MIG-8) under the revenue rule.
class MigrationOracle {
 public:
  using Real =
      boost::multiprecision::number<boost::multiprecision::mpfr_float_backend<300>, boost::multiprecision::et_off>;
  using Keys = std::vector<Rational>;  // costs, or demand weights w

  explicit MigrationOracle(const MigrationCase& market) : network_(market.network), rule_(market.rule) {
    const Rational unit = Rational(1) / market.network.temperature;
    for (const Node& node : network_.nodes) {
      const Rational w = unit * (market.alpha * node.price / network_.price_scale +
                                 (Rational(1) - market.alpha) * node.cost / network_.cost_scale);
      keys_.push_back(rule_ == MigrationRule::share ? node.cost : w);
    }
    for (const LayerRange& block : network_.blocks) targets_.push_back(block);
    for (const Node& node : network_.nodes) targets_.push_back(node.layers);
    std::sort(targets_.begin(), targets_.end());
    targets_.erase(std::unique(targets_.begin(), targets_.end()), targets_.end());
  }

  [[nodiscard]] const std::vector<LayerRange>& targets() const { return targets_; }

  /// The keys of the nodes that serve a range, one of them left out.
  [[nodiscard]] Keys rivals(const Allocation& allocation, std::size_t node, const LayerRange& range) const {
    Keys result;
    for (std::size_t j = 0; j < allocation.size(); ++j)
      if (j != node && allocation[j] == range) result.push_back(keys_[j]);
    std::sort(result.begin(), result.end());
    return result;
  }
  [[nodiscard]] Keys load(const Allocation& allocation, const LayerRange& range) const {
    return rivals(allocation, allocation.size(), range);
  }

  /// Whether nodes with the ascending keys `a` weigh less in sum than nodes with the keys `b`.
  [[nodiscard]] bool is_less(const Keys& a, const Keys& b) const {
    if (rule_ == MigrationRule::share) return capacity(a) < capacity(b);
    if (a == b) return false;
    // Common terms would drown a difference of terms of e^-1e9.
    Keys more, less;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(more));
    std::set_difference(b.begin(), b.end(), a.begin(), a.end(), std::back_inserter(less));
    if (more.empty() || less.empty()) return more.empty();
    // MPFR's exponents end at e^-7e8, so the greatest term is made 1.
    const Rational minimum = std::min(more.front(), less.front());
    const Real x = mass(more, minimum), y = mass(less, minimum);
    expect(abs(x - y) > Real("1e-280") * (x + y), "300 digits tell the two sums apart");
    return x < y;
  }

  /// The range that a node chooses (MIG-5).
  [[nodiscard]] LayerRange choice(const Allocation& allocation, std::size_t node) const {
    const LayerRange here = allocation[node];
    if (rule_ == MigrationRule::revenue && network_.nodes[node].price.sign() == 0) return here;
    LayerRange best = here;
    for (const LayerRange& target : targets_)
      if (target.last - target.first == here.last - here.first && target != here &&
          is_less(rivals(allocation, node, target), rivals(allocation, node, best)))
        best = target;
    return best;
  }
  [[nodiscard]] bool is_at_rest(const Allocation& allocation) const {
    for (std::size_t i = 0; i < allocation.size(); ++i)
      if (choice(allocation, i) != allocation[i]) return false;
    return true;
  }

  [[nodiscard]] Migration sweeps() const {
    Migration result{{}, {}};
    for (const Node& node : network_.nodes) result.allocation.push_back(node.layers);
    for (std::size_t idle = 0, i = 0; idle < network_.size(); i = (i + 1) % network_.size()) {
      const LayerRange to = choice(result.allocation, i);
      ++idle;
      if (to == result.allocation[i]) continue;
      result.moves.push_back({i, result.allocation[i], to});
      result.allocation[i] = to;
      idle = 0;
    }
    return result;
  }

  [[nodiscard]] static Rational capacity(const Keys& costs) {
    Rational sum(0);
    for (const Rational& cost : costs) sum += Rational(1) / cost;
    return sum;
  }
  /// The sum of e^-(w - shift).
  [[nodiscard]] static Real mass(const Keys& weights, const Rational& shift) {
    Real sum = 0;
    for (const Rational& w : weights) {
      Real exponent;
      mpfr_set_q(exponent.backend().data(), (shift - w).raw().get_mpq_t(), MPFR_RNDN);
      sum += exp(exponent);
    }
    return sum;
  }

 private:
  const Network& network_;
  MigrationRule rule_;
  Keys keys_;
  std::vector<LayerRange> targets_;
};

}  // namespace p2pllm::properties
