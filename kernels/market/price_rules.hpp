#pragma once

#include "model/numbers/number.hpp"

namespace p2pllm::kernels {

// Exponentials are arguments of these rules, as in the reference. In all of them
//   own     e^-(w - shift) of a node at its present price p, for some shift;
//   rivals  the sum of e^-(w_j - shift) over the other nodes of its group;
//   rise    e^(a (q - p)) for a trial price q: the factor by which own / rivals would fall.

/// Price sensitivity a, per price unit (PRICE-2).
template <Number T>
[[nodiscard]] constexpr T sensitivity_of(const T& alpha, const T& price_scale, const T& temperature) {
  return alpha / price_scale / temperature;
}

/// The part d of a demand weight that a cost contributes (PRICE-2).
template <Number T>
[[nodiscard]] constexpr T weight_of_cost(const T& alpha, const T& cost, const T& cost_scale, const T& temperature) {
  return (cost - alpha * cost) / cost_scale / temperature;
}

/// Both sides of a node's demand at a trial price, times the rise: own + rivals * rise (PRICE-9).
template <Number T>
[[nodiscard]] constexpr T trial_mass(const T& own, const T& rivals, const T& rise) {
  return own + rivals * rise;
}

/// R(p) / R(q) at any two prices, q > 0 (PRICE-9).
/// @param mass   trial_mass(own, rivals, rise)
/// @param total  own + rivals
template <Number T>
[[nodiscard]] constexpr T revenue_ratio(const T& price, const T& trial, const T& mass, const T& total) {
  return price * mass / (trial * total);
}

/// Stationarity z = a q (1 - P(q)) of a trial price (PRICE-9).
/// @param scaled_trial  a q
/// @param inverse_mass  1 / trial_mass(own, rivals, rise)
template <Number T>
[[nodiscard]] constexpr T trial_stationarity(const T& scaled_trial, const T& rivals, const T& rise,
                                             const T& inverse_mass) {
  return scaled_trial * (rivals * rise * inverse_mass);
}

/// An upper bound of e^(z-1)/z for |z - 1| <= deviation < 1: 1 / (1 - deviation^2) (PRICE-9).
template <Number T>
[[nodiscard]] constexpr T factor_bound(const T& deviation) {
  return one_like(deviation) / (one_like(deviation) - deviation * deviation);
}

/// A lower bound of the relative regret (PRICE-10).
/// @param ratio  R(p) / R(q)
template <Number T>
[[nodiscard]] constexpr T relative_lower(const T& ratio) {
  return one_like(ratio) - ratio;
}
/// An upper bound of the relative regret (PRICE-10).
/// @param ratio      R(p) / R(q)
/// @param deviation  at least |z - 1|, below 1
template <Number T>
[[nodiscard]] constexpr T relative_upper(const T& ratio, const T& deviation) {
  return one_like(ratio) - ratio * (one_like(ratio) - deviation * deviation);
}

/// An upper bound of the absolute regret (PRICE-10).
template <Number T>
[[nodiscard]] constexpr T absolute_upper(const T& trial_revenue, const T& ratio, const T& deviation) {
  return trial_revenue * (factor_bound(deviation) - ratio);
}

// The best response lies between the trial price q and q / z: the others' share rises with q, so z = 1 is met between
// the two (PRICE-6).

/// At most 1 / (1 + excess), for z <= 1 + excess.
/// @param excess  > 0
template <Number T>
[[nodiscard]] constexpr T response_factor_below(const T& excess) {
  return one_like(excess) - excess;
}
/// At least 1 / (1 - deficit), for z >= 1 - deficit.
/// @param deficit  in (0, 1/2]
template <Number T>
[[nodiscard]] constexpr T response_factor_above(const T& deficit) {
  return one_like(deficit) + deficit + literal_like(deficit, 2) * deficit * deficit;
}

/// R(p) / R(q) without positive exponents, for p <= q and for p >= q (PRICE-9).
/// @param own_then  e^-(w(q) - shift)
/// @param fall      e^-(a |q - p|)
template <Number T>
[[nodiscard]] constexpr T ratio_of_cheaper(const T& price, const T& trial, const T& own_then, const T& rivals,
                                           const T& fall) {
  return (price * (own_then + rivals)) / (trial * (own_then + rivals * fall));
}
template <Number T>
[[nodiscard]] constexpr T ratio_of_dearer(const T& price, const T& trial, const T& own_then, const T& rivals,
                                          const T& fall) {
  return (price * fall * (own_then + rivals)) / (trial * (own_then * fall + rivals));
}

/// Price and revenue times a, and share, of a node whose odds at the equilibrium are v (PRICE-12).
template <Number T>
[[nodiscard]] constexpr T scaled_price_of(const T& odds) {
  return one_like(odds) + odds;
}
template <Number T>
[[nodiscard]] constexpr T share_from(const T& odds) {
  return odds / scaled_price_of(odds);
}

}  // namespace p2pllm::kernels
