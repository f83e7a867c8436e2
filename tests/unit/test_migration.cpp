#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "checker/check.hpp"
#include "model/market/certificate.hpp"
#include "reference/market/migrate.hpp"
#include "reference/market/migration_rules.hpp"
#include "reference/market/solve.hpp"
#include "tests/unit/market_builder.hpp"

using namespace p2pllm;
using namespace p2pllm::reference;
using p2pllm::testing::exact;
using p2pllm::testing::network_of;

namespace {

constexpr LayerRange first = {0, 1}, second = {1, 2}, third = {2, 3};

Migration by_share(const Network& network) { return migrate(network, share_weights(network)).value(); }
MigrationWeights revenue_of(const Network& network) {
  return revenue_weights(network, posted_prices(network), *network.alpha);
}

std::vector<Rational> share_loads(const Network& network, const Allocation& allocation) {
  std::vector<Rational> loads;
  for (const RangeLoad& entry : loads_of(network, share_weights(network), allocation))
    loads.push_back(entry.load.lower);
  return loads;
}

Certificate certificate_of(const Network& network, const MigrationWeights& weights, const Allocation& allocation) {
  const bool by_revenue = weights.rule == MigrationRule::revenue;
  return {
      network.sha256, "", by_revenue ? network.alpha : std::nullopt, {}, balance_claim(network, weights, allocation)};
}
bool accepts(const Network& network, const MigrationWeights& weights, const Allocation& allocation) {
  return checker::check(certificate_of(network, weights, allocation), network, std::nullopt).accepted;
}

/// Nodes with these costs and price 1, all on the first of `layers` one-layer blocks.
Network crowd(std::int64_t layers, const std::vector<std::string>& costs) {
  std::vector<testing::Peer> peers;
  for (const std::string& cost : costs) peers.push_back({first, cost, "1"});
  Network network = network_of(layers, peers);
  for (std::int64_t x = 0; x < layers; ++x) network.blocks.push_back({x, x + 1});
  return network;
}

}  // namespace

TEST_CASE("a node's share is its part of the reciprocal costs: costs 1, 2 and 4 share as 4 : 2 : 1", "[MIG-1]") {
  CHECK(load_share(serving_capacity(Rational(1)), Rational(3, 4)) == Rational(4, 7));
  CHECK(load_share(serving_capacity(Rational(4)), Rational(3, 2)) == Rational(1, 7));
  CHECK(share_loads(crowd(2, {"1", "2", "4"}), {first, first, first}) == std::vector<Rational>{Rational(7, 4), 0});
}

TEST_CASE("28 equal nodes on the first of four layers end as seven on each", "[MIG-5]") {
  const Network network = crowd(4, std::vector<std::string>(28, "3"));
  const Migration migration = by_share(network);
  CHECK(migration.moves.size() == 21);
  CHECK(share_loads(network, migration.allocation) == std::vector<Rational>(4, Rational(7, 3)));
}

TEST_CASE("a node counts itself in the target: an equal share there is no gain", "[MIG-3]") {
  // Loads 2 and 1: with its own weight of 1, the target would be as crowded as the node's own range.
  const Network network = network_of(2, {{first, "1", "1"}, {first, "1", "1"}, {second, "1", "1"}});
  CHECK(by_share(network).moves.empty());
  const Network crowded = network_of(2, {{first, "1", "1"}, {first, "100/101", "1"}, {second, "1", "1"}});
  CHECK(by_share(crowded).moves == std::vector<Move>{{0, first, second}});  // 1 + 1 < 1 + 101/100
}

TEST_CASE("of equal targets the lowest is taken, else the one of the least load", "[MIG-5]") {
  CHECK(by_share(crowd(3, {"1", "1"})).moves == std::vector<Move>{{0, first, second}});
  Network network =
      network_of(3, {{first, "1", "1"}, {first, "1", "1"}, {first, "1", "1"}, {second, "3", "1"}, {third, "4", "1"}});
  CHECK(by_share(network).moves.front() == Move{0, first, third});
  std::swap(network.nodes[3].cost, network.nodes[4].cost);
  CHECK(by_share(network).moves.front() == Move{0, first, second});
}

