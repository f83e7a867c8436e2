#pragma once

#include <arb.h>
#include <flint/fmpq.h>

#include "model/market/verdict.hpp"

namespace p2pllm::cross {

/// A real number as a ball of FLINT/Arb that contains it, at one generous precision: an implementation of interval
/// arithmetic, of exp and of Lambert's W that shares nothing with MPFI or our code. Exponents are unbounded, so no
/// value is ever shifted.
class Ball {
 public:
  static constexpr slong bits = 4000;

  Ball() { arb_init(value_); }
  Ball(const Rational& value) : Ball() {
    fmpq_t exact;
    fmpq_init(exact);
    fmpq_set_mpq(exact, value.raw().get_mpq_t());
    arb_set_fmpq(value_, exact, bits);
    fmpq_clear(exact);
  }
  Ball(const Enclosure& value) : Ball() { arb_union(value_, Ball(value.lower).value_, Ball(value.upper).value_, bits); }
  Ball(const Ball& other) : Ball() { arb_set(value_, other.value_); }
  Ball& operator=(const Ball& other) {
    arb_set(value_, other.value_);
    return *this;
  }
  ~Ball() { arb_clear(value_); }

  friend Ball operator+(const Ball& a, const Ball& b) { return combine(a, b, arb_add); }
  friend Ball operator-(const Ball& a, const Ball& b) { return combine(a, b, arb_sub); }
  friend Ball operator*(const Ball& a, const Ball& b) { return combine(a, b, arb_mul); }
  friend Ball operator/(const Ball& a, const Ball& b) { return combine(a, b, arb_div); }
  friend Ball exp(const Ball& a) {
    Ball result;
    arb_exp(result.value_, a.value_, bits);
    return result;
  }
  /// The principal branch of Lambert's W.
  friend Ball lambert_w(const Ball& a) {
    Ball result;
    arb_lambertw(result.value_, a.value_, 0, bits);
    return result;
  }

  /// Whether it is certainly less, for all values of both balls.
  friend bool operator<(const Ball& a, const Ball& b) { return arb_lt(a.value_, b.value_) != 0; }
  /// The number of leading bits of the value that are known.
  [[nodiscard]] slong known_bits() const { return arb_rel_accuracy_bits(value_); }
  [[nodiscard]] std::string shown() const {
    char* text = arb_get_str(value_, 30, 0);
    std::string result = text;
    flint_free(text);
    return result;
  }

 private:
  template <typename Operation>
  static Ball combine(const Ball& a, const Ball& b, Operation operation) {
    Ball result;
    operation(result.value_, a.value_, b.value_, bits);
    return result;
  }

  arb_t value_;
};

/// Whether the two can hold the same number.
inline bool meet(const Ball& ball, const Enclosure& enclosure) {
  return !(ball < Ball(enclosure.lower)) && !(Ball(enclosure.upper) < ball);
}

}  // namespace p2pllm::cross
