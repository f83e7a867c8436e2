#pragma once

#include "optimized/market/columns.hpp"
#include "optimized/market/wide.hpp"

namespace p2pllm::optimized {

/// Demand weights as integers with one exact unit (PRICE-2).
///
/// Law: w_i = (by_price * price integer + by_cost * cost integer) * unit, exactly; all terms are below 2^128.
struct DemandScale {
  Wide by_price = 0;
  Wide by_cost = 0;
  Rational unit = 1;
  Rational sensitivity;  ///< a >= 0, per price unit

  [[nodiscard]] Wide weight(std::uint64_t price, std::uint64_t cost) const { return by_price * price + by_cost * cost; }
};

/// @param prices  one per node
/// @param alpha   in [0, 1]
/// @returns nothing if some weight needs more than 128 bits
[[nodiscard]] std::optional<DemandScale> demand_scale(const MarketColumns& market, const Column& prices,
                                                      const Rational& alpha);

}  // namespace p2pllm::optimized
