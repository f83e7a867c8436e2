#include <catch2/catch.hpp>

#include "optimized/simulation/simulate.hpp"
#include "optimized/simulation/twins.hpp"
#include "reference/simulation/lineages.hpp"
#include "reference/simulation/simulate.hpp"
#include "tests/unit/market_builder.hpp"

using namespace p2pllm;
using testing::network_of;

namespace {

constexpr LayerRange first{0, 1}, second{1, 2}, third{2, 3};

Scenario by_revenue(const std::string& schedule, int steps, const std::string& more) {
  return read_scenario(
             R"({"format": "p2pllm-scenario/1", "name": "test", "network": {"file": "absent"}, "alpha": "1/2", "steps": )" +
                 std::to_string(steps) + R"(, "migration": {"period": )" + std::to_string(steps) +
                 R"(, "schedule": ")" + schedule + R"(", "rule": "revenue"}, "record": [)" + std::to_string(steps) +
                 R"(], "tolerance": "1e-9", )" + more + "}",
             "s.json")
      .value();
}

std::vector<SimulatedMove> exact_moves(const Scenario& scenario, const Network& network, long bits = 128) {
  REQUIRE(check_scenario(scenario, network, "s.json"));
  const auto run = reference::simulate(scenario, network, 1);
  REQUIRE(run);
  CHECK(run->bits == bits);
  const auto fast = optimized::simulate(scenario, network, 1);
  if (fast) CHECK(fast->digest == run->digest);
  return run->moves;
}

}  // namespace

TEST_CASE("lineages say of what prices were made, wherever and whenever", "[simulation][SIM-21]") {
  using reference::Lineages;
  const Network six = network_of(3, {{first, "2", "1"},
                                     {first, "2", "1"},
                                     {second, "2", "1"},
                                     {second, "2", "1"},
                                     {third, "3", "1"},
                                     {third, "2", "5"}});
  for (const bool cost_matters : {true, false}) {
    Lineages lineages(six, cost_matters);
    CHECK(lineages.of(0) == lineages.of(2));
    CHECK((lineages.of(0) == lineages.of(4)) == !cost_matters);
    CHECK(lineages.of(0) != lineages.of(5));
  }
  Lineages lineages(six, true);
  lineages.step(std::vector<std::size_t>{0, 1}, {true, false});
  CHECK(lineages.of(0) != lineages.of(1));
  CHECK(lineages.of(1) == lineages.of(2));
  lineages.step(std::vector<std::size_t>{2, 3}, {false, true});  // the same in another range, later
  CHECK(lineages.of(3) == lineages.of(0));
  CHECK(lineages.of(2) == lineages.of(1));
  lineages.step(std::vector<std::size_t>{0, 1}, {true, true});
  lineages.step(std::vector<std::size_t>{2, 3, 4}, {true, true, true});  // beside another rival
  CHECK(lineages.of(0) != lineages.of(3));
  CHECK(lineages.of(1) != lineages.of(2));
  CHECK(lineages.of(0) != lineages.of(1));  // beside the same rivals, by what each was before
  lineages.state(0, 5);
  CHECK(lineages.of(0) == lineages.of(5));
}

TEST_CASE("a list of lineages is not taken for a shorter one, nor for a repeated one", "[simulation][SIM-21]") {
  const Network network = network_of(1, std::vector<testing::Peer>(6, {first, "2", "1"}));
  reference::Lineages lineages(network, true);
  lineages.step(std::vector<std::size_t>{0}, {true});
  lineages.step(std::vector<std::size_t>{1, 2}, {true, true});
  lineages.step(std::vector<std::size_t>{3, 4, 5}, {true, true, true});
  CHECK(lineages.of(0) != lineages.of(1));
  CHECK(lineages.of(1) == lineages.of(2));
  CHECK(lineages.of(1) != lineages.of(3));
}

