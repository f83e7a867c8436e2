#pragma once

#include <algorithm>

#include "proofs/symbolic.hpp"

namespace p2pllm::proofs {

/// A quotient of reals that is never divided out: a numerator over a product of positive factors.
///
/// A rule over this type gives polynomials, and a comparison multiplies out the denominators. Solvers without a
/// decision procedure for division then see an identity directly. Each factor must be proved positive (Denominators).
class Fraction {
 public:
  Fraction(SymReal value) : numerator_(std::move(value)) {}  // NOLINT(google-explicit-constructor): a real is one

  friend Fraction operator+(const Fraction& a, const Fraction& b) {
    const Factors common = united(a.factors_, b.factors_);
    return {a.over(common) + b.over(common), common};
  }
  friend Fraction operator-(const Fraction& a, const Fraction& b) {
    const Factors common = united(a.factors_, b.factors_);
    return {a.over(common) - b.over(common), common};
  }
  friend Fraction operator*(const Fraction& a, const Fraction& b) {
    Factors factors = a.factors_;
    factors.insert(factors.end(), b.factors_.begin(), b.factors_.end());
    return {product(a.numerator_, b.numerator_), factors};
  }
  /// @pre b > 0
  friend Fraction operator/(const Fraction& a, const Fraction& b) {
    Denominators::note_positive(b.numerator_.term());
    Factors factors = without(a.factors_, b.factors_);
    if (!is_one(b.numerator_)) factors.push_back(b.numerator_);
    return {times(a.numerator_, without(b.factors_, a.factors_)), factors};
  }
  friend SymBool operator<(const Fraction& a, const Fraction& b) {
    const Factors common = united(a.factors_, b.factors_);
    return a.over(common) < b.over(common);
  }
  friend SymBool operator<=(const Fraction& a, const Fraction& b) {
    const Factors common = united(a.factors_, b.factors_);
    return a.over(common) <= b.over(common);
  }
  friend SymBool operator==(const Fraction& a, const Fraction& b) {
    const Factors common = united(a.factors_, b.factors_);
    return a.over(common) == b.over(common);
  }
  friend Fraction select(const SymBool& condition, const Fraction& a, const Fraction& b) {
    const Factors common = united(a.factors_, b.factors_);
    return {select(condition, a.over(common), b.over(common)), common};
  }

 private:
  using Factors = std::vector<SymReal>;
  Fraction(SymReal numerator, Factors factors) : numerator_(std::move(numerator)), factors_(std::move(factors)) {}

  static bool is_one(const SymReal& x) { return x.term().is_numeral() && x.term().get_decimal_string(1) == "1"; }
  static bool is_zero(const SymReal& x) { return x.term().is_numeral() && x.term().get_decimal_string(1) == "0"; }
  static SymReal product(const SymReal& a, const SymReal& b) {
    return is_zero(a) || is_one(b) ? a : is_zero(b) || is_one(a) ? b : a * b;
  }
  static SymReal times(SymReal value, const Factors& factors) {
    for (const SymReal& factor : factors) value = product(value, factor);
    return value;
  }
  /// The elements of `factors` that are left after each element of `taken` has removed one equal to itself.
  static Factors without(Factors factors, const Factors& taken) {
    for (const SymReal& factor : taken) {
      const auto same = [&](const SymReal& other) { return z3::eq(other.term(), factor.term()); };
      const auto at = std::ranges::find_if(factors, same);
      if (at != factors.end()) factors.erase(at);
    }
    return factors;
  }
  static Factors united(const Factors& a, const Factors& b) {
    Factors all = a;
    for (const SymReal& factor : without(b, a)) all.push_back(factor);
    return all;
  }
  /// The numerator over `common`, which holds all of our factors.
  [[nodiscard]] SymReal over(const Factors& common) const { return times(numerator_, without(common, factors_)); }

  SymReal numerator_;
  Factors factors_;
  template <typename T>
  friend struct p2pllm::NumberTraits;
};

}  // namespace p2pllm::proofs

namespace p2pllm {

template <>
struct NumberTraits<proofs::Fraction> {
  using Truth = proofs::SymBool;
  static proofs::Fraction literal(const proofs::Fraction& like, std::int64_t value) {
    return literal_like(like.numerator_, value);
  }
};
static_assert(Number<proofs::Fraction>);

}  // namespace p2pllm
