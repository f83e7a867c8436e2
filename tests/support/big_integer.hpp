#pragma once

#include <gmpxx.h>

#include "model/numbers/integer.hpp"

namespace p2pllm::testing {

/// An integer without bounds, on which the rules of layers run as on machine integers: where the two agree, no
/// intermediate has left 64 bits.
class BigInteger {
 public:
  explicit BigInteger(std::int64_t value) : value_(static_cast<long>(value)) {}
  explicit BigInteger(mpz_class value) : value_(std::move(value)) {}
  [[nodiscard]] const mpz_class& value() const { return value_; }

  friend BigInteger operator+(const BigInteger& a, const BigInteger& b) {
    return BigInteger(mpz_class(a.value_ + b.value_));
  }
  friend BigInteger operator-(const BigInteger& a, const BigInteger& b) {
    return BigInteger(mpz_class(a.value_ - b.value_));
  }
  friend BigInteger operator*(const BigInteger& a, const BigInteger& b) {
    return BigInteger(mpz_class(a.value_ * b.value_));
  }
  friend bool operator<(const BigInteger& a, const BigInteger& b) { return a.value_ < b.value_; }
  friend bool operator<=(const BigInteger& a, const BigInteger& b) { return a.value_ <= b.value_; }
  friend bool operator==(const BigInteger& a, const BigInteger& b) { return a.value_ == b.value_; }

 private:
  mpz_class value_;
};

[[nodiscard]] inline BigInteger integer_like(const BigInteger& /*like*/, std::int64_t value) {
  return BigInteger(value);
}
[[nodiscard]] inline BigInteger div_floor(const BigInteger& value, std::int64_t divisor) {
  mpz_class result;
  mpz_fdiv_q_ui(result.get_mpz_t(), value.value().get_mpz_t(), static_cast<unsigned long>(divisor));
  return BigInteger(result);
}
[[nodiscard]] inline BigInteger select(bool condition, const BigInteger& a, const BigInteger& b) {
  return condition ? a : b;
}
[[nodiscard]] inline std::int64_t bit_length(const BigInteger& magnitude) {
  return magnitude.value() == 0 ? 0 : static_cast<std::int64_t>(mpz_sizeinbase(magnitude.value().get_mpz_t(), 2));
}
[[nodiscard]] inline BigInteger quotient(const BigInteger& a, const BigInteger& b) {
  return BigInteger(mpz_class(a.value() / b.value()));
}
[[nodiscard]] inline BigInteger square_root(const BigInteger& value) {
  return BigInteger(mpz_class(sqrt(value.value())));
}
[[nodiscard]] inline std::int64_t to_machine(const BigInteger& value) { return value.value().get_si(); }

}  // namespace p2pllm::testing

namespace p2pllm {
template <>
struct NumberTraits<testing::BigInteger> {
  using Truth = bool;
};
}  // namespace p2pllm
