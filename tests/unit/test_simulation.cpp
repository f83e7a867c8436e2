#include <catch2/catch.hpp>
#include <set>

#include "kernels/simt/simulated_device.hpp"
#include "model/simulation/draws.hpp"
#include "optimized/simulation/device_ascent.hpp"
#include "optimized/simulation/group_prices.hpp"
#include "optimized/simulation/simulate.hpp"
#include "reference/simulation/ascent_rules.hpp"
#include "reference/simulation/simulate.hpp"
#include "tests/unit/market_builder.hpp"

using namespace p2pllm;

namespace {

/// A scenario of generated nodes, with members replaced.
std::string scenario_text(const std::string& counts, const std::string& more) {
  const std::string layers = std::to_string(1 + std::ranges::count(counts, ','));
  return R"({"format": "p2pllm-scenario/1", "name": "test", "network": {"generate": {"layers": )" + layers +
         R"(, "counts": [)" + counts +
         R"(], "cost": 25, "price": 1}}, "alpha": "1/2", "steps": 100, "prices": {"eta": 1},
    "monopoly": "ascend", "record": [0, 100], "tolerance": "1e-20")" +
         (more.empty() ? "" : ", " + more) + "}";
}

Scenario scenario(const std::string& text, const std::vector<ScenarioOverride>& overrides = {}) {
  return read_scenario(text, "s.json", overrides).value();
}

SimulationRun exact_run(const Scenario& scenario, std::uint64_t seed = 1) {
  return reference::simulate(scenario, generated_network(scenario, seed), seed).value();
}
SimulationRun fast_run(Scenario scenario, std::uint64_t seed = 1) {
  scenario.tolerance = Rational(1, 1000000);
  return optimized::simulate(scenario, generated_network(scenario, seed), seed).value();
}

bool contains(const Enclosure& outer, const Rational& value) { return outer.lower <= value && value <= outer.upper; }

}  // namespace

