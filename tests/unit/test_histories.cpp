#include <catch2/catch.hpp>

#include "model/simulation/histories.hpp"
#include "optimized/simulation/simulate.hpp"
#include "reference/simulation/simulate.hpp"
#include "tests/unit/market_builder.hpp"

using namespace p2pllm;
using testing::network_of;

namespace {

/// A scenario whose prices move by less than 10^-59 in a step: what 128 bits cannot tell apart, more bits must.
Scenario of_tiny_steps(const std::string& more) {
  return read_scenario(
             R"({"format": "p2pllm-scenario/1", "name": "test", "alpha": "1/2", "steps": 30, "step_ticks": 1000,
    "monopoly": "hold", "requests": {"mode": "least", "poisson_per_step": 3, "cost_ticks": 1}, "record": [30],
    "tolerance": "1e-9", )" +
                 more + "}",
             "s.json")
      .value();
}

RequestRecord requests_of(const Scenario& scenario, const Network& network) {
  REQUIRE(check_scenario(scenario, network, "s.json"));
  const SimulationRun run = reference::simulate(scenario, network, 1).value();
  CHECK(run.bits > 128);
  const auto fast = optimized::simulate(scenario, network, 1);
  if (fast) CHECK(fast->digest == run.digest);
  return *run.records.back().requests;
}

}  // namespace

TEST_CASE("nodes have one history if all that moves a price happened to them alike", "[simulation][SIM-11]") {
  const Network four = network_of(1, {{{0, 1}, "2", "1"}, {{0, 1}, "2", "1"}, {{0, 1}, "3", "1"}, {{0, 1}, "2", "5"}});
  for (const bool cost_matters : {true, false}) {
    Histories histories(four, cost_matters);
    for (std::size_t node = 0; node < 4; ++node) histories.begin(node, 0, 0);
    CHECK(histories.of(0) == histories.of(1));
    CHECK((histories.of(0) == histories.of(2)) == !cost_matters);
    CHECK(histories.of(0) != histories.of(3));
    histories.begin(1, 0, 1);
    CHECK(histories.of(0) != histories.of(1));
    histories.begin(1, 1, 0);
    CHECK(histories.of(0) != histories.of(1));
    histories.begin(1, 0, 0);
    histories.separate(0, 7, 3);
    CHECK(histories.of(0) != histories.of(1));
    histories.separate(1, 7, 4);
    CHECK(histories.of(0) != histories.of(1));
    histories.begin(1, 0, 0);
    histories.separate(1, 8, 3);
    CHECK(histories.of(0) != histories.of(1));
    histories.begin(1, 0, 0);
    histories.separate(1, 7, 3);
    CHECK(histories.of(0) == histories.of(1));
  }
}

TEST_CASE("a price that rose by 10^-60 alone is told from one that did not", "[simulation][SIM-6][SIM-11]") {
  const Network two = network_of(1, {{{0, 1}, "2", "1"}, {{0, 1}, "2", "1"}});
  const RequestRecord record = requests_of(
      of_tiny_steps(R"("network": {"file": "absent"}, "prices": {"eta": "1e-60", "update": "served"})"), two);
  CHECK(record.demand[0] > 0);  // the first request takes the first of equal nodes, whose price then rises
  CHECK(record.demand[1] > 0);
}

TEST_CASE("nodes that came at different steps are told apart by 10^-60", "[simulation][SIM-9][SIM-11]") {
  // Node a comes to the second layer at step 1, where nobody rivals it, so its price rises faster than that of node b,
  // which comes at step 3. From then on b is the cheaper one.
  const Network market =
      network_of(2, {{{0, 1}, "2", "1"}, {{0, 1}, "2", "1"}, {{0, 1}, "2", "1"}, {{1, 2}, "1000000", "1"}});
  const RequestRecord record =
      requests_of(of_tiny_steps(R"("network": {"file": "absent"}, "prices": {"eta": "1e-60"}, "script": [
        {"step": 1, "from": [0, 1], "to": [1, 2]}, {"step": 3, "from": [0, 1], "to": [1, 2]}])"),
                  market);
  CHECK(record.demand[1] > 20);
}

TEST_CASE("a node that joins is told by 10^-60 from one that was there", "[simulation][SIM-11][SIM-19]") {
  const Scenario joined = of_tiny_steps(R"("network": {"generate": {"layers": 1, "counts": [2], "cost": 2, "price": 1}},
      "prices": {"eta": "1e-60"}, "churn": {"joins_per_step": "1/4"})");
  const Network network = generated_network(joined, 1);
  REQUIRE(network.size() > 4);
  const RequestRecord record = requests_of(joined, network);
  CHECK(record.demand.back() > 0);  // the last to join has the price that rose least
  CHECK(record.demand[2] > 0);
}

TEST_CASE("where costs have no weight, the faster of equal nodes is chosen", "[simulation][SIM-10][SIM-11]") {
  const Network two = network_of(1, {{{0, 1}, "3", "1"}, {{0, 1}, "2", "1"}, {{0, 1}, "2", "1"}});
  Scenario least = of_tiny_steps(R"("network": {"file": "absent"}, "prices": {"eta": 1})");
  least.alpha = Rational(1);
  const SimulationRun exact = reference::simulate(least, two, 1).value();
  CHECK(exact.records[0].requests->demand[1] == exact.records[0].requests->offered);
  const auto fast = optimized::simulate(least, two, 1);
  REQUIRE(fast);
  CHECK(fast->digest == exact.digest);
}
