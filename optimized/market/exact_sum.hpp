#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "model/numbers/rational.hpp"

namespace p2pllm::optimized {

/// A sum of finite doubles >= 0 that is kept exactly while terms are added and taken away.
///
/// Law: the value is the mathematical sum of the terms added less that of the terms taken away, in any order; no
/// rounding enters. At most 2^31 terms at a time; each term taken away must have been added.
/// A fixed-point number with digits of 32 bits from 2^-1074 upwards, whose carries are settled when it is read.
class ExactSum {
 public:
  void add(double term) { accumulate(term, 1); }
  void subtract(double term) { accumulate(term, -1); }

  struct Bounds {
    double lower;
    double upper;
  };
  /// The greatest double at most and the least at least the sum: the same if the sum is a double. O(digits in use).
  [[nodiscard]] Bounds bounds();
  [[nodiscard]] Rational value();

 private:
  static constexpr int digit_bits = 32;
  static constexpr std::int64_t digit_mask = 0xffff'ffff;
  static constexpr std::uint32_t unsettled_max = 1U << 30;  ///< digits stay below 2^63 for so long
  static constexpr int least_exponent = -1074;              ///< of the lowest digit

  void accumulate(double term, std::int64_t sign) {
    constexpr int fraction_bits = 52;
    constexpr std::uint64_t fraction_mask = (std::uint64_t{1} << fraction_bits) - 1;
    const auto pattern = std::bit_cast<std::uint64_t>(term);
    const std::uint64_t exponent = pattern >> fraction_bits;
    const std::uint64_t mantissa = (pattern & fraction_mask) | (exponent > 0 ? fraction_mask + 1 : 0);
    const std::uint64_t place = exponent > 0 ? exponent - 1 : 0;
    const std::size_t digit = place / digit_bits;
    const std::uint64_t shift = place % digit_bits;
    const std::uint64_t low = mantissa << shift;
    digits_[digit] += sign * static_cast<std::int64_t>(low & digit_mask);
    digits_[digit + 1] += sign * static_cast<std::int64_t>(low >> digit_bits);
    digits_[digit + 2] += sign * static_cast<std::int64_t>(mantissa >> 1 >> (63 - shift));
    if (digit < first_) first_ = digit;
    if (digit + 5 > last_) last_ = digit + 5;
    if (++unsettled_ == unsettled_max) settle();
  }

  /// Carries, so that every digit lies in 0 .. 2^32 - 1.
  void settle();

  std::array<std::int64_t, 72> digits_{};
  std::size_t first_ = 72;  ///< digits in use: [first_, last_)
  std::size_t last_ = 0;
  std::uint32_t unsettled_ = 0;  ///< terms since the last settling
};

}  // namespace p2pllm::optimized
