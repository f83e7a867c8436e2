#include <catch2/catch.hpp>

#include "model/simulation/peers.hpp"

using namespace p2pllm;

namespace {

const std::string good = R"({"format": "p2pllm-scenario/1", "name": "n", "network": {"generate": {"layers": 2,
  "counts": [2, 2], "cost": {"uniform": [1, 50]}, "price": 1}}, "alpha": "1/2", "steps": 10, "prices": {"eta": 1},
  "monopoly": "hold", "migration": {"period": 5, "schedule": "sweep"}, "record": [0, 10], "tolerance": "1e-9"})";

/// The line that a scenario with one member replaced is refused with; empty if it is accepted.
std::string refusal(const std::string& pointer, const std::string& value) {
  const auto scenario = read_scenario(good, "s.json", {{pointer, value}});
  if (!scenario) return scenario.error().message();
  const auto fits = check_scenario(*scenario, generated_network(*scenario, 1), "s.json");
  return fits ? "" : fits.error().message();
}

/// Each case is a pointer, a value for it, and a part of the line that refuses it, or nothing if it is accepted.
void check_refusals(const std::vector<std::array<std::string, 3>>& cases) {
  for (const auto& [pointer, value, line] : cases) {
    const std::string said = refusal(pointer, value);
    INFO(pointer + "=" + value + ": " + said);
    CHECK(said.find(line) != std::string::npos);
    CHECK(said.find('\n') == std::string::npos);
    CHECK(line.empty() == said.empty());
  }
}

}  // namespace

TEST_CASE("each rule of a scenario is refused by place, value and rule", "[simulation][SIM-1][SIM-6]") {
  const std::vector<std::array<std::string, 3>> cases = {
      {"/name", "x", ""},
      {"/seed", "1", "s.json: /seed: 1: unknown key"},
      {"/steps", "10000001", "s.json: /steps: 10000001: steps must be an integer in 0 .. 10000000"},
      {"/record/1", "11", "s.json: /record/1: 11: a recorded step must be an integer in 0 .. steps"},
      {"/record/1", "0", "s.json: /record/1: 0: recorded steps must rise"},
      {"/record", "[]", "s.json: /record: array of 0: at least one step must be recorded"},
      {"/tolerance", "0", "s.json: /tolerance: 0: the tolerance must be greater than 0"},
      {"/migration/period", "0", "s.json: /migration/period: 0: a period is a number of steps"},
      {"/migration/schedule", "fair", "s.json: /migration/schedule: \"fair\": one of these is expected: sweep, "},
      {"/migration/schedule", R"({"probability": "3/2"})",
       "s.json: /migration/schedule/probability: \"3/2\": a probability must lie in [0, 1]"},
      {"/migration/rule", "profit",
       "s.json: /migration/rule: \"profit\": one of these is expected: share, count, revenue"},
      {"/migration/rule", "revenue", ""},
      {"/prices/update", R"({"probability": -1})", "s.json: /prices/update/probability: -1: a probability must lie"},
      {"/prices/eta", "0", "s.json: /prices/eta: 0: the learning rate must be greater than 0"},
      {"/prices/eta", "8.1", "s.json: /prices/eta: 81/10: eta times the price sensitivity is 81/20; above 4"},
      {"/prices/eta", "8", ""},
      {"/alpha", "2", "s.json: /alpha: 2: alpha must lie in [0, 1]"},
      {"/network/generate/counts", "[0, 0]", "s.json: /network/generate/counts: array of 2: at least one peer"},
      {"/network/generate/counts", "[1]", "s.json: /network/generate/counts: array of 1: one count a layer"},
      {"/network/generate/counts", "[9000000, 9000000]", "at most 10000000 peers are allowed"},
      {"/network/generate/cost", "0", "s.json: /network/generate/cost: 0: a cost must be greater than 0"},
      {"/network/generate/cost/uniform", "[0, 5]", "/uniform/0: 0: a cost must be greater than 0"},
      {"/network/generate/cost/uniform", "[5, 5]", "/uniform/1: 5: the greatest value must exceed the least one"},
      {"/network/generate/cost", R"({"uniform": ["1/9", 2], "decimals": 0})", "the least value rounds to 0"},
      {"/network/generate/price", "-1", "s.json: /network/generate/price: -1: a price must be at least 0"},
      {"/network/generate/price", "0", ""},
      {"/monopoly", R"({"cap": "1/2"})",
       "s.json: /monopoly/cap: 1/2: the cap is below the first price of node layer1-01"},
      {"/monopoly", R"({"cap": 1})", ""},
      {"/script", R"([{"step": 3, "from": [0, 1], "to": [0, 1]}])",
       "/script/0/to: array of 2: a move leads to another"},
      {"/script", R"([{"step": 3, "from": [0, 1], "to": [1, 3]}])",
       "/script/0/to: array of 2: a move keeps the length"},
      {"/script", R"([{"step": 3, "from": [0, 1], "to": [7, 8]}])",
       "s.json: /script/0/to: [7,8): no node serves these"},
      {"/script", R"([{"step": 11, "from": [0, 1], "to": [1, 2]}])", "/script/0/step: 11: a move's step must be"},
      {"/script", R"([{"step": 3, "from": [0, 1], "to": [1, 2]}, {"step": 2, "from": [0, 1], "to": [1, 2]}])",
       "/script/1/step: 2: moves must be listed by rising step"},
      {"/seeds", "[3, 2]", "s.json: /seeds/1: 2: the last seed must not precede the first"},
      {"/seeds", "[1, 1000001]", "s.json: /seeds/1: 1000001: at most 10^6 seeds are allowed"},
      {"/seeds", "[-1, 2]", "s.json: /seeds/0: -1: a seed must be an integer in 0 .. 2^63 - 1"},
      {"/scales", R"({"cost": 0})", "s.json: /scales/cost: 0: it must be greater than 0"},
      {"/temperature", "0", "s.json: /temperature: 0: it must be greater than 0"}};
  check_refusals(cases);
}

