#include <catch2/catch.hpp>
#include <random>

#include "reference/market/best_response.hpp"
#include "reference/market/demand_rules.hpp"
#include "reference/market/group.hpp"
#include "reference/market/solve.hpp"
#include "reference/market/verify.hpp"
#include "tests/unit/market_builder.hpp"

using namespace p2pllm;
using namespace p2pllm::reference;
using namespace p2pllm::testing;

namespace {

const Rational half(1, 2);

EquilibriumReport verified(const Network& network, const Tolerance& tolerance = {}, const Rational& alpha = half) {
  return verify(network, posted_prices(network), alpha, tolerance);
}

EquilibriumReport verified(const Network& network, const char* epsilon) {
  return verified(network, Tolerance{exact(epsilon), false});
}

std::vector<EquilibriumGroup> solved(const Network& network, long bits = 64, const Rational& alpha = half) {
  return solve(network, alpha, bits).value();
}

/// Checks that omega of x is `expected`, up to a relative error.
void check_omega(const Interval& x, const Rational& expected, const Rational& relative) {
  const Interval omega = wright_omega(x);
  REQUIRE(omega.lower().has_value());
  CHECK(abs(*omega.lower() - expected) <= relative * expected);
}

}  // namespace
TEST_CASE("Wright's omega at points known to forty digits", "[PRICE-7]") {
  const Rational close = Rational::power_of_two(-120);
  const auto at = [](const Rational& x) { return Interval(x, 160); };
  check_omega(at(1), 1, close);
  check_omega(at(0), exact("0.5671432904097838729999686622103555497538157871865125"), close);
  check_omega(at(-1), exact("0.27846454276107379510935873902298015543947748861974"), close);
  check_omega(at(2), exact("1.55714559899761141685867200000066318028373787062652"), close);
}

TEST_CASE("Wright's omega inverts y + ln y, over sixty orders of magnitude", "[PRICE-7]") {
  for (const char* y : {"1e-30", "1e-9", "1/1000", "1/3", "2", "100", "1e9", "1e30"}) {
    CAPTURE(y);
    const Interval value(exact(y), 200);
    check_omega((value + log(value)).midpoint(), exact(y), Rational::power_of_two(-90));
  }
}

TEST_CASE("seven equal nodes at 7/3 are an exact equilibrium, at every epsilon", "[PRICE-13]") {
  const Network market = equal_nodes(7, "10", "7/3");
  for (const char* epsilon : {"1e-6", "0", "5e-7", "1/2"}) {
    const auto report = verified(market, epsilon);
    CHECK(report.verdict == Verdict::equilibrium);
    CHECK_FALSE(report.witness.has_value());
    CHECK(report.groups.at(0).nodes.at(3).regret->upper == Rational(0));
    CHECK(report.groups.at(0).nodes.at(3).share->lower == Rational(1, 7));
  }
  CHECK(verified(market, Tolerance{0, true}).verdict == Verdict::equilibrium);
}

TEST_CASE("seven equal nodes at the paper's 2.33: regret 8.756e-7, gain 2.9147e-7 at 2.33286",
          "[PRICE-9][PRICE-10][PRICE-11]") {
  const Network market = equal_nodes(7, "10", "2.33");
  const auto within = verified(market);
  CHECK(within.verdict == Verdict::epsilon_equilibrium);
  for (const NodeReport& node : within.groups.at(0).nodes) {
    CHECK(node.regret->lower >= exact("8.75647e-7"));
    CHECK(node.regret->upper <= exact("8.75648e-7"));
    CHECK(node.best_response->lower >= exact("2.332857"));
    CHECK(node.best_response->upper <= exact("2.332858"));
  }
  for (const char* epsilon : {"5e-7", "8.756e-7", "0"}) {
    CAPTURE(epsilon);
    const auto refuted = verified(market, epsilon);
    CHECK(refuted.verdict == Verdict::refuted);
    REQUIRE(refuted.witness.has_value());
    CHECK(refuted.witness->node == 0);
    CHECK(to_decimal(refuted.witness->price, 6) == "2.33286");
    CHECK(refuted.witness->gain >= exact("2.9146e-7"));
    CHECK(refuted.witness->gain <= exact("2.9148e-7"));
  }
  CHECK(verified(market, "8.757e-7").verdict == Verdict::epsilon_equilibrium);
}

