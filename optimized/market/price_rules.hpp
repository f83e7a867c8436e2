#pragma once

#include "model/numbers/number.hpp"

namespace p2pllm::optimized {

/// Price sensitivity a, per price unit (PRICE-2).
template <Number T>
[[nodiscard]] T sensitivity_of(const T& alpha, const T& price_scale, const T& temperature) {
  return alpha / price_scale / temperature;
}

/// The part d of a demand weight that a cost contributes (PRICE-2).
template <Number T>
[[nodiscard]] T weight_of_cost(const T& alpha, const T& cost, const T& cost_scale, const T& temperature) {
  return (cost - alpha * cost) / cost_scale / temperature;
}

}  // namespace p2pllm::optimized