TEST_CASE("each rule of requests and churn is refused by place, value and rule",
          "[simulation][SIM-2][SIM-10][SIM-19]") {
  const std::vector<std::array<std::string, 3>> cases = {
      {"/requests", "null", ""},
      {"/requests", R"({"mode": "fair", "poisson_per_step": 1, "cost_ticks": 1})",
       "s.json: /requests/mode: \"fair\": one of these is expected: least, gumbel, boltzmann"},
      {"/requests", R"({"mode": "least", "poisson_per_step": 0, "cost_ticks": 1})",
       "s.json: /requests/poisson_per_step: 0: the rate of requests must be greater than 0"},
      {"/requests", R"({"mode": "least", "poisson_per_step": 10000001, "cost_ticks": 1})",
       "s.json: /requests/poisson_per_step: 10000001: a run of 10 steps would have more than 10^8 requests"},
      {"/requests", R"({"mode": "least", "poisson_per_step": 10000000, "cost_ticks": 1})", ""},
      {"/requests", R"({"mode": "least", "poisson_per_step": "1e-10", "cost_ticks": 1})",
       "s.json: /requests/poisson_per_step: \"1e-10\": more than 10^15 ticks would pass between two of them"},
      {"/requests", R"({"mode": "least", "poisson_per_step": 1, "cost_ticks": 0})",
       "s.json: /requests/cost_ticks: 0: a duration is a number of ticks, an integer in 1 .. 10^15"},
      {"/requests", R"({"mode": "least", "poisson_per_step": 1, "cost_ticks": 1000000000000000})",
       "s.json: /requests/cost_ticks: 1000000000000000: node layer1-01 would need more than 10^15 ticks for a request"},
      {"/requests", R"({"mode": "least", "poisson_per_step": 1, "cost_ticks": 10000000000000})",
       "s.json: /requests/cost_ticks: 10000000000000: all requests together could keep node layer1-01 busy for more"},
      {"/requests", R"({"mode": "least", "poisson_per_step": 1, "cost_ticks": 1000000000000})", ""},
      {"/requests", R"({"mode": "least", "poisson_per_step": 1, "cost_ticks": 1, "service": "slow"})",
       "s.json: /requests/service: \"slow\": one of these is expected: constant, exponential"},
      {"/requests", R"({"mode": "least", "poisson_per_step": 1, "cost_ticks": 1, "warm_up": 11})",
       "s.json: /requests/warm_up: 11: a warm-up is a number of steps, an integer in 0 .. steps"},
      {"/churn", "null", ""},
      {"/churn", R"({"joins_per_step": 1, "mean_lifetime": 4, "target": "random"})", ""},
      {"/churn", R"({"joins_per_step": -1})",
       "s.json: /churn/joins_per_step: -1: a rate of joining must be at least 0"},
      {"/churn", R"({"joins_per_step": 1000000})",
       "s.json: /churn/joins_per_step: 1000000: more than 10000000 peers would take part in the run"},
      {"/churn", R"({"joins_per_step": "1e-10"})",
       "s.json: /churn/joins_per_step: \"1e-10\": more than 10^15 ticks would pass between two of them"},
      {"/churn", R"({"mean_lifetime": 0})", "s.json: /churn/mean_lifetime: 0: a mean lifetime must be greater than 0"},
      {"/churn", R"({"mean_lifetime": 1000000001})",
       "s.json: /churn/mean_lifetime: 1000000001: a mean lifetime may have at most 10^15 ticks"},
      {"/churn", R"({"target": "worst"})", "s.json: /churn/target: \"worst\": one of these is expected: best, random"},
      {"/step_ticks", "0", "s.json: /step_ticks: 0: a duration is a number of ticks, an integer in 1 .. 10^15"},
      {"/prices/update", "served", "s.json: /prices/update: \"served\": without requests nobody serves any"}};
  check_refusals(cases);
}

