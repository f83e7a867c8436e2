#include <boost/math/distributions/chi_squared.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "optimized/simulation/request_service.hpp"
#include "optimized/simulation/simulate.hpp"
#include "reference/simulation/certified_prices.hpp"
#include "reference/simulation/request_service.hpp"
#include "reference/simulation/simulate.hpp"
#include "tests/unit/market_builder.hpp"

using namespace p2pllm;
using testing::network_of;

namespace {

/// A scenario whose prices never move, for a network of one's own.
Scenario scenario(const std::string& requests, int steps, std::vector<ScenarioOverride> overrides = {}) {
  const std::string last = std::to_string(steps);
  overrides.push_back({"/requests", requests});
  return read_scenario(R"({"format": "p2pllm-scenario/1", "name": "test", "network": {"file": "absent"}, "alpha": "1/2",
    "steps": )" + last + R"(, "prices": {"eta": 1, "every": 10000000}, "monopoly": "hold", "step_ticks": 1000,
    "record": [)" + last + R"(], "tolerance": "1e-9"})",
                       "s.json", overrides)
      .value();
}

RequestRecord served_by(const Scenario& scenario, const Network& network, std::uint64_t seed = 1) {
  REQUIRE(check_scenario(scenario, network, "s.json"));
  const auto fast = optimized::simulate(scenario, network, seed);
  REQUIRE(fast);
  return *fast->records.back().requests;
}
RequestRecord served_by_reference(const Scenario& scenario, const Network& network, std::uint64_t seed = 1) {
  return *reference::simulate(scenario, network, seed).value().records.back().requests;
}

/// Of how far counts are from the expected ones, by Pearson: the probability of at least this distance.
double chance_of(const std::vector<std::int64_t>& counts, const std::vector<double>& shares) {
  const auto all = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  double distance = 0;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const double off = static_cast<double>(counts[k]) - all * shares[k];
    distance += off * off / (all * shares[k]);
  }
  const boost::math::chi_squared law(static_cast<double>(counts.size() - 1));
  return boost::math::cdf(boost::math::complement(law, distance));
}

const Network four = network_of(1, {{{0, 1}, "1", "1"}, {{0, 1}, "2", "1"}, {{0, 1}, "2", "3/2"}, {{0, 1}, "3", "1"}});

}  // namespace

