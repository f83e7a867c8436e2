#include <catch2/catch.hpp>

#include "model/numbers/interval.hpp"
#include "model/numbers/parse.hpp"

using p2pllm::certify;
using p2pllm::Interval;
using p2pllm::Precision;
using p2pllm::Rational;
using p2pllm::Uncertain;

namespace {

Rational exact(const char* text) { return p2pllm::parse_rational(text).value(); }

Interval point(const char* text, long bits = 128) { return {exact(text), bits}; }

bool holds(const Interval& interval, const Rational& value) {
  const auto lower = interval.lower();
  const auto upper = interval.upper();
  return (!lower || *lower <= value) && (!upper || value <= *upper);
}

/// Whether the interval lies within one unit of the last digit of a known value.
bool is_about(const Interval& interval, const char* digits, const char* unit) {
  const auto lower = interval.lower();
  const auto upper = interval.upper();
  const Rational known = exact(digits);
  return lower && upper && *lower >= known - exact(unit) && *upper <= known + exact(unit);
}

}  // namespace

TEST_CASE("x op y lies in X op Y, for ends and centres of a grid of intervals", "[PRICE-15]") {
  const Rational ends[] = {-3, -1, Rational(-1, 3), 0, Rational(1, 7), 1, Rational(5, 2)};
  for (const long bits : {2L, 8L, 53L, 200L})
    for (const Rational& a : ends)
      for (const Rational& b : ends)
        for (const Rational& c : ends)
          for (const Rational& d : ends) {
            if (a > b || c > d) continue;
            const Interval x(a, b, bits);
            const Interval y(c, d, bits);
            for (const Rational& p : {a, (a + b) / Rational(2), b})
              for (const Rational& q : {c, (c + d) / Rational(2), d}) {
                REQUIRE(holds(x + y, p + q));
                REQUIRE(holds(x - y, p - q));
                REQUIRE(holds(x * y, p * q));
                REQUIRE(holds(-x, -p));
                REQUIRE(holds(hull(x, y), p));
                REQUIRE(holds(hull(x, y), q));
                if (q.sign() != 0) REQUIRE(holds(x / y, p / q));
                if (certainly(x < y)) REQUIRE(p < q);
                if (certainly_not(x < y)) REQUIRE(p >= q);
                if (certainly(x <= y)) REQUIRE(p <= q);
                if (certainly_not(x <= y)) REQUIRE(p > q);
                if (certainly(x == y)) REQUIRE(p == q);
                if (certainly_not(x == y)) REQUIRE(p != q);
              }
          }
}

TEST_CASE("a dyadic that fits is a point; another rational is enclosed on both sides", "[PRICE-15]") {
  const Interval quarter = point("0.25", 2);
  CHECK(*quarter.lower() == Rational(1, 4));
  CHECK(*quarter.upper() == Rational(1, 4));
  const Interval third = point("1/3", 64);
  CHECK(*third.lower() < Rational(1, 3));
  CHECK(Rational(1, 3) < *third.upper());
  CHECK(*third.upper() - *third.lower() <= Rational::power_of_two(-65));
  CHECK(certainly(point("0.25") == point("1/4")));
  CHECK_FALSE(decided(point("1/3") == point("1/3")));  // enclosures of positive width
}

TEST_CASE("e, 1/e, ln 2 and ln 10 to forty digits", "[PRICE-15]") {
  CHECK(is_about(exp(point("1", 160)), "2.7182818284590452353602874713526624977572", "1e-40"));
  CHECK(is_about(exp(point("-1", 160)), "0.3678794411714423215955237701614608674458", "1e-40"));
  CHECK(is_about(log(point("2", 160)), "0.6931471805599453094172321214581765680755", "1e-40"));
  CHECK(is_about(log(point("10", 160)), "2.3025850929940456840179914546843642076011", "1e-40"));
  CHECK(is_about(log1p(point("1", 160)), "0.6931471805599453094172321214581765680755", "1e-40"));
  CHECK(is_about(exp(point("0", 160)), "1", "1e-45"));
}

