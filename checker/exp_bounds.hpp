#pragma once

#include "model/market/verdict.hpp"

namespace p2pllm::checker {

/// Rounds both ends (>= 0) of the interval outward to dyadic numbers of at least `bits` >= 1 significant bits.
[[nodiscard]] Enclosure rounded(const Enclosure& value, long bits);

/// Rational bounds of e^-x for x >= 0 (CERT-7), by integer arithmetic alone.
/// @returns ends with e^-x between them, at most 1, the upper one positive. For x <= 16384 both are positive and differ
///          relatively by at most 2^(4-bits); beyond that, [0, 2^-16384]. [1, 1] at 0.
[[nodiscard]] Enclosure exp_of_minus(const Rational& x, long bits);

}  // namespace p2pllm::checker
