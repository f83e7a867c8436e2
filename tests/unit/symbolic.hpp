#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "model/numbers/number.hpp"
#include "model/numbers/rational.hpp"

namespace p2pllm::symbolic {

struct Term;
struct Formula;

/// An unknown number: the operations on it are kept as a tree.
///
/// It takes the place of a solver's terms. A rule template that compiles over it branches on no comparison,
/// since its `Truth` has no conversion to bool.
class SymNumber {
 public:
  explicit SymNumber(std::shared_ptr<const Term> term) : term_(std::move(term)) {}
  [[nodiscard]] const Term& term() const { return *term_; }
  [[nodiscard]] const std::shared_ptr<const Term>& shared() const { return term_; }

 private:
  std::shared_ptr<const Term> term_;
};

/// A statement about unknown numbers. The conversion is deleted so that `if (a < b)` does not compile.
class SymBool {
 public:
  explicit SymBool(std::shared_ptr<const Formula> formula) : formula_(std::move(formula)) {}
  operator bool() const = delete;
  [[nodiscard]] const Formula& formula() const { return *formula_; }
  [[nodiscard]] const std::shared_ptr<const Formula>& shared() const { return formula_; }

 private:
  std::shared_ptr<const Formula> formula_;
};

struct Term {
  enum class Kind { constant, variable, sum, difference, product, quotient, floor_quotient, choice };
  Kind kind = Kind::constant;
  Rational value;         ///< constant
  std::size_t index = 0;  ///< variable
  std::shared_ptr<const Term> left = nullptr;
  std::shared_ptr<const Term> right = nullptr;
  std::shared_ptr<const Formula> condition = nullptr;  ///< choice
};

struct Formula {
  enum class Kind { less, less_equal, equal, both, either, not_so };
  Kind kind = Kind::less;
  std::shared_ptr<const Term> left_term = nullptr;
  std::shared_ptr<const Term> right_term = nullptr;
  std::shared_ptr<const Formula> left = nullptr;
  std::shared_ptr<const Formula> right = nullptr;
};

inline SymNumber constant(const Rational& value) {
  return SymNumber(std::make_shared<Term>(Term{Term::Kind::constant, value}));
}
inline SymNumber variable(std::size_t index) {
  return SymNumber(std::make_shared<Term>(Term{Term::Kind::variable, Rational(0), index}));
}

inline SymNumber join(Term::Kind kind, const SymNumber& a, const SymNumber& b) {
  return SymNumber(std::make_shared<Term>(Term{kind, Rational(0), 0, a.shared(), b.shared()}));
}
inline SymNumber operator+(const SymNumber& a, const SymNumber& b) { return join(Term::Kind::sum, a, b); }
inline SymNumber operator-(const SymNumber& a, const SymNumber& b) { return join(Term::Kind::difference, a, b); }
inline SymNumber operator*(const SymNumber& a, const SymNumber& b) { return join(Term::Kind::product, a, b); }
inline SymNumber operator/(const SymNumber& a, const SymNumber& b) { return join(Term::Kind::quotient, a, b); }

inline SymNumber integer_like(const SymNumber& /*like*/, std::int64_t value) { return constant(value); }
inline SymNumber div_floor(const SymNumber& value, std::int64_t divisor) {
  return join(Term::Kind::floor_quotient, value, constant(divisor));
}

inline SymBool compare(Formula::Kind kind, const SymNumber& a, const SymNumber& b) {
  return SymBool(std::make_shared<Formula>(Formula{kind, a.shared(), b.shared()}));
}
inline SymBool operator<(const SymNumber& a, const SymNumber& b) { return compare(Formula::Kind::less, a, b); }
inline SymBool operator<=(const SymNumber& a, const SymNumber& b) { return compare(Formula::Kind::less_equal, a, b); }
inline SymBool operator==(const SymNumber& a, const SymNumber& b) { return compare(Formula::Kind::equal, a, b); }

inline SymBool connect(Formula::Kind kind, const SymBool& a, const SymBool& b) {
  return SymBool(std::make_shared<Formula>(Formula{kind, nullptr, nullptr, a.shared(), b.shared()}));
}
inline SymBool land(const SymBool& a, const SymBool& b) { return connect(Formula::Kind::both, a, b); }
inline SymBool lor(const SymBool& a, const SymBool& b) { return connect(Formula::Kind::either, a, b); }
inline SymBool lnot(const SymBool& a) { return connect(Formula::Kind::not_so, a, a); }

inline SymNumber select(const SymBool& condition, const SymNumber& if_true, const SymNumber& if_false) {
  return SymNumber(std::make_shared<Term>(
      Term{Term::Kind::choice, Rational(0), 0, if_true.shared(), if_false.shared(), condition.shared()}));
}

[[nodiscard]] bool holds_at(const Formula& formula, const std::vector<Rational>& point);

/// The value of a term where variable k is point[k]; no divisor may be zero there.
[[nodiscard]] inline Rational value_at(const Term& term, const std::vector<Rational>& point) {
  const auto left = [&] { return value_at(*term.left, point); };
  const auto right = [&] { return value_at(*term.right, point); };
  switch (term.kind) {
    case Term::Kind::constant: return term.value;
    case Term::Kind::variable: return point.at(term.index);
    case Term::Kind::sum: return left() + right();
    case Term::Kind::difference: return left() - right();
    case Term::Kind::product: return left() * right();
    case Term::Kind::quotient: return left() / right();
    case Term::Kind::floor_quotient: return Rational(floor(left() / right()));
    case Term::Kind::choice: return holds_at(*term.condition, point) ? left() : right();
  }
  return 0;
}

inline bool holds_at(const Formula& formula, const std::vector<Rational>& point) {
  const auto left = [&] { return value_at(*formula.left_term, point); };
  const auto right = [&] { return value_at(*formula.right_term, point); };
  switch (formula.kind) {
    case Formula::Kind::less: return left() < right();
    case Formula::Kind::less_equal: return left() <= right();
    case Formula::Kind::equal: return left() == right();
    case Formula::Kind::both: return holds_at(*formula.left, point) && holds_at(*formula.right, point);
    case Formula::Kind::either: return holds_at(*formula.left, point) || holds_at(*formula.right, point);
    case Formula::Kind::not_so: return !holds_at(*formula.left, point);
  }
  return false;
}

}  // namespace p2pllm::symbolic

template <>
struct p2pllm::NumberTraits<p2pllm::symbolic::SymNumber> {
  using Truth = symbolic::SymBool;
  static symbolic::SymNumber literal(const symbolic::SymNumber& /*like*/, std::int64_t value) {
    return symbolic::constant(value);
  }
};

static_assert(p2pllm::Number<p2pllm::symbolic::SymNumber>);
static_assert(p2pllm::Integer<p2pllm::symbolic::SymNumber>);
