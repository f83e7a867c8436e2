#pragma once

#include "model/numbers/number.hpp"

namespace p2pllm::reference {

// A node's odds v = P / (1 - P) > 0 determine its share, price and revenue at an equilibrium (PRICE-12).

/// The equilibrium price of n nodes of equal cost (PRICE-13): n / (a (n - 1)).
/// @param nodes  n >= 2
template <Number T>
[[nodiscard]] T symmetric_price(const T& nodes, const T& sensitivity) {
  return nodes / (sensitivity * (nodes - one_like(nodes)));
}

/// The price at which a node with these odds is at its best response (PRICE-12): a p = 1 / (1 - P) = 1 + v.
template <Number T>
[[nodiscard]] T price_of_odds(const T& odds, const T& sensitivity) {
  return (one_like(odds) + odds) / sensitivity;
}

/// P = v / (1 + v) (PRICE-12).
template <Number T>
[[nodiscard]] T share_of_odds(const T& odds) {
  return odds / (one_like(odds) + odds);
}

/// p P = v / a (PRICE-12).
template <Number T>
[[nodiscard]] T revenue_of_odds(const T& odds, const T& sensitivity) {
  return odds / sensitivity;
}

/// The left side of the condition v - ln(1 + 1/v) = -d - s - 1, which relates the odds to s, the ln of the group's sum
/// (PRICE-12). It is strictly increasing in v from -infinity to infinity.
/// @param logarithm  ln(1 + 1/v)
template <Number T>
[[nodiscard]] T odds_condition(const T& odds, const T& logarithm) {
  return odds - logarithm;
}

/// The derivative of the odds condition with respect to ln v: v + 1 / (1 + v) >= 1 (PRICE-12).
template <Number T>
[[nodiscard]] T odds_condition_slope(const T& odds) {
  return odds + one_like(odds) / (one_like(odds) + odds);
}

/// The potential of a group's prices (PRICE-14): sum ln p_j - a sum p_j - ln sum e^-w_j, all prices > 0.
///
/// When one node changes its price, the potential changes by exactly as much as that node's ln R. It is strictly
/// concave in the prices and greatest at the equilibrium.
/// @param log_prices, prices  the sums of ln p_j and of p_j over the group
/// @param log_sum             ln of the sum of e^-w_j over the group
template <Number T>
[[nodiscard]] T potential(const T& log_prices, const T& sensitivity, const T& prices, const T& log_sum) {
  return log_prices - sensitivity * prices - log_sum;
}

}  // namespace p2pllm::reference
