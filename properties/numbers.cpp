#include "model/numbers/interval.hpp"
#include "model/numbers/parse.hpp"
#include "model/numbers/rational.hpp"
#include "properties/generators/network.hpp"
#include "properties/property.hpp"

namespace p2pllm::properties {
namespace {

Rational parsed(const std::string& text) {
  const auto value = parse_rational(text, evidence_digits_max);
  expect(value.has_value(), "\"" + text + "\" parses");
  return *value;
}

/// A rational beside an interval that encloses it at few bits.
struct Enclosed {
  Rational value;
  Interval interval;
};

Enclosed draw_enclosed(long bits) {
  const Rational value = draw_rational();
  if (draw_coin()) return {value, Interval(value, bits)};
  const Rational below = draw_positive();
  const Rational above = draw_positive();
  return {value, Interval(value - below, value + above, bits)};
}

bool contains(const Interval& interval, const Rational& value) {
  const auto lower = interval.lower();
  const auto upper = interval.upper();
  return (!lower || *lower <= value) && (!upper || value <= *upper);
}

bool agrees(Uncertain answer, bool truth) { return !decided(answer) || certainly(answer) == truth; }

PROPERTY("interval operations enclose the exact rational ones", "[PRICE-15]", 2000) {
  const long bits = draw_one_of<long>({2, 5, 24, 53, 200});
  const Enclosed x = draw_enclosed(bits);
  const Enclosed y = draw_enclosed(draw_one_of<long>({2, 53, bits}));
  reach("a point", x.interval.lower() == x.interval.upper());
  reach("two bits", bits == 2);
  reach("zero", x.value.sign() == 0);
  expect(contains(x.interval, x.value), "x");
  expect(contains(x.interval + y.interval, x.value + y.value), "x + y");
  expect(contains(x.interval - y.interval, x.value - y.value), "x - y");
  expect(contains(x.interval * y.interval, x.value * y.value), "x * y");
  expect(contains(-x.interval, -x.value), "-x");
  if (y.value.sign() != 0) expect(contains(x.interval / y.interval, x.value / y.value), "x / y");
  expect(contains(hull(x.interval, y.interval), x.value) && contains(hull(x.interval, y.interval), y.value), "hull");
  expect(contains(x.interval.with_bits(3), x.value), "fewer bits");
  expect(agrees(x.interval < y.interval, x.value < y.value), "x < y");
  expect(agrees(x.interval <= y.interval, x.value <= y.value), "x <= y");
  expect(agrees(x.interval > y.interval, x.value > y.value), "x > y");
  expect(agrees(x.interval >= y.interval, x.value >= y.value), "x >= y");
  expect(agrees(x.interval == y.interval, x.value == y.value), "x == y");
  const Interval chosen = select(x.interval < y.interval, x.interval, y.interval);
  expect(contains(chosen, x.value < y.value ? x.value : y.value), "select");
  reach("an undecided comparison", !decided(x.interval < y.interval));
}

PROPERTY("exp and log enclose each other and respect order", "[PRICE-15]", 500) {
  const long bits = draw_one_of<long>({10, 53, 200});
  const Rational x(draw_integer(-5'000'000, 5'000'000), draw_integer(1, 1'000'000));
  const Rational y(draw_integer(1, 1'000'000), draw_integer(1, 1'000'000));
  const Interval exponential = exp(Interval(x, bits));
  expect(contains(log(exponential), x), "log(exp(x)) encloses x");
  expect(contains(exp(log(Interval(y, bits))), y), "exp(log(y)) encloses y");
  // 1 + x <= e^x, and e^x <= 1 / (1 - x) below 1.
  expect(*exponential.upper() >= Rational(1) + x, "e^x is at least 1 + x");
  if (x < Rational(1)) expect(*exponential.lower() <= Rational(1) / (Rational(1) - x), "e^x is at most 1 / (1 - x)");
  const Interval product = exponential * exp(Interval(-x, bits));
  expect(contains(product, Rational(1)), "e^x e^-x encloses 1");
  expect(decided(log1p(Interval(y, bits)) == log(Interval(Rational(1) + y, bits))) == false || y.sign() == 0,
         "log1p(y) meets log(1 + y)");
  reach("a negative exponent", x.sign() < 0);
}

/// The rational of smallest denominator in [lower, upper] nearest to zero, by trying every denominator.
Rational simplest_by_search(const Rational& lower, const Rational& upper) {
  for (std::int64_t denominator = 1;; ++denominator) {
    const mpz_class least = ceil(lower * Rational(denominator));
    const mpz_class most = floor(upper * Rational(denominator));
    if (least > most) continue;
    const mpz_class numerator = least > 0 ? least : most < 0 ? most : mpz_class(0);
    return {numerator, mpz_class(denominator)};
  }
}

PROPERTY("the simplest rational between two has the least denominator", "[PRICE-12]", 800) {
  const std::int64_t middle_most = draw_coin() ? 3000 : 5;
  const Rational middle(draw_integer(-middle_most, middle_most), draw_integer(1, 500));
  const Rational width(draw_integer(0, 40), draw_coin() ? 7 : draw_integer(1, 4000));
  const Rational lower = middle - width;
  reach("a point", width.sign() == 0);
  reach("across zero", lower.sign() < 0 && middle.sign() > 0);
  reach("negative", middle.sign() < 0);
  const Rational simplest = simplest_between(lower, middle);
  expect(lower <= simplest && simplest <= middle, "within the bounds");
  expect_equal(simplest, simplest_by_search(lower, middle), "the simplest");
}

PROPERTY("a decimal is rounded as asked and within one unit of its last digit", "[FORMAT-7]", 1500) {
  const Rational value = draw_rational();
  const int digits = static_cast<int>(draw_integer(1, 25));
  const Rational down = parsed(to_decimal(value, digits, Rounding::down));
  const Rational nearest = parsed(to_decimal(value, digits));
  const Rational up = parsed(to_decimal(value, digits, Rounding::up));
  reach("zero", value.sign() == 0);
  reach("negative", value.sign() < 0);
  reach("exact", down == up);
  reach("rounded", down < up);
  expect(down <= value && value <= up, "down and up enclose the value");
  expect(nearest == down || nearest == up, "nearest is one of the two");
  expect(abs(nearest - value) <= abs(value - down) && abs(nearest - value) <= abs(up - value), "nearest is the nearer");
  Rational unit(1);
  for (int k = 1; k < digits; ++k) unit /= Rational(10);
  // The last of `digits` significant digits is at most |value| * 10^(1 - digits).
  expect(up - down <= abs(value) * unit, "one unit of the last digit at most");
  const std::string text = to_decimal(value, digits);
  const std::string mantissa = text.substr(0, text.find('e'));
  const auto is_significant = [first = true](char c) mutable {
    if (c < '0' || c > '9' || (first && c == '0')) return false;
    first = false;
    return true;
  };
  const auto count = std::count_if(mantissa.begin(), mantissa.end(), is_significant);
  expect(text.find('e') == std::string::npos || count <= digits, "no more digits than asked");
}

PROPERTY("a number survives printing and parsing", "[FORMAT-2]", 1000) {
  const Rational value = draw_rational();
  reach("an integer", value.is_integer());
  reach("a ratio", !value.is_integer());
  reach("negative", value.sign() < 0);
  expect_equal(parsed(to_string(value)), value, "from a/b");
  expect_equal(parsed(to_decimal(Rational(value.numerator()), 200)), Rational(value.numerator()),
               "an integer from its decimal");
}

PROPERTY("a decimal numeral means its digits times a power of ten", "[FORMAT-2]", 800) {
  const std::int64_t whole = draw_integer(0, 1'000'000);
  const std::int64_t places = draw_integer(0, 6);
  const std::int64_t fraction = draw_integer(0, 999'999);
  const std::int64_t exponent = draw_integer(-300, 300);
  const bool negative = draw_coin();
  std::string digits = std::to_string(fraction);
  digits = std::string(6 - digits.size(), '0') + digits;
  digits.resize(static_cast<std::size_t>(places));
  std::string text = (negative ? "-" : "") + std::to_string(whole);
  if (places > 0) text += "." + digits;
  if (exponent != 0)
    text += (draw_coin() ? "e" : "E") + std::string(exponent > 0 && draw_coin() ? "+" : "") + std::to_string(exponent);
  Rational expected(whole);
  Rational place(1);
  for (const char digit : digits) {
    place /= Rational(10);
    expected += Rational(digit - '0') * place;
  }
  for (std::int64_t k = 0; k < std::abs(exponent); ++k)
    expected = exponent > 0 ? expected * Rational(10) : expected / Rational(10);
  reach("a fraction", places > 0);
  reach("an exponent", exponent != 0);
  const auto value = parse_rational(text);
  expect(value.has_value(), text + " parses");
  expect_equal(*value, negative ? -expected : expected, text);
  for (const std::string& broken :
       {text + ".", text + "e", "+" + text, text + " ", "0" + std::to_string(whole + 1), text + "/0", "." + digits})
    expect(!parse_rational(broken).has_value(), "\"" + broken + "\" is no number");
}

}  // namespace
}  // namespace p2pllm::properties
