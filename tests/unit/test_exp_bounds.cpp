#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "checker/exp_bounds.hpp"
#include "model/numbers/parse.hpp"

using namespace p2pllm;
using p2pllm::checker::exp_of_minus;
using p2pllm::checker::rounded;

namespace {

Rational number(const char* text) { return parse_rational(text).value(); }

/// Whether bounds of e^-x meet a published value, which lies between its leading digits and 1 more in their last place,
/// and are relatively at most 2^(2 - bits) apart.
bool is_tight_enclosure(const Enclosure& bounds, const char* digits, const char* last_place, long bits) {
  const Rational value = number(digits);
  const bool encloses = bounds.lower <= value + number(last_place) && value <= bounds.upper;
  return encloses && bounds.upper - bounds.lower <= bounds.lower * Rational::power_of_two(2 - bits);
}

const std::vector<long> all_bits = {32, 53, 64, 128, 300};

}  // namespace

TEST_CASE("bounds of e^-x enclose its published digits and are tight", "[CERT-7]") {
  struct Published {
    const char* x;
    const char* digits;
    const char* last_place;
  };
  const std::vector<Published> table = {
      {"1", "0.3678794411714423215955237701614608674458111310317678345078368016974614957448998033571472743459196437",
       "1e-100"},
      {"10",
       "0.00004539992976248485153559151556055061023791808886656496925907130565099942161430228165252500454594778232",
       "1e-104"},
      {"1/3", "0.7165313105737892504256040969253796674531120598214791571408702071273040772349023791087910889151749461",
       "1e-100"},
      {"1/1024",
       "0.9990239141819756622347117896103294303192020807785251855101678865957982835529436295560364964164919881",
       "1e-100"}};
  for (const Published& entry : table)
    for (const long bits : all_bits) {
      INFO("x = " << entry.x << " at " << bits << " bits");
      CHECK(is_tight_enclosure(exp_of_minus(number(entry.x), bits), entry.digits, entry.last_place, bits));
    }
  // e^-1000 = 5.0758...e-435, written as a ratio because a file's exponents end at -300.
  const Rational scale = number("1e-300") * number("1e-135");
  const Enclosure far = exp_of_minus(1000, 256);
  CHECK(is_tight_enclosure({far.lower / scale, far.upper / scale},
                           "5.075958897549456765291809479574336919305599282892837361832393845410540542974819", "1e-78",
                           256));
}

TEST_CASE("bounds of e^-x are exact at 0 and known to lie below 2^-16384 beyond 16384", "[CERT-7]") {
  const Enclosure at_zero = exp_of_minus(0, 64);
  CHECK(at_zero.lower == Rational(1));
  CHECK(at_zero.upper == Rational(1));
  CHECK(exp_of_minus(16384, 64).lower.sign() > 0);
  const Enclosure beyond = exp_of_minus(number("16384.0001"), 64);
  CHECK(beyond.lower == Rational(0));
  CHECK(beyond.upper == Rational::power_of_two(-16384));
  CHECK(exp_of_minus(16384, 64).upper < beyond.upper);
}

TEST_CASE("bounds of e^-x fall with x and agree between precisions", "[CERT-7]") {
  for (const long bits : all_bits) {
    Rational x(1, 1000000);
    Enclosure previous = exp_of_minus(0, bits);
    while (x < Rational(17000)) {
      const Enclosure bounds = exp_of_minus(x, bits);
      const Enclosure finer = exp_of_minus(x, 2 * bits + 7);
      CHECK(bounds.lower <= bounds.upper);
      CHECK(bounds.upper.sign() > 0);
      CHECK(bounds.lower <= previous.upper);  // x is greater
      CHECK(finer.lower <= bounds.upper);     // both contain the value
      CHECK(bounds.lower <= finer.upper);
      previous = bounds;
      x *= Rational(17, 5);
    }
  }
}

TEST_CASE("bounds of e^-x at few bits hold those at many", "[CERT-7]") {
  std::mt19937 random(3);
  int faults = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    const long below = 1L << (1 + random() % 30);
    const Rational x(1 + static_cast<long>(random() % 1000000), below);
    if (x > Rational(16384)) continue;
    const Enclosure coarse = exp_of_minus(x, 32);
    const Enclosure fine = exp_of_minus(x, 128);
    if (fine.lower < coarse.lower || coarse.upper < fine.upper) ++faults;
  }
  CHECK(faults == 0);
}

TEST_CASE("bounds of e^-x hold where the reduced argument ends just below a digit of the fixed point", "[CERT-7]") {
  // There the argument is rounded up by very little, so that this slack hides no term that is rounded wrongly.
  std::mt19937 random(5);
  const Rational hair = Rational::power_of_two(-100);
  int faults = 0;
  for (int trial = 0; trial < 30000; ++trial) {
    const long grid =
        (1L << 40) + static_cast<long>(random() % (1UL << 31)) * static_cast<long>(1 + random() % (1UL << 22));
    const Rational x = Rational(grid) * Rational::power_of_two(-40) - hair;  // 40 = bits + 8 guard bits
    if (x > Rational(16384)) continue;
    const Enclosure coarse = exp_of_minus(x, 32);
    const Enclosure fine = exp_of_minus(x, 96);
    if (fine.lower < coarse.lower || coarse.upper < fine.upper) ++faults;
  }
  CHECK(faults == 0);
}

TEST_CASE("bounds of e^-x and e^-y multiply to bounds of e^-(x + y)", "[CERT-7]") {
  const std::vector<Rational> arguments = {number("1e-12"), Rational(1, 7),       Rational(1),   number("2.999999"),
                                           Rational(64),    number("700.123456"), Rational(5000)};
  for (const Rational& x : arguments)
    for (const Rational& y : arguments) {
      const Enclosure product{exp_of_minus(x, 96).lower * exp_of_minus(y, 96).lower,
                              exp_of_minus(x, 96).upper * exp_of_minus(y, 96).upper};
      const Enclosure direct = exp_of_minus(x + y, 200);
      CHECK(product.lower <= direct.lower);
      CHECK(direct.upper <= product.upper);
    }
}

TEST_CASE("rounding is outward, relative and idempotent", "[CERT-7]") {
  for (const char* text : {"1/3", "2/3", "1", "123456789123456789", "1e-200", "7e250", "0"}) {
    const Rational value = number(text);
    const Enclosure bounds = rounded({value, value}, 40);
    CHECK(bounds.lower <= value);
    CHECK(value <= bounds.upper);
    CHECK(bounds.upper - bounds.lower <= value * Rational::power_of_two(-39));
    CHECK(rounded(bounds, 40).lower == bounds.lower);
    CHECK(rounded(bounds, 40).upper == bounds.upper);
  }
}
