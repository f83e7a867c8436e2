// Runs every rule template of reference/market and reference/simulation over unknowns (so that it branches on no
// comparison), over rationals (its meaning) and over rationals in lock-step with intervals, which must enclose the
// meaning.
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "reference/contracts/deterrence_rules.hpp"
#include "reference/market/demand_rules.hpp"
#include "reference/market/equilibrium_rules.hpp"
#include "reference/market/migration_rules.hpp"
#include "reference/market/path_rules.hpp"
#include "reference/market/regret_rules.hpp"
#include "reference/simulation/ascent_rules.hpp"
#include "tests/support/lock_step.hpp"
#include "tests/unit/symbolic.hpp"

using namespace p2pllm;
using namespace p2pllm::reference;
using symbolic::SymBool;
using symbolic::SymNumber;

namespace {

template <typename T>
using Arguments = std::vector<T>;

template <typename T>
std::vector<T> parts(const T& number) {
  return {number};
}
template <typename T>
std::vector<T> parts(const PathLabel<T>& label) {
  return {label.weight, label.price, label.time};
}
template <typename T>
std::vector<T> parts(const RegretBracket<T>& bracket) {
  return {bracket.lower, bracket.upper};
}

/// Positive rationals from a short list, so that ties are common.
class Points {
 public:
  std::vector<Rational> next(std::size_t arity) {
    static const Rational values[] = {Rational(1, 3), Rational(1, 2), 1, 2, Rational(7, 2)};
    std::vector<Rational> point;
    for (std::size_t k = 0; k < arity; ++k) point.push_back(values[engine_() % 5]);
    return point;
  }

 private:
  std::mt19937 engine_{42};
};

std::vector<SymNumber> unknowns(std::size_t arity) {
  std::vector<SymNumber> result;
  for (std::size_t k = 0; k < arity; ++k) result.push_back(symbolic::variable(k));
  return result;
}

using Enclosed = testing::LockStep<Rational, Interval>;

std::vector<Enclosed> enclosed(const std::vector<Rational>& point, const Rational& radius, long bits) {
  std::vector<Enclosed> result;
  for (const Rational& value : point) result.emplace_back(value, Interval(value - radius, value + radius, bits));
  return result;
}

constexpr int points_per_rule = 60;

/// Checks a rule that yields numbers, given as a generic function of a vector of arguments.
template <typename Rule>
void check_rule(const char* name, std::size_t arity, const Rule& rule) {
  CAPTURE(name);
  const auto symbolic_parts = parts(rule(unknowns(arity)));
  Points points;
  for (int k = 0; k < points_per_rule; ++k) {
    const std::vector<Rational> point = points.next(arity);
    const auto exact = parts(rule(point));
    REQUIRE(exact.size() == symbolic_parts.size());
    for (std::size_t i = 0; i < exact.size(); ++i) REQUIRE(value_at(symbolic_parts[i].term(), point) == exact[i]);
    for (const Rational& radius : {Rational(0), Rational(1, 64)}) {
      const auto both = parts(rule(enclosed(point, radius, 80)));
      for (std::size_t i = 0; i < exact.size(); ++i) REQUIRE(both[i].value() == exact[i]);
    }
  }
}

/// Checks a rule that yields a truth, and that both answers occur.
template <typename Rule>
void check_comparison(const char* name, std::size_t arity, const Rule& rule) {
  CAPTURE(name);
  const SymBool formula = rule(unknowns(arity));
  Points points;
  int yes = 0;
  for (int k = 0; k < 4 * points_per_rule; ++k) {
    const std::vector<Rational> point = points.next(arity);
    const bool exact = rule(point);
    yes += exact ? 1 : 0;
    REQUIRE(holds_at(formula.formula(), point) == exact);
    for (const Rational& radius : {Rational(0), Rational(1, 64), Rational(1, 4)})
      REQUIRE(bool(rule(enclosed(point, radius, 80))) == exact);
  }
  CHECK(yes > 0);
  CHECK(yes < 4 * points_per_rule);
}

template <typename V>
using ElementOf = typename std::decay_t<V>::value_type;

template <typename V>
auto label_from(const V& v, std::size_t at) {
  return PathLabel<ElementOf<V>>{v[at], v[at + 1], v[at + 2]};
}

template <typename V>
auto preference_from(const V& v) {
  return Preference<ElementOf<V>>{v[0], v[1], v[2]};
}

static_assert(!std::is_convertible_v<SymBool, bool>);
static_assert(!std::is_constructible_v<bool, SymBool>);
static_assert(!std::is_convertible_v<Uncertain, bool>);

}  // namespace

