#pragma once

#include "proofs/dual.hpp"
#include "proofs/obligation.hpp"

// The facts about exp and ln that the proofs use. The solvers know neither: e^x and ln x are unknowns, and only the
// facts that a function of this file assumes are known of them. spec/proofs.md justifies each axiom on paper, under its
// name (EXP-1 ..).
namespace p2pllm::proofs {

/// A number x together with e^x or, read the other way, ln v together with v.
struct Exponential {
  Fraction exponent;
  Fraction value;
};

/// e^x, known to be positive (EXP-1).
[[nodiscard]] inline Exponential exponential(Scope& scope, const std::string& name, const Fraction& exponent) {
  return {exponent, scope.positive(name)};
}

/// ln v of a v > 0: an unknown.
[[nodiscard]] inline Exponential logarithm(const Scope& scope, const std::string& name, const Fraction& value) {
  return {scope.real(name), value};
}

/// e^(x + y) = e^x e^y (EXP-2).
[[nodiscard]] inline Exponential operator*(const Exponential& x, const Exponential& y) {
  return {x.exponent + y.exponent, x.value * y.value};
}

/// e^-x = 1 / e^x (EXP-2).
[[nodiscard]] inline Exponential inverse(const Exponential& x) {
  return {zero_like(x.exponent) - x.exponent, one_like(x.value) / x.value};
}

/// e^0 = 1, and e^x > 1 + x for every other x; that is ln v <= v - 1 (EXP-3).
inline void assume_above_tangent(Scope& scope, const Exponential& x) {
  const Fraction one = one_like(x.value);
  const SymBool is_zero = x.exponent == zero_like(x.exponent);
  scope.assume(lor(land(is_zero, x.value == one), land(lnot(is_zero), one + x.exponent < x.value)));
}

/// x < y iff e^x < e^y (EXP-4).
inline void assume_rising(Scope& scope, const Exponential& x, const Exponential& y) {
  scope.assume(iff(x.exponent < y.exponent, x.value < y.value));
  scope.assume(iff(y.exponent < x.exponent, y.value < x.value));
}

/// Rational bounds of one e^x, shown by Taylor's formula in spec/proofs.md (EXP-6).
inline void assume_between(Scope& scope, const Exponential& x, const Fraction& low, const Fraction& high) {
  scope.assume(land(low < x.value, x.value < high));
}

/// e^x as a function of the parameter on which x depends; its value is `value`: (e^x)' = e^x x' (EXP-5).
[[nodiscard]] inline Fraction exp_of(const Fraction& /*x*/, const Fraction& value) { return value; }
template <Number T>
[[nodiscard]] Dual<T> exp_of(const Dual<T>& x, const Fraction& value) {
  const T own = exp_of(x.value, value);
  return {own, own * x.slope};
}

/// ln x as a function of the parameter on which x > 0 depends; its value is `value`: (ln x)' = x' / x (EXP-5).
[[nodiscard]] inline Fraction ln_of(const Fraction& /*x*/, const Fraction& value) { return value; }
template <Number T>
[[nodiscard]] Dual<T> ln_of(const Dual<T>& x, const Fraction& value) {
  return {ln_of(x.value, value), x.slope / x.value};
}

}  // namespace p2pllm::proofs
