#pragma once

#include "model/numbers/number.hpp"

namespace p2pllm::reference {

/// Stationarity of a trial price (PRICE-9).
///
/// @param trial_price   q > 0, in price units
/// @param rest          1 - P(q) in (0, 1): the demand share of all other nodes at q
/// @param sensitivity   a > 0, per price unit
/// @returns z = a q (1 - P): exactly 1 at the best response (PRICE-6), and strictly increasing in q
/// Source: PRICE-9 in spec/price.md, where the tangent of the concave ln P at q bounds the best revenue by z.
template <Number T>
[[nodiscard]] T stationarity(const T& trial_price, const T& rest, const T& sensitivity) {
  return sensitivity * trial_price * rest;
}

/// Factor by which the best revenue may exceed that of a trial price (PRICE-9): e^(z-1) / z >= 1.
/// @param exponential  e^(z-1)
template <Number T>
[[nodiscard]] T regret_factor(const T& z, const T& exponential) {
  return exponential / z;
}

/// R(p) / R(q) of one node for a price p below the trial price q (PRICE-9).
///
/// @param own, others  e^-(w(q) - shift) and the sum of e^-(w_j - shift) over the others, for the shift that makes the
///                     greater of the two at least 1
/// @param decay        e^-(a (q - p)), in (0, 1]
/// No exponent is positive, so shares may be arbitrarily small.
template <Number T>
[[nodiscard]] T revenue_ratio_below(const T& price, const T& trial_price, const T& own, const T& others,
                                    const T& decay) {
  return price / trial_price * ((own + others) / (own + others * decay));
}

/// R(p) / R(q) for a price p at or above the trial price q (PRICE-9).
/// @param decay  e^-(a (p - q)), in (0, 1]
template <Number T>
[[nodiscard]] T revenue_ratio_above(const T& price, const T& trial_price, const T& own, const T& others,
                                    const T& decay) {
  return price / trial_price * (decay * (own + others) / (own * decay + others));
}

/// The certified bounds of a node's regret: lower <= (sup R - R(p)) <= upper, in the requested unit.
template <Number T>
struct RegretBracket {
  T lower;
  T upper;
};

/// Relative regret (sup R - R(p)) / sup R (PRICE-10), from sup R in [R(q), R(q) * factor].
/// @param ratio   R(p) / R(q)
/// @param factor  e^(z-1) / z
template <Number T>
[[nodiscard]] RegretBracket<T> relative_regret(const T& ratio, const T& factor) {
  const T one = one_like(ratio);
  return {one - ratio, one - ratio / factor};
}

/// Absolute regret sup R - R(p), in price units (PRICE-10).
/// @param trial_revenue  R(q)
template <Number T>
[[nodiscard]] RegretBracket<T> absolute_regret(const T& trial_revenue, const T& ratio, const T& factor) {
  return {trial_revenue * (one_like(ratio) - ratio), trial_revenue * (factor - ratio)};
}

}  // namespace p2pllm::reference
