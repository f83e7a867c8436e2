#pragma once

#include "model/numbers/number.hpp"

namespace p2pllm::kernels {

/// By how much one step of ascent raises a price (PRICE-5).
/// @param rate   eta
/// @param share  P
/// @param pull   a p (1 - P), which is 1 at the peak of the revenue (PRICE-6)
template <Number T>
[[nodiscard]] constexpr T ascent_rise(const T& rate, const T& share, const T& pull) {
  return rate * (share * (one_like(share) - pull));
}

/// The sum of absolute partial derivatives of a next price (SIM-13), from kappa = eta a P (1 - P) and
/// h = 1 - a p (1 - P) + a p P.
template <Number T>
[[nodiscard]] constexpr T radius_growth(const T& kappa, const T& h) {
  const T zero = zero_like(h);
  const T by_own = one_like(h) - kappa * (one_like(h) + h);
  return select(by_own < zero, zero - by_own, by_own) + kappa * select(h < zero, zero - h, h);
}

}  // namespace p2pllm::kernels