TEST_CASE("demand follows the shares of Eq. 3 under boltzmann and gumbel, and not under least",
          "[simulation][SIM-10]") {
  std::vector<double> shares;
  for (const Node& node : four.nodes) shares.push_back(std::exp(-(node.price + node.cost).raw().get_d() / 2));
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
  constexpr double refuted_below = 0.001;
  for (const char* mode : {"boltzmann", "gumbel", "least"}) {
    const std::string requests =
        std::string(R"({"mode": ")") + mode + R"(", "poisson_per_step": 100, "cost_ticks": 1})";
    const RequestRecord record = served_by(scenario(requests, 400), four);
    // 400,000 ticks, at a mean gap of 1 / (1 - e^(-1/10)) = 10.508 whole ticks.
    CHECK(std::abs(static_cast<double>(record.offered) - 38065) < 4 * 195);
    CHECK((chance_of(record.demand, shares) < refuted_below) == (std::string(mode) == "least"));
  }
}

TEST_CASE("arrivals are those of a Poisson process", "[simulation][SIM-10]") {
  constexpr double mean = 10000;
  constexpr std::uint64_t n = 40000;
  const optimized::ExponentialTime gap{Rational(10000)};
  double sum = 0, squares = 0, after_mean = 0;
  for (std::uint64_t k = 1; k <= n; ++k) {
    const std::uint64_t bits = Draws(5).bits(Stream::arrivals, k, 0);
    const auto ticks = static_cast<double>(gap.ticks(bits));
    CHECK(gap.ticks(bits) == exponential_ticks(bits, Rational(10000)));
    sum += ticks;
    squares += ticks * ticks;
    after_mean += ticks > mean ? 1 : 0;
  }
  // Four standard errors: of the mean, of the second moment (variance 20 mean^4), and of a proportion 1/e.
  constexpr auto count = static_cast<double>(n);
  CHECK(std::abs(sum / count - mean) < 4 * mean / std::sqrt(count));
  CHECK(std::abs(squares / count - 2 * mean * mean) < 4 * std::sqrt(20 / count) * mean * mean);
  CHECK(std::abs(after_mean / count - std::exp(-1)) < 4 * std::sqrt(std::exp(-1) * (1 - std::exp(-1)) / count));
}

TEST_CASE("an exponential time is rounded up by more bits where doubles do not decide", "[simulation][SIM-10]") {
  const std::uint64_t most = ~std::uint64_t{0};
  for (const std::uint64_t bits : {std::uint64_t{0}, std::uint64_t{1}, most >> 1U, most - 4, most})
    for (const Rational& mean : {Rational(1), Rational(1000000000000000L), Rational(1, 7)})
      CHECK(optimized::ExponentialTime(mean).ticks(bits) == exponential_ticks(bits, mean));
  // -ln(2^-65) is 45.05, and -ln(1 - 2^-65) times 10^15 is less than 1.
  CHECK(exponential_ticks(0, Rational(1)) == 46);
  CHECK(exponential_ticks(most, Rational(1000000000000000L)) == 1);
}

TEST_CASE("the mean wait at one node is that of M/D/1, and of M/M/1 if services are exponential",
          "[simulation][SIM-10][SIM-16]") {
  // A service takes 80 ticks of 100 between arrivals: 0.8 of the time is busy. By Pollaczek and Khinchine the mean wait
  // is 0.8 / (2 (1 - 0.8)) services with constant services, twice as many with exponential ones. Rounding up shifts the
  // mean gap by half a tick and the exponential service by another half.
  const Network one = network_of(1, {{{0, 1}, "8", "1"}});
  constexpr double service = 8000, gap = 10000.5;
  for (const bool is_constant : {true, false}) {
    const std::string requests =
        std::string(
            R"({"mode": "least", "poisson_per_step": "1/10", "cost_ticks": 1000, "warm_up": 20000, "service": )") +
        (is_constant ? R"("constant"})" : R"("exponential"})");
    std::vector<double> means;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const RequestRecord record = served_by(scenario(requests, 300000), one, seed);
      means.push_back(record.mean_sojourn.raw().get_d());
      CHECK(record.measured < record.served);
    }
    const double mean = std::accumulate(means.begin(), means.end(), 0.0) / 20;
    double variance = 0;
    for (const double each : means) variance += (each - mean) * (each - mean) / 19;
    const double time = is_constant ? service : service + 0.5;
    const double load = time / gap;
    const double expected = time + load * time / (1 - load) * (is_constant ? 0.5 : 1);
    CHECK(std::abs(mean - expected) < 4 * std::sqrt(variance / 20));
    CHECK(std::sqrt(variance / 20) < 0.03 * expected);
  }
}