TEST_CASE("twins are nodes of one class, as long as the same happens to them", "[simulation][SIM-21]") {
  const std::vector<std::uint32_t> here{0, 1}, there{2, 3}, more{2, 3, 4};
  const Network five =
      network_of(2, {{first, "2", "1"}, {first, "2", "1"}, {second, "2", "1"}, {second, "2", "1"}, {second, "2", "0"}});
  optimized::Twins twins(five, Rational(1, 2));
  CHECK(twins.of(0) == twins.of(3));
  CHECK(twins.of(0) != twins.of(4));
  CHECK(twins.earns_nothing(4));
  CHECK_FALSE(twins.earns_nothing(3));
  twins.begin_update();
  twins.step(here, {});
  twins.step(there, {});
  CHECK(twins.of(0) == twins.of(3));
  twins.begin_update();
  twins.step(here, std::vector<double>{1, 0});
  CHECK(twins.of(0) != twins.of(1));
  CHECK(twins.of(1) == twins.of(2));
  twins.begin_update();
  twins.step(here, {});
  twins.step(more, std::vector<double>{1, 1, 0});
  CHECK(twins.of(1) != twins.of(2));
  CHECK(twins.of(2) == twins.of(3));
  CHECK(twins.earns_nothing(4));
  twins.begin_update();
  twins.step(more, {});
  CHECK_FALSE(twins.earns_nothing(4));
  CHECK(twins.by_weight(0) == twins.of(0));
  optimized::Twins counted(five, Rational(1, 2));
  counted.begin_update();
  counted.step(std::vector<std::uint32_t>{0}, {});
  counted.step(std::vector<std::uint32_t>{1, 2}, {});
  CHECK(counted.of(0) != counted.of(1));
  CHECK(counted.of(1) == counted.of(2));
  counted.begin_update();
  counted.step(std::vector<std::uint32_t>{3}, {});  // what node 0 did before: a class of its own
  CHECK(counted.of(3) != counted.of(1));
  CHECK(optimized::Twins(five, 0).by_weight(0) == optimized::Twins(five, 0).by_weight(4));
}

TEST_CASE("a node moves to where it earns most, not to where its share of the capacity is greatest",
          "[simulation][SIM-8][MIG-7]") {
  // The capacity of [1, 2) is greater, but its node is so dear that nobody chooses it.
  const Network market = network_of(2, {{first, "4", "1"}, {first, "4", "1"}, {second, "1", "40"}});
  const std::string still = R"("prices": {"eta": 1, "every": 10000000}, "monopoly": "hold")";
  CHECK(exact_moves(by_revenue("sweep", 1, still), market) == std::vector<SimulatedMove>{{1, 0, first, second}});
  Scenario by_share = by_revenue("sweep", 1, still);
  by_share.migration->rule = WeightRule::share;
  CHECK(exact_moves(by_share, market).empty());
}

TEST_CASE("who has the price 0 earns nothing anywhere and stays, until it has a price", "[simulation][SIM-8][SIM-21]") {
  const Network market = network_of(2, {{first, "4", "0"}, {first, "4", "0"}, {second, "9", "40"}});
  CHECK(exact_moves(by_revenue("sweep", 1, R"("prices": {"eta": 1, "every": 2}, "monopoly": "hold")"), market).empty());
  CHECK(exact_moves(by_revenue("sweep", 2, R"("prices": {"eta": 1, "every": 2}, "monopoly": "hold")"), market).size() ==
        1);
}

TEST_CASE("of those that gain, the one moves whose revenue rises most", "[simulation][SIM-8]") {
  // The share of the first one rises by more, but its price is a hundredth of the other's.
  const Network market = network_of(
      3, {{first, "4", "1/50"}, {first, "4", "1/50"}, {second, "4", "2"}, {second, "4", "2"}, {third, "8", "30"}});
  const Scenario best = by_revenue("best", 1, R"("prices": {"eta": 1, "every": 10000000}, "monopoly": "hold")");
  CHECK(exact_moves(best, market) == std::vector<SimulatedMove>{{1, 2, second, third}});
}

