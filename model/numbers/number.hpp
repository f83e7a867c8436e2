#pragma once

#include <concepts>
#include <cstdint>

#include "model/numbers/uncertain.hpp"

// Requirements of the rules on their number types. No number type is included here, because the exact ones need GMP,
// which kernels do without.
namespace p2pllm {

/// The logic of a number type's comparisons; specialise it for every number type.
///
/// `Truth` is what `a < b` yields: bool for Rational, Uncertain for Interval, a formula for a solver's
/// terms. `literal(like, value)` makes an integer constant in the context and precision of `like`.
template <typename T>
struct NumberTraits;

template <typename T>
using Truth = typename NumberTraits<T>::Truth;

[[nodiscard]] constexpr bool land(bool a, bool b) { return a && b; }
[[nodiscard]] constexpr bool lor(bool a, bool b) { return a || b; }
[[nodiscard]] constexpr bool lnot(bool a) { return !a; }

// These overloads for machine numbers precede the concepts because argument-dependent lookup cannot find them later.
template <>
struct NumberTraits<std::int64_t> {
  using Truth = bool;
};
template <>
struct NumberTraits<double> {
  using Truth = bool;
  static constexpr double literal(double /*like*/, std::int64_t value) { return static_cast<double>(value); }
};

[[nodiscard]] constexpr std::int64_t select(bool condition, std::int64_t if_true, std::int64_t if_false) {
  return condition ? if_true : if_false;
}
[[nodiscard]] constexpr double select(bool condition, double if_true, double if_false) {
  return condition ? if_true : if_false;
}

/// Comparisons that yield a `Truth`, and `select` as the only branch; both of its arms are evaluated.
template <typename T>
concept Ordered = std::copyable<T> && requires(const T& a, const T& b, const Truth<T>& truth) {
  { a < b } -> std::convertible_to<Truth<T>>;
  { a <= b } -> std::convertible_to<Truth<T>>;
  { a == b } -> std::convertible_to<Truth<T>>;
  { land(truth, truth) } -> std::same_as<Truth<T>>;
  { lor(truth, truth) } -> std::same_as<Truth<T>>;
  { lnot(truth) } -> std::same_as<Truth<T>>;
  { select(truth, a, b) } -> std::convertible_to<T>;
};

/// The properties of numbers that a rule may rely on: field operations, comparisons, and `select` as the only branch. A
/// rule template that compiles over a type whose Truth does not convert to bool cannot branch in any other way.
template <typename T>
concept Number = Ordered<T> && requires(const T& a, const T& b, std::int64_t value) {
  { a + b } -> std::same_as<T>;
  { a - b } -> std::same_as<T>;
  { a* b } -> std::same_as<T>;
  { a / b } -> std::same_as<T>;
  { NumberTraits<T>::literal(a, value) } -> std::same_as<T>;
};

/// The integer `value` as a number like `like`.
template <Number T>
[[nodiscard]] T literal_like(const T& like, std::int64_t value) {
  return NumberTraits<T>::literal(like, value);
}
template <Number T>
[[nodiscard]] T zero_like(const T& like) {
  return literal_like(like, 0);
}
template <Number T>
[[nodiscard]] T one_like(const T& like) {
  return literal_like(like, 1);
}

/// The smaller and the greater of two numbers; the first when equal.
template <Ordered T>
[[nodiscard]] T minimum(const T& a, const T& b) {
  return select(b < a, b, a);
}
template <Ordered T>
[[nodiscard]] T maximum(const T& a, const T& b) {
  return select(a < b, b, a);
}

}  // namespace p2pllm
