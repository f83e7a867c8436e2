#include <catch2/catch.hpp>

#include "checker/check.hpp"
#include "optimized/market/migrate.hpp"
#include "optimized/market/migrate_weights.hpp"
#include "tests/unit/market_builder.hpp"

using namespace p2pllm;
using namespace p2pllm::optimized;
using p2pllm::testing::exact;
using p2pllm::testing::network_of;

namespace {

constexpr LayerRange first = {0, 1}, second = {1, 2}, third = {2, 3};

Network crowd(std::int64_t layers, const std::vector<std::string>& costs) {
  std::vector<testing::Peer> peers;
  for (const std::string& cost : costs) peers.push_back({first, cost, "1"});
  Network network = network_of(layers, peers);
  for (std::int64_t x = 0; x < layers; ++x) network.blocks.push_back({x, x + 1});
  return network;
}

Counted<Migration> by_share(const Network& network) {
  const MarketColumns market = columns_of(network).value();
  return migrate(market, share_keys(market)).value();
}
Counted<Migration> by_revenue(const Network& network, const Rational& alpha) {
  const MarketColumns market = columns_of(network).value();
  return migrate(market, revenue_keys(market, market.price, alpha).value()).value();
}

}  // namespace

TEST_CASE("the fast half ends 28 equal nodes of the first of four layers as seven on each", "[MIG-5]") {
  const Network network = crowd(4, std::vector<std::string>(28, "3"));
  const auto [migration, counts] = by_share(network);
  CHECK(migration.moves.size() == 21);
  for (std::int64_t x = 0; x < 4; ++x)
    CHECK(std::count(migration.allocation.begin(), migration.allocation.end(), LayerRange{x, x + 1}) == 7);
  CHECK(counts.wider + counts.exact == 0);  // equal weights are exact in doubles
  CHECK(by_revenue(network, Rational(1, 2)).answer.moves == migration.moves);
}

TEST_CASE("the fast half counts a node itself in its target and lets a tie stay", "[MIG-3]") {
  CHECK(by_share(network_of(2, {{first, "1", "1"}, {first, "1", "1"}, {second, "1", "1"}})).answer.moves.empty());
  const Network crowded = network_of(2, {{first, "1", "1"}, {first, "100/101", "1"}, {second, "1", "1"}});
  CHECK(by_share(crowded).answer.moves == std::vector<Move>{{0, first, second}});
}

TEST_CASE("the fast half takes the lowest of equal targets and the least loaded of others", "[MIG-5]") {
  CHECK(by_share(crowd(3, {"1", "1"})).answer.moves == std::vector<Move>{{0, first, second}});
  Network network =
      network_of(3, {{first, "1", "1"}, {first, "1", "1"}, {first, "1", "1"}, {second, "3", "1"}, {third, "4", "1"}});
  CHECK(by_share(network).answer.moves.front() == Move{0, first, third});
  std::swap(network.nodes[3].cost, network.nodes[4].cost);
  CHECK(by_share(network).answer.moves.front() == Move{0, first, second});
}

TEST_CASE("the fast half sweeps again after a move", "[MIG-5]") {
  const Network network = network_of(
      3, {{first, "2", "1"}, {first, "1", "1"}, {second, "1", "1"}, {third, "1/4", "1"}, {third, "1/4", "1"}});
  CHECK(by_share(network).answer.moves == std::vector<Move>{{3, third, second}, {2, second, first}});
}

TEST_CASE("the fast half moves to ranges of the node's own length alone", "[MIG-2]") {
  Network network = network_of(4, {{{0, 2}, "1", "1"}, {{0, 2}, "1", "1"}, {{2, 3}, "1", "1"}});
  CHECK(by_share(network).answer.moves.empty());
  network.blocks = {{3, 4}, {1, 3}};
  CHECK(by_share(network).answer.moves == std::vector<Move>{{0, {0, 2}, {1, 3}}});
  network.layers = 2000;  // beyond the table of ranges
  CHECK(by_share(network).answer.moves == std::vector<Move>{{0, {0, 2}, {1, 3}}});
  CHECK(by_share(network_of(1, {})).answer.moves.empty());
}

TEST_CASE("equal sums of different costs are told from unequal ones by exact arithmetic", "[MIG-8]") {
  // 1/c of a prime beyond 2^53: no common multiple, so that loads are rounded.
  const std::string prime = "18014398509482143";
  // 1/3 + 1/6 = 1/2 in units of the cost 2^60: here {2, big}, there {3, 6}, and a node of another cost to decide.
  const Network tie = network_of(2, {{first, "1", "1"},
                                     {first, "1152921504606846976", "1"},
                                     {first, prime, "1"},
                                     {second, "1729382256910270464", "1"},
                                     {second, "3458764513820540928", "1"},
                                     {second, prime, "1"}});
  const auto at_tie = by_share(tie);
  CHECK(at_tie.decisions.exact > 0);
  CHECK(std::none_of(at_tie.answer.moves.begin(), at_tie.answer.moves.end(),
                     [](const Move& move) { return move.node == 0; }));
  Network near = tie;
  near.nodes[1].cost = exact("1152921504606846975");  // 2^-60 heavier: now the node gains
  const auto beside = by_share(near);
  CHECK(beside.answer.moves.front() == Move{0, first, second});
  CHECK(beside.decisions.wider > 0);
}

