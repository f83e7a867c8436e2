#pragma once

#include "proofs/fraction.hpp"

namespace p2pllm::proofs {

/// A number that depends on a parameter, and its derivative by that parameter. Over this type a rule computes its
/// derivative as well as its value, by the sum, product and quotient rules. Over Dual<Dual<T>> it computes the second
/// derivative too.
template <Number T>
struct Dual {
  T value;
  T slope;

  friend Dual operator+(const Dual& a, const Dual& b) { return {a.value + b.value, a.slope + b.slope}; }
  friend Dual operator-(const Dual& a, const Dual& b) { return {a.value - b.value, a.slope - b.slope}; }
  friend Dual operator*(const Dual& a, const Dual& b) {
    return {a.value * b.value, a.slope * b.value + a.value * b.slope};
  }
  friend Dual operator/(const Dual& a, const Dual& b) {
    const T quotient = a.value / b.value;
    return {quotient, (a.slope - quotient * b.slope) / b.value};
  }
  friend Truth<T> operator<(const Dual& a, const Dual& b) { return a.value < b.value; }
  friend Truth<T> operator<=(const Dual& a, const Dual& b) { return a.value <= b.value; }
  friend Truth<T> operator==(const Dual& a, const Dual& b) { return a.value == b.value; }
};

/// A rule with branches has no derivative where they meet; no rule that is differentiated here has branches.
template <Number T>
[[nodiscard]] Dual<T> select(const Truth<T>& condition, const Dual<T>& a, const Dual<T>& b) {
  return {select(condition, a.value, b.value), select(condition, a.slope, b.slope)};
}

}  // namespace p2pllm::proofs

namespace p2pllm {

template <Number T>
struct NumberTraits<proofs::Dual<T>> {
  using Truth = p2pllm::Truth<T>;
  static proofs::Dual<T> literal(const proofs::Dual<T>& like, std::int64_t value) {
    return {literal_like(like.value, value), zero_like(like.value)};
  }
};

}  // namespace p2pllm

namespace p2pllm::proofs {

using Dual1 = Dual<Fraction>;
using Dual2 = Dual<Dual1>;
static_assert(Number<Dual1> && Number<Dual2>);

/// `value` as a number like `like` that does not depend on the parameter.
[[nodiscard]] inline Fraction constant_like(const Fraction& /*like*/, const Fraction& value) { return value; }
template <Number T>
[[nodiscard]] Dual<T> constant_like(const Dual<T>& like, const Fraction& value) {
  return {constant_like(like.value, value), zero_like(like.value)};
}

/// x + t * direction at t = 0, to the first and to the second derivative by t.
[[nodiscard]] inline Dual1 along(const Fraction& x, const Fraction& direction) { return {x, direction}; }
[[nodiscard]] inline Dual2 twice_along(const Fraction& x, const Fraction& direction) {
  return {along(x, direction), along(direction, zero_like(x))};
}

}  // namespace p2pllm::proofs
