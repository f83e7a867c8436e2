#include "checker/check.hpp"
#include "properties/markets.hpp"
#include "properties/migration_oracle.hpp"
#include "reference/market/migration_rules.hpp"

namespace p2pllm::properties {
namespace {

using Real = MigrationOracle::Real;

std::string shown_moves(const std::vector<Move>& moves) {
  std::string text;
  for (const Move& move : moves)
    text += shown(move.node) + ": " + to_string(move.from) + " to " + to_string(move.to) + "; ";
  return text;
}

Migration expect_migration(const MigrationCase& market) {
  auto result = reference::migrate(market.network, market.weights());
  expect(result.has_value(), result ? "" : result.error().message());
  return *std::move(result);
}

std::vector<Move> expect_gains(const MigrationCase& market, const Allocation& allocation) {
  auto result = reference::gaining_moves(market.network, market.weights(), allocation);
  expect(result.has_value(), result ? "" : result.error().message());
  return *std::move(result);
}

/// Whether the checker accepts the certificate that the reference makes of an allocation, with as many bits as it
/// needs, after it was written and read.
bool is_certified(const MigrationCase& market, const Allocation& allocation) {
  Certificate certificate{market.network.sha256, "", {}, {}, {}};
  if (market.rule == MigrationRule::revenue) certificate.alpha = market.alpha;
  BalanceClaim claim = reference::balance_claim(market.network, market.weights(), allocation);
  const auto accepted = [&] { return checker::check(certificate, market.network, {}).accepted; };
  certificate.claim = claim;
  for (; !accepted() && 2 * claim.bits <= 2048; certificate.claim = claim) claim.bits *= 2;
  const auto read = read_certificate(write_certificate(certificate, market.network), "written", market.network);
  expect(read.has_value(), read ? "" : read.error().message());
  expect_equal(checker::check(*read, market.network, {}).accepted, accepted(), "accepted as read");
  return accepted();
}

bool is_sole(const Allocation& allocation, std::size_t node) {
  return std::count(allocation.begin(), allocation.end(), allocation[node]) == 1;
}

void reach_migration_classes(const MigrationCase& market, const Migration& migration) {
  const bool by_share = market.rule == MigrationRule::share;
  reach("share rule", by_share);
  reach("revenue rule", !by_share);
  reach("empty network", market.network.nodes.empty());
  reach("several moves by share", by_share && migration.moves.size() > 1);
  reach("several moves by revenue", !by_share && migration.moves.size() > 1);
  reach("at rest from the beginning", migration.moves.empty() && market.network.size() > 1);
  reach("a node moves twice", [&] {
    std::map<std::size_t, int> times;
    for (const Move& move : migration.moves)
      if (++times[move.node] > 1) return true;
    return false;
  }());
  const auto served = [&](const LayerRange& range) {
    return std::any_of(market.network.nodes.begin(), market.network.nodes.end(),
                       [&](const Node& node) { return node.layers == range; });
  };
  reach("a move to an empty block", std::any_of(migration.moves.begin(), migration.moves.end(),
                                                [&](const Move& move) { return !served(move.to); }));
  reach("a move over two layers", std::any_of(migration.moves.begin(), migration.moves.end(),
                                              [](const Move& move) { return move.to.last - move.to.first > 1; }));
  reach("alpha 0 by revenue", !by_share && market.alpha.sign() == 0);
  reach("a price of 0 by revenue", !by_share && traits_of(market.network).price_zero);
}

PROPERTY("migration makes the moves of the sweeps and no others", "[MIG-1][MIG-2][MIG-3][MIG-5][MIG-8]", 1000) {
  const MigrationCase market = draw_migration();
  const Migration migration = expect_migration(market);
  reach_migration_classes(market, migration);
  const Migration expected = MigrationOracle(market).sweeps();
  expect_equal(shown_moves(migration.moves), shown_moves(expected.moves), "moves");
  expect(migration.allocation == expected.allocation, "allocation");
}

/// The odds against the choice of a node, (1 - P) / P: its share and revenue fall as they rise.
Real odds_against(const MigrationOracle& oracle, const MigrationCase& market, const Allocation& allocation,
                  std::size_t node) {
  const auto rivals = oracle.rivals(allocation, node, allocation[node]);
  const Rational own = market.weights().keys[node];
  if (market.rule == MigrationRule::revenue) return MigrationOracle::mass(rivals, own);
  Real odds;
  mpfr_set_q(odds.backend().data(), (own * MigrationOracle::capacity(rivals)).raw().get_mpq_t(), MPFR_RNDN);
  return odds;
}

PROPERTY("a move raises the mover's share and the lesser load and keeps every range served",
         "[MIG-3][MIG-4][MIG-6][MIG-7]", 500) {
  const MigrationCase market = draw_migration();
  const MigrationOracle oracle(market);
  const Migration migration = expect_migration(market);
  Allocation allocation = reference::initial_allocation(market.network);
  reach("a move by share", market.rule == MigrationRule::share && !migration.moves.empty());
  reach("a move by revenue", market.rule == MigrationRule::revenue && !migration.moves.empty());
  for (const auto& [node, from, to] : migration.moves) {
    expect(allocation[node] == from, "it leaves the range that it serves");
    expect(!is_sole(allocation, node), "a sole server stays");
    Allocation after = allocation;
    after[node] = to;
    // The mover's price is positive under the revenue rule: its revenue rises with its share.
    const Real before = odds_against(oracle, market, allocation, node);
    const Real odds = odds_against(oracle, market, after, node);
    const bool is_plain =
        before < Real("1e100000000") && before > Real("1e-100000000") && abs(before - odds) > Real("1e-280") * before;
    note("odds beyond 300 digits or the oracle's exponents", !is_plain);
    if (is_plain) expect(odds < before, "its share rises");
    expect(market.rule == MigrationRule::share || market.network.nodes[node].price.sign() > 0, "it earns something");
    const auto lesser = [&](const Allocation& now) {
      const auto a = oracle.load(now, from), b = oracle.load(now, to);
      return oracle.is_less(a, b) ? a : b;
    };
    expect(oracle.is_less(lesser(allocation), lesser(after)), "the lesser of the two loads rises");
    if (market.rule == MigrationRule::share) {
      const auto squares = [&](const Allocation& now) {
        Rational sum(0);
        for (const LayerRange& range : oracle.targets()) {
          const Rational load = MigrationOracle::capacity(oracle.load(now, range));
          sum += load * load;
        }
        return sum;
      };
      const Rational own = Rational(1) / market.network.nodes[node].cost;
      const Rational here = MigrationOracle::capacity(oracle.load(allocation, from));
      const Rational there = MigrationOracle::capacity(oracle.load(allocation, to));
      const Rational fall = squares(allocation) - squares(after);
      expect_equal(fall, Rational(2) * own * (here - there - own), "how far the sum of squares falls");
      expect_equal(fall, reference::potential_fall(here, there, own), "the rule of it");
      expect(fall.sign() > 0, "the sum of squares falls");
    }
    allocation = after;
  }
  for (const Node& node : market.network.nodes)
    expect(std::count(allocation.begin(), allocation.end(), node.layers) > 0, "a served range stays served");
}

PROPERTY("an allocation rests iff nobody gains iff its certificate is accepted", "[MIG-5][MIG-9][CERT-8]", 500) {
  MigrationCase market = draw_migration();
  market.network = filed(market.network);
  if (market.network.nodes.empty()) return;
  const MigrationOracle oracle(market);
  const Migration migration = expect_migration(market);
  Allocation allocation = migration.allocation;
  expect(oracle.is_at_rest(allocation), "the outcome is at rest");
  expect(is_certified(market, allocation), "the outcome is certified");
  reach(
      "loads e^16384 apart by revenue", market.rule == MigrationRule::revenue && [&] {
        for (const LayerRange& a : oracle.targets())
          for (const LayerRange& b : oracle.targets()) {
            const auto light = oracle.load(allocation, a), heavy = oracle.load(allocation, b);
            if (light.empty() || heavy.empty()) continue;
            const Rational apart = light.front() - heavy.front();
            if (apart > Rational(16'384) && apart < Rational(45'000)) return true;  // under 2^65536
          }
        return false;
      }());
  // An allocation beside it has one or two nodes elsewhere.
  for (std::int64_t changes = draw_integer(1, 2); changes > 0; --changes) {
    const auto node = static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(allocation.size()) - 1));
    const auto& targets = oracle.targets();
    const auto& target =
        targets[static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(targets.size()) - 1))];
    if (target.last - target.first == allocation[node].last - allocation[node].first) allocation[node] = target;
  }
  std::vector<Move> expected;
  for (std::size_t i = 0; i < allocation.size(); ++i)
    if (const LayerRange to = oracle.choice(allocation, i); to != allocation[i])
      expected.push_back({i, allocation[i], to});
  reach("another allocation at rest", expected.empty() && allocation != migration.allocation);
  reach("not at rest by share", !expected.empty() && market.rule == MigrationRule::share);
  reach("not at rest by revenue", !expected.empty() && market.rule == MigrationRule::revenue);
  expect_equal(shown_moves(expect_gains(market, allocation)), shown_moves(expected), "who gains, and where");
  expect_equal(is_certified(market, allocation), expected.empty(), "certified iff at rest");
}