TEST_CASE("the demand rules branch on nothing and mean the same over unknowns, rationals and intervals",
          "[PRICE-2][PRICE-3][PRICE-4][PRICE-5]") {
  check_rule("price_sensitivity", 3, [](const auto& v) { return price_sensitivity(v[0], v[1], v[2]); });
  check_rule("cost_weight", 4, [](const auto& v) { return cost_weight(v[0], v[1], v[2], v[3]); });
  check_rule("demand_weight", 3, [](const auto& v) { return demand_weight(v[0], v[1], v[2]); });
  check_rule("demand_share", 2, [](const auto& v) { return demand_share(v[0], v[1]); });
  check_rule("rest_share", 2, [](const auto& v) { return rest_share(v[0], v[1]); });
  check_rule("revenue", 2, [](const auto& v) { return revenue(v[0], v[1]); });
  check_rule("share_slope", 2, [](const auto& v) { return share_slope(v[0], v[1]); });
  check_rule("revenue_gradient", 3, [](const auto& v) { return revenue_gradient(v[0], v[1], v[2]); });
  check_rule("ascent_step", 3, [](const auto& v) { return ascent_step(v[0], v[1], v[2]); });
}

TEST_CASE("the equilibrium rules branch on nothing and mean the same over unknowns, rationals and intervals",
          "[PRICE-12][PRICE-13][PRICE-14]") {
  check_rule("symmetric_price", 2, [](const auto& v) { return symmetric_price(one_like(v[0]) + v[0], v[1]); });
  check_rule("price_of_odds", 2, [](const auto& v) { return price_of_odds(v[0], v[1]); });
  check_rule("share_of_odds", 1, [](const auto& v) { return share_of_odds(v[0]); });
  check_rule("revenue_of_odds", 2, [](const auto& v) { return revenue_of_odds(v[0], v[1]); });
  check_rule("odds_condition", 2, [](const auto& v) { return odds_condition(v[0], v[1]); });
  check_rule("odds_condition_slope", 1, [](const auto& v) { return odds_condition_slope(v[0]); });
  check_rule("potential", 4, [](const auto& v) { return potential(v[0], v[1], v[2], v[3]); });
}

TEST_CASE("the migration rules branch on nothing and mean the same over unknowns, rationals and intervals",
          "[MIG-1][MIG-3][MIG-6][MIG-9]") {
  check_rule("serving_capacity", 1, [](const auto& v) { return serving_capacity(v[0]); });
  check_rule("load_share", 2, [](const auto& v) { return load_share(v[0], v[1]); });
  check_rule("ascent_strength", 4, [](const auto& v) { return ascent_strength(v[0], v[1], v[2], v[3]); });
  check_rule("ascent_lean", 4, [](const auto& v) { return ascent_lean(v[0], v[1], v[2], v[3]); });
  check_rule("ascent_growth", 2, [](const auto& v) { return ascent_growth(v[0], v[1]); });
  check_comparison("is_rising", 1, [](const auto& v) { return is_rising(v[0]); });
  check_comparison("gains_by_moving", 2, [](const auto& v) { return gains_by_moving(v[0], v[1]); });
  check_rule("potential_fall", 3, [](const auto& v) { return potential_fall(v[0], v[1], v[2]); });
  check_rule("moving_margin", 3, [](const auto& v) { return moving_margin(v[0], v[1], v[2]); });
}

TEST_CASE("the regret rules branch on nothing and mean the same over unknowns, rationals and intervals",
          "[PRICE-9][PRICE-10]") {
  check_rule("stationarity", 3, [](const auto& v) { return stationarity(v[0], v[1], v[2]); });
  check_rule("regret_factor", 2, [](const auto& v) { return regret_factor(v[0], v[1]); });
  check_rule("revenue_ratio_below", 5, [](const auto& v) { return revenue_ratio_below(v[0], v[1], v[2], v[3], v[4]); });
  check_rule("revenue_ratio_above", 5, [](const auto& v) { return revenue_ratio_above(v[0], v[1], v[2], v[3], v[4]); });
  check_rule("relative_regret", 2, [](const auto& v) { return relative_regret(v[0], v[1]); });
  check_rule("absolute_regret", 3, [](const auto& v) { return absolute_regret(v[0], v[1], v[2]); });
}

