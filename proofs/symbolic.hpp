#pragma once

#include <z3++.h>

#include <string>
#include <vector>

#include "model/numbers/integer.hpp"
#include "model/numbers/rational.hpp"

// Number types whose values are terms of a solver. When the rules of reference/ run over them, their results are proved
// for all numbers at once.
namespace p2pllm::proofs {

/// A statement about unknowns. It has no value until the solver gives it one: `if (a < b)` does not compile.
class SymBool {
 public:
  explicit SymBool(z3::expr formula) : formula_(std::move(formula)) {}
  operator bool() const = delete;
  [[nodiscard]] const z3::expr& formula() const { return formula_; }

 private:
  z3::expr formula_;
};

[[nodiscard]] inline SymBool land(const SymBool& a, const SymBool& b) { return SymBool(a.formula() && b.formula()); }
[[nodiscard]] inline SymBool lor(const SymBool& a, const SymBool& b) { return SymBool(a.formula() || b.formula()); }
[[nodiscard]] inline SymBool lnot(const SymBool& a) { return SymBool(!a.formula()); }
[[nodiscard]] inline SymBool implies(const SymBool& a, const SymBool& b) {
  return SymBool(z3::implies(a.formula(), b.formula()));
}
[[nodiscard]] inline SymBool iff(const SymBool& a, const SymBool& b) { return SymBool(a.formula() == b.formula()); }

/// Denominators that occur while an obligation is written down. A solver gives x / 0 an arbitrary value, so each
/// denominator must be proved not to be 0 from the hypotheses before a proof counts.
class Denominators {
 public:
  Denominators() : outer_(current_) { current_ = this; }
  ~Denominators() { current_ = outer_; }
  Denominators(const Denominators&) = delete;
  Denominators& operator=(const Denominators&) = delete;
  /// @pre an object of this class exists: a division outside an obligation has no meaning
  static void note(const z3::expr& denominator);
  /// A denominator whose sign matters: it must be proved to be > 0.
  static void note_positive(const z3::expr& denominator);
  [[nodiscard]] const std::vector<z3::expr>& all() const { return all_; }
  [[nodiscard]] const std::vector<z3::expr>& positive() const { return positive_; }

 private:
  static thread_local Denominators* current_;
  Denominators* outer_;
  std::vector<z3::expr> all_;
  std::vector<z3::expr> positive_;
};

/// A term of sort Real (SymReal) or Int (SymInt).
template <bool is_real>
class SymTerm {
 public:
  explicit SymTerm(z3::expr term) : term_(std::move(term)) {}
  [[nodiscard]] const z3::expr& term() const { return term_; }

  friend SymTerm operator+(const SymTerm& a, const SymTerm& b) { return SymTerm(a.term_ + b.term_); }
  friend SymTerm operator-(const SymTerm& a, const SymTerm& b) { return SymTerm(a.term_ - b.term_); }
  friend SymTerm operator*(const SymTerm& a, const SymTerm& b) { return SymTerm(a.term_ * b.term_); }
  /// Only for reals: integers divide differently in Z3, C++ and GMP.
  friend SymTerm operator/(const SymTerm& a, const SymTerm& b) requires is_real {
    Denominators::note(b.term_);
    return SymTerm(a.term_ / b.term_);
  }
  friend SymBool operator<(const SymTerm& a, const SymTerm& b) { return SymBool(a.term_ < b.term_); }
  friend SymBool operator<=(const SymTerm& a, const SymTerm& b) { return SymBool(a.term_ <= b.term_); }
  friend SymBool operator>(const SymTerm& a, const SymTerm& b) { return SymBool(a.term_ > b.term_); }
  friend SymBool operator>=(const SymTerm& a, const SymTerm& b) { return SymBool(a.term_ >= b.term_); }
  friend SymBool operator==(const SymTerm& a, const SymTerm& b) { return SymBool(a.term_ == b.term_); }

 private:
  z3::expr term_;
};

using SymReal = SymTerm<true>;
using SymInt = SymTerm<false>;

template <bool is_real>
[[nodiscard]] SymTerm<is_real> select(const SymBool& condition, const SymTerm<is_real>& a, const SymTerm<is_real>& b) {
  return SymTerm<is_real>(z3::ite(condition.formula(), a.term(), b.term()));
}

/// A constant of a solver's integers.
[[nodiscard]] inline SymInt integer_like(const SymInt& like, std::int64_t value) {
  return SymInt(like.term().ctx().int_val(value));
}
/// The solver's division by a positive constant is the floor.
[[nodiscard]] inline SymInt div_floor(const SymInt& value, std::int64_t divisor) {
  return SymInt(value.term() / value.term().ctx().int_val(divisor));
}

}  // namespace p2pllm::proofs

namespace p2pllm {

template <>
struct NumberTraits<proofs::SymInt> {
  using Truth = proofs::SymBool;
};
static_assert(Integer<proofs::SymInt>);

template <>
struct NumberTraits<proofs::SymReal> {
  using Truth = proofs::SymBool;
  static proofs::SymReal literal(const proofs::SymReal& like, std::int64_t value) {
    return proofs::SymReal(like.term().ctx().real_val(value));
  }
};
static_assert(Number<proofs::SymReal>);

}  // namespace p2pllm
