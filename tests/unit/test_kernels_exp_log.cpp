#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <span>

#include "kernels/portable/exp.hpp"
#include "kernels/portable/log.hpp"
#include "kernels/portable/target.hpp"
#include "tests/unit/kernel_points.hpp"
#include "tests/unit/mpfr_oracle.hpp"

namespace kernels = p2pllm::kernels;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double quiet_nan = std::numeric_limits<double>::quiet_NaN();
constexpr double least_normal = std::numeric_limits<double>::min();
constexpr double least_subnormal = std::numeric_limits<double>::denorm_min();

std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

std::vector<double> specials() {
  std::vector<double> values{0.0,
                             infinity,
                             quiet_nan,
                             std::numeric_limits<double>::signaling_NaN(),
                             std::bit_cast<double>(0x7ff8dead'beef0001),
                             1.0,
                             least_normal,
                             least_subnormal,
                             std::nextafter(least_normal, 0.0),
                             std::numeric_limits<double>::max(),
                             745.0,
                             746.0,
                             710.0,
                             708.5,
                             0x1p52,
                             0x1p1023};
  for (std::size_t i = values.size(); i-- > 0;) values.push_back(-values[i]);
  return values;
}

/// Whether the result of exp, and the bounds that its header states, hold for a value that MPFR evaluated.
bool exp_is_within_bounds(MpfrOracle& oracle, double x, double result) {
  oracle.exp(x);
  if (!oracle.lies_between_neighbours_of(result)) return false;
  return result < least_normal || oracle.relative_error(result) <= kernels::exp_relative_error;
}

bool log_is_within_bounds(MpfrOracle& oracle, double x, double result) {
  oracle.log(x);
  if (x == 1) return bits(result) == 0;
  return oracle.lies_between_neighbours_of(result) && oracle.relative_error(result) <= kernels::log_relative_error;
}

constexpr std::size_t million = 1'000'000;

void try_exp(std::uint64_t seed) {
  const std::vector<double> arguments = exp_arguments(million, seed);
  std::vector<double> results(arguments.size());
  kernels::exp(arguments, results);
  MpfrOracle oracle;
  for (std::size_t i = 0; i < arguments.size(); ++i)
    if (!exp_is_within_bounds(oracle, arguments[i], results[i])) FAIL("exp(" << arguments[i] << ") = " << results[i]);
}

void try_log(std::uint64_t seed) {
  const std::vector<double> arguments = log_arguments(million, seed);
  std::vector<double> results(arguments.size());
  kernels::log(arguments, results);
  MpfrOracle oracle;
  for (std::size_t i = 0; i < arguments.size(); ++i)
    if (!log_is_within_bounds(oracle, arguments[i], results[i])) FAIL("log(" << arguments[i] << ") = " << results[i]);
}

}  // namespace

TEST_CASE("exp lies within its bounds at a million points", "[PRICE-15][kernels]") { try_exp(14); }
TEST_CASE("log lies within its bounds at a million points", "[PRICE-15][kernels]") { try_log(15); }

// By name alone, for they take minutes.
TEST_CASE("exp lies within its bounds at a hundred million points", "[.hundred-million]") {
  for (std::uint64_t seed = 1000; seed < 1100; ++seed) try_exp(seed);
}
TEST_CASE("log lies within its bounds at a hundred million points", "[.hundred-million]") {
  for (std::uint64_t seed = 2000; seed < 2100; ++seed) try_log(seed);
}

