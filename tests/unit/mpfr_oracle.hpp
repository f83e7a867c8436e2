#pragma once

#include <mpfr.h>

#include <cmath>
#include <limits>

// Functions of doubles by MPFR, at more bits than any comparison here needs.
class MpfrOracle {
 public:
  MpfrOracle() { mpfr_inits2(bits, argument_, value_, error_, static_cast<mpfr_ptr>(nullptr)); }
  ~MpfrOracle() { mpfr_clears(argument_, value_, error_, static_cast<mpfr_ptr>(nullptr)); }
  MpfrOracle(const MpfrOracle&) = delete;
  MpfrOracle& operator=(const MpfrOracle&) = delete;

  template <typename Function>
  void evaluate(double x, const Function& function) {
    mpfr_set_d(argument_, x, MPFR_RNDN);
    function(value_, argument_, MPFR_RNDN);
  }
  void exp(double x) { evaluate(x, mpfr_exp); }
  void log(double x) { evaluate(x, mpfr_log); }

  /// Whether the neighbours of `result` enclose the value of the last evaluation strictly.
  [[nodiscard]] bool lies_between_neighbours_of(double result) const {
    const double inf = std::numeric_limits<double>::infinity();
    return mpfr_cmp_d(value_, std::nextafter(result, -inf)) > 0 && mpfr_cmp_d(value_, std::nextafter(result, inf)) < 0;
  }
  /// |result - value| / |value|
  [[nodiscard]] double relative_error(double result) {
    mpfr_sub_d(error_, value_, result, MPFR_RNDN);
    mpfr_div(error_, error_, value_, MPFR_RNDN);
    return std::fabs(mpfr_get_d(error_, MPFR_RNDN));
  }
  [[nodiscard]] bool is_above(double x) const { return mpfr_cmp_d(value_, x) > 0; }
  [[nodiscard]] bool is_below(double x) const { return mpfr_cmp_d(value_, x) < 0; }
  [[nodiscard]] double nearest() const { return mpfr_get_d(value_, MPFR_RNDN); }

 private:
  static constexpr mpfr_prec_t bits = 110;
  mpfr_t argument_, value_, error_;
};
