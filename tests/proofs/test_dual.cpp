#include <catch2/catch.hpp>

#include "proofs/dual.hpp"

using namespace p2pllm;
using namespace p2pllm::proofs;

namespace {

using Slope = Dual<Rational>;
using Curve = Dual<Slope>;

const std::vector<Rational> places = {Rational(-7, 3), Rational(-1), Rational(0),
                                      Rational(1, 2),  Rational(4),  Rational(22, 7)};

/// x as the parameter itself, with one derivative and with two.
Slope at(const Rational& x) { return {x, 1}; }
Curve twice_at(const Rational& x) { return {at(x), {1, 0}}; }

template <Number T>
T rational_like(const T& like, const Rational& value) {
  return literal_like(like, value.numerator().get_si()) / literal_like(like, value.denominator().get_si());
}

template <Number T>
T polynomial(const std::vector<Rational>& coefficients, const T& x) {  // the constant first
  T value = zero_like(x);
  for (std::size_t k = coefficients.size(); k-- > 0;) value = value * x + rational_like(x, coefficients[k]);
  return value;
}

std::vector<Rational> differentiated(const std::vector<Rational>& coefficients) {
  std::vector<Rational> slope;
  for (std::size_t k = 1; k < coefficients.size(); ++k)
    slope.push_back(Rational(static_cast<long>(k)) * coefficients[k]);
  return slope;
}

}  // namespace

TEST_CASE("the slope of a polynomial is the polynomial that its coefficients give", "[dual]") {
  for (const std::vector<Rational>& p : {std::vector<Rational>{Rational(5)},
                                         {1, Rational(-2, 3)},
                                         {0, 0, 1},
                                         {Rational(1, 7), -1, 4, Rational(-5, 2), 3}})
    for (const Rational& x : places) {
      const Curve found = polynomial(p, twice_at(x));
      CHECK(found.value.value == polynomial(p, x));
      CHECK(found.value.slope == polynomial(differentiated(p), x));
      CHECK(found.slope.value == polynomial(differentiated(p), x));
      CHECK(found.slope.slope == polynomial(differentiated(differentiated(p)), x));
    }
}

TEST_CASE("the slope of a product of two lines is their difference over any even step", "[dual]") {
  const auto product = [](const auto& x) {
    return (literal_like(x, 3) * x - rational_like(x, Rational(1, 5))) * (literal_like(x, 2) - x);
  };
  for (const Rational& x : places)
    for (const Rational& step : {Rational(1), Rational(1, 1000), Rational(17, 3)})  // exact for a parabola
      CHECK(product(at(x)).slope == (product(x + step) - product(x - step)) / (Rational(2) * step));
}

TEST_CASE("the slopes of quotients are those derived by hand", "[dual]") {
  for (const Rational& x : places) {
    const auto one = [](const auto& like) { return one_like(like); };
    const Rational d = x * x + Rational(1);
    const Curve y = twice_at(x);
    const Curve bell = one(y) / (y * y + one(y));  // 1/d: -2x/d^2, (6x^2 - 2)/d^3
    CHECK(bell.value.value == Rational(1) / d);
    CHECK(bell.value.slope == Rational(-2) * x / (d * d));
    CHECK(bell.slope.value == bell.value.slope);
    CHECK(bell.slope.slope == (Rational(6) * x * x - Rational(2)) / (d * d * d));
    const Slope wave = (at(x) - one(at(x))) / (at(x) * at(x) + one(at(x)));  // (x - 1)/d: (1 + 2x - x^2)/d^2
    CHECK(wave.slope == (Rational(1) + Rational(2) * x - x * x) / (d * d));
    CHECK((at(x) / at(d)).slope == (d - x) / (d * d));  // x/d, where both have the slope 1
  }
}

TEST_CASE("what the parameter does not move has no slope, and comparisons look at values alone", "[dual]") {
  const Slope a{Rational(1), Rational(9)}, b{Rational(2), Rational(-9)};
  CHECK(literal_like(a, 5).slope == Rational(0));
  CHECK(literal_like(a, 5).value == Rational(5));
  CHECK((a < b));
  CHECK_FALSE((b < a));
  CHECK((a <= Slope{Rational(1), Rational(-1)}));
  CHECK((a == Slope{Rational(1), Rational(-1)}));
  CHECK_FALSE((b <= a));
  CHECK_FALSE((a == b));
  CHECK(select(a < b, a, b).slope == Rational(9));
  CHECK(select(b < a, a, b).slope == Rational(-9));
  CHECK(select(b < a, a, b).value == Rational(2));
}

TEST_CASE("along a direction slopes are directional derivatives, of fractions too", "[dual]") {
  z3::context context;
  const Denominators denominators;
  const auto number = [&](const Rational& value) {
    return Fraction(SymReal(context.real_val(to_string(value).c_str())));
  };
  const auto is = [&](const Fraction& found, const Rational& value) {
    return (found == number(value)).formula().simplify().is_true();
  };
  // f = x^2 y / (x + y) at (2, 3) along (5, -1): f_x = (x^2 y + 2 x y^2)/(x + y)^2 = 48/25, f_y = x^3/(x + y)^2 = 8/25.
  const auto f = [](const auto& x, const auto& y) { return x * x * y / (x + y); };
  const Dual1 once = f(along(number(2), number(5)), along(number(3), number(-1)));
  CHECK(is(once.value, Rational(12, 5)));
  CHECK(is(once.slope, Rational(5 * 48 - 8, 25)));
  // Its second derivatives: f_xx = 2 y^3/(x + y)^3 = 54/125, f_xy = (x^3 + 3 x^2 y)/(x + y)^3 = 44/125,
  // f_yy = -2 x^3/(x + y)^3 = -16/125.
  const Dual2 twice = f(twice_along(number(2), number(5)), twice_along(number(3), number(-1)));
  CHECK(is(twice.value.value, Rational(12, 5)));
  CHECK(is(twice.value.slope, Rational(232, 25)));
  CHECK(is(twice.slope.slope, Rational(25 * 54 - 10 * 44 - 16, 125)));
  const Dual2 still = constant_like(twice, number(7));
  CHECK(is(still.value.value, 7));
  CHECK((is(still.value.slope, 0) && is(still.slope.value, 0) && is(still.slope.slope, 0)));
}
