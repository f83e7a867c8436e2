#include "tests/support/lock_step.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "reference/market/path_rules.hpp"

// The type that runs two arithmetics side by side accepts correct ones and finds each planted fault.
namespace p2pllm {
namespace {

using testing::Disagreement;
using testing::LockStep;

/// The faults that the tests plant in machine integers.
enum class Fault { none, eight_bits, division_to_zero, less_or_equal_for_less };

template <Fault fault>
struct Planted {
  std::int64_t value = 0;
  friend Planted operator+(Planted a, Planted b) { return of(a.value + b.value); }
  friend Planted operator-(Planted a, Planted b) { return of(a.value - b.value); }
  friend Planted operator*(Planted a, Planted b) { return of(a.value * b.value); }
  friend bool operator<(Planted a, Planted b) {
    return fault == Fault::less_or_equal_for_less ? a.value <= b.value : a.value < b.value;
  }
  friend bool operator<=(Planted a, Planted b) { return a.value <= b.value; }
  friend bool operator==(Planted a, Planted b) { return a.value == b.value; }
  friend Planted select(bool condition, Planted a, Planted b) { return condition ? a : b; }
  friend Planted integer_like(Planted /*like*/, std::int64_t value) { return {value}; }
  friend Planted div_floor(Planted a, std::int64_t divisor) {
    return {fault == Fault::division_to_zero ? a.value / divisor : p2pllm::div_floor(a.value, divisor)};
  }
  friend bool agree(std::int64_t first, Planted second) { return first == second.value; }
  static Planted of(std::int64_t value) {
    return {fault == Fault::eight_bits ? static_cast<std::int8_t>(value) : value};
  }
};

/// An interval whose products forget their width.
struct Forgetful {
  Interval value;
  friend Forgetful operator+(const Forgetful& a, const Forgetful& b) { return {a.value + b.value}; }
  friend Forgetful operator-(const Forgetful& a, const Forgetful& b) { return {a.value - b.value}; }
  friend Forgetful operator*(const Forgetful& a, const Forgetful& b) { return {(a.value * b.value).midpoint()}; }
  friend Forgetful operator/(const Forgetful& a, const Forgetful& b) { return {a.value / b.value}; }
  friend Uncertain operator<(const Forgetful& a, const Forgetful& b) { return a.value < b.value; }
  friend Uncertain operator<=(const Forgetful& a, const Forgetful& b) { return a.value <= b.value; }
  friend Uncertain operator==(const Forgetful& a, const Forgetful& b) { return a.value == b.value; }
  friend Forgetful select(Uncertain condition, const Forgetful& a, const Forgetful& b) {
    return {select(condition, a.value, b.value)};
  }
  friend bool agree(const Rational& first, const Forgetful& second) { return testing::agree(first, second.value); }
};

}  // namespace

template <Fault fault>
struct NumberTraits<Planted<fault>> {
  using Truth = bool;
};
template <>
struct NumberTraits<Forgetful> {
  using Truth = Uncertain;
  static Forgetful literal(const Forgetful& like, std::int64_t value) { return {literal_like(like.value, value)}; }
};

namespace {

template <Fault fault>
using Beside = LockStep<std::int64_t, Planted<fault>>;
template <Fault fault>
Beside<fault> beside(std::int64_t value) {
  return {value, Planted<fault>{value}};
}

static_assert(Integer<Beside<Fault::none>>);
static_assert(Number<LockStep<Rational, Forgetful>>);

LockStep<Rational, Interval> around(const Rational& value, const Rational& radius) {
  return {value, Interval(value - radius, value + radius, 60)};
}
LockStep<Rational, Forgetful> forgetful(const Rational& value, long bits = 60) {
  return {value, Forgetful{Interval(value, bits)}};
}

}  // namespace

TEST_CASE("machine integers and rationals agree in lock-step", "[PRICE-15]") {
  using Both = LockStep<std::int64_t, Rational>;
  for (std::int64_t a = -9; a <= 9; ++a)
    for (std::int64_t b = -9; b <= 9; ++b) {
      const Both x(a), y(b);
      CHECK((x + y).value() == a + b);
      CHECK((x - y).value() == a - b);
      CHECK((x * y).value() == a * b);
      CHECK(div_floor(x, 4).value() == (a + 12) / 4 - 3);
      CHECK(bool(x < y) == (a < b));
      CHECK(bool(x <= y) == (a <= b));
      CHECK(bool(x == y) == (a == b));
      CHECK(bool(land(x < y, lnot(x == integer_like(y, 3)))) == (a < b && a != 3));
      CHECK(bool(lor(x < y, y < x)) == (a != b));
      CHECK(minimum(x, y).value() == (b < a ? b : a));
      CHECK(maximum(x, y).value() == (a < b ? b : a));
    }
}

TEST_CASE("integers that wrap around are found where they are used", "[PRICE-15]") {
  const auto sum = beside<Fault::eight_bits>(100) + beside<Fault::eight_bits>(100);
  CHECK_THROWS_AS(sum.value(), Disagreement);
  CHECK_THROWS_AS(sum < beside<Fault::eight_bits>(0), Disagreement);
  CHECK_THROWS_AS(sum <= beside<Fault::eight_bits>(0), Disagreement);
  CHECK_THROWS_AS(sum == beside<Fault::eight_bits>(200), Disagreement);
  CHECK((beside<Fault::none>(100) + beside<Fault::none>(100)).value() == 200);
}

TEST_CASE("a division that rounds towards zero is found below zero alone", "[PRICE-15]") {
  CHECK(div_floor(beside<Fault::division_to_zero>(7), 2).value() == 3);
  CHECK_THROWS_AS(div_floor(beside<Fault::division_to_zero>(-7), 2).value(), Disagreement);
  CHECK(div_floor(beside<Fault::none>(-7), 2).value() == -4);
}

TEST_CASE("a comparison that counts a tie as less is found at the tie", "[PRICE-15]") {
  using enum Fault;
  CHECK(bool(beside<less_or_equal_for_less>(1) < beside<less_or_equal_for_less>(2)));
  CHECK_THROWS_AS(beside<less_or_equal_for_less>(2) < beside<less_or_equal_for_less>(2), Disagreement);
  CHECK_FALSE(bool(beside<none>(2) < beside<none>(2)));
}

TEST_CASE("two values that differ are no number in lock-step", "[PRICE-15]") {
  CHECK_THROWS_AS((LockStep<std::int64_t, Rational>(1, Rational(2))), Disagreement);
  CHECK_THROWS_AS((LockStep<Rational, Interval>(1, Interval(2, 60))), Disagreement);
  CHECK(LockStep<Rational, Interval>(1, Interval(Rational(0), Rational(2), 60)).value() == Rational(1));
}

TEST_CASE("intervals run beside the rationals that they contain, decided or not", "[PRICE-15]") {
  std::mt19937 engine(42);
  const auto draw = [&] { return Rational(static_cast<long>(engine() % 40) + 1, 7); };
  for (int k = 0; k < 200; ++k) {
    const Rational a = draw(), b = draw(), c = draw();
    for (const Rational& radius : {Rational(0), Rational(1, 1000), Rational(2)}) {
      const auto x = around(a, radius), y = around(b, radius), z = around(c, radius);
      CHECK(((x + y) * z - x).value() == (a + b) * c - a);
      CHECK((x / (y + literal_like(y, 3))).value() == a / (b + Rational(3)));
      CHECK(bool(x < y) == (a < b));
      CHECK(minimum(x, y).value() == minimum(a, b));  // encloses both where the interval does not decide
    }
  }
}

TEST_CASE("an interval that forgets its width is found, at a value and at a comparison", "[PRICE-15]") {
  const auto third = forgetful(Rational(1, 3)), one = forgetful(1);
  CHECK((third + third).value() == Rational(2, 3));
  CHECK_THROWS_AS((third * one).value(), Disagreement);
  const auto coarse = forgetful(Rational(1, 3), 4);
  CHECK_THROWS_AS(coarse * coarse == forgetful(Rational(1, 9)), Disagreement);
}

TEST_CASE("a rule that runs in lock-step over a planted arithmetic reports it", "[PRICE-15][ROUTE-2]") {
  const auto weight = [](const auto& half, const auto& third) {
    return reference::path_weight(reference::Preference<std::decay_t<decltype(half)>>{half, half, half}, third, third);
  };
  CHECK(weight(around(Rational(1, 2), 0), around(Rational(1, 3), 0)).value() == Rational(2, 3));
  CHECK_THROWS_AS(weight(forgetful(Rational(1, 2)), forgetful(Rational(1, 3))).value(), Disagreement);
}

}  // namespace p2pllm
