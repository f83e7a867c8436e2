#pragma once

#include "model/numbers/number.hpp"

namespace p2pllm::kernels {

/// The next price of a node that ascends its revenue (PRICE-5): p + eta dR/dp.
/// @param rate   eta
/// @param share  P @param pull  a p (1 - P)
template <Number T>
[[nodiscard]] constexpr T ascended_price(const T& price, const T& rate, const T& share, const T& pull) {
  return price + rate * (share * (one_like(share) - pull));
}

}  // namespace p2pllm::kernels
