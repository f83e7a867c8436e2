#include "model/layers/log2_e.hpp"

#include <mpfr.h>

namespace p2pllm {

std::int64_t times_log2_e(const Rational& factor) {
  mpfr_t value;
  mpfr_init2(value, 1024);
  mpfr_set_ui(value, 1, MPFR_RNDN);
  mpfr_exp(value, value, MPFR_RNDN);
  mpfr_log2(value, value, MPFR_RNDN);
  mpfr_mul_q(value, value, factor.raw().get_mpq_t(), MPFR_RNDN);
  const std::int64_t result = mpfr_get_si(value, MPFR_RNDN);
  mpfr_clear(value);
  return result;
}

}  // namespace p2pllm