TEST_CASE("exp and log undo each other, outward", "[PRICE-15]") {
  for (const char* text : {"1/7", "1", "2.33", "1000", "1e-20"}) {
    CAPTURE(text);
    CHECK(holds(log(exp(point(text))), exact(text)));
    CHECK(holds(exp(log(point(text))), exact(text)));
  }
}

TEST_CASE("more bits give a narrower enclosure of the same value", "[PRICE-15]") {
  Rational width = 1;
  for (const long bits : {16L, 64L, 256L, 1024L}) {
    const Interval e = exp(point("1", bits));
    CHECK(e.bits() == bits);
    const Rational now = *e.upper() - *e.lower();
    CHECK(now < width);
    CHECK(now <= Rational::power_of_two(3 - bits));
    width = now;
  }
}

TEST_CASE("a result has the greater precision of its operands", "[PRICE-15]") {
  CHECK((point("1", 32) + point("1", 64)).bits() == 64);
  CHECK((point("1", 64) * point("1", 32)).bits() == 64);
  Interval narrow = point("1", 32);
  narrow += point("1/3", 200);
  CHECK(narrow.bits() == 200);
  CHECK(point("1/3", 32).with_bits(100).bits() == 100);
}

TEST_CASE("with fewer bits the set grows outward", "[PRICE-15]") {
  const Interval fine = point("1/3", 200);
  const Interval coarse = fine.with_bits(16);
  CHECK(*coarse.lower() <= *fine.lower());
  CHECK(*fine.upper() <= *coarse.upper());
}

TEST_CASE("division by an interval that holds zero is the whole line, and comparisons with it are undecided",
          "[PRICE-15]") {
  const Interval one = point("1");
  for (const Interval& divisor :
       {point("0"), Interval(exact("-1"), exact("1"), 128), Interval(exact("-1"), exact("2"), 64)}) {
    const Interval quotient = one / divisor;
    CHECK_FALSE(quotient.is_bounded());
    CHECK_FALSE(decided(quotient < one));
    CHECK_FALSE(decided(one < quotient));
    CHECK_FALSE(decided(quotient <= one));
    CHECK_FALSE(decided(quotient == one));
    CHECK_FALSE((quotient.lower().has_value() && quotient.upper().has_value()));
  }
  // A zero at an end of the divisor leaves only one side open.
  const Interval half_line = one / Interval(Rational(0), Rational(2), 128);
  CHECK_FALSE(half_line.is_bounded());
  CHECK(holds(half_line, exact("1e200")));
}

TEST_CASE("what has become of nothing decides nothing: 0/0, ln of a negative, infinity minus infinity", "[PRICE-15]") {
  const Interval zero = point("0");
  const Interval whole = point("1") / zero;
  for (const Interval& nothing : {zero / zero, log(point("-1")), whole - whole, log1p(point("-2"))}) {
    CHECK_FALSE(decided(nothing < point("1")));
    CHECK_FALSE(decided(point("1") < nothing));
    CHECK_FALSE(decided(nothing == nothing));
  }
}

TEST_CASE("the logarithm at a lower end of zero is unbounded below and keeps its upper end", "[PRICE-15]") {
  const Interval l = log(Interval(Rational(0), Rational(1), 128));
  CHECK_FALSE(l.lower().has_value());
  CHECK(*l.upper() == Rational(0));
}

TEST_CASE("overlapping intervals are undecided; touching and parted ones are not", "[PRICE-15]") {
  const Interval a(Rational(0), Rational(2), 64);
  const Interval b(Rational(1), Rational(3), 64);
  const Interval c(Rational(2), Rational(3), 64);
  const Interval d(Rational(5), Rational(6), 64);
  CHECK((a < b) == Uncertain::undecided);
  CHECK((a <= c) == Uncertain::yes);
  CHECK((a < c) == Uncertain::undecided);
  CHECK((c < a) == Uncertain::no);
  CHECK((a < d) == Uncertain::yes);
  CHECK((d > a) == Uncertain::yes);
  CHECK((a >= d) == Uncertain::no);
  CHECK((a == d) == Uncertain::no);
  CHECK((a == a) == Uncertain::undecided);
}