PROPERTY("rivals that weigh the same elsewhere are no gain and a little less are one", "[MIG-3][MIG-8][CERT-8]", 1500) {
  auto near = draw_near_balance();
  reach("a balance to tune", near.has_value());
  if (!near) return;
  MigrationCase& market = near->market;
  market.network = filed(market.network);
  const bool by_share = market.rule == MigrationRule::share;
  const bool gains = near->side == Side::below;
  reach("a tie by share", by_share && near->side == Side::exact);
  reach("a tie by revenue", !by_share && near->side == Side::exact);
  reach("less by under 1e-12 by share", by_share && gains && near->is_close);
  reach("more by under 1e-12 by share", by_share && near->side == Side::above && near->is_close);
  reach("one weight next to several equal ones", near->is_multiple && near->is_close);
  reach("less at a convergent of a logarithm", near->by_logarithm && gains && near->is_close);
  reach("more at a convergent of a logarithm", near->by_logarithm && near->side == Side::above && near->is_close);

  const Allocation now = reference::initial_allocation(market.network);
  const auto moves = expect_gains(market, now);
  const auto own = std::find_if(moves.begin(), moves.end(), [&](const Move& move) { return move.node == near->node; });
  if (gains) expect(own != moves.end(), "the node gains");
  else expect(own == moves.end() || own->to != near->target, "the node does not gain at the target");
  const MigrationOracle oracle(market);
  expect_equal(moves.empty(), oracle.is_at_rest(now), "at rest");
  expect_equal(is_certified(market, now), moves.empty(), "certified iff at rest");
  reach("at rest beside a tie", moves.empty() && near->is_close);
  reach("at rest on a tie", moves.empty() && near->side == Side::exact);
  expect_equal(shown_moves(expect_migration(market).moves), shown_moves(oracle.sweeps().moves), "moves");
}

