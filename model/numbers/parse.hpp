#pragma once

#include <string_view>

#include "model/numbers/rational.hpp"
#include "model/result.hpp"

namespace p2pllm {

inline constexpr int number_digits_max = 1000;      ///< of mantissa, numerator and denominator together
inline constexpr int evidence_digits_max = 100000;  ///< of a number that our own programs computed
inline constexpr int number_exponent_max = 300;     ///< absolute value of a decimal exponent

/// An exact rational from text (FORMAT-2): a JSON number (`0.40`, `-2e-3`) or a ratio of integers (`1/3`).
/// @param digits_max  the greatest number of digits of the mantissa, or of numerator and denominator together
/// @returns the value; or an error whose message is the broken rule, without the text itself.
[[nodiscard]] Result<Rational> parse_rational(std::string_view text, int digits_max = number_digits_max);

}  // namespace p2pllm
