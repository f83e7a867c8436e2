#pragma once

#include "reference/market/group.hpp"

namespace p2pllm::reference {

/// Wright's omega of x: the y > 0 with y + ln y = x, approximately.
/// @param x  a point interval
/// @returns a point near y, with a relative error of about (1 + |x|) 2^-(bits of x - 8). This is not guaranteed:
///          callers verify it
[[nodiscard]] Interval wright_omega(const Interval& x);

/// The best-response price in closed form (PRICE-7): a p* = 1 + omega, by Wright's omega of -d - ln rivals - 1.
///
/// @param sensitivity      a > 0
/// @param own_cost_weight  d_i
/// @returns an approximation as a positive dyadic number: a p* to about bits / 2 bits after the binary point
[[nodiscard]] Rational best_response_price(const Rational& sensitivity, const Rational& own_cost_weight,
                                           const Competitors& competitors, long bits);

}  // namespace p2pllm::reference