TEST_CASE("exp and log lie within their bounds at the published hard cases", "[PRICE-15][kernels]") {
  MpfrOracle oracle;
  std::size_t tried = 0;
  for (const char* name : {"expm1.wc", "log.wc"})
    for (const double x : hard_cases(name)) {
      if (x > -745.1 && x < 709.7) {
        CAPTURE(x);
        REQUIRE(exp_is_within_bounds(oracle, x, kernels::exp(x)));
        ++tried;
      }
      if (x > 0 && std::isfinite(x)) {
        CAPTURE(x);
        REQUIRE(log_is_within_bounds(oracle, x, kernels::log(x)));
        ++tried;
      }
    }
  REQUIRE(tried > 10'000);
}

TEST_CASE("exp of zeros, infinities, NaN, and at its thresholds", "[PRICE-15][kernels]") {
  for (const kernels::Target* target : kernels::targets()) {
    CAPTURE(target->name);
    CHECK(bits(target->exp(0.0)) == bits(1.0));
    CHECK(bits(target->exp(-0.0)) == bits(1.0));
    CHECK(bits(target->exp(infinity)) == bits(infinity));
    CHECK(bits(target->exp(-infinity)) == bits(0.0));
    for (const double nan : {quiet_nan, -quiet_nan, std::bit_cast<double>(0x7ff0000000000001)})
      CHECK(bits(target->exp(nan)) == bits(quiet_nan));
    const double greatest = 0x1.62e42fefa39efp+9;  // the last argument with a finite result
    CHECK(target->exp(greatest) > 0x1.ffffffffff000p+1023);
    CHECK(target->exp(greatest) < infinity);
    CHECK(target->exp(std::nextafter(greatest, infinity)) == infinity);
    const double least = -0x1.74910d52d3051p+9;  // the last argument with a result above zero
    CHECK(target->exp(least) == least_subnormal);
    CHECK(bits(target->exp(std::nextafter(least, -infinity))) == bits(0.0));
    for (const double tiny : {least_subnormal, least_normal, 0x1p-54}) CHECK(target->exp(tiny) == 1.0);
    for (const double tiny : {least_subnormal, least_normal, 0x1p-55}) CHECK(target->exp(-tiny) == 1.0);
    CHECK(target->exp(0x1p-52) == 1.0 + 0x1p-52);
  }
}

TEST_CASE("log of zeros, infinities, NaN, negatives, subnormals and powers of two", "[PRICE-15][kernels]") {
  for (const kernels::Target* target : kernels::targets()) {
    CAPTURE(target->name);
    CHECK(bits(target->log(1.0)) == bits(0.0));
    CHECK(bits(target->log(0.0)) == bits(-infinity));
    CHECK(bits(target->log(-0.0)) == bits(-infinity));
    CHECK(bits(target->log(infinity)) == bits(infinity));
    for (const double bad : {-infinity, -1.0, -least_subnormal, quiet_nan, -quiet_nan})
      CHECK(bits(target->log(bad)) == bits(quiet_nan));
    MpfrOracle oracle;
    for (int exponent = -1074; exponent <= 1023; ++exponent) {
      const double power = std::ldexp(1.0, exponent);
      CAPTURE(exponent);
      REQUIRE(log_is_within_bounds(oracle, power, target->log(power)));
      REQUIRE(
          log_is_within_bounds(oracle, std::nextafter(power, infinity), target->log(std::nextafter(power, infinity))));
    }
  }
}

TEST_CASE("every target gives the same bits, one by one and in batches", "[PRICE-15][kernels]") {
  std::mt19937_64 random(16);
  std::vector<double> arguments = specials();
  for (const char* name : {"expm1.wc", "log.wc"})
    for (const double x : hard_cases(name)) arguments.push_back(x);
  for (const double x : exp_arguments(50'000, 17)) arguments.push_back(x);
  for (const double x : log_arguments(50'000, 18)) arguments.push_back(x);
  for (int i = 0; i < 50'000; ++i) arguments.push_back(any_double(random));
  const kernels::Target& baseline = *kernels::targets().back();
  for (const kernels::Target* target : kernels::targets()) {
    INFO(target->name);
    std::vector<double> exps(arguments.size());
    std::vector<double> logs(arguments.size());
    target->exp_batch(arguments.data(), exps.data(), arguments.size());
    target->log_batch(arguments.data(), logs.data(), arguments.size());
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const double x = arguments[i];
      if (bits(exps[i]) != bits(baseline.exp(x)) || bits(target->exp(x)) != bits(exps[i])) FAIL("exp at " << x);
      if (bits(logs[i]) != bits(baseline.log(x)) || bits(target->log(x)) != bits(logs[i])) FAIL("log at " << x);
    }
  }
}

TEST_CASE("a batch of any length writes its own elements alone, and may overwrite its input", "[PRICE-15][kernels]") {
  for (const kernels::Target* target : kernels::targets())
    for (std::size_t count = 0; count < 40; ++count) {
      const std::vector<double> arguments = log_arguments(count, count);
      std::vector<double> in_place = arguments;
      in_place.push_back(-7);
      target->log_batch(in_place.data(), in_place.data(), count);
      target->exp_batch(in_place.data(), in_place.data(), count);
      for (std::size_t i = 0; i < count; ++i)
        REQUIRE(bits(in_place[i]) == bits(kernels::exp(kernels::log(arguments[i]))));
      REQUIRE(in_place[count] == -7);
    }
}
