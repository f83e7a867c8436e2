// Runs every rule template of reference/layers over unknowns (so that it branches on no comparison), and over machine
// integers in lock-step with rationals, which give the values of the unknowns' terms.
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "reference/layers/layer_rules.hpp"
#include "tests/support/lock_step.hpp"
#include "tests/unit/symbolic.hpp"

namespace p2pllm::reference {
namespace {

using symbolic::SymNumber;
using Both = testing::LockStep<std::int64_t, Rational>;

constexpr std::size_t unknowns = 4;

/// Checks a rule, a generic function of numbers within 2^30, at random points.
template <typename Rule>
void check_rule(const char* name, const Rule& rule) {
  CAPTURE(name);
  std::vector<SymNumber> variables;
  for (std::size_t k = 0; k < unknowns; ++k) variables.push_back(symbolic::variable(k));
  const SymNumber term = rule(variables);
  std::mt19937 engine(43);
  constexpr std::int64_t values[] = {0, 1, -1, 2, -3, 77, 255, -32767, 65536, 1 << 30, -(1 << 30), (1 << 30) - 1};
  for (int k = 0; k < 120; ++k) {
    std::vector<std::int64_t> point;
    for (std::size_t i = 0; i < unknowns; ++i) point.push_back(values[engine() % std::size(values)]);
    const Both number = rule(std::vector<Both>(point.begin(), point.end()));
    REQUIRE(value_at(term.term(), std::vector<Rational>(point.begin(), point.end())) == Rational(number.value()));
  }
}

}  // namespace

TEST_CASE("the rules of rounding branch on nothing and mean the same over unknowns and integers", "[LAYER-3]") {
  check_rule("power_like", [](const auto& u) { return power_like(u[0], 61); });
  for (const std::int64_t shift : {0, 1, 30})
    check_rule("rounded_shift", [shift](const auto& u) { return rounded_shift(u[0], shift); });
  for (const std::int64_t shift : {-4, 0, 17})
    check_rule("scaled", [shift](const auto& u) { return scaled(u[0], shift); });
  check_rule("clamped", [](const auto& u) { return clamped(u[0], 3); });
  check_rule("saturated", [](const auto& u) { return saturated(u[0] * u[1]); });
  check_rule("magnitude", [](const auto& u) { return magnitude(u[0]); });
  check_rule("block_number", [](const auto& u) { return block_number(u[0], 5); });
}

TEST_CASE("the rules of products and rotations branch on nothing and mean the same over unknowns and integers",
          "[LAYER-4][LAYER-5][LAYER-6]") {
  check_rule("product_number", [](const auto& u) { return product_number(u[0] * u[1], 20, 3); });
  check_rule("embedded_number", [](const auto& u) { return embedded_number(u[0], u[1], 16, 18); });
  check_rule("sine_between", [](const auto& u) { return sine_between(u[0], u[1], u[2]); });
  check_rule("turned_first", [](const auto& u) { return turned_first(u[0], u[1], u[2], u[3]); });
  check_rule("turned_second", [](const auto& u) { return turned_second(u[0], u[1], u[2], u[3]); });
}

TEST_CASE("the rules of attention branch on nothing and mean the same over unknowns and integers", "[LAYER-7]") {
  check_rule("power_between", [](const auto& u) { return power_between(u[0], u[1], u[2]); });
  check_rule("score", [](const auto& u) { return score(u[0], u[1], 12, 20); });
  check_rule("score_distance", [](const auto& u) { return score_distance(u[0], u[1]); });
  check_rule("weighted", [](const auto& u) { return weighted(u[0], u[1], 3, 9); });
  check_rule("mean_numerator", [](const auto& u) { return mean_numerator(u[0], 4, 16); });
}

TEST_CASE("the rules of norms and gates branch on nothing and mean the same over unknowns and integers",
          "[LAYER-8][LAYER-9]") {
  check_rule("square", [](const auto& u) { return square(u[0], 4); });
  check_rule("mean_square", [](const auto& u) { return mean_square(u[0], 7, u[1], 2); });
  check_rule("unit_number", [](const auto& u) { return unit_number(u[0], u[1], 30, 2); });
  check_rule("normed_number", [](const auto& u) { return normed_number(u[0], u[1], 9, 12); });
  check_rule("sigmoid_distance", [](const auto& u) { return sigmoid_distance(u[0], 12); });
  check_rule("sigmoid_numerator", [](const auto& u) { return sigmoid_numerator(u[0], u[1]); });
  check_rule("gated", [](const auto& u) { return gated(u[0], u[1], u[2], 12); });
  check_rule("residual_number", [](const auto& u) { return residual_number(u[0], u[1]); });
}

}  // namespace p2pllm::reference
