#pragma once

#include "model/numbers/number.hpp"

namespace p2pllm::reference {

// Exponentials are arguments of these rules. Over rationals, intervals and solver terms alike, a rule is a rational
// function, and the caller provides the values of exp.

/// Price sensitivity a = alpha / (price scale * theta), per price unit (PRICE-2).
template <Number T>
[[nodiscard]] T price_sensitivity(const T& alpha, const T& price_scale, const T& temperature) {
  return alpha / (price_scale * temperature);
}

/// The part of a node's weight that does not depend on its price: d = (1 - alpha) * cost / (cost scale * theta)
/// (PRICE-2).
template <Number T>
[[nodiscard]] T cost_weight(const T& alpha, const T& cost, const T& cost_scale, const T& temperature) {
  return (one_like(alpha) - alpha) * cost / (cost_scale * temperature);
}

/// Demand weight w = a p + d (PRICE-2).
template <Number T>
[[nodiscard]] T demand_weight(const T& sensitivity, const T& price, const T& own_cost_weight) {
  return sensitivity * price + own_cost_weight;
}

/// Demand share P of a node (PRICE-3).
///
/// @param own     e^-(w_i - shift) > 0 for any shift
/// @param others  the sum of e^-(w_j - shift) over the other nodes of the group, > 0, for the same shift
/// @returns own / (own + others), in (0, 1)
/// Source: the paper's Eq. 3.
template <Number T>
[[nodiscard]] T demand_share(const T& own, const T& others) {
  return own / (own + others);
}

/// The share of all other nodes, 1 - P, without cancellation (PRICE-3).
template <Number T>
[[nodiscard]] T rest_share(const T& own, const T& others) {
  return others / (own + others);
}

/// Expected revenue R = p P, in price units per request (PRICE-4). Source: the paper's Eq. 2.
template <Number T>
[[nodiscard]] T revenue(const T& price, const T& share) {
  return price * share;
}

/// dP/dp = -a P (1 - P) (PRICE-5).
template <Number T>
[[nodiscard]] T share_slope(const T& sensitivity, const T& share) {
  return zero_like(share) - sensitivity * share * (one_like(share) - share);
}

/// dR/dp = P (1 + a p (P - 1)) (PRICE-5), which is 0 only at the one peak of R (PRICE-6). Source: the paper, before Eq.
/// 5.
template <Number T>
[[nodiscard]] T revenue_gradient(const T& sensitivity, const T& price, const T& share) {
  return share * (one_like(share) + sensitivity * price * (share - one_like(share)));
}

/// One step of gradient ascent (PRICE-5). While the learning rate times the sensitivity is at most 1, steps of all
/// nodes at once raise the potential and converge (PRICE-16). Source: the paper's Eq. 5.
template <Number T>
[[nodiscard]] T ascent_step(const T& price, const T& learning_rate, const T& gradient) {
  return price + learning_rate * gradient;
}

}  // namespace p2pllm::reference
