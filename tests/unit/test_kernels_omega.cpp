#include <mpfr.h>

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/portable/omega.hpp"
#include "kernels/portable/omega_lane.hpp"
#include "kernels/portable/target.hpp"
#include "tests/unit/kernel_points.hpp"

using p2pllm::kernels::DoubleInterval;
using p2pllm::kernels::Target;
namespace kernels = p2pllm::kernels;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double quiet_nan = std::numeric_limits<double>::quiet_NaN();
constexpr double least_subnormal = std::numeric_limits<double>::denorm_min();

std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

/// y + ln y - x by MPFR: its sign says on which side of omega(x) a number y lies.
class Residual {
 public:
  Residual() {
    mpfr_init2(y_, 53);
    mpfr_inits2(150, difference_, value_, static_cast<mpfr_ptr>(nullptr));
  }
  ~Residual() { mpfr_clears(y_, difference_, value_, static_cast<mpfr_ptr>(nullptr)); }
  Residual(const Residual&) = delete;
  Residual& operator=(const Residual&) = delete;

  [[nodiscard]] int sign(double y, double x) {
    evaluate(y, x);
    return mpfr_sgn(value_);
  }
  /// |y - omega(x)| / omega(x), to first order
  [[nodiscard]] double relative_error(double y, double x) {
    evaluate(y, x);
    return std::fabs(mpfr_get_d(value_, MPFR_RNDN)) / (1 + y);
  }

 private:
  void evaluate(double y, double x) {
    mpfr_set_d(y_, y, MPFR_RNDN);
    mpfr_sub_d(difference_, y_, x, MPFR_RNDN);
    mpfr_log(value_, y_, MPFR_RNDN);
    mpfr_add(value_, value_, difference_, MPFR_RNDN);
  }
  mpfr_t y_, difference_, value_;
};

/// Every magnitude; beside -40, 1 and 2^60, where the method changes; where the result is subnormal.
std::vector<double> omega_arguments(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<double> arguments;
  while (arguments.size() < count) {
    const double sign = random() % 2 == 0 ? 1 : -1;
    arguments.push_back(uniform(random, -745, 745));
    arguments.push_back(uniform(random, -42, 3));
    arguments.push_back(sign * std::ldexp(uniform(random, 1, 2), -static_cast<int>(random() % 60)));
    arguments.push_back(std::ldexp(uniform(random, 1, 2), static_cast<int>(random() % 1024)));
    arguments.push_back(uniform(random, -745.2, -708));
    for (const double turn : {-40.0, 1.0, 0x1p60})
      arguments.push_back(moved(turn, static_cast<std::int64_t>(random() % 64) - 32));
  }
  arguments.resize(count);
  return arguments;
}

}  // namespace

TEST_CASE("omega lies within its stated error at a million points", "[PRICE-15][kernels]") {
  const std::vector<double> arguments = omega_arguments(1'000'000, 31);
  std::vector<double> results(arguments.size());
  kernels::omega(arguments, results);
  Residual residual;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (results[i] < std::numeric_limits<double>::min()) continue;
    const double error = residual.relative_error(results[i], arguments[i]);
    if (error > kernels::omega_relative_error) FAIL(std::hexfloat << "omega(" << arguments[i] << ") = " << results[i]);
  }
}

TEST_CASE("an enclosure of omega holds, by the residual at both ends in MPFR, and is tight", "[PRICE-15][kernels]") {
  const std::vector<double> arguments = omega_arguments(200'000, 32);
  std::vector<double> lower(arguments.size());
  std::vector<double> upper(arguments.size());
  kernels::omega({arguments, arguments}, {lower, upper});
  Residual residual;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const double x = arguments[i];
    const bool holds =
        (lower[i] == 0 || residual.sign(lower[i], x) < 0) && (upper[i] == infinity || residual.sign(upper[i], x) > 0);
    const bool is_tight = upper[i] - lower[i] <= 0x1p-47 * lower[i] || upper[i] < 0x1p-1015 || upper[i] == infinity;
    if (!holds || !is_tight || !(lower[i] >= 0))
      FAIL(std::hexfloat << "omega(" << x << ") in [" << lower[i] << ", " << upper[i] << "]");
  }
}

