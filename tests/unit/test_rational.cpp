#include <catch2/catch.hpp>

#include "model/numbers/number.hpp"
#include "model/numbers/parse.hpp"
#include "model/numbers/rational.hpp"

using p2pllm::Rational;
using p2pllm::Rounding;
using p2pllm::simplest_between;
using p2pllm::to_decimal;
using p2pllm::to_string;

namespace {

Rational exact(const char* text) { return p2pllm::parse_rational(text).value(); }

}  // namespace

TEST_CASE("a rational is always in lowest terms with a positive denominator", "[FORMAT-2]") {
  CHECK(to_string(Rational(6, 4)) == "3/2");
  CHECK(to_string(Rational(mpz_class(6), mpz_class(-4))) == "-3/2");
  CHECK(to_string(Rational(0, 7)) == "0");
  CHECK(to_string(Rational(-8, 4)) == "-2");
  CHECK(Rational(1, 3) + Rational(1, 6) == Rational(1, 2));
  CHECK(Rational(7, 2).denominator() == 2);
  CHECK_FALSE(Rational(7, 2).is_integer());
  CHECK((Rational(7, 2) * Rational(2)).is_integer());
}

TEST_CASE("rational arithmetic is that of the field, on every pair of a small grid", "[FORMAT-2]") {
  for (long a = -4; a <= 4; ++a)
    for (long b = 1; b <= 4; ++b)
      for (long c = -4; c <= 4; ++c)
        for (long d = 1; d <= 4; ++d) {
          const Rational x(a, b);
          const Rational y(c, d);
          REQUIRE(x + y == Rational(a * d + c * b, b * d));
          REQUIRE(x - y == Rational(a * d - c * b, b * d));
          REQUIRE(x * y == Rational(a * c, b * d));
          REQUIRE((x < y) == (a * d < c * b));
          REQUIRE((x == y) == (a * d == c * b));
          if (c != 0) REQUIRE((x / y) * y == x);
        }
}

TEST_CASE("floor and ceil round towards the infinities, below zero too", "[FORMAT-2]") {
  CHECK(floor(Rational(7, 2)) == 3);
  CHECK(ceil(Rational(7, 2)) == 4);
  CHECK(floor(Rational(-7, 2)) == -4);
  CHECK(ceil(Rational(-7, 2)) == -3);
  CHECK(floor(Rational(-3)) == -3);
  CHECK(ceil(Rational(-3)) == -3);
  CHECK(abs(Rational(-7, 2)) == Rational(7, 2));
}

TEST_CASE("a power of two is exact at both signs of the exponent", "[FORMAT-2]") {
  CHECK(Rational::power_of_two(10) == Rational(1024));
  CHECK(Rational::power_of_two(0) == Rational(1));
  CHECK(Rational::power_of_two(-3) == Rational(1, 8));
  CHECK(Rational::power_of_two(-5000) * Rational::power_of_two(5000) == Rational(1));
}

TEST_CASE("decimals: value, digits, down / nearest / up", "[FORMAT-7]") {
  struct Case {
    const char* value;
    int digits;
    const char* down;
    const char* nearest;
    const char* up;
  };
  const Case cases[] = {
      {"0", 5, "0", "0", "0"},
      {"1/3", 3, "0.333", "0.333", "0.334"},
      {"-1/3", 3, "-0.334", "-0.333", "-0.333"},
      {"2/3", 3, "0.666", "0.667", "0.667"},
      {"7/3", 6, "2.33333", "2.33333", "2.33334"},
      {"0.40", 6, "0.4", "0.4", "0.4"},
      {"1000", 2, "1000", "1000", "1000"},
      {"999999", 3, "999000", "1000000", "1000000"},
      {"0.99999", 3, "0.999", "1", "1"},
      {"1e-6", 3, "0.000001", "0.000001", "0.000001"},
      {"1e-7", 3, "1e-7", "1e-7", "1e-7"},
      {"123e-9", 2, "1.2e-7", "1.2e-7", "1.3e-7"},
      {"1e14", 3, "100000000000000", "100000000000000", "100000000000000"},
      {"1e15", 3, "1e15", "1e15", "1e15"},
      {"123456789e20", 4, "1.234e28", "1.235e28", "1.235e28"},
      {"1/2", 1, "0.5", "0.5", "0.5"},
      {"0.25", 1, "0.2", "0.3", "0.3"},
      {"-0.25", 1, "-0.3", "-0.2", "-0.2"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.value, c.digits);
    CHECK(to_decimal(exact(c.value), c.digits, Rounding::down) == c.down);
    CHECK(to_decimal(exact(c.value), c.digits) == c.nearest);
    CHECK(to_decimal(exact(c.value), c.digits, Rounding::up) == c.up);
  }
}