TEST_CASE("requests that find a layer dark are refused with the blocked boundary", "[simulation][SIM-10][SIM-16]") {
  const Network dark = network_of(3, {{{0, 1}, "1", "1"}, {{0, 2}, "1", "1"}, {{0, 1}, "2", "1"}});
  for (const char* mode : {"least", "gumbel"}) {
    const Scenario some =
        scenario(std::string(R"({"mode": ")") + mode + R"(", "poisson_per_step": 3, "cost_ticks": 1})", 20);
    for (const RequestRecord& record : {served_by(some, dark), served_by_reference(some, dark)}) {
      CHECK(record.offered > 30);
      CHECK(record.refused == record.offered);
      CHECK(record.blocked == 2);
      CHECK(record.in_flight() == 0);
    }
  }
}

TEST_CASE("the chain of least weight is that of ROUTE-3, ties and all", "[simulation][SIM-10][SIM-11]") {
  const Scenario least = scenario(R"({"mode": "least", "poisson_per_step": 2, "cost_ticks": 1})", 10);
  struct Case {
    const char* what;
    Network network;
    std::vector<std::size_t> chain;
  };
  const std::vector<Case> cases = {
      {"equal nodes: the first", network_of(1, {{{0, 1}, "2", "1"}, {{0, 1}, "2", "1"}}), {0}},
      {"equal weights: the cheaper", network_of(1, {{{0, 1}, "1", "2"}, {{0, 1}, "2", "1"}}), {1}},
      {"one long range against two",
       network_of(2, {{{0, 1}, "1", "1"}, {{1, 2}, "1", "1"}, {{0, 2}, "3", "2"}}),
       {0, 1}},
      {"two against a long range", network_of(2, {{{0, 1}, "1", "1"}, {{1, 2}, "1", "1"}, {{0, 2}, "1", "2"}}), {2}},
      {"equal chains: the cheaper", network_of(2, {{{0, 1}, "1", "1"}, {{1, 2}, "1", "1"}, {{0, 2}, "3", "1"}}), {2}},
      {"equal chains and prices: the faster is none, the first node",
       network_of(2, {{{0, 2}, "2", "2"}, {{0, 1}, "1", "1"}, {{1, 2}, "1", "1"}}),
       {0}}};
  for (const Case& one : cases) {
    INFO(one.what);
    const RequestRecord exact = served_by_reference(least, one.network);
    for (std::size_t node = 0; node < one.network.size(); ++node)
      CHECK((exact.demand[node] > 0) == std::ranges::count(one.chain, node) > 0);
    if (const auto fast = optimized::simulate(least, one.network, 1))
      CHECK(fast->records.back().requests->demand == exact.demand);
  }
}

TEST_CASE("equal weights of unlike histories end a run as undecided, by step, request and nodes",
          "[simulation][SIM-11]") {
  // Both pairs of groups are alike, so their prices and the weights of both chains are equal irrational numbers.
  const Network twins = network_of(3, {{{0, 1}, "2", "1"},
                                       {{0, 1}, "5", "1"},
                                       {{1, 3}, "3", "1"},
                                       {{1, 3}, "7", "1"},
                                       {{0, 2}, "3", "1"},
                                       {{0, 2}, "7", "1"},
                                       {{2, 3}, "2", "1"},
                                       {{2, 3}, "5", "1"}});
  const Scenario least =
      scenario(R"({"mode": "least", "poisson_per_step": 1, "cost_ticks": 1})", 6, {{"/prices/every", "1"}});
  REQUIRE_FALSE(optimized::simulate(least, twins, 1));
  const auto run = reference::simulate(least, twins, 1);
  REQUIRE_FALSE(run);
  CHECK(run.error().message().find("undecided at 4096 bits: step 2, request ") != std::string::npos);
  CHECK(run.error().message().find(": node e or node a") != std::string::npos);
}

TEST_CASE("only nodes that have served move their prices under served", "[simulation][SIM-6]") {
  const Network two = network_of(1, {{{0, 1}, "1", "1"}, {{0, 1}, "9", "1"}});
  const Scenario served = scenario(R"({"mode": "least", "poisson_per_step": "1/2", "cost_ticks": 10})", 40,
                                   {{"/prices/every", "1"}, {"/prices/update", "\"served\""}});
  for (const SimulationRun& run :
       {reference::simulate(served, two, 1).value(), optimized::simulate(served, two, 1).value()}) {
    CHECK(run.records.back().requests->demand[1] == 0);
    const PriceSummary& prices = *run.records.back().ranges[0].prices;
    CHECK(prices.least.lower <= Rational(1));
    CHECK(prices.least.upper >= Rational(1));
    CHECK(prices.greatest.lower > Rational(2));
  }
}

TEST_CASE("requests ask of a network that it has no latencies, and under boltzmann one sequence of ranges",
          "[simulation][SIM-2][SIM-10]") {
  const auto refusal = [](const char* mode, const Network& network) {
    const Scenario some =
        scenario(std::string(R"({"mode": ")") + mode + R"(", "poisson_per_step": 1, "cost_ticks": 1})", 5);
    const auto fits = check_scenario(some, network, "s.json");
    return fits ? std::string() : fits.error().message();
  };
  const Network tiled = network_of(3, {{{1, 3}, "1", "1"}, {{0, 1}, "1", "1"}});
  CHECK(refusal("boltzmann", tiled).empty());
  const std::string rule = "s.json: /requests/mode: boltzmann: the ranges that nodes can serve must follow each other";
  for (const LayerRange& extra : {LayerRange{0, 2}, LayerRange{2, 3}, LayerRange{0, 3}}) {
    Network other = tiled;
    other.blocks.push_back(extra);
    CHECK(refusal("boltzmann", other).starts_with(rule));
    CHECK(refusal("gumbel", other).empty());
  }
  Network shorter = tiled;
  shorter.nodes.erase(shorter.nodes.begin());
  CHECK(refusal("boltzmann", shorter).starts_with(rule));
  Network late = tiled;
  late.latency = {{0, 1}, {1, 0}};
  Network reached = tiled;
  reached.clients.push_back({"client", {0, 0}, {0, 0}});
  for (const Network& one : {late, reached})
    CHECK(refusal("least", one) ==
          "s.json: /requests: latencies or clients: requests are simulated in networks without latencies and clients "
          "only");
  Network tall;
  tall.layers = 400;
  for (std::int64_t layer = 0; layer < tall.layers; ++layer)
    tall.nodes.push_back({"n" + std::to_string(layer), {layer, layer + 1}, 1, 1});
  const auto of_rate = [&](const char* rate) {
    return check_scenario(
        scenario(std::string(R"({"mode": "least", "cost_ticks": 1, "poisson_per_step": )") + rate + "}", 1000), tall,
        "s.json");
  };
  CHECK(of_rate("2500"));
  CHECK(of_rate("2501").error().message() ==
        "s.json: /requests/poisson_per_step: 2501: requests times ranges may be at most 10^9");
  CHECK(service_ticks(Rational(7, 2)) == 4);
  CHECK(service_ticks(Rational(7)) == 7);
}

TEST_CASE("as many nodes join and live as long as their rates say", "[simulation][SIM-19]") {
  const Scenario some = read_scenario(R"({"format": "p2pllm-scenario/1", "name": "test", "alpha": "1/2",
    "network": {"generate": {"layers": 2, "counts": [3, 0], "cost": {"uniform": [1, 50]}, "price": 1}}, "steps": 4000,
    "prices": {"eta": 1, "every": 10000000}, "monopoly": "hold", "churn": {"joins_per_step": 2, "mean_lifetime": 5},
    "record": [4000], "tolerance": "1e-6"})",
                                      "s.json")
                            .value();
  const Network network = generated_network(some, 3);
  const std::vector<ChurnEvent> events = churn_events(some, network.size(), 3);
  const auto joiners = static_cast<double>(network.size() - 3);
  CHECK(std::abs(joiners - 8000) < 4 * std::sqrt(8000));
  std::vector<double> joined(network.size(), 1);
  double lives = 0, ended = 0;
  for (const ChurnEvent& event : events) {
    if (event.joins) joined[event.node] = static_cast<double>(event.step);
    else lives += static_cast<double>(event.step) - joined[event.node], ++ended;
  }
  // From a tick spread evenly over a step, a life of 5 steps on the average passes 5 ends of steps. Those that pass
  // none, which are 1 - 5 (1 - e^(-1/5)) of all, count as one.
  const double expected = 5 + 1 - 5 * (1 - std::exp(-0.2));
  CHECK(std::abs(lives / ended - expected) < 4 * 5 / std::sqrt(ended));
  const SimulationRun run = *optimized::simulate(some, network, 3);
  CHECK(run.records[0].joins == static_cast<std::int64_t>(joiners));
  CHECK(run.records[0].leaves == static_cast<std::int64_t>(ended));
  const std::size_t here = run.records[0].ranges[0].nodes + run.records[0].ranges[1].nodes;
  CHECK(here == network.size() - static_cast<std::size_t>(ended));
  CHECK(run.digest == reference::simulate(some, network, 3).value().digest);
}

