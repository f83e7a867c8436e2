#include "model/numbers/interval.hpp"

#include <mpfi_io.h>

#include <algorithm>
#include <utility>

#include "model/assert.hpp"

namespace p2pllm {
namespace {

// Ends beyond this exponent would be too costly as rationals.
constexpr mpfr_exp_t exponent_max = 1L << 16;

/// @param outward  -1 for a lower end, +1 for an upper one
std::optional<Rational> end_as_rational(mpfr_srcptr end, int outward) {
  if (mpfr_nan_p(end) != 0 || mpfr_inf_p(end) != 0) return std::nullopt;
  if (mpfr_zero_p(end) != 0) return Rational(0);
  const mpfr_exp_t exponent = mpfr_get_exp(end);
  const int sign = mpfr_sgn(end);
  if (exponent > exponent_max) return std::nullopt;
  if (exponent < -exponent_max)
    return sign == outward ? Rational(sign) * Rational::power_of_two(-exponent_max) : Rational(0);
  mpq_class value;
  mpfr_get_q(value.get_mpq_t(), end);
  return Rational::from_canonical(std::move(value));
}

}  // namespace

Interval::Interval(long bits) {
  P2PLLM_ASSERT(bits >= 2);
  mpfi_init2(value_, bits);
}

Interval::Interval(const Rational& value, long bits) : Interval(bits) { mpfi_set_q(value_, value.raw().get_mpq_t()); }

Interval::Interval(const Rational& lower, const Rational& upper, long bits) : Interval(bits) {
  P2PLLM_ASSERT(lower <= upper);
  mpfr_set_q(&value_->left, lower.raw().get_mpq_t(), MPFR_RNDD);
  mpfr_set_q(&value_->right, upper.raw().get_mpq_t(), MPFR_RNDU);
}

Interval::Interval(const Interval& other) : Interval(other.bits()) { mpfi_set(value_, other.value_); }

Interval::Interval(Interval&& other) noexcept {
  *value_ = *other.value_;
  other.value_->left._mpfr_d = nullptr;
}

Interval& Interval::operator=(const Interval& other) {
  if (this != &other) *this = Interval(other);
  return *this;
}

Interval& Interval::operator=(Interval&& other) noexcept {
  std::swap(*value_, *other.value_);
  return *this;
}

Interval::~Interval() {
  if (value_->left._mpfr_d != nullptr) mpfi_clear(value_);
}

long Interval::bits() const { return mpfr_get_prec(&value_->left); }

std::optional<Rational> Interval::lower() const { return end_as_rational(&value_->left, -1); }
std::optional<Rational> Interval::upper() const { return end_as_rational(&value_->right, +1); }

Interval Interval::midpoint() const {
  Interval result(bits());
  mpfi_mid(&result.value_->left, value_);
  mpfr_set(&result.value_->right, &result.value_->left, MPFR_RNDN);
  return result;
}

Interval Interval::magnitude() const {
  Interval result(bits());
  mpfi_mag(&result.value_->right, value_);
  mpfr_set(&result.value_->left, &result.value_->right, MPFR_RNDN);
  return result;
}

Interval Interval::with_bits(long bits) const {
  Interval result(bits);
  mpfi_set(result.value_, value_);
  return result;
}

double Interval::approximate() const { return mpfi_get_d(value_); }
bool Interval::is_bounded() const { return mpfi_bounded_p(value_) != 0; }

Interval& Interval::operator+=(const Interval& other) { return *this = *this + other; }
Interval& Interval::operator-=(const Interval& other) { return *this = *this - other; }
Interval& Interval::operator*=(const Interval& other) { return *this = *this * other; }
Interval& Interval::operator/=(const Interval& other) { return *this = *this / other; }

Uncertain operator<(const Interval& a, const Interval& b) {
  if (mpfr_less_p(&a.value_->right, &b.value_->left) != 0) return Uncertain::yes;
  if (mpfr_greaterequal_p(&a.value_->left, &b.value_->right) != 0) return Uncertain::no;
  return Uncertain::undecided;
}

Uncertain operator<=(const Interval& a, const Interval& b) { return lnot(b < a); }

Uncertain operator==(const Interval& a, const Interval& b) {
  // Two intervals are equal for every pair of points only when both are the same point.
  return land(a <= b, b <= a);
}

Interval Interval::combine(const Interval& a, const Interval& b, int (*op)(mpfi_ptr, mpfi_srcptr, mpfi_srcptr)) {
  Interval result(std::max(a.bits(), b.bits()));
  op(result.value_, a.value_, b.value_);
  return result;
}

Interval Interval::apply(const Interval& a, int (*op)(mpfi_ptr, mpfi_srcptr)) {
  Interval result(a.bits());
  op(result.value_, a.value_);
  return result;
}

Interval select(Uncertain condition, const Interval& if_true, const Interval& if_false) {
  if (certainly(condition)) return if_true;
  if (certainly_not(condition)) return if_false;
  return hull(if_true, if_false);
}

Uncertain certify(const Precision& ladder, const std::function<Uncertain(long bits)>& question) {
  for (long bits = ladder.first_bits; bits <= ladder.last_bits; bits *= 2) {
    const Uncertain answer = question(bits);
    if (decided(answer)) return answer;
  }
  return Uncertain::undecided;
}

}  // namespace p2pllm
