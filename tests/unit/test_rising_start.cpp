// Prices that rise (SIM-12): which starts are certain to, and what happens beyond eta a = 1.
#include <catch2/catch.hpp>

#include "model/numbers/interval.hpp"
#include "reference/market/demand_rules.hpp"
#include "reference/market/regret_rules.hpp"
#include "reference/simulation/ascent_rules.hpp"
#include "reference/simulation/rising_start.hpp"
#include "reference/simulation/simulate.hpp"
#include "tests/unit/market_builder.hpp"

using namespace p2pllm;
using namespace p2pllm::testing;

namespace {

Scenario scenario(const std::string& eta, const std::string& alpha = "1/2") {
  const std::string text = R"({"format": "p2pllm-scenario/1", "name": "test", "network": {"file": "n.json"},
    "steps": 3, "prices": {"eta": ")" +
                           eta + R"("}, "alpha": ")" + alpha +
                           R"(", "monopoly": "hold", "record": [0, 1, 2, 3], "tolerance": "1e-20"})";
  return read_scenario(text, "s.json").value();
}

bool rises(const Network& network, const std::string& eta = "1", const std::string& alpha = "1/2") {
  return reference::is_rising_start(scenario(eta, alpha), network);
}

}  // namespace

TEST_CASE("the paper's start is rising, at learning rates up to one over the sensitivity", "[simulation][SIM-12]") {
  const Network ten = equal_nodes(10, "25", "1");  // a = 1/2
  CHECK(rises(ten));
  CHECK(rises(ten, "2"));
  CHECK_FALSE(rises(ten, "2.001"));
}

TEST_CASE("a start is rising if no node that has rivals charges more than its best response", "[simulation][SIM-12]") {
  // Of two equal nodes z = p / 4.
  CHECK(rises(equal_nodes(2, "1", "3.999")));
  CHECK_FALSE(rises(equal_nodes(2, "1", "4.001")));
  CHECK(rises(equal_nodes(2, "1", "4")));                                         // z = 1
  CHECK_FALSE(rises(network_of(1, {{{0, 1}, "1", "3"}, {{0, 1}, "1", "4.9"}})));  // z > 1 for the second alone
  CHECK_FALSE(rises(network_of(1, {{{0, 1}, "1", "4.9"}, {{0, 1}, "1", "3"}})));
  CHECK(rises(network_of(2, {{{0, 1}, "1", "1"}, {{0, 1}, "1", "1"}, {{1, 2}, "1", "100"}})));  // no rivals: held
  CHECK_FALSE(rises(network_of(2, {{{0, 1}, "1", "1"}, {{1, 2}, "1", "1"}, {{1, 2}, "1", "100"}})));
}

TEST_CASE("where price does not matter to clients there is no equilibrium to rise to", "[simulation][SIM-12]") {
  CHECK_FALSE(rises(equal_nodes(2, "1", "1"), "1", "0"));
}

TEST_CASE("prices that begin to rise may fall where eta a is 3", "[simulation][SIM-12]") {
  // With a p = 5/3 and 2 and equal weights, z = 5/6 and 1. A step adds 3 (1/2) (1/6) = 1/4 to a p of the first, and as
  // e^(1/4) > 5/4, its next z is at least (23/12) (5/4)/(1 + 5/4) = 115/108.
  const Network two = network_of(1, {{{0, 1}, "5/3", "10/3"}, {{0, 1}, "1", "4"}});
  CHECK(reference::stationarity(Rational(5, 3), Rational(1, 2), Rational(1)) == Rational(5, 6));
  CHECK(reference::is_rising(Rational(5, 6)));
  CHECK(reference::is_rising(Rational(1)));
  CHECK_FALSE(reference::is_rising(Rational(115, 108)));
  const auto run = reference::simulate(scenario("6"), two, 1).value();
  const auto first = [&](std::size_t step) { return run.records[step].ranges[0].prices->least; };
  CHECK(encloses(first(1), Rational(23, 6)));
  CHECK(first(2).upper < first(1).lower);
  // At eta a = 1 nothing falls from there.
  const auto slow = reference::simulate(scenario("2"), two, 1).value();
  for (std::size_t step = 1; step < 4; ++step)
    CHECK(slow.records[step - 1].ranges[0].prices->least.upper < slow.records[step].ranges[0].prices->least.lower);
}

TEST_CASE("the rising profiles are not convex", "[simulation][SIM-12]") {
  const auto rising = [](const Rational& first, const Rational& second) {
    const Interval one(Rational(1), 128), price(first, 128);
    const Interval rest = reference::rest_share(one, exp(price - Interval(second, 128)));
    return reference::is_rising(reference::stationarity(price, rest, one));
  };
  const Rational low(156, 100);
  CHECK(certainly(rising(low, 1)));
  CHECK(certainly(rising(1, low)));
  CHECK(reference::is_rising(reference::stationarity(Rational(2), Rational(1, 2), Rational(1))));
  CHECK(certainly_not(rising((low + Rational(2)) / Rational(2), Rational(3, 2))));
}