TEST_CASE("the rules of deterrence branch on nothing and mean the same over unknowns, rationals and intervals",
          "[SLA-16]") {
  check_rule("gain_of_false_units", 6,
             [](const auto& v) { return gain_of_false_units(v[0], v[1], v[2], v[3], v[4], v[5]); });
  check_rule("least_deterring_bond", 5,
             [](const auto& v) { return least_deterring_bond(v[0], v[1], v[2], v[3], v[4]); });
}

TEST_CASE("the path rules branch on nothing and mean the same over unknowns, rationals and intervals",
          "[ROUTE-2][ROUTE-3][PARETO-4]") {
  check_rule("path_weight", 5, [](const auto& v) { return path_weight(preference_from(v), v[3], v[4]); });
  check_rule("path_label", 5, [](const auto& v) { return path_label(preference_from(v), v[3], v[4]); });
  check_rule("joined", 6, [](const auto& v) { return joined(label_from(v, 0), label_from(v, 3)); });
  check_rule("minimum of labels", 6, [](const auto& v) { return minimum(label_from(v, 0), label_from(v, 3)); });
  check_rule("select_label", 8, [](const auto& v) {
    return select_label<ElementOf<decltype(v)>>(v[6] < v[7], label_from(v, 0), label_from(v, 3));
  });
  check_rule("break_even_alpha", 4,
             [](const auto& v) { return break_even_alpha(v[0], v[1] + v[2], v[0] + v[3], v[1]); });
  check_rule("minimum", 2, [](const auto& v) { return minimum(v[0], v[1]); });
}

TEST_CASE("the orders branch on nothing and mean the same over unknowns, rationals and intervals",
          "[ROUTE-3][PARETO-1]") {
  check_comparison("precedes", 6, [](const auto& v) { return precedes(label_from(v, 0), label_from(v, 3)); });
  check_comparison("weakly_dominates", 4, [](const auto& v) { return weakly_dominates(v[0], v[1], v[2], v[3]); });
  check_comparison("dominates", 4, [](const auto& v) { return dominates(v[0], v[1], v[2], v[3]); });
}

TEST_CASE("the one order is a strict total order on labels, on every triple of a small grid", "[ROUTE-3]") {
  std::vector<PathLabel<Rational>> labels;
  for (long w = 0; w < 2; ++w)
    for (long p = 0; p < 2; ++p)
      for (long t = 0; t < 2; ++t) labels.push_back({w, p, t});
  const auto same = [](const PathLabel<Rational>& a, const PathLabel<Rational>& b) { return parts(a) == parts(b); };
  for (const auto& a : labels)
    for (const auto& b : labels) {
      REQUIRE(precedes(a, b) + precedes(b, a) + same(a, b) == 1);
      REQUIRE(same(minimum(a, b), precedes(b, a) ? b : a));
      for (const auto& c : labels) {
        REQUIRE((!(precedes(a, b) && precedes(b, c)) || precedes(a, c)));
        REQUIRE(precedes(a, b) == precedes(joined(a, c), joined(b, c)));  // labels add and keep their order
      }
    }
}

TEST_CASE("dominance is a strict partial order, on every triple of a small grid", "[PARETO-1][PARETO-2]") {
  std::vector<std::pair<Rational, Rational>> costs;
  for (long p = 0; p < 3; ++p)
    for (long t = 0; t < 3; ++t) costs.emplace_back(p, t);
  const auto better = [](const auto& a, const auto& b) { return dominates(a.first, a.second, b.first, b.second); };
  for (const auto& a : costs) {
    REQUIRE_FALSE(better(a, a));
    for (const auto& b : costs) {
      REQUIRE_FALSE((better(a, b) && better(b, a)));
      for (const auto& c : costs) REQUIRE((!(better(a, b) && better(b, c)) || better(a, c)));
    }
  }
}
