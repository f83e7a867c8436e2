#pragma once

#include "model/numbers/number.hpp"

namespace p2pllm::kernels {

// The conditions of a price equilibrium (PRICE-12) in q = ln P of a node and t = ln of the group's sum of e^-w, or for
// one node in ln of its odds o = P / (1 - P). Logarithms and exponentials are arguments.

/// q + 1 / (1 - P) - u + t, which is 0 at the equilibrium and rises with q.
/// @param odds_and_one  1 / (1 - P)
/// @param utility       u = -d
template <Number T>
[[nodiscard]] constexpr T log_share_residual(const T& log_share, const T& odds_and_one, const T& utility,
                                             const T& log_sum) {
  return log_share + odds_and_one - utility + log_sum;
}

/// Its derivative by q: 1 + P / (1 - P)^2, in [1, 3] for P <= 1/2.
template <Number T>
[[nodiscard]] constexpr T log_share_slope(const T& share, const T& odds_and_one) {
  return one_like(share) + share * odds_and_one * odds_and_one;
}

/// The same condition by the odds, for u = 0: ln o - ln(1 + o) + 1 + o + t.
/// @param log_price  ln(1 + o)
template <Number T>
[[nodiscard]] constexpr T log_odds_residual(const T& log_odds, const T& log_price, const T& odds, const T& log_sum) {
  return log_odds - log_price + one_like(odds) + odds + log_sum;
}

/// Its derivative by ln o: o + 1 / (1 + o), at least 1.
template <Number T>
[[nodiscard]] constexpr T log_odds_slope(const T& odds) {
  return odds + one_like(odds) / (one_like(odds) + odds);
}

/// The joint Newton step of t, from ln(sum of the others' P) + ln(1 + o) = 0.
/// @param sum_residual  of this condition
/// @param residual      average over the others, weighted by P, of residual / slope
/// @param slope         the same of 1 / slope
/// @param odds_residual of the dominant node
/// @param odds_weight   o / (1 + o) / its slope
template <Number T>
[[nodiscard]] constexpr T joint_step(const T& sum_residual, const T& residual, const T& slope, const T& odds_residual,
                                     const T& odds_weight) {
  return (sum_residual - residual - odds_weight * odds_residual) / (slope + odds_weight);
}

}  // namespace p2pllm::kernels