TEST_CASE("omega has the same bits on every target, one by one, in batches and in place", "[PRICE-15][kernels]") {
  std::vector<double> arguments = omega_arguments(30'001, 33);
  std::mt19937_64 random(34);
  for (int i = 0; i < 30'000; ++i) arguments.push_back(any_double(random));
  const Target& baseline = *kernels::targets().back();
  for (const Target* target : kernels::targets()) {
    INFO(target->name);
    std::vector<double> results = arguments;
    target->omega_batch(results.data(), results.data(), results.size());
    std::vector<double> lower = arguments;
    std::vector<double> upper = arguments;
    target->omega_intervals({lower.data(), upper.data()}, {lower.data(), upper.data()}, arguments.size());
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const double x = arguments[i];
      if (bits(results[i]) != bits(baseline.omega(x)) || bits(target->omega(x)) != bits(results[i])) FAIL(x);
      double ends[2] = {x, x};
      baseline.omega_intervals({ends, ends + 1}, {ends, ends + 1}, 1);
      if (bits(ends[0]) != bits(lower[i]) || bits(ends[1]) != bits(upper[i])) FAIL("enclosure at " << x);
    }
  }
}

TEST_CASE("omega at one, zeros, infinities, NaN and where it underflows", "[PRICE-15][kernels]") {
  CHECK(kernels::omega(1) == 1);
  CHECK(kernels::omega(0) == 0x1.22609af8e9657p-1);
  CHECK(bits(kernels::omega(-0.0)) == bits(kernels::omega(0)));
  CHECK(kernels::omega(infinity) == infinity);
  CHECK(bits(kernels::omega(-infinity)) == bits(0.0));
  CHECK(bits(kernels::omega(-746)) == bits(0.0));
  CHECK(kernels::omega(-745) == least_subnormal);
  CHECK(bits(kernels::omega(-quiet_nan)) == bits(quiet_nan));
  CHECK(kernels::omega(std::numeric_limits<double>::max()) == std::numeric_limits<double>::max());
}

TEST_CASE("an enclosure of omega of an interval contains omega of its points", "[PRICE-15][kernels]") {
  std::mt19937_64 random(35);
  Residual residual;
  std::vector<double> lower, upper;
  for (int i = 0; i < 1000; ++i) {
    const double a = uniform(random, -745, 745);
    lower.push_back(a);
    upper.push_back(a + uniform(random, 0, 2));
  }
  const std::vector<double> x_lower = lower;
  const std::vector<double> x_upper = upper;
  kernels::omega({lower, upper}, {lower, upper});
  for (std::size_t i = 0; i < lower.size(); ++i) {
    const DoubleInterval single = omega(DoubleInterval(x_lower[i], x_upper[i]));
    REQUIRE(bits(single.lower()) == bits(lower[i]));
    REQUIRE(bits(single.upper()) == bits(upper[i]));
    if (lower[i] > 0) REQUIRE(residual.sign(lower[i], x_lower[i]) < 0);
    REQUIRE(residual.sign(upper[i], x_upper[i]) > 0);
  }
  const DoubleInterval everything = omega(DoubleInterval(-infinity, infinity));
  CHECK(everything.lower() == 0);
  CHECK(everything.upper() == infinity);
  CHECK(omega(DoubleInterval(-800)).lower() == 0);
  CHECK(omega(DoubleInterval(-800)).upper() <= 4 * least_subnormal);
  CHECK(omega(DoubleInterval(std::numeric_limits<double>::max())).lower() > 0x1.fffffffffff00p+1023);
}

TEST_CASE("an end on the wrong side of omega is not certified", "[PRICE-15][kernels]") {
  std::mt19937_64 random(36);
  const kernels::OmegaStep step = kernels::omega_first_step();
  for (int i = 0; i < 2000; ++i) {
    const double x = uniform(random, -700, 700);
    const double y = kernels::omega(x);
    for (const double off : {0x1p-46, 0x1p-20}) {
      REQUIRE(std::isnan(kernels::omega_below(x, y * (1 + off), step)));
      REQUIRE(std::isnan(kernels::omega_above(x, y * (1 - off), step)));
      REQUIRE(kernels::omega_below(x, y * (1 - off), step) < y);
      REQUIRE(kernels::omega_above(x, y * (1 + off), step) > y);
    }
  }
}