TEST_CASE("a decimal parses back between value and value, within one unit of its last digit", "[FORMAT-7]") {
  for (long numerator = -40; numerator <= 40; numerator += 7)
    for (long denominator = 1; denominator <= 31; denominator += 3)
      for (const char* scale : {"1", "1e-40", "1e40", "1/7"})
        for (const int digits : {1, 2, 7, 25}) {
          const Rational value = Rational(numerator, denominator) * exact(scale);
          CAPTURE(to_string(value), digits);
          const Rational down = exact(to_decimal(value, digits, Rounding::down).c_str());
          const Rational up = exact(to_decimal(value, digits, Rounding::up).c_str());
          const Rational near = exact(to_decimal(value, digits).c_str());
          REQUIRE(down <= value);
          REQUIRE(value <= up);
          REQUIRE((near == down || near == up));
          const Rational unit = abs(value) * exact(("1e-" + std::to_string(digits - 1)).c_str());
          REQUIRE(up - down <= unit);
        }
}

TEST_CASE("the simplest rational between two ends is that of the least denominator", "[PRICE-12]") {
  for (long a = -12; a <= 12; ++a)
    for (long b = a; b <= 12; ++b)
      for (long denominator = 1; denominator <= 9; denominator += 2) {
        const Rational lower(a, denominator);
        const Rational upper(b, denominator);
        const Rational simplest = simplest_between(lower, upper);
        CAPTURE(to_string(lower), to_string(upper), to_string(simplest));
        REQUIRE(lower <= simplest);
        REQUIRE(simplest <= upper);
        for (long d = 1; Rational(d) < Rational(simplest.denominator()); ++d)
          REQUIRE(Rational(ceil(lower * Rational(d)), mpz_class(d)) > upper);  // no smaller denominator fits
        // Of the fractions of its denominator, it is the nearest to zero.
        const Rational step(mpz_class(simplest.sign()), simplest.denominator());
        if (simplest.sign() != 0) REQUIRE((simplest - step < lower || simplest - step > upper));
      }
}

TEST_CASE("simplest rationals known by hand", "[PRICE-12]") {
  CHECK(simplest_between(exact("3.14"), exact("3.15")) == Rational(22, 7));
  CHECK(simplest_between(exact("2.3333"), exact("2.3334")) == Rational(7, 3));
  CHECK(simplest_between(exact("-3.15"), exact("-3.14")) == Rational(-22, 7));
  CHECK(simplest_between(exact("-1"), exact("1")) == Rational(0));
  CHECK(simplest_between(exact("1/3"), exact("1/3")) == Rational(1, 3));
}

TEST_CASE("select, minimum and the connectives over rationals are those of bool", "[ROUTE-3]") {
  const Rational a(1);
  const Rational b(2);
  CHECK(select(true, a, b) == a);
  CHECK(select(false, a, b) == b);
  CHECK(minimum(a, b) == a);
  CHECK(minimum(b, a) == a);
  CHECK(p2pllm::land(true, false) == false);
  CHECK(p2pllm::lor(true, false) == true);
  CHECK(p2pllm::lnot(true) == false);
  CHECK(p2pllm::one_like(b) == a);
  CHECK(p2pllm::zero_like(b) == Rational(0));
}
