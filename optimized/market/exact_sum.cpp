#include "optimized/market/exact_sum.hpp"

#include <cmath>

#include "optimized/market/wide.hpp"

namespace p2pllm::optimized {

void ExactSum::settle() {
  std::int64_t carry = 0;
  for (std::size_t k = first_; k < last_; ++k) {
    const std::int64_t digit = digits_[k] + carry;
    digits_[k] = digit & digit_mask;
    carry = digit >> digit_bits;
  }
  unsettled_ = 0;
}

ExactSum::Bounds ExactSum::bounds() {
  settle();
  std::size_t top = last_;
  while (top > first_ && digits_[top - 1] == 0) --top;
  if (top <= first_) return {0, 0};
  Wide leading = 0;  // the three highest digits
  const std::size_t lowest = top - first_ >= 3 ? top - 3 : first_;
  for (std::size_t k = top; k-- > lowest;) leading = leading << digit_bits | static_cast<Wide>(digits_[k]);
  bool is_exact = true;
  for (std::size_t k = first_; k < lowest; ++k) is_exact = is_exact && digits_[k] == 0;

  const auto high = static_cast<std::uint64_t>(leading >> 64);
  const int bits =
      high != 0 ? 128 - std::countl_zero(high) : 64 - std::countl_zero(static_cast<std::uint64_t>(leading));
  const int surplus = bits > 53 ? bits - 53 : 0;
  const auto mantissa = static_cast<std::uint64_t>(leading >> surplus);
  is_exact = is_exact && static_cast<Wide>(mantissa) << surplus == leading;
  const int exponent = least_exponent + digit_bits * static_cast<int>(lowest) + surplus;
  const double lower = std::ldexp(static_cast<double>(mantissa), exponent);
  return {lower, is_exact ? lower : std::ldexp(static_cast<double>(mantissa + 1), exponent)};
}

Rational ExactSum::value() {
  settle();
  mpz_class sum;
  for (std::size_t k = last_; k-- > first_;) sum = (sum << digit_bits) + static_cast<long>(digits_[k]);
  if (first_ >= last_) return 0;
  return Rational(sum) * Rational::power_of_two(least_exponent + digit_bits * static_cast<long>(first_));
}

}  // namespace p2pllm::optimized