TEST_CASE("nodes are taken in file order, each on the state that it finds, sweep after sweep", "[MIG-5]") {
  // By hand: 1 + 1/2 + 1/4 + 1/4 = 2. a (1): 0 + 1 < 2, goes. b (1/2): 1 + 1/2 < 1 fails. c (1/4): 1 + 1/4 < 1 fails.
  const Network network = crowd(2, {"1", "2", "4", "4"});
  CHECK(by_share(network).moves == std::vector<Move>{{0, first, second}});
  // The other way round: 1/4 goes, 1/4 goes (1/4 + 1/4 < 7/4), 1/2 goes (1/2 + 1/2 < 3/2), 1 stays.
  const Network reversed = crowd(2, {"4", "4", "2", "1"});
  CHECK(by_share(reversed).moves == std::vector<Move>{{0, first, second}, {1, first, second}, {2, first, second}});
}

TEST_CASE("a sweep that moves somebody is followed by another", "[MIG-5]") {
  const Network network = network_of(
      3, {{first, "2", "1"}, {first, "1", "1"}, {second, "1", "1"}, {third, "1/4", "1"}, {third, "1/4", "1"}});
  // a ties (1 + 1/2 there, 3/2 here) and stays; d (4) leaves e for the lesser load 1; now c has a rival of 4 and, in
  // the second sweep, leaves for 3/2.
  CHECK(by_share(network).moves == std::vector<Move>{{3, third, second}, {2, second, first}});
}

TEST_CASE("targets have the node's own length and are served in the file or a block", "[MIG-2]") {
  Network network = network_of(4, {{{0, 2}, "1", "1"}, {{0, 2}, "1", "1"}, {{2, 3}, "1", "1"}});
  CHECK(by_share(network).moves.empty());  // nothing else has length 2
  network.blocks = {{3, 4}, {1, 3}};
  CHECK(by_share(network).moves == std::vector<Move>{{0, {0, 2}, {1, 3}}});
  network.blocks = {{3, 4}};
  CHECK(by_share(network).moves.empty());  // c is a sole server: the empty block gives it no more
}

TEST_CASE("a sole server never leaves, whatever its cost and however many empty blocks there are", "[MIG-4]") {
  for (const char* cost : {"1e-300", "1", "1e300"}) {
    const Network network = crowd(3, {cost});
    CHECK(by_share(network).moves.empty());
    CHECK(migrate(network, revenue_of(network)).value().moves.empty());
    CHECK(load_share(serving_capacity(network.nodes[0].cost), Rational(0)) == Rational(1));
  }
}

TEST_CASE("each move lowers the sum of squared loads by 2 k (S_A - S_B - k) and raises the lesser of its two loads",
          "[MIG-6]") {
  const Network network = crowd(3, {"5", "3", "2/7", "8", "1", "1", "9/4", "3"});
  Allocation allocation = initial_allocation(network);
  const auto squares = [](const std::vector<Rational>& loads) {
    Rational sum = 0;
    for (const Rational& load : loads) sum += load * load;
    return sum;
  };
  const Migration migration = by_share(network);
  REQUIRE(migration.moves.size() > 3);
  for (const Move& move : migration.moves) {
    const auto before = share_loads(network, allocation);
    REQUIRE(allocation[move.node] == move.from);
    allocation[move.node] = move.to;
    const auto after = share_loads(network, allocation);
    const auto from = static_cast<std::size_t>(move.from.first), to = static_cast<std::size_t>(move.to.first);
    const Rational own = 1 / network.nodes[move.node].cost;
    CHECK(squares(before) - squares(after) == potential_fall(before[from], before[to], own));
    CHECK(squares(before) > squares(after));
    CHECK(std::min(after[from], after[to]) > std::min(before[from], before[to]));
  }
  CHECK(allocation == migration.allocation);
}

TEST_CASE("by revenue a node goes where the others' e^-w are least; at price 0 it stays", "[MIG-7]") {
  // alpha 1: w = p. Rivals of a here: e^-1; there e^-2.
  Network network = network_of(2, {{first, "1", "3"}, {first, "1", "1"}, {second, "1", "2"}});
  network.alpha = 1;
  CHECK(migrate(network, revenue_of(network)).value().moves == std::vector<Move>{{0, first, second}});
  network.nodes[0].price = 0;  // then b moves, whose rival weighs 1 here and e^-2 there
  CHECK(migrate(network, revenue_of(network)).value().moves == std::vector<Move>{{1, first, second}});
  network.nodes[1].price = 0;
  CHECK(migrate(network, revenue_of(network)).value().moves.empty());
}