TEST_CASE("select takes an arm when decided and the hull of both when not", "[PRICE-15]") {
  const Interval one = point("1");
  const Interval three = point("3");
  CHECK(certainly(select(Uncertain::yes, one, three) == one));
  CHECK(certainly(select(Uncertain::no, one, three) == three));
  const Interval both = select(Uncertain::undecided, one, three);
  CHECK(*both.lower() == Rational(1));
  CHECK(*both.upper() == Rational(3));
}

TEST_CASE("Kleene's logic of yes, no and undecided, whole", "[PRICE-15]") {
  constexpr Uncertain values[] = {Uncertain::no, Uncertain::undecided, Uncertain::yes};
  for (const Uncertain a : values) {
    CHECK(lnot(lnot(a)) == a);
    for (const Uncertain b : values) {
      const bool and_no = a == Uncertain::no || b == Uncertain::no;
      const bool and_yes = a == Uncertain::yes && b == Uncertain::yes;
      CHECK(land(a, b) == (and_no ? Uncertain::no : and_yes ? Uncertain::yes : Uncertain::undecided));
      CHECK(lor(a, b) == lnot(land(lnot(a), lnot(b))));
    }
  }
}

TEST_CASE("the midpoint is a point inside", "[PRICE-15]") {
  const Interval x(Rational(1), Rational(3), 64);
  CHECK(*x.midpoint().lower() == Rational(2));
  CHECK(*x.midpoint().upper() == Rational(2));
  const Interval third = point("1/3", 40).midpoint();
  CHECK(certainly(third == third));
}

TEST_CASE("ends beyond 2^65536 are nothing, ends below its inverse go outward", "[PRICE-15]") {
  const Interval huge = exp(point("1e6"));
  CHECK_FALSE(huge.upper().has_value());
  CHECK(huge.is_bounded());
  const Interval tiny = exp(point("-1e6"));
  CHECK(*tiny.lower() == Rational(0));
  CHECK(*tiny.upper() == Rational::power_of_two(-65536));
  const Interval minus_tiny = -tiny;
  CHECK(*minus_tiny.lower() == -Rational::power_of_two(-65536));
  CHECK(*minus_tiny.upper() == Rational(0));
}

TEST_CASE("an exponential of any size stays an enclosure", "[PRICE-15]") {
  const Interval beyond = exp(point("1e300"));
  CHECK_FALSE(beyond.upper().has_value());
  const Interval under = exp(point("-1e300"));
  CHECK(*under.lower() == Rational(0));
  CHECK(under.upper()->sign() > 0);
}

TEST_CASE("intervals are values: copies, moves and self-assignment keep the set", "[PRICE-15]") {
  Interval a = point("1/3", 100);
  const Interval copy = a;
  Interval moved = std::move(a);
  CHECK(*moved.lower() == *copy.lower());
  a = copy;  // may be assigned to after a move
  CHECK(*a.upper() == *copy.upper());
  const Interval& same = a;
  a = same;
  CHECK(*a.upper() == *copy.upper());
  std::swap(a, moved);
  CHECK(a.bits() == 100);
}

TEST_CASE("certify climbs the ladder until decided and stops at its last rung", "[PRICE-15]") {
  std::vector<long> asked;
  const auto at_400 = [&asked](long bits) {
    asked.push_back(bits);
    return bits >= 400 ? Uncertain::no : Uncertain::undecided;
  };
  CHECK(certify(Precision{96, 6144}, at_400) == Uncertain::no);
  CHECK(asked == std::vector<long>{96, 192, 384, 768});
  asked.clear();
  CHECK(certify(Precision{96, 200}, at_400) == Uncertain::undecided);
  CHECK(asked == std::vector<long>{96, 192});
  // Real questions: e^(1/2)^2 against e, equal and so never decided; e against its first digits, decided.
  const auto squares = [](long bits) {
    const Interval root = exp(Interval(Rational(1, 2), bits));
    return root * root < exp(Interval(Rational(1), bits));
  };
  CHECK(certify(Precision{96, 768}, squares) == Uncertain::undecided);
  const auto digits = [](long bits) {
    return Interval(exact("2.71828182845904523536028747135266249775724709369995"), bits) <
           exp(Interval(Rational(1), bits));
  };
  CHECK(certify(Precision{96, 768}, digits) == Uncertain::yes);
}