TEST_CASE("weights e^10000 apart are compared exactly, and equal ones cancel", "[MIG-8]") {
  // Rivals of a: e^-10001 here, e^-10000 and e^-10002 there. When a is at the third, d leaves it for the first.
  Network network =
      network_of(3, {{first, "1", "1"}, {first, "20002", "0"}, {second, "1", "19999"}, {third, "1", "20003"}});
  const auto [migration, counts] = by_revenue(network, Rational(1, 2));
  CHECK(migration.moves == std::vector<Move>{{0, first, third}, {3, third, first}});
  CHECK(counts.exact > 0);
  network.nodes[3].price = 20001;  // the same rivals there: a tie
  CHECK(by_revenue(network, Rational(1, 2)).answer.moves.empty());
}

TEST_CASE("under the revenue rule a node at price 0 never moves", "[MIG-3]") {
  const Network network = network_of(2, {{first, "1", "0"}, {first, "1", "0"}, {second, "9", "9"}});
  CHECK(by_revenue(network, Rational(1, 2)).answer.moves.empty());
}

TEST_CASE("keys of more than 127 bits are left to the exact half", "[MIG-8]") {
  const Network network = network_of(1, {{first, "18446744073709551615", "1"}, {first, "1", "18446744073709551615"}});
  const MarketColumns market = columns_of(network).value();
  CHECK(revenue_keys(market, market.price, Rational(1, 2)).has_value());
  CHECK_FALSE(revenue_keys(market, market.price, exact("0.12345678901234567891234567")).has_value());
}

TEST_CASE("approximate weights keep their law over all magnitudes of the unit", "[MIG-1]") {
  for (const long exponent : {-2000L, -1000L, -900L, -100L, -60L, 0L, 5L, 800L, 2000L}) {
    MigrationKeys keys{MigrationRule::revenue, {5, 6, 1005, 5 + (Wide{1} << 100)}, {}, std::vector<bool>(4, true)};
    keys.unit = Rational::power_of_two(exponent) * Rational(3, 7);
    const std::vector<std::uint32_t> nodes = {0, 1, 2, 3};
    const ApproximateWeights weights = approximate_weights(keys, nodes);
    for (const std::uint32_t i : nodes) {
      INFO("unit 2^" << exponent << ", node " << i);
      const Interval truth = weight_of(keys, keys.keys[i], 5, 256) * exp(Interval(Rational(600), 256));
      const double given = weights.approximate[i];
      if (given == 0) {
        CHECK(*truth.upper() <= Rational::power_of_two(-860));
        continue;
      }
      const Interval value(Rational::from_canonical(mpq_class(given)), 256);
      CHECK(*truth.upper() <= *value.upper() * Rational::from_canonical(mpq_class(weights.factor.upper())));
      CHECK(*truth.lower() >= *value.lower() * Rational::from_canonical(mpq_class(weights.factor.lower())));
    }
  }
}

TEST_CASE("approximate shares keep their law where reciprocals are rounded, and are exact where they are not",
          "[MIG-1]") {
  const std::vector<std::uint32_t> nodes = {0, 1, 2, 3};
  const MigrationKeys keys{
      MigrationRule::share, {3, 18014398509482143, 7, 9223372036854775837U}, 1, std::vector<bool>(4, true)};
  const ApproximateWeights weights = approximate_weights(keys, nodes);
  for (const std::uint32_t i : nodes) {
    const Rational truth(1, to_integer(keys.keys[i]));
    const Rational given = Rational::from_canonical(mpq_class(weights.approximate[i]));
    CHECK(given != truth);
    CHECK(truth <= given * Rational::from_canonical(mpq_class(weights.factor.upper())));
    CHECK(truth >= given * Rational::from_canonical(mpq_class(weights.factor.lower())));
  }
  const MigrationKeys small{MigrationRule::share, {3, 4, 7, 4}, 1, std::vector<bool>(4, true)};
  CHECK(approximate_weights(small, nodes).approximate == std::vector<double>{28, 21, 12, 21});
  CHECK(approximate_weights(small, nodes).factor.is_point());
}

TEST_CASE("the margins of the fast half's claim count the node that would move", "[MIG-9]") {
  // Loads 3/4 and 1. A node of weight 1/4 would make 5/4 of the 1, which is 2/3 more than 3/4.
  const Network network = network_of(2, {{first, "2", "1"}, {first, "4", "1"}, {second, "1", "1"}});
  const MarketColumns market = columns_of(network).value();
  const BalanceClaim claim = balance_claim(market, share_keys(market), {first, first, second});
  REQUIRE(claim.comparisons.size() == 2);
  CHECK(claim.comparisons[0].node == 1);
  CHECK(claim.comparisons[0].margin == exact("0.666666"));
}