TEST_CASE("the share rule may lower a node's revenue at the equilibrium that follows", "[MIG-7]") {
  // The cost scale is 50 and alpha 1/2; the node of cost 41 leaves {8} for {46, 35}.
  Network network = network_of(2, {{first, "41", "1"}, {first, "8", "1"}, {second, "46", "1"}, {second, "35", "1"}});
  network.cost_scale = 50;
  CHECK(by_share(network).moves.front() == Move{0, first, second});
  const auto revenue_now = [&] {
    const auto groups = solve(network, *network.alpha, 64).value();
    for (const EquilibriumGroup& group : groups)
      for (const EquilibriumNode& node : group.nodes)
        if (node.node == 0) return node.revenue;
    throw std::logic_error("node 0 has no equilibrium");
  };
  const Enclosure before = revenue_now();
  network.nodes[0].layers = second;
  const Enclosure after = revenue_now();
  CHECK(before.lower > exact("1.7915"));
  CHECK(before.upper < exact("1.7925"));
  CHECK(after.lower > exact("0.9965"));
  CHECK(after.upper < exact("0.9975"));
}

TEST_CASE("equal sums of exponentials are recognized, and sums that agree to a thousand digits are parted", "[MIG-8]") {
  // alpha 1: w = p. Node a's rivals here are 1/3 and 2/3; there they are the same in another order.
  Network network = network_of(
      2, {{first, "1", "5"}, {first, "1", "1/3"}, {first, "1", "2/3"}, {second, "1", "2/3"}, {second, "1", "1/3"}});
  network.alpha = 1;
  const auto of_a = [&] {
    const auto gains = gaining_moves(network, revenue_of(network), initial_allocation(network)).value();
    return std::ranges::any_of(gains, [](const Move& move) { return move.node == 0; });
  };
  CHECK_FALSE(of_a());
  const Rational tiny = exact("1e-300") * exact("1e-300");
  network.nodes[3].price += tiny;  // a little less load there
  CHECK(of_a());
  network.nodes[3].price -= 2 * tiny;
  CHECK_FALSE(of_a());
  // The rivals' e^-1e20 and e^-2e20 are too small for any float, and they differ.
  network = network_of(
      2, {{first, "1", "5"}, {first, "1", "1e20"}, {first, "1", "7"}, {second, "1", "7"}, {second, "1", "2e20"}});
  network.alpha = 1;
  CHECK(of_a());
}

TEST_CASE("of two loads of which one holds the other it is the greater, however little more it has", "[MIG-8]") {
  // e^-5000 beside e^-2: the first precision separates no such sums, but terms on one side alone need no comparison.
  const auto gains = [](const LayerRange& mover, const LayerRange& other) {
    Network network = network_of(2, {{mover, "1", "1"}, {first, "1", "2"}, {second, "1", "2"}, {other, "1", "5000"}});
    network.alpha = 1;
    const auto moves = gaining_moves(network, revenue_of(network), initial_allocation(network)).value();
    return std::ranges::any_of(moves, [](const Move& move) { return move.node == 0; });
  };
  CHECK_FALSE(gains(first, second));
  CHECK_FALSE(gains(second, first));
  CHECK(gains(first, first));
  CHECK(gains(second, second));
}

TEST_CASE("a comparison beyond the precision limit is an error, not a guess", "[MIG-8]") {
  Network network = network_of(2, {{first, "1", "5"}, {first, "1", "1"}, {second, "1", "1"}});
  network.alpha = 1;
  Rational tiny = exact("1e-300");
  for (int i = 0; i < 6; ++i) tiny *= tiny;  // 1e-19200, 63779 bits
  network.nodes[2].price += tiny;
  const auto answer = migrate(network, revenue_of(network));
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().kind == Fault::Kind::limit_reached);
  CHECK(answer.error().message() == "undecided at 32768 bits: whether node a gains by moving to [1,2)");
}

