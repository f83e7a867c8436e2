#pragma once

#include <vector>

#include "model/market/network.hpp"
#include "model/numbers/interval.hpp"

namespace p2pllm::reference {

/// One group's prices as the demand model sees them, exact (PRICE-2).
struct GroupMarket {
  std::vector<std::size_t> nodes;      ///< indices in file order
  Rational sensitivity;                ///< a >= 0
  std::vector<Rational> prices;        ///< p_i >= 0
  std::vector<Rational> cost_weights;  ///< d_i >= 0
  std::vector<Rational> weights;       ///< w_i = a p_i + d_i

  [[nodiscard]] std::size_t size() const { return nodes.size(); }
  /// An equilibrium exists iff two nodes compete and price matters (PRICE-8).
  [[nodiscard]] bool has_equilibrium() const { return size() >= 2 && sensitivity.sign() > 0; }
};

[[nodiscard]] GroupMarket group_market(const Network& network, const Group& group, const std::vector<Rational>& prices,
                                       const Rational& alpha);

/// The competitors of one node: the sum over j != i of e^-w_j = e^-shift * sum (PRICE-3).
struct Competitors {
  Rational shift;  ///< the least weight among them
  Interval sum;    ///< encloses the sum of e^-(w_j - shift), at least 1
};

/// The competitors of every node of a group of at least two, by sums from both ends and without subtraction.
[[nodiscard]] std::vector<Competitors> competitors_of(const std::vector<Rational>& weights, long bits);

/// e^-w of a node and the sum over its competitors under one common shift; the greater of the two is at least 1.
struct Demand {
  Interval own;
  Interval others;
};
[[nodiscard]] Demand demand_at(const Rational& weight, const Competitors& competitors, long bits);

/// exp(-exponent) for an exact exponent.
[[nodiscard]] Interval decay(const Rational& exponent, long bits);

}  // namespace p2pllm::reference