PROPERTY("a margin is accepted up to what it is and not beyond", "[MIG-9][CERT-8]", 400) {
  MigrationCase market = draw_migration();
  market.rule = MigrationRule::share;
  market.network = filed(market.network);
  const MigrationOracle oracle(market);
  const Allocation allocation = expect_migration(market).allocation;
  BalanceClaim claim = reference::balance_claim(market.network, market.weights(), allocation);
  reach("no comparison", claim.comparisons.empty());
  if (claim.comparisons.empty()) return;
  auto& [node, to, margin] = claim.comparisons[static_cast<std::size_t>(
      draw_integer(0, static_cast<std::int64_t>(claim.comparisons.size()) - 1))];
  const Rational own = Rational(1) / market.network.nodes[node].cost;
  const Rational here = MigrationOracle::capacity(oracle.load(allocation, allocation[node]));
  const Rational true_margin = (MigrationOracle::capacity(oracle.load(allocation, to)) + own) / here - Rational(1);
  expect(margin <= true_margin, "the margin stated is a lower bound");
  const Side side = draw_side();
  margin = draw_neighbour(true_margin, side);
  reach("a margin of 0", true_margin.sign() == 0);
  reach("the margin itself", side == Side::exact);
  reach("a little less", side == Side::below);
  reach("a little more", side == Side::above);
  const bool holds = margin.sign() >= 0 && margin <= true_margin;
  expect_equal(checker::check({market.network.sha256, "", {}, {}, claim}, market.network, {}).accepted, holds,
               "accepted iff true");
}

PROPERTY("the outcome may depend on the order of the nodes and rests in any", "[MIG-5]", 500) {
  const MigrationCase market = draw_migration();
  MigrationCase other = market;
  other.network = permuted(market.network, draw_permutation(market.network.size()));
  const auto loads = [](const MigrationCase& each) {
    const Migration migration = expect_migration(each);
    const MigrationOracle oracle(each);
    expect(oracle.is_at_rest(migration.allocation), "at rest");
    std::vector<MigrationOracle::Keys> result;
    for (const LayerRange& range : oracle.targets()) result.push_back(oracle.load(migration.allocation, range));
    std::sort(result.begin(), result.end());
    return result;
  };
  reach("other loads in another order", loads(market) != loads(other));
}

PROPERTY("units of cost and a common addition to all weights move nobody", "[MIG-1][MIG-3]", 300) {
  const MigrationCase market = draw_migration();
  MigrationCase other = market;
  const Rational factor = draw_positive();
  // By share, all costs change units; by revenue, all prices rise, which may change moves only if one was 0.
  const bool by_share = market.rule == MigrationRule::share;
  for (Node& node : other.network.nodes) {
    if (by_share) node.cost *= factor;
    else node.price += factor;
  }
  const bool is_comparable = by_share || !traits_of(market.network).price_zero;
  reach("by share", by_share);
  reach("by revenue", !by_share && is_comparable);
  if (!is_comparable) return;
  const auto moves = expect_migration(market).moves;
  reach("some move", !moves.empty());
  expect_equal(shown_moves(expect_migration(other).moves), shown_moves(moves), "moves");
}

}  // namespace
}  // namespace p2pllm::properties
