#include <catch2/catch.hpp>
#include <random>

#include "proofs/fraction.hpp"

using namespace p2pllm;
using namespace p2pllm::proofs;

namespace {

/// Unknowns x0 .. x3 with chosen values, and the truth of statements about them.
class World {
 public:
  explicit World(const std::vector<Rational>& values) {
    for (const Rational& value : values) {
      names_.push_back(context_.real_const(("x" + std::to_string(names_.size())).c_str()));
      values_.push_back(numeral(value));
    }
  }
  [[nodiscard]] Fraction unknown(unsigned k) const { return SymReal(names_[static_cast<int>(k)]); }
  [[nodiscard]] Fraction number(const Rational& value) { return SymReal(numeral(value)); }
  [[nodiscard]] bool holds(const SymBool& statement) const {
    z3::expr formula = statement.formula();
    const z3::expr value = formula.substitute(names_, values_).simplify();
    REQUIRE((value.is_true() || value.is_false()));
    return value.is_true();
  }

 private:
  [[nodiscard]] z3::expr numeral(const Rational& value) { return context_.real_val(to_string(value).c_str()); }
  z3::context context_;
  z3::expr_vector names_{context_}, values_{context_};
};

}  // namespace

TEST_CASE("a fraction is the rational that its numerator and denominators come to", "[fraction]") {
  const std::vector<Rational> values = {Rational(2, 3), Rational(7), Rational(1, 100), Rational(5, 4)};
  std::mt19937 random(20);
  std::size_t quotients = 0;
  for (int round = 0; round < 40; ++round) {
    World world(values);
    const Denominators denominators;
    std::vector<std::pair<Fraction, Rational>> known;
    for (unsigned k = 0; k < values.size(); ++k) known.emplace_back(world.unknown(k), values[k]);
    for (const Rational& literal : {Rational(0), Rational(1), Rational(-1), Rational(-3, 2), Rational(1, 100)})
      known.emplace_back(world.number(literal), literal);
    const auto any = [&] { return known[random() % known.size()]; };
    while (known.size() < 24) {
      const auto [f, r] = any();
      const auto [g, s] = any();
      const unsigned operation = random() % 4;
      if (operation == 0) known.emplace_back(f + g, r + s);
      if (operation == 1) known.emplace_back(f - g, r - s);
      if (operation == 2) known.emplace_back(f * g, r * s);
      if (operation == 3 && s.sign() > 0 && ++quotients > 0) known.emplace_back(f / g, r / s);
      const auto& [result, exact] = known.back();
      CHECK(world.holds(result == world.number(exact)));
      CHECK_FALSE(world.holds(result == world.number(exact + Rational(1, 1000000))));
      const auto [h, t] = any();
      CHECK(world.holds(result < h) == (exact < t));
      CHECK(world.holds(result <= h) == (exact <= t));
      CHECK(world.holds(result == h) == (exact == t));
      CHECK(world.holds(select(f < g, result, h) == world.number(r < s ? exact : t)));
    }
    // All divisors are positive here; of each, a proof must show that it is, and nothing else.
    CHECK(denominators.all().empty());
    for (const z3::expr& factor : denominators.positive()) CHECK(world.holds(SymBool(factor > 0)));
  }
  CHECK(quotients > 40);
}

TEST_CASE("a fraction divided by a fraction cancels what both have, and keeps the signs", "[fraction]") {
  World world({Rational(3), Rational(5), Rational(-2, 7)});
  const Denominators denominators;
  const Fraction x = world.unknown(0), y = world.unknown(1), z = world.unknown(2);
  const auto is = [&](const Fraction& fraction, const Rational& value) {
    return world.holds(fraction == world.number(value));
  };
  CHECK(is(x / y / (x / y), Rational(1)));
  CHECK(is((z / y) / (x / y), Rational(-2, 21)));   // (-2/7)/5 / (3/5)
  CHECK(is((z / x) / (x / y), Rational(-10, 63)));  // (-2/21) / (3/5)
  CHECK(is(z / x - y / x, Rational(-37, 21)));      // (-2/7 - 5)/3
  CHECK(is(x / (x * y) * y, Rational(1)));
  CHECK(is(x / y + x / y / y, Rational(18, 25)));  // 3/5 + 3/25
  CHECK(world.holds(z / x < z / y) == true);       // -2/21 < -2/35
  CHECK(world.holds(x / y <= y / x) == true);      // 3/5 <= 5/3
  CHECK(is(select(x < y, z / x, y / x), Rational(-2, 21)));
  CHECK(is(select(y < x, z / x, x / y), Rational(3, 5)));
}