TEST_CASE("who gains now is told for every node, without moving any", "[MIG-9]") {
  const Network network = crowd(2, {"1", "2", "4"});
  const auto gains = gaining_moves(network, share_weights(network), initial_allocation(network)).value();
  CHECK(gains == std::vector<Move>{{0, first, second}, {1, first, second}, {2, first, second}});
  CHECK(gaining_moves(network, share_weights(network), by_share(network).allocation).value().empty());
}

TEST_CASE("the comparisons of a resting allocation are each range's lightest node with each target", "[MIG-9]") {
  const Network network = network_of(3, {{first, "2", "1"}, {first, "4", "0"}, {second, "1", "1"}, {third, "1", "1"}});
  const BalanceClaim claim = balance_claim(network, share_weights(network), initial_allocation(network));
  REQUIRE(claim.comparisons.size() == 6);
  CHECK(claim.comparisons[0].node == 1);  // b weighs 1/4: (1 + 1/4) / (3/4) - 1 = 2/3
  CHECK(claim.comparisons[0].to == second);
  CHECK(claim.comparisons[0].margin == exact("0.666666"));
  // By revenue b, at price 0, has nothing to gain, and a represents its range.
  CHECK(balance_claim(network, revenue_of(network), initial_allocation(network)).comparisons[0].node == 0);
}

TEST_CASE("an honest balance certificate is accepted, and with any one fault rejected", "[CERT-8]") {
  Network network =
      network_of(4, {{first, "2", "1"}, {first, "4", "2"}, {second, "1", "1"}, {third, "1", "1"}, {{0, 2}, "1", "1"}});
  network.blocks = {{2, 4}};
  const Allocation now = initial_allocation(network);
  for (const MigrationWeights& weights : {share_weights(network), revenue_of(network)}) {
    CAPTURE(to_string(weights.rule));
    const Certificate honest = certificate_of(network, weights, now);
    const auto rejected = [&](const char* reason, const auto& change) {
      Certificate changed = honest;
      change(changed, std::get<BalanceClaim>(changed.claim));
      const checker::Decision decision = checker::check(changed, network, std::nullopt);
      CHECK_FALSE(decision.accepted);
      CHECK(decision.reason == reason);
    };
    CHECK(checker::check(honest, network, std::nullopt).reason.empty());
    REQUIRE(std::get<BalanceClaim>(honest.claim).comparisons.size() == 7);
    rejected("CERT-8: comparisons: some are missing", [](auto&, BalanceClaim& c) { c.comparisons.pop_back(); });
    rejected("CERT-8: comparisons: there are too many",
             [](auto&, BalanceClaim& c) { c.comparisons.push_back(c.comparisons.back()); });
    rejected("CERT-8: comparisons[0]: another comes here",
             [](auto&, BalanceClaim& c) { std::swap(c.comparisons[0], c.comparisons[1]); });
    rejected("CERT-8: comparisons[0]: another comes here", [](auto&, BalanceClaim& c) { c.comparisons[0].node = 0; });
    rejected("CERT-8: comparisons[1]: not proved that it would not gain",
             [](auto&, BalanceClaim& c) { c.comparisons[1].margin = -1; });
    rejected("CERT-8: comparisons[1]: not proved that it would not gain",
             [](auto&, BalanceClaim& c) { c.comparisons[1].margin += exact("1e-5"); });
    rejected("CERT-8: allocation: one range a node is required",
             [](auto&, BalanceClaim& c) { c.allocation.pop_back(); });
    rejected("CERT-8: allocation[0]: must be a range of its length, served in the file or a block",
             [](auto&, BalanceClaim& c) {
               c.allocation[0] = {3, 4};
             });
    rejected("CERT-8: allocation[0]: must be a range of its length, served in the file or a block",
             [](auto&, BalanceClaim& c) {
               c.allocation[0] = {0, 2};
             });
    rejected("CERT-8: bits: must lie in 32 .. 16384", [](auto&, BalanceClaim& c) { c.bits = 31; });
    rejected("CERT-8: bits: must lie in 32 .. 16384", [](auto&, BalanceClaim& c) { c.bits = 16385; });
    for (const long bits : {32, 16384}) {
      Certificate other = honest;
      std::get<BalanceClaim>(other.claim).bits = bits;
      CHECK(checker::check(other, network, std::nullopt).reason.empty());
    }
    rejected("CERT-1: client: is of a chain alone, and required where the network has clients",
             [](Certificate& c, auto&) { c.client = "x"; });
    rejected("CERT-1: alpha: is of a route or of prices alone", [&](Certificate& c, auto&) {
      c.alpha = c.alpha ? std::nullopt : std::optional<Rational>(Rational(1, 2));
    });
  }
}

