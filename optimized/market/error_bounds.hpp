#pragma once

#include <array>
#include <cstddef>

#include "kernels/portable/exp.hpp"

// Error bounds. Let eps = 2^-53. A factor is off by 2 eps, an integer by eps, so a demand weight w, made of two
// products and a sum, by at most 6 eps w; differences from two least weights add eps w. So an exponent is off by at
// most 7 eps w, and e^ of it relatively by a little more; with the errors of exp (1.25 eps, twice) and of a product
// this is at most weight_error * w + few below. Weights are below 2^20, so that squares of errors vanish in the slack
// of the constants.
namespace p2pllm::optimized {

inline constexpr double eps = 0x1p-53;
inline constexpr double weight_error = 1.125 * 0x1p-50;  ///< 9 eps
inline constexpr double few = 8 * eps;
inline constexpr double sum_error =
    128 * eps;  ///< 64 roundings in a lane, 5 over the lanes, 2 over the chunks, and few
inline constexpr double weight_max = 0x1p20;
inline constexpr double exponent_max = 600;  ///< beyond this, an exponential is not a normal number with room to spare
inline constexpr double least_own = 0x1p-860;  ///< above e^-exponent_max times any error
inline constexpr std::size_t lanes = 16;

/// The factor from a chunk's exponentials to those relative to the group's least weight.
[[nodiscard]] inline double factor_of(double chunk_least, double group_least) {
  return kernels::exp(group_least - chunk_least);
}

}  // namespace p2pllm::optimized
