#pragma once

#include <concepts>

#include "model/numbers/rational.hpp"
#include "model/numbers/uncertain.hpp"

namespace p2pllm {

/// The logic a number type's comparisons live in; specialise for every number type.
///
/// `Truth` is what `a < b` yields: bool for Rational, Uncertain for Interval, a formula for a solver's
/// terms. `literal(like, value)` makes a constant in the context and precision of `like`.
template <typename T>
struct NumberTraits;

template <typename T>
using Truth = typename NumberTraits<T>::Truth;

template <>
struct NumberTraits<Rational> {
  using Truth = bool;
  static Rational literal(const Rational& /*like*/, const Rational& value) { return value; }
};

[[nodiscard]] constexpr bool land(bool a, bool b) { return a && b; }
[[nodiscard]] constexpr bool lor(bool a, bool b) { return a || b; }
[[nodiscard]] constexpr bool lnot(bool a) { return !a; }

/// `condition ? if_true : if_false`; both arms are evaluated.
[[nodiscard]] inline Rational select(bool condition, const Rational& if_true, const Rational& if_false) {
  return condition ? if_true : if_false;
}

/// What a rule may assume of its numbers: field operations, comparisons that yield a `Truth`, and
/// `select` as the only branch. A rule template that compiles over a type whose Truth has no
/// conversion to bool branches nowhere else.
template <typename T>
concept Number = std::copyable<T> && requires(const T& a, const T& b, const Truth<T>& truth, const Rational& value) {
  { a + b } -> std::same_as<T>;
  { a - b } -> std::same_as<T>;
  { a* b } -> std::same_as<T>;
  { a / b } -> std::same_as<T>;
  { a < b } -> std::same_as<Truth<T>>;
  { a <= b } -> std::same_as<Truth<T>>;
  { a == b } -> std::same_as<Truth<T>>;
  { land(truth, truth) } -> std::same_as<Truth<T>>;
  { lor(truth, truth) } -> std::same_as<Truth<T>>;
  { lnot(truth) } -> std::same_as<Truth<T>>;
  { select(truth, a, b) } -> std::same_as<T>;
  { NumberTraits<T>::literal(a, value) } -> std::same_as<T>;
};

/// The rational `value` as a number like `like`.
template <Number T>
[[nodiscard]] T literal_like(const T& like, const Rational& value) {
  return NumberTraits<T>::literal(like, value);
}
template <Number T>
[[nodiscard]] T zero_like(const T& like) {
  return literal_like(like, Rational(0));
}
template <Number T>
[[nodiscard]] T one_like(const T& like) {
  return literal_like(like, Rational(1));
}

/// The smaller of two numbers; the first when equal.
template <Number T>
[[nodiscard]] T minimum(const T& a, const T& b) {
  return select(b < a, b, a);
}

static_assert(Number<Rational>);

}  // namespace p2pllm