TEST_CASE("the money price of a sole server is decided although its price is an exact multiple of a unit",
          "[simulation][SIM-7][SIM-15]") {
  const auto earned = [](const char* monopoly) {
    const Scenario some = read_scenario(std::string(R"({"format": "p2pllm-scenario/1", "name": "test", "alpha": "1/2",
      "network": {"generate": {"layers": 1, "counts": [1], "cost": 1, "price": "1/10"}}, "steps": 40,
      "prices": {"eta": "1/10"}, "monopoly": )") +
                                            monopoly + R"(, "ledger": {"unit": 10, "deposit": 1},
      "requests": {"mode": "least", "poisson_per_step": 3, "cost_ticks": 1}, "record": [40], "tolerance": "1e-6"})",
                                        "s.json")
                              .value();
    const SimulationRun run = reference::simulate(some, generated_network(some, 1), 1).value();
    const RequestRecord& record = *run.records[0].requests;
    REQUIRE(record.served > 100);
    return static_cast<double>(record.earned[0]) / static_cast<double>(record.served);
  };
  CHECK(earned("\"hold\"") == 1);             // 1/10 of ten units
  CHECK(earned(R"({"cap": "3/10"})") > 2.7);  // from the third step on it is 3
  CHECK(earned(R"({"cap": "3/10"})") < 3);
  CHECK(earned("\"ascend\"") > 15);  // 1, 2, .. 40, each for as many requests
}

