#pragma once

#include <span>

#include "kernels/portable/interval.hpp"

namespace p2pllm::kernels {

/// |omega(x) - its exact value| / exact value, where that is a normal number. Tested at a million points, of which the
/// worst is off by 2.5 times 2^-53. For x <= 1 it is proved (proofs/kernels) on the condition that the iteration before
/// the last step came within 2^-40. Where proof is needed, take the enclosure, which has no such condition.
inline constexpr double omega_relative_error = 3.2 * 0x1p-53;

/// Wright's omega function: the y > 0 with y + ln y = x (PRICE-15). Also W(e^x), W Lambert's function.
///
/// @returns an approximation with the same bits on every target, within `omega_relative_error`; zero at
///   -infinity and where y is below half of the least subnormal, infinity at infinity, a NaN of fixed bits for NaN
/// Complexity: two exponentials, three logarithms and five divisions; no branch. Source: Fritsch, Shafer and Crowley,
/// "Solution of the transcendental equation w e^w = x", CACM 16 (1973); Corless and Jeffrey, "The Wright omega
/// function".
[[nodiscard]] double omega(double x);

/// omega of every element; `out` has the size of `in`, and may be `in` itself.
void omega(std::span<const double> in, std::span<double> out);

/// An interval that contains omega(x) for every x in X.
///
/// Law: the residual y + ln y - x, which rises with y, is certainly below zero at the lower end for the least x, and
/// certainly above zero at the upper end for the greatest x, in interval arithmetic. Ends of zero and infinity are also
/// certain. For a point the relative width is at most 2^-47 where the result is a normal number.
[[nodiscard]] DoubleInterval omega(const DoubleInterval& x);

/// omega of every interval, with the bits of a single one; `out` has the size of `x`, and may be `x` itself.
void omega(const ConstIntervals& x, const Intervals& out);

}  // namespace p2pllm::kernels
