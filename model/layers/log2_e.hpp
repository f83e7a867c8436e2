#pragma once

#include <cstdint>

#include "model/numbers/rational.hpp"

namespace p2pllm {

/// round(log2(e) * factor), which is never a tie, because log2(e) is irrational (SAMPLE-2).
/// @param factor  0 .. 2^60, of fewer than 400 bits
[[nodiscard]] std::int64_t times_log2_e(const Rational& factor);

}  // namespace p2pllm
