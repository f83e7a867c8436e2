#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "optimized/market/exact_sum.hpp"

using p2pllm::Rational;
using p2pllm::optimized::ExactSum;

namespace {

Rational exactly(double value) { return Rational::from_canonical(mpq_class(value)); }

/// The bounds are doubles around the value with no double between, and equal iff the value is a double.
void check_bounds(ExactSum& sum, const Rational& value) {
  const auto [lower, upper] = sum.bounds();
  CHECK(sum.value() == value);
  CHECK(exactly(lower) <= value);
  CHECK(value <= exactly(upper));
  if (lower == upper) return;
  CHECK(exactly(lower) < value);
  CHECK(value < exactly(upper));
  CHECK(std::nextafter(lower, std::numeric_limits<double>::infinity()) == upper);
}

}  // namespace

TEST_CASE("a sum of doubles is exact while terms of all magnitudes come and go", "[PRICE-15]") {
  std::mt19937_64 random(7);
  for (int trial = 0; trial < 60; ++trial) {
    ExactSum sum;
    Rational value = 0;
    std::vector<double> terms;
    const int spread = 1 + trial * 17;
    for (int k = 0; k < 80; ++k) {
      if (!terms.empty() && random() % 3 == 0) {
        std::swap(terms[random() % terms.size()], terms.back());
        sum.subtract(terms.back());
        value -= exactly(terms.back());
        terms.pop_back();
      } else {
        const auto exponent = static_cast<int>(random() % static_cast<unsigned>(2 * spread)) - spread;
        terms.push_back(std::ldexp(static_cast<double>(random() >> 11), std::max(exponent, -1074)));
        sum.add(terms.back());
        value += exactly(terms.back());
      }
      check_bounds(sum, value);
    }
  }
}

TEST_CASE("what is left after the greatest term is taken away is not lost", "[PRICE-15]") {
  ExactSum sum;
  sum.add(1);
  sum.add(0x1p-1074);
  CHECK(sum.bounds().lower == 1);
  CHECK(sum.bounds().upper == 1 + 0x1p-52);
  sum.subtract(1);
  CHECK(sum.bounds().lower == 0x1p-1074);
  CHECK(sum.bounds().upper == 0x1p-1074);
  sum.subtract(0x1p-1074);
  CHECK(sum.bounds().upper == 0);
  CHECK(sum.value() == Rational(0));
}

TEST_CASE("an empty sum is 0, and carries run through all digits", "[PRICE-15]") {
  ExactSum sum;
  CHECK(sum.bounds().lower == 0);
  CHECK(sum.bounds().upper == 0);
  CHECK(sum.value() == Rational(0));
  Rational value = 0;
  for (int k = 0; k < 1000; ++k) {
    sum.add(std::numeric_limits<double>::max() / 4);
    sum.subtract(std::numeric_limits<double>::max() / 4);
    sum.add(1 - 0x1p-53);
    value += exactly(1 - 0x1p-53);
  }
  check_bounds(sum, value);
}