TEST_CASE("equal gains are known by their lineages", "[simulation][SIM-8][SIM-21]") {
  const Network market =
      network_of(3, {{first, "4", "1"}, {first, "4", "1"}, {second, "4", "1"}, {second, "4", "1"}, {third, "8", "30"}});
  const Scenario best = by_revenue("best", 3, R"("prices": {"eta": 1}, "monopoly": "hold")");
  const auto fast = optimized::simulate(best, market, 1);
  REQUIRE(fast);
  CHECK(exact_moves(best, market) == std::vector<SimulatedMove>{{3, 0, first, third}});
}

TEST_CASE("a tie of two ranges goes to the lowest one, whatever way their nodes came", "[simulation][SIM-21]") {
  // After three steps c and d have what a and b had before: prices that are no longer stated, in another range.
  const Network market = network_of(3, {{second, "4", "1"},
                                        {second, "4", "1"},
                                        {first, "4", "1"},
                                        {first, "4", "1"},
                                        {third, "4", "1"},
                                        {third, "4", "1"},
                                        {third, "4", "1"},
                                        {third, "4", "1"}});
  const Scenario one = by_revenue("first", 3, R"("prices": {"eta": 1}, "monopoly": "hold")");
  const auto fast = optimized::simulate(one, market, 1);
  REQUIRE(fast);
  CHECK(exact_moves(one, market) == std::vector<SimulatedMove>{{3, 4, third, first}});
  Scenario drawn = one;
  drawn.migration->tie = TieRule::random;
  const auto drawn_fast = optimized::simulate(drawn, market, 3);
  REQUIRE(drawn_fast);
  CHECK(drawn_fast->digest == reference::simulate(drawn, market, 3).value().digest);
}

TEST_CASE("of two loads that differ by next to nothing, the one without it is less", "[simulation][SIM-21]") {
  // The weight of d is e^-500 times that of the others, which no enclosure of a load shows.
  const Network market = network_of(3, {{third, "4", "1"},
                                        {third, "4", "1"},
                                        {third, "4", "1"},
                                        {first, "4", "1000"},
                                        {first, "4", "1"},
                                        {second, "4", "1"}});
  const Scenario still = by_revenue("first", 1, R"("prices": {"eta": 1, "every": 10000000}, "monopoly": "hold")");
  CHECK(exact_moves(still, market) == std::vector<SimulatedMove>{{1, 0, third, second}});
  CHECK(optimized::simulate(still, market, 1)->moves == std::vector<SimulatedMove>{{1, 0, third, second}});
}

TEST_CASE("two prices that have risen to the cap are equal, whatever they were made of", "[simulation][SIM-21]") {
  const Network market = network_of(3, {{first, "4", "1"},
                                        {first, "4", "1"},
                                        {second, "4", "1/7"},
                                        {third, "4", "1"},
                                        {third, "4", "1"},
                                        {third, "4", "1"}});
  const Scenario capped = by_revenue("first", 20, R"("prices": {"eta": 1}, "monopoly": {"cap": "5/2"},
    "script": [{"step": 3, "from": [0, 1], "to": [2, 3]}])");
  const auto moves = exact_moves(capped, market);
  REQUIRE(moves.size() == 2);
  CHECK(moves[1] == SimulatedMove{20, 0, third, first});  // as good as [1, 2)
}

TEST_CASE("a tie that no lineage shows is undecided", "[simulation][SIM-11][SIM-21]") {
  // Three nodes at 1 have shares of 1/3, so their next price is 1 + (1 - 1/3) / 3, which three others state.
  std::vector<testing::Peer> peers(3, {first, "4", "1"});
  peers.insert(peers.end(), 3, {second, "4", "11/9"});
  peers.insert(peers.end(), 5, {third, "4", "1"});
  const Network market = network_of(3, peers);
  const Scenario one = by_revenue("first", 1, R"("prices": {"eta": 1, "update": "one_layer"}, "monopoly": "hold")");
  const auto run = reference::simulate(one, market, 1);
  REQUIRE_FALSE(run);
  CHECK(run.error().kind == Fault::Kind::limit_reached);
  CHECK(run.error().message() == "undecided at 4096 bits: step 1: whether node g earns more at [1,2)");
  CHECK_FALSE(optimized::simulate(one, market, 1));
}
