#pragma once

#include "model/numbers/rational.hpp"

namespace p2pllm::optimized {

/// The greatest double at most a value; it may be -infinity.
[[nodiscard]] double rounded_down(const Rational& value);
/// The least double at least a value; it may be infinity.
[[nodiscard]] inline double rounded_up(const Rational& value) { return -rounded_down(-value); }

}  // namespace p2pllm::optimized