TEST_CASE("Philox has the values that its authors publish", "[simulation][SIM-4]") {
  constexpr std::uint32_t all = 0xffffffff;
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == PhiloxWords{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox({all, all, all, all}, {all, all}) == PhiloxWords{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        PhiloxWords{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a draw depends on each part of its name", "[simulation][SIM-4]") {
  const Draws draws(3);
  std::set<std::uint64_t> seen{
      draws.bits(Stream::costs, 1, 2, 3),    draws.bits(Stream::joins, 1, 2, 3),
      draws.bits(Stream::costs, 2, 2, 3),    draws.bits(Stream::costs, 1 + (std::uint64_t{1} << 32U), 2, 3),
      draws.bits(Stream::costs, 1, 3, 3),    draws.bits(Stream::costs, 1, 2, 4),
      Draws(4).bits(Stream::costs, 1, 2, 3), Draws(3 + (std::uint64_t{1} << 32U)).bits(Stream::costs, 1, 2, 3)};
  CHECK(seen.size() == 8);
}

TEST_CASE("uniform numbers are exact and lie inside (0, 1), and indices reach both ends", "[simulation][SIM-5]") {
  constexpr std::uint64_t most = ~std::uint64_t{0};
  CHECK(uniform_of(0) == Rational::power_of_two(-65));
  CHECK(uniform_of(most) == Rational(1) - Rational::power_of_two(-65));
  CHECK(index_below(3, 0) == 0);
  CHECK(index_below(3, most) == 2);
  CHECK(index_below(3, most / 3) == 0);
  CHECK(index_below(3, most / 3 + 1) == 1);
  CHECK_FALSE(happens(Rational(0), 0));
  CHECK(happens(Rational(1), most));
  CHECK(value_at({1, 2, 1}, Rational(1, 4)) == Rational(13, 10));  // half up
  CHECK(value_at({1, 50, {}}, Rational(1, 2)) == Rational(51, 2));
}

TEST_CASE("the moments and the serial correlation of uniform numbers are those of independent ones",
          "[simulation][SIM-5]") {
  constexpr int n = 20000;
  const Draws draws(16);
  double sum = 0, squares = 0, products = 0, before = 0;
  for (std::uint32_t k = 0; k < n; ++k) {
    const double x = uniform_of(draws.bits(Stream::choices, 1, k)).raw().get_d() - 0.5;
    sum += x;
    squares += x * x;
    products += x * before;
    before = x;
  }
  CHECK(std::abs(sum / n) < 4 * 0.2887 / std::sqrt(n));
  CHECK(std::abs(squares / n - 1.0 / 12) < 4 * 0.0745 / std::sqrt(n));
  CHECK(std::abs(products / n) < 4 * 0.0833 / std::sqrt(n));
}

TEST_CASE("ten equal nodes follow the closed form of a linear recursion", "[simulation][SIM-6][SIM-13]") {
  // With P = 1/10 the step is p + eta/10 (1 - 9 a p/10), so p_t = 20/9 - 11/9 (1 - 9/200 eta)^t.
  const Scenario ten = scenario(scenario_text("10", ""));
  Rational left = Rational(11, 9);
  for (int step = 0; step < 100; ++step) left *= Rational(191, 200);
  const Rational expected = Rational(20, 9) - left;
  for (const SimulationRun& run : {exact_run(ten), fast_run(ten)}) {
    CHECK(contains(run.records[1].ranges[0].prices->mean, expected));
    CHECK(contains(run.records[1].ranges[0].prices->least, expected));
    CHECK(contains(run.records[1].ranges[0].prices->greatest, expected));
    CHECK(run.radius < Rational(1, 1000000000000));
  }
}

TEST_CASE("row 100 of Table 1 comes of a rate and three moves that were read off it", "[simulation][SIM-8][SIM-9]") {
  const Scenario row = scenario(scenario_text("10,4,10,4", R"("script": [
      {"step": 25, "from": [0, 1], "to": [1, 2]}, {"step": 50, "from": [0, 1], "to": [3, 4]},
      {"step": 75, "from": [0, 1], "to": [1, 2]}])"),
                                {{"/prices/eta", "47/200"}});
  const SimulationRun run = exact_run(row);
  const std::vector<std::string> means = {"1.919", "2.199", "1.8", "2.312"};
  const std::vector<std::size_t> nodes = {7, 6, 10, 5};
  for (std::size_t r = 0; r < 4; ++r) {
    CHECK(to_decimal(run.records[1].ranges[r].prices->mean.lower, 4) == means[r]);
    CHECK(run.records[1].ranges[r].nodes == nodes[r]);
  }
  CHECK(fast_run(row).digest == run.digest);
}

TEST_CASE("a sole server holds its price, ascends to a cap, or ascends for ever", "[simulation][SIM-7][SIM-16]") {
  const std::vector<std::pair<std::string, Rational>> cases = {
      {"hold", 1}, {R"({"cap": "7/2"})", Rational(7, 2)}, {"ascend", 101}};
  for (const auto& [rule, price] : cases) {
    const Scenario alone = scenario(scenario_text("1", ""), {{"/monopoly", rule}});
    for (const SimulationRun& run : {exact_run(alone), fast_run(alone)}) {
      CHECK(contains(run.records[1].ranges[0].prices->mean, price));
      CHECK(run.records[1].sole == 1);
      CHECK(run.records[1].regret_bound == Rational(1));
    }
  }
}

TEST_CASE("the radius of a run contains the run of a greater precision", "[simulation][SIM-13]") {
  Scenario raw = scenario(scenario_text("6,3", ""), {{"/network/generate/cost", R"({"uniform": [1, 50]})"}});
  const SimulationRun run = exact_run(raw, 5);
  raw.tolerance = Rational(1) / Rational::power_of_two(200);
  const SimulationRun finer = exact_run(raw, 5);
  CHECK(run.bits == 128);
  CHECK(finer.bits == 256);
  for (std::size_t r = 0; r < 2; ++r)
    for (const auto member :
         {&PriceSummary::mean, &PriceSummary::median, &PriceSummary::least, &PriceSummary::greatest}) {
      const Enclosure& wide = *run.records[1].ranges[r].prices.*member;
      const Enclosure& narrow = *finer.records[1].ranges[r].prices.*member;
      CHECK(wide.lower <= narrow.lower);
      CHECK(narrow.upper <= wide.upper);
    }
}

TEST_CASE("no precision suffices for a tolerance beyond all", "[simulation][SIM-13]") {
  Scenario scenario = ::scenario(scenario_text("3", ""));
  scenario.tolerance = Rational::power_of_two(-5000);
  const auto run = reference::simulate(scenario, generated_network(scenario, 1), 1);
  REQUIRE_FALSE(run);
  CHECK(run.error().kind == Fault::Kind::limit_reached);
  CHECK_FALSE(optimized::simulate(scenario, generated_network(scenario, 1), 1));
}

TEST_CASE("growth is the sum of the absolute derivatives of a step", "[simulation][SIM-13]") {
  // kappa = 1/8 and h = 3/2: own |1 - 5/16|, rivals 3/16.
  CHECK(reference::ascent_growth(Rational(1, 8), Rational(3, 2)) == Rational(7, 8));
  CHECK(reference::ascent_growth(Rational(1, 8), Rational(-3)) == Rational(13, 8));
  CHECK(reference::ascent_growth(Rational(1), Rational(1)) == Rational(2));
  CHECK(reference::ascent_strength(Rational(2), Rational(1, 2), Rational(1, 4), Rational(3, 4)) == Rational(3, 16));
  CHECK(reference::ascent_lean(Rational(1, 2), Rational(4), Rational(1, 4), Rational(3, 4)) == Rational(0));
}

TEST_CASE("the digest changes with what is discrete, and with nothing else", "[simulation][SIM-1]") {
  const std::string text = scenario_text("6,0", R"("migration": {"period": 10, "schedule": "sweep"})");
  const Scenario base = scenario(text);
  const Hash digest = exact_run(base).digest;
  CHECK(exact_run(base).digest == digest);
  CHECK(exact_run(base, 2).digest == digest);  // nothing is drawn
  CHECK(exact_run(scenario(text, {{"/prices/eta", "1/3"}})).digest == digest);
  CHECK(exact_run(scenario(text, {{"/record", "[0, 99]"}})).digest != digest);
  CHECK(exact_run(scenario(text, {{"/migration", "null"}})).digest != digest);
  CHECK(exact_run(scenario(text, {{"/network/generate/counts", "[6, 1]"}})).digest != digest);
}

TEST_CASE("a record says what the network carries, and what nobody can gain", "[simulation][SIM-16]") {
  // Equal nodes have equal shares: each takes a third or a half of the requests, at 1/25 a unit of time.
  const Scenario two = scenario(scenario_text("3,2", ""));
  for (const SimulationRun& run : {exact_run(two), fast_run(two)}) {
    const StepRecord& record = run.records[1];
    CHECK(contains(record.throughput, Rational(2, 25)));
    CHECK(contains(record.least_load, Rational(2, 25)));
    CHECK(contains(record.ranges[0].load, Rational(3, 25)));
    CHECK(record.regret_bound < Rational(1, 1000));
    CHECK(record.regret_bound.sign() >= 0);
    CHECK(run.records[0].regret_bound > Rational(1, 10));
  }
}

TEST_CASE("a cap lowers no price", "[simulation][SIM-7]") {
  // Two nodes ascend towards 4; then one of them leaves, and the other one's price is above the cap.
  const Scenario scenario =
      ::scenario(scenario_text("2,1", R"("script": [{"step": 40, "from": [0, 1], "to": [1, 2]}])"),
                 {{"/monopoly", R"({"cap": "3/2"})"}, {"/record", "[40, 100]"}});
  for (const SimulationRun& run : {exact_run(scenario), fast_run(scenario)}) {
    const RangeRecord& left = run.records[0].ranges[0];
    REQUIRE(left.nodes == 1);
    CHECK(left.prices->mean.lower > Rational(2));
    CHECK(to_decimal(run.records[1].ranges[0].prices->mean.lower, 9) == to_decimal(left.prices->mean.lower, 9));
  }
}

TEST_CASE("a node that is alone again goes on from its price", "[simulation][SIM-7]") {
  const optimized::AscentConstants constants{0.5, 1, MonopolyRule::ascend, 0};
  optimized::GroupPrices group;
  group.append({0, 1, 1});
  for (int step = 0; step < 2; ++step) group.step(constants);
  CHECK(group.price(0) == 3);
  group.insert({1, 2, 1});
  for (int step = 0; step < 5; ++step) group.step(constants);
  CHECK(group.take(1).node == 1);
  const double before = group.price(0);
  group.step(constants);
  CHECK(group.price(0) == before + 1);
}

TEST_CASE("a run whose prices ascend on a device has the digest of the processor's",
          "[simulation][SIM-1][SIM-6][SIM-7]") {
  const auto device = kernels::simt::simulated_device(1);
  optimized::DeviceAscent loops(*device);
  const auto check = [&](const std::string& more, const std::vector<ScenarioOverride>& overrides) {
    Scenario scenario = ::scenario(scenario_text("4,1,3", more), overrides);
    scenario.tolerance = Rational(1, 1000000);
    scenario.steps = 40;
    scenario.record = {0, 7, 40};
    const auto expected = optimized::simulate(scenario, generated_network(scenario, 1), 1);
    const auto found = optimized::simulate(scenario, generated_network(scenario, 1), 1, {}, {}, &loops);
    REQUIRE(expected);
    REQUIRE(found);
    CHECK(found->digest == expected->digest);
    CHECK(found->radius == expected->radius);
    for (std::size_t k = 0; k < expected->records.size(); ++k)
      for (std::size_t r = 0; r < expected->records[k].ranges.size(); ++r)
        CHECK(found->records[k].ranges[r].prices->mean.lower == expected->records[k].ranges[r].prices->mean.lower);
  };
  check("", {});
  check(R"("migration": {"period": 3, "schedule": "sweep"})", {{"/prices", R"({"eta": 1, "every": 4})"}});
  check("", {{"/prices", R"({"eta": 1, "update": {"probability": "1/2"}})"}});
}

TEST_CASE("costs of more than 64 bits are told apart", "[simulation][SIM-8]") {
  const std::string long_cost = "18446744073709551617";  // 2^64 + 1
  const Network network = testing::network_of(
      2, {{{0, 1}, long_cost, "1"}, {{0, 1}, long_cost, "1"}, {{0, 1}, "1", "1"}, {{1, 2}, "2", "1"}});
  Scenario scenario = ::scenario(scenario_text("1,1", R"("migration": {"period": 1, "schedule": "sweep"})"));
  scenario.steps = 1;
  scenario.record = {1};
  scenario.tolerance = Rational(1, 1000000);
  const auto exact = reference::simulate(scenario, network, 1);
  const auto fast = optimized::simulate(scenario, network, 1);
  REQUIRE(exact);
  REQUIRE(fast);
  CHECK(exact->moves.size() == 2);
  CHECK(fast->moves == exact->moves);
}

TEST_CASE("nodes that are made when they are asked for are those that a network lists", "[simulation][SIM-5][SIM-19]") {
  const Scenario drawn = scenario(
      scenario_text("3,0,12", R"("churn": {"joins_per_step": "1/9"})"),
      {{"/network/generate/cost", R"({"uniform": [1, 50]})"}, {"/network/generate/price", R"({"uniform": [0, 2]})"}});
  const Network listed = generated_network(drawn, 5);
  const Peers made(drawn, 5), found(listed);
  REQUIRE(made.size() == found.size());
  REQUIRE(made.size() > 15);
  for (std::size_t node = 0; node < made.size(); ++node) {
    CHECK(made.id(node) == found.id(node));
    CHECK(made.layers(node) == found.layers(node));
    CHECK(made.cost(node) == found.cost(node));
    CHECK(made.price(node) == found.price(node));
  }
  CHECK(made.id(2) == "layer1-03");
  CHECK(made.layers(2) == LayerRange{0, 1});
  CHECK(made.id(3) == "layer3-01");
  CHECK(made.layers(3) == LayerRange{2, 3});
  CHECK(made.id(14) == "layer3-12");
  CHECK(made.id(15) == "joined-1");
  CHECK(made.market().nodes.empty());
  Scenario fast = drawn;
  fast.tolerance = Rational(1, 1000000);
  CHECK(optimized::simulate(fast, made, 5)->digest == optimized::simulate(fast, listed, 5)->digest);
}

TEST_CASE("numbers that doubles cannot enclose are left to the reference", "[simulation][SIM-14][SIM-16]") {
  for (const char* cost : {"1e300", "1e-300", "9e300"}) {
    const Scenario huge = scenario(scenario_text("2", ""), {{"/network/generate/cost", cost}});
    const SimulationRun exact = exact_run(huge);
    CHECK(exact.records.size() == 2);
    const Rational capacity = Rational(1) / generated_network(huge, 1).nodes[0].cost;
    CHECK(contains(exact.records[1].throughput, Rational(2) * capacity));  // each node has half of the demand
    if (const auto fast = optimized::simulate(huge, generated_network(huge, 1), 1)) CHECK(fast->digest == exact.digest);
  }
}
