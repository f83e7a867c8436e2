#pragma once

#include <span>

namespace p2pllm::kernels {

/// |exp(x) - e^x| <= exp_relative_error e^x where exp(x) is a normal number, proved by proofs/kernels (PRICE-15).
inline constexpr double exp_relative_error = 1.05 * 0x1p-53;
/// |exp(x) - e^x| <= exp_absolute_error where exp(x) is subnormal or zero.
inline constexpr double exp_absolute_error = 0x1p-1074;

/// e^x, from IEEE operations and fma alone: the same bits on every target.
///
/// @returns a double whose neighbours enclose e^x strictly (an error below one unit in the last place), and exactly 1
///   at zero; infinity where e^x exceeds the doubles; zero below half of the least subnormal; a NaN of fixed bits for
///   NaN
/// Complexity: about 30 operations; no table, no branch.
[[nodiscard]] double exp(double x);

/// e^x of every element, by the widest vectors of this processor; `out` has the size of `in`, and may be `in` itself.
void exp(std::span<const double> in, std::span<double> out);

}  // namespace p2pllm::kernels