TEST_CASE("an absolute tolerance is met by the gain itself", "[PRICE-10]") {
  const Network market = equal_nodes(7, "10", "2.33");
  CHECK(verified(market, Tolerance{exact("2.915e-7"), true}).verdict == Verdict::epsilon_equilibrium);
  CHECK(verified(market, Tolerance{exact("2.914e-7"), true}).verdict == Verdict::refuted);
  CHECK(verified(market, Tolerance{exact("1000"), true}).verdict == Verdict::epsilon_equilibrium);
}

TEST_CASE("one node, or alpha 0, has no equilibrium whatever the prices", "[PRICE-8]") {
  for (const char* price : {"0", "1", "7/3"}) {
    const auto alone = verified(equal_nodes(1, "10", price));
    CHECK(alone.verdict == Verdict::no_equilibrium);
    CHECK(alone.groups.at(0).nodes.at(0).share->lower == Rational(1));
    CHECK_FALSE(alone.groups.at(0).nodes.at(0).best_response.has_value());
  }
  const auto indifferent = verified(equal_nodes(7, "10", "7/3"), Tolerance{}, Rational(0));
  CHECK(indifferent.verdict == Verdict::no_equilibrium);
  CHECK(encloses(*indifferent.groups.at(0).nodes.at(0).share, Rational(1, 7)));
  CHECK_FALSE(solved(equal_nodes(1, "1", "1")).at(0).exists);
  CHECK_FALSE(solved(equal_nodes(7, "1", "1"), 64, Rational(0)).at(0).exists);
}

TEST_CASE("a network without nodes is an equilibrium, vacuously", "[PRICE-11]") {
  const auto report = verified(network_of(3, {}));
  CHECK(report.verdict == Verdict::equilibrium);
  CHECK(report.groups.empty());
  CHECK(solved(network_of(3, {})).empty());
}

TEST_CASE("a node at price 0 has relative regret 1 and is refuted", "[PRICE-10]") {
  const Network market = network_of(1, {{{0, 1}, "1", "0"}, {{0, 1}, "1", "4"}});
  const auto report = verified(market, "0.999999");
  CHECK(report.verdict == Verdict::refuted);
  CHECK(report.witness->node == 0);
  CHECK(report.groups.at(0).nodes.at(0).regret->lower == Rational(1));
  CHECK(report.groups.at(0).nodes.at(0).regret->upper == Rational(1));
}

TEST_CASE("the network's verdict is the first of no_equilibrium, refuted, undecided, epsilon, equilibrium",
          "[PRICE-11]") {
  const Peer good{{0, 1}, "10", "4"};
  const Peer near{{1, 2}, "10", "4.0001"};
  const Peer bad{{2, 3}, "10", "9"};
  const Peer alone{{3, 4}, "10", "1"};
  CHECK(verified(network_of(4, {good, good})).verdict == Verdict::equilibrium);
  CHECK(verified(network_of(4, {good, good, near, near})).verdict == Verdict::epsilon_equilibrium);
  CHECK(verified(network_of(4, {good, good, near, near, bad, bad})).verdict == Verdict::refuted);
  const auto all = verified(network_of(4, {good, good, near, near, bad, bad, alone}));
  CHECK(all.verdict == Verdict::no_equilibrium);
  CHECK(all.witness.has_value());
  CHECK(all.groups.at(2).verdict == Verdict::refuted);
}

