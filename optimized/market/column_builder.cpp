#include "optimized/market/column_builder.hpp"

#include <algorithm>
#include <numeric>

#include "model/numbers/parse.hpp"

namespace p2pllm::optimized {
namespace {

/// Whether a * b needs at most 64 bits; the product is then in `product`.
bool has_product(std::uint64_t a, std::uint64_t b, std::uint64_t& product) {
  return !__builtin_mul_overflow(a, b, &product);
}

/// Whether value * 10^exponent needs at most 64 bits.
/// @param value     not 0
/// @param exponent  >= 0
bool has_shifted(std::uint64_t value, int exponent, std::uint64_t& shifted) {
  const auto places = static_cast<std::size_t>(exponent);
  return places < powers_of_ten.size() && has_product(value, powers_of_ten[places], shifted);
}

/// The greatest common divisor of all; 0 if all are 0.
template <typename Integer>
Integer common_divisor(const std::vector<Integer>& integers) {
  Integer divisor = 0;
  for (const Integer value : integers) {
    if (divisor == 0 || value % divisor != 0) divisor = std::gcd(divisor, value);
    if (divisor == 1) break;
  }
  return divisor;
}

template <typename Integer>
void divide_all(std::vector<Integer>& integers, Integer divisor) {
  if (divisor <= 1) return;
  for (Integer& value : integers) value /= divisor;
}

Rational unit_of(std::uint64_t factor, int exponent, std::uint64_t divisor) {
  static_assert(sizeof(unsigned long) == sizeof(std::uint64_t));
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, static_cast<unsigned long>(std::abs(exponent)));
  mpz_class above = static_cast<unsigned long>(factor);
  mpz_class below = static_cast<unsigned long>(divisor);
  (exponent < 0 ? below : above) *= power;
  return {above, below};
}

}  // namespace

void ColumnBuilder::widen() {
  wide_.reserve(narrow_.capacity());
  wide_.assign(narrow_.begin(), narrow_.end());
  narrow_ = {};
  is_wide_ = true;
}

bool ColumnBuilder::multiply_all(std::uint64_t factor) {
  const auto is_product_narrow = [factor](std::uint32_t value) {
    std::uint64_t product = 0;
    return has_product(value, factor, product) && product <= std::numeric_limits<std::uint32_t>::max();
  };
  if (!is_wide_ && !std::all_of(narrow_.begin(), narrow_.end(), is_product_narrow)) widen();
  for (std::uint32_t& value : narrow_) value = static_cast<std::uint32_t>(value * factor);
  return std::all_of(wide_.begin(), wide_.end(),
                     [factor](std::uint64_t& value) { return has_product(value, factor, value); });
}

bool ColumnBuilder::refine_exponent(int exponent) {
  std::uint64_t factor = 1;
  if (!has_shifted(1, exponent_ - exponent, factor) || !multiply_all(factor)) return false;
  exponent_ = exponent;
  return true;
}

bool ColumnBuilder::add_in_other_unit(FixedNumber number) {
  if (number.mantissa == 0) return push(0);
  if (!has_unit_) {  // all numbers so far are 0, in any unit
    has_unit_ = true;
    exponent_ = number.exponent;
    divisor_ = number.divisor;
    return push(number.mantissa);
  }
  while (number.exponent < exponent_ && number.mantissa % 10 == 0) {  // 0.40 needs no smaller unit than 0.4
    number.mantissa /= 10;
    ++number.exponent;
  }
  if (number.exponent < exponent_ && !refine_exponent(number.exponent)) return false;
  if (!has_shifted(number.mantissa, number.exponent - exponent_, number.mantissa)) return false;
  if (number.divisor != divisor_) {
    const std::uint64_t common = std::gcd(number.divisor, divisor_);
    const std::uint64_t refinement = number.divisor / common;
    if (refinement != 1 && (!multiply_all(refinement) || !has_product(divisor_, refinement, divisor_))) return false;
    if (!has_product(number.mantissa, divisor_ / number.divisor, number.mantissa)) return false;
  }
  return push(number.mantissa);
}

Column ColumnBuilder::finish() && {
  const std::uint64_t factor = is_wide_ ? common_divisor(wide_) : common_divisor(narrow_);
  const Rational unit = factor == 0 ? Rational(1) : unit_of(factor, exponent_, divisor_);
  if (!is_wide_) {
    divide_all(narrow_, static_cast<std::uint32_t>(factor));
    return {std::move(narrow_), unit};
  }
  divide_all(wide_, factor);
  const auto is_narrow = [](std::uint64_t value) { return value <= std::numeric_limits<std::uint32_t>::max(); };
  if (!std::all_of(wide_.begin(), wide_.end(), is_narrow)) return {std::move(wide_), unit};
  narrow_.reserve(wide_.size());
  for (const std::uint64_t value : wide_) narrow_.push_back(static_cast<std::uint32_t>(value));
  return {std::move(narrow_), unit};
}

}  // namespace p2pllm::optimized
