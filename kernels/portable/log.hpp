#pragma once

#include <span>

namespace p2pllm::kernels {

/// |log(x) - ln x| <= log_relative_error |ln x|, proved by proofs/kernels (PRICE-15). No result is subnormal.
inline constexpr double log_relative_error = 1.45 * 0x1p-53;

/// ln x, from IEEE operations and fma alone: the same bits on every target.
///
/// @returns a double whose neighbours enclose ln x strictly (an error below one unit in the last place), and exactly +0
///   at one; -infinity at zero of either sign; infinity at infinity; a NaN of fixed bits below zero and for NaN
/// Complexity: about 35 operations, one of them a division; no table, no branch.
[[nodiscard]] double log(double x);

/// ln x of every element, by the widest vectors of this processor; `out` has the size of `in`, and may be `in` itself.
void log(std::span<const double> in, std::span<double> out);

}  // namespace p2pllm::kernels