TEST_CASE("equal costs: price n / (a (n - 1)), share 1/n, revenue 1 / (a (n - 1))", "[PRICE-12][PRICE-13]") {
  for (const char* alpha_text : {"1/2", "1", "1/100"})
    for (long n = 2; n <= 12; ++n) {
      const Rational alpha = exact(alpha_text);
      CAPTURE(alpha_text, n);
      const auto groups = solved(equal_nodes(static_cast<std::size_t>(n), "3.7", "1"), 100, alpha);
      REQUIRE(groups.at(0).nodes.size() == static_cast<std::size_t>(n));
      for (const EquilibriumNode& node : groups.at(0).nodes) {
        CHECK(encloses(node.price, Rational(n) / (alpha * Rational(n - 1))));
        CHECK(encloses(node.share, Rational(1, n)));
        CHECK(encloses(node.revenue, Rational(1) / (alpha * Rational(n - 1))));
        CHECK(node.price.upper - node.price.lower <= node.price.lower * Rational::power_of_two(-100));
        CHECK(node.share.upper - node.share.lower <= node.share.lower * Rational::power_of_two(-100));
        CHECK(node.revenue.upper - node.revenue.lower <= node.revenue.lower * Rational::power_of_two(-100));
      }
    }
}

TEST_CASE("scales and temperature stretch the price level alone", "[PRICE-2]") {
  Network market = equal_nodes(3, "5", "1");
  market.price_scale = exact("1/5");
  market.temperature = 4;
  CHECK(encloses(solved(market).at(0).nodes.at(0).price, Rational(3, 2) / (half / (exact("1/5") * Rational(4)))));
}

TEST_CASE("two unequal nodes: shares sum to 1, a p (1 - P) = 1, the cheaper earns more", "[PRICE-12]") {
  const Network market = network_of(1, {{{0, 1}, "5", "1"}, {{0, 1}, "2", "1"}});
  const auto nodes = solved(market, 128).at(0).nodes;
  CHECK(nodes.at(0).share.lower + nodes.at(1).share.lower <= Rational(1));
  CHECK(Rational(1) <= nodes.at(0).share.upper + nodes.at(1).share.upper);
  for (const EquilibriumNode& node : nodes) {
    CHECK(half * node.price.lower * (Rational(1) - node.share.upper) <= Rational(1));
    CHECK(Rational(1) <= half * node.price.upper * (Rational(1) - node.share.lower));
  }
  CHECK(nodes.at(1).price.lower > nodes.at(0).price.upper);
  CHECK(nodes.at(1).revenue.lower > nodes.at(0).revenue.upper);
}

TEST_CASE("a node of hopeless cost leaves the equilibrium of the others as it is", "[PRICE-12]") {
  const std::vector<Peer> two = {{{0, 1}, "1", "1"}, {{0, 1}, "2", "1"}};
  std::vector<Peer> three = two;
  three.push_back({{0, 1}, "1e18", "1"});
  const auto alone = solved(network_of(1, two)).front().nodes;
  const auto beside = solved(network_of(1, three)).front().nodes;
  for (std::size_t i = 0; i < alone.size(); ++i) {
    CHECK(abs(alone[i].price.lower - beside[i].price.lower) < Rational::power_of_two(-60));
    CHECK(abs(alone[i].share.upper - beside[i].share.upper) < Rational::power_of_two(-60));
  }
  CHECK(beside[2].share.lower.sign() >= 0);
  CHECK(beside[2].share.upper < Rational::power_of_two(-60000));
}

TEST_CASE("the solution, given as prices, verifies: within 2^-40, and not exactly", "[PRICE-11][PRICE-12]") {
  Network market = network_of(1, {{{0, 1}, "5", "1"}, {{0, 1}, "2", "1"}, {{0, 1}, "40", "1"}});
  const auto groups = solved(market, 64);
  for (const EquilibriumNode& node : groups.at(0).nodes)
    market.nodes[node.node].price = simplest_between(node.price.lower, node.price.upper);
  CHECK(verified(market, Tolerance{Rational::power_of_two(-40), false}).verdict == Verdict::epsilon_equilibrium);
  CHECK(verified(market, "0").verdict == Verdict::refuted);
}

