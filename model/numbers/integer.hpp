#pragma once

#include <concepts>
#include <cstdint>

#include "model/numbers/number.hpp"

namespace p2pllm {

/// The constant `value` as an integer like `like`.
[[nodiscard]] constexpr std::int64_t integer_like(std::int64_t /*like*/, std::int64_t value) { return value; }
/// The greatest integer at most value / divisor; divisor > 0 is a constant.
[[nodiscard]] constexpr std::int64_t div_floor(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

/// The properties of integers that a rule of the contracts may rely on. The same text runs on machine integers, GMP's
/// integers and a solver's terms. Overflow is not covered: callers keep machine integers within 2^62 (LEDGER-2).
template <typename T>
concept Integer = Ordered<T> && requires(const T& a, const T& b, std::int64_t value) {
  { a + b } -> std::convertible_to<T>;
  { a - b } -> std::convertible_to<T>;
  { a* b } -> std::convertible_to<T>;
  { integer_like(a, value) } -> std::same_as<T>;
  { div_floor(a, value) } -> std::same_as<T>;
};

static_assert(Integer<std::int64_t>);

}  // namespace p2pllm
