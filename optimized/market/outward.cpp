#include "optimized/market/outward.hpp"

#include <mpfr.h>

namespace p2pllm::optimized {

double rounded_down(const Rational& value) {
  mpfr_t rounded;
  mpfr_init2(rounded, 53);
  mpfr_set_q(rounded, value.raw().get_mpq_t(), MPFR_RNDD);
  // A result below the normal doubles is rounded once more, in the same direction.
  const double result = mpfr_get_d(rounded, MPFR_RNDD);
  mpfr_clear(rounded);
  return result;
}

}  // namespace p2pllm::optimized
