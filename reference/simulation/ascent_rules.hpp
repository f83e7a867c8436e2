#pragma once

#include "model/numbers/number.hpp"

namespace p2pllm::reference {

/// The strength of one step of ascent (SIM-13): kappa = eta a P (1 - P), without unit.
template <Number T>
[[nodiscard]] T ascent_strength(const T& learning_rate, const T& sensitivity, const T& share, const T& rest) {
  return learning_rate * sensitivity * share * rest;
}

/// h = 1 + a p (2 P - 1) (SIM-13), which is at least 0 wherever a p (1 - P) <= 1.
/// @param rest  1 - P
template <Number T>
[[nodiscard]] T ascent_lean(const T& sensitivity, const T& price, const T& share, const T& rest) {
  return one_like(share) + sensitivity * price * (share - rest);
}

/// Whether a node charges at most its best response (SIM-12): z = a p (1 - P) <= 1. Its gradient is then at least 0. If
/// this holds for every node of a group, and the learning rate times the sensitivity is at most 1, then it holds after
/// every step of ascent too, no price falls, and none exceeds that of the equilibrium.
template <Number T>
[[nodiscard]] Truth<T> is_rising(const T& stationarity) {
  return stationarity <= one_like(stationarity);
}

/// The sum of the absolute partial derivatives of a node's next price by all prices (SIM-13): |1 - kappa (1 + h)| by
/// its own and kappa |h| by those of its rivals.
template <Number T>
[[nodiscard]] T ascent_growth(const T& strength, const T& lean) {
  const T zero = zero_like(strength);
  const T own = one_like(strength) - strength * (one_like(strength) + lean);
  return maximum(own, zero - own) + strength * maximum(lean, zero - lean);
}

}  // namespace p2pllm::reference