TEST_CASE("an allocation that is not at rest has no accepted certificate, by one move more or less", "[CERT-8]") {
  const Network network = crowd(3, {"5", "3", "2/7", "8", "1", "1", "9/4", "3"});
  for (const MigrationWeights& weights : {share_weights(network), revenue_of(network)}) {
    const Migration migration = migrate(network, weights).value();
    CHECK(accepts(network, weights, migration.allocation));
    Allocation allocation = initial_allocation(network);
    for (const Move& move : migration.moves) {
      CHECK_FALSE(accepts(network, weights, allocation));
      allocation[move.node] = move.to;
    }
  }
}

TEST_CASE("scales, temperature and alpha weigh in a certificate by revenue as they do in demand", "[CERT-8][MIG-1]") {
  // Prices 1 to 5 oppose costs 5 to 1, so that the moves depend on the weight of each.
  for (const char* price_scale : {"1/9", "1", "9"})
    for (const char* cost_scale : {"1/9", "1", "9"})
      for (const char* temperature : {"1/4", "4"})
        for (const char* alpha : {"1/5", "4/5"}) {
          Network network = network_of(
              2, {{first, "5", "1"}, {first, "4", "2"}, {first, "3", "3"}, {second, "2", "4"}, {first, "1", "5"}});
          network.price_scale = exact(price_scale);
          network.cost_scale = exact(cost_scale);
          network.temperature = exact(temperature);
          network.alpha = exact(alpha);
          const MigrationWeights weights = revenue_of(network);
          const Allocation rest = migrate(network, weights).value().allocation;
          for (unsigned code = 0; code < 32; ++code) {  // every allocation is certified iff nobody gains
            Allocation allocation;
            for (unsigned i = 0; i < 5; ++i) allocation.push_back((code >> i) % 2 == 0 ? first : second);
            CHECK(accepts(network, weights, allocation) == gaining_moves(network, weights, allocation).value().empty());
          }
          CHECK(accepts(network, weights, rest));
        }
}

TEST_CASE("equal loads by revenue are proved by their keys, near-equal ones by enough bits", "[CERT-8]") {
  Network network = network_of(2, {{first, "1", "1"}, {first, "1", "2"}, {second, "1", "1"}});
  network.alpha = 1;  // b's rival here is a, there c: equal keys
  const Certificate honest = certificate_of(network, revenue_of(network), initial_allocation(network));
  CHECK(checker::check(honest, network, std::nullopt).accepted);
  network.nodes[2].price -= exact("1e-30");  // c weighs a little more than a: b still stays
  Certificate near = honest;
  std::get<BalanceClaim>(near.claim).bits = 64;
  CHECK_FALSE(checker::check(near, network, std::nullopt).accepted);
  std::get<BalanceClaim>(near.claim).bits = 128;
  CHECK(checker::check(near, network, std::nullopt).accepted);
  network.nodes[2].price += exact("2e-30");  // now a little less: b gains
  CHECK_FALSE(checker::check(near, network, std::nullopt).accepted);
}

TEST_CASE("prices belong to a balance certificate by revenue alone", "[CERT-1][CERT-8]") {
  const Network network = network_of(2, {{first, "1", "1"}, {second, "1", "1"}});
  Prices prices{{2, 3}, std::string(64, '1')};
  for (const MigrationWeights& weights : {share_weights(network), revenue_weights(network, prices, *network.alpha)}) {
    Certificate certificate = certificate_of(network, weights, initial_allocation(network));
    certificate.prices_sha256 = prices.sha256;
    CHECK(checker::check(certificate, network, prices).accepted == (weights.rule == MigrationRule::revenue));
  }
}