TEST_CASE("a group where a node may be alone because others leave needs a rule for it", "[simulation][SIM-7][SIM-19]") {
  const auto refusal = [](const char* churn) {
    const Scenario some = read_scenario(std::string(R"({"format": "p2pllm-scenario/1", "name": "test", "alpha": "1/2",
      "network": {"generate": {"layers": 1, "counts": [2], "cost": 1, "price": 1}}, "steps": 4, "prices": {"eta": 1},
      "churn": )") + churn + R"(, "record": [4], "tolerance": "1e-6"})",
                                        "s.json")
                              .value();
    const auto fits = check_scenario(some, generated_network(some, 1), "s.json");
    return fits ? std::string() : fits.error().message();
  };
  CHECK(refusal("null").empty());
  CHECK(refusal(R"({"mean_lifetime": 3})").starts_with("s.json: /monopoly: absent: a group can have one node"));
}

TEST_CASE("a node that joins brings the rounding of its first price", "[simulation][SIM-13][SIM-19]") {
  const Scenario some = scenario(R"({"mode": "least", "poisson_per_step": 1, "cost_ticks": 1})", 5);
  const Network network = network_of(2, {{{0, 1}, "1", "1"}, {{0, 1}, "2", "1"}, {{1, 2}, "1", "1000000"}});
  Network posted = network;
  posted.nodes[2].price = Rational(3000001, 3);
  reference::CertifiedPrices prices(some, posted, 2, 128);
  const std::vector<std::size_t> pair{0, 1};
  for (int step = 0; step < 2000; ++step) prices.step(0, pair, {true, true});
  const Rational shrunk = *prices.radius(0);
  prices.join(0);
  CHECK(*prices.radius(0) > shrunk);
  CHECK(testing::encloses(prices.summary(0, std::vector<std::size_t>{2}).mean, posted.nodes[2].price));
}