TEST_CASE("limits make it undecided, never a guess", "[PRICE-11]") {
  const Network market = equal_nodes(7, "10", "2.33");
  const auto regret = *verified(market).groups.at(0).nodes.at(0).regret;
  const Tolerance between{(regret.lower + regret.upper) / Rational(2), false};
  const Prices posted = posted_prices(market);
  CHECK(verify(market, posted, half, between, {96, 96}).verdict == Verdict::undecided);
  CHECK(verify(market, posted, half, between, {96, 6144}).verdict != Verdict::undecided);
  CHECK(solve(market, half, 64).has_value());
}

TEST_CASE("tiny shares are decided without underflow", "[PRICE-9]") {
  const Network market = network_of(1, {{{0, 1}, "1", "1"}, {{0, 1}, "100000", "2"}});
  const auto report = verified(market);
  CHECK(report.verdict == Verdict::refuted);
  const auto groups = solved(market, 64);
  CHECK(groups.at(0).nodes.at(1).share.upper < exact("1/1000"));
  CHECK(groups.at(0).nodes.at(1).share.lower > Rational(0));
}

TEST_CASE("the share and the regret told at a few bits hold those told at many", "[PRICE-9][PRICE-15]") {
  // Only at very few bits is the trial so rough that its factor gamma differs from 1 by more than rounding hides.
  std::mt19937 random(9);
  int enclosed = 0;
  for (int trial = 0; trial < 400; ++trial) {
    std::vector<Peer> peers;
    for (std::size_t n = 2 + random() % 3; n > 0; --n)
      peers.push_back({{0, 1}, std::to_string(1 + random() % 4), std::to_string(1 + random() % 9) + "/2"});
    const Network network = network_of(1, peers);
    const Tolerance tolerance{exact("1/10"), trial % 2 == 0};
    const auto told = [&](long bits) {
      return verify(network, posted_prices(network), half, tolerance, Precision{bits, bits}).groups.front().nodes;
    };
    const auto fine = told(256);
    for (const long bits : {2, 3, 4, 5, 7}) {
      const auto coarse = told(bits);
      for (std::size_t i = 0; i < fine.size(); ++i) {
        CHECK(coarse[i].share->lower <= fine[i].share->lower);
        CHECK(fine[i].share->upper <= coarse[i].share->upper);
        if (!coarse[i].regret) continue;
        ++enclosed;
        CHECK(coarse[i].regret->lower <= fine[i].regret->upper);
        CHECK(fine[i].regret->lower <= coarse[i].regret->upper);
      }
    }
  }
  CHECK(enclosed > 1000);
}

TEST_CASE("a rival beyond all measure hides no other, wherever it stands in the file", "[PRICE-3][PRICE-9]") {
  // The best node's rivals are summed under the least weight among them: under any other e^1e300 would overflow.
  std::vector<std::string> costs = {"1", "2", "3", "1e300"};
  const Rational share_of_best = exact("0.506480391055654025903042121314");  // 1 / (1 + e^(-1/2) + e^(-1))
  do {
    std::vector<Peer> peers;
    for (const std::string& cost : costs) peers.push_back({{0, 1}, cost, "4"});
    const auto nodes = verified(network_of(1, peers)).groups.front().nodes;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (costs[i] == "1e300") continue;
      REQUIRE(nodes[i].share.has_value());
      REQUIRE(nodes[i].best_response.has_value());
      CHECK(nodes[i].regret.has_value());
      if (costs[i] == "1") CHECK(abs(nodes[i].share->lower - share_of_best) < exact("1e-19"));
    }
  } while (std::next_permutation(costs.begin(), costs.end()));
  const auto alone = verified(network_of(1, {{{0, 1}, "1", "4"}, {{0, 1}, "1e300", "4"}})).groups.front().nodes;
  CHECK(alone[0].share->lower > Rational(1) - Rational::power_of_two(-60));
  REQUIRE(alone[0].best_response.has_value());
  CHECK(alone[0].best_response->lower > exact("1e299"));
}