TEST_CASE("a scenario says what a sole server does wherever there may be one", "[simulation][SIM-7]") {
  const std::string silent = good.substr(0, good.find("\"monopoly\"")) + good.substr(good.find("\"migration\""));
  const auto line = [&](const std::vector<ScenarioOverride>& overrides) {
    const Scenario scenario = read_scenario(silent, "s.json", overrides).value();
    const auto fits = check_scenario(scenario, generated_network(scenario, 1), "s.json");
    return fits ? std::string() : fits.error().message();
  };
  const std::string rule = "s.json: /monopoly: absent: a group can have one node";
  CHECK(line({}).starts_with(rule));
  CHECK(line({{"/migration", "null"}}).empty());
  CHECK(line({{"/migration", "null"}, {"/network/generate/counts", "[2, 1]"}}).starts_with(rule));
  CHECK(
      line({{"/migration", "null"}, {"/script", R"([{"step": 1, "from": [0, 1], "to": [1, 2]}])"}}).starts_with(rule));
}

TEST_CASE("a scenario's members are replaced by pointer, each at most once", "[simulation][SIM-1]") {
  CHECK(read_scenario(good, "s.json", {{"/network/generate/counts/1", "3"}})->sha256 !=
        read_scenario(good, "s.json")->sha256);
  CHECK(std::get<GeneratedNetwork>(read_scenario(good, "s.json", {{"/network/generate/counts/1", "3"}})->network)
            .counts[1] == 3);
  CHECK(read_scenario(good, "s.json", {{"/steps", "20"}, {"/steps", "30"}}).error().message() ==
        "--set /steps: a pointer is replaced at most once");
  CHECK(read_scenario(good, "s.json", {{"/record/2", "5"}}).error().message() ==
        "--set /record/2: the scenario has no such place");
  CHECK(read_scenario(good, "s.json", {{"/a~1b", "5"}}).error().message().starts_with("s.json: /a~1b: 5: unknown key"));
  CHECK(parse_override("/prices/eta=1/4")->value == "1/4");
  CHECK(parse_override("/name=a=b")->value == "a=b");
  for (const char* wrong : {"prices/eta=1", "/prices/eta", "/prices/eta=", "="}) CHECK_FALSE(parse_override(wrong));
}

TEST_CASE("a generated network has the counts of its layers, in order, and draws of its own", "[simulation][SIM-5]") {
  const Scenario scenario = read_scenario(good, "s.json").value();
  const Network network = generated_network(scenario, 7);
  REQUIRE(network.size() == 4);
  CHECK(network.nodes[2].id == "layer2-01");
  CHECK(network.nodes[2].layers == LayerRange{1, 2});
  CHECK(network.nodes[0].cost != network.nodes[1].cost);
  CHECK(generated_network(scenario, 7) == network);
  CHECK(generated_network(scenario, 8).nodes[0].cost != network.nodes[0].cost);
}