TEST_CASE("the network's witness is that of the group of the greatest regret, whichever comes first",
          "[PRICE-11][FORMAT-7]") {
  for (const bool is_worst_first : {true, false}) {
    const LayerRange worse = is_worst_first ? LayerRange{0, 1} : LayerRange{1, 2};
    const LayerRange better = is_worst_first ? LayerRange{1, 2} : LayerRange{0, 1};
    const Network network =
        network_of(2, {{worse, "1", "9"}, {worse, "1", "4"}, {better, "1", "5"}, {better, "1", "4"}});
    const EquilibriumReport report = verified(network);
    REQUIRE(report.witness.has_value());
    CHECK(network.nodes[report.witness->node].layers == worse);
  }
  const Network one_refuted =
      network_of(2, {{{0, 1}, "1", "9"}, {{0, 1}, "1", "4"}, {{1, 2}, "1", "4"}, {{1, 2}, "1", "4"}});
  REQUIRE(verified(one_refuted).witness.has_value());
  CHECK(verified(one_refuted).witness->node < 2);
}

TEST_CASE("weights, shares and revenue of a group are those of the rules", "[PRICE-2][PRICE-3][PRICE-4]") {
  const Network market = network_of(2, {{{0, 1}, "5", "1"}, {{1, 2}, "9", "9"}, {{0, 1}, "2", "3"}});
  const GroupMarket group = group_market(market, groups_of(market).at(0), posted_prices(market).values, half);
  CHECK(group.nodes == std::vector<std::size_t>{0, 2});
  CHECK(group.sensitivity == half);
  CHECK(group.weights == std::vector<Rational>{3, exact("5/2")});
  CHECK(group.has_equilibrium());
  // P = 1 / (1 + e^(3 - 5/2)) = 0.377540668798145435...
  const auto competitors = competitors_of(group.weights, 128);
  const Demand demand = demand_at(group.weights[0], competitors[0], 128);
  const Interval share = demand_share(demand.own, demand.others);
  CHECK(*share.lower() >= exact("0.37754066879814543"));
  CHECK(*share.upper() <= exact("0.37754066879814544"));
  // The other node's revenue is 3 (1 - P) = 1.867377993605563693...
  const Demand other = demand_at(group.weights[1], competitors[1], 128);
  const Interval earned = revenue(Interval(group.prices[1], 128), demand_share(other.own, other.others));
  CHECK(*earned.lower() >= exact("1.86737799360556369"));
  CHECK(*earned.upper() <= exact("1.86737799360556370"));
}

TEST_CASE("the slopes of share and revenue are those of the quotient rule", "[PRICE-5]") {
  // P = term / (term + rivals), and the term's slope is -a term, so dP/dp = -a term rivals / (term + rivals)^2.
  for (const Rational& own : {Rational(1, 3), Rational(1), Rational(7, 2)})
    for (const Rational& others : {Rational(1, 5), Rational(2)})
      for (const Rational& a : {Rational(1, 2), Rational(3)}) {
        const Rational share = demand_share(own, others);
        const Rational slope = -a * own * others / ((own + others) * (own + others));
        CHECK(share_slope(a, share) == slope);
        CHECK(revenue_gradient(a, Rational(5), share) == share + Rational(5) * slope);
      }
}

TEST_CASE("gradient ascent need not settle: at rate 3 two equal nodes exchange their prices for ever", "[PRICE-5]") {
  const Network market = network_of(1, {{{0, 1}, "1", "2.96068"}, {{0, 1}, "1", "2.01102"}});
  const GroupMarket group = group_market(market, groups_of(market).at(0), posted_prices(market).values, 1);
  const auto competitors = competitors_of(group.weights, 96);
  for (const std::size_t i : {0UL, 1UL}) {
    const Demand demand = demand_at(group.weights[i], competitors[i], 96);
    const Interval price(group.prices[i], 96);
    const Interval gradient = revenue_gradient(Interval(1, 96), price, demand_share(demand.own, demand.others));
    const Interval next = ascent_step(price, Interval(3, 96), gradient);
    // The cycle is known to five decimal places, and a step multiplies an error by less than 3.
    CHECK(abs(*next.lower() - group.prices[1 - i]) < exact("2e-5"));
  }
}
