#include "checker/check.hpp"
#include "optimized/market/migrate.hpp"
#include "properties/markets.hpp"
#include "properties/migration_oracle.hpp"

// The fast half against the reference: the same moves, whichever arithmetic decides.
namespace p2pllm::properties {
namespace {

std::string shown_moves(const std::vector<Move>& moves) {
  std::string text;
  for (const Move& move : moves)
    text += shown(move.node) + ": " + to_string(move.from) + " to " + to_string(move.to) + "; ";
  return text;
}

/// A case in columns, if columns hold it.
struct FastCase {
  optimized::MarketColumns market;
  optimized::MigrationKeys keys;
};
std::optional<FastCase> fast_case(const MigrationCase& market) {
  auto columns = optimized::columns_of(market.network);
  if (!columns) return std::nullopt;
  if (market.rule == MigrationRule::share) {
    auto keys = optimized::share_keys(*columns);
    return FastCase{*std::move(columns), std::move(keys)};
  }
  auto keys = optimized::revenue_keys(*columns, columns->price, market.alpha);
  if (!keys) return std::nullopt;
  return FastCase{*std::move(columns), *std::move(keys)};
}

template <typename T>
T known_answer(Result<optimized::Counted<T>> result, FilterCounts& counts) {
  expect(result.has_value(), result ? "" : result.error().message());
  counts = result->decisions;
  expect_equal(counts.undecided, std::uint64_t{0}, "undecided comparisons");
  return std::move(result->answer);
}

/// The fast half's claim about an allocation is accepted, with as many bits as the checker asks for.
bool is_certified(const FastCase& fast, const MigrationCase& market, const Allocation& allocation) {
  Certificate certificate{market.network.sha256, "", {}, {}, {}};
  if (market.rule == MigrationRule::revenue) certificate.alpha = market.alpha;
  BalanceClaim claim = optimized::balance_claim(fast.market, fast.keys, allocation);
  for (;; claim.bits *= 2) {
    certificate.claim = claim;
    if (checker::check(certificate, market.network, {}).accepted) return true;
    if (2 * claim.bits > 2048) return false;
  }
}

/// Everything that the two halves say about one market.
FilterCounts expect_same_migration(const FastCase& fast, const MigrationCase& market) {
  FilterCounts counts;
  const Migration migration = known_answer(optimized::migrate(fast.market, fast.keys), counts);
  const auto expected = reference::migrate(market.network, market.weights());
  expect(expected.has_value(), expected ? "" : expected.error().message());
  expect_equal(shown_moves(migration.moves), shown_moves(expected->moves), "moves");
  expect(migration.allocation == expected->allocation, "allocation at rest");
  return counts;
}

void expect_same_loads(const FastCase& fast, const MigrationCase& market, const Allocation& allocation) {
  const auto loads = optimized::loads_of(fast.market, fast.keys, allocation);
  const auto expected = reference::loads_of(market.network, market.weights(), allocation);
  expect_equal(loads.size(), expected.size(), "ranges");
  for (std::size_t r = 0; r < loads.size(); ++r) {
    expect(loads[r].range == expected[r].range && loads[r].nodes == expected[r].nodes, "a range and its nodes");
    const auto& [load, own] = std::pair(loads[r].load, expected[r].load);
    if (market.rule == MigrationRule::share) expect(load.lower == own.lower && load.upper == own.upper, "a load");
    expect(load.lower <= own.upper && own.lower <= load.upper, "the enclosures of a load have a common point");
    expect(load.upper - load.lower <= load.upper * Rational::power_of_two(-90) ||
               load.upper < Rational::power_of_two(-65000),
           "a load is enclosed to 90 bits");
  }
}

PROPERTY("the fast migration makes the moves of the reference and certifies its rest",
         "[MIG-1][MIG-2][MIG-3][MIG-4][MIG-5][MIG-8][MIG-9]", 1000) {
  MigrationCase market = draw_migration();
  market.network = filed(market.network);
  const auto fast = fast_case(market);
  const bool by_share = market.rule == MigrationRule::share;
  if (!fast) return;
  const FilterCounts counts = expect_same_migration(*fast, market);
  const Migration rest = optimized::migrate(fast->market, fast->keys)->answer;
  reach("several moves by share", by_share && rest.moves.size() > 1);
  reach("several moves by revenue", !by_share && rest.moves.size() > 1);
  reach("decided by doubles", counts.approximate > 0);
  reach("decided exactly by revenue", !by_share && counts.exact > 0);
  reach("a price of 0 by revenue", !by_share && traits_of(market.network).price_zero);
  expect_same_loads(*fast, market, rest.allocation);
  expect(is_certified(*fast, market, rest.allocation), "the rest is certified");
}

PROPERTY("the fast half finds the same gains from any allocation and certifies exactly those at rest",
         "[MIG-5][MIG-9][CERT-8]", 500) {
  MigrationCase market = draw_migration();
  market.network = filed(market.network);
  const auto fast = fast_case(market);
  if (!fast || market.network.nodes.empty()) return;
  const MigrationOracle oracle(market);
  Allocation allocation = optimized::initial_allocation(fast->market);
  for (std::int64_t changes = draw_integer(0, 4); changes > 0; --changes) {
    const auto node = static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(allocation.size()) - 1));
    const auto& targets = oracle.targets();
    const auto& target =
        targets[static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(targets.size()) - 1))];
    if (target.last - target.first == allocation[node].last - allocation[node].first) allocation[node] = target;
  }
  FilterCounts counts;
  const auto moves = known_answer(optimized::gaining_moves(fast->market, fast->keys, allocation), counts);
  const auto expected = reference::gaining_moves(market.network, market.weights(), allocation);
  expect(expected.has_value(), expected ? "" : expected.error().message());
  expect_equal(shown_moves(moves), shown_moves(*expected), "who gains, and where");
  expect_same_loads(*fast, market, allocation);
  reach("at rest elsewhere", moves.empty() && allocation != optimized::initial_allocation(fast->market));
  reach("not at rest by share", !moves.empty() && market.rule == MigrationRule::share);
  reach("not at rest by revenue", !moves.empty() && market.rule == MigrationRule::revenue);
  expect_equal(is_certified(*fast, market, allocation), moves.empty(), "certified iff at rest");
}

PROPERTY("beside a tie the fast half decides as the reference does, by wider arithmetic", "[MIG-3][MIG-5][MIG-8]",
         1500) {
  auto near = draw_near_balance();
  if (!near) return;
  const auto fast = fast_case(near->market);
  reach("too many digits for columns", !fast);
  reach("a tie that columns hold", fast.has_value() && near->side == Side::exact);
  if (!fast) return;
  const FilterCounts counts = expect_same_migration(*fast, near->market);
  FilterCounts own;
  const Allocation now = optimized::initial_allocation(fast->market);
  const auto moves = known_answer(optimized::gaining_moves(fast->market, fast->keys, now), own);
  const auto at = std::find_if(moves.begin(), moves.end(), [&](const Move& move) { return move.node == near->node; });
  if (near->side == Side::below) expect(at != moves.end(), "the node gains");
  else expect(at == moves.end() || at->to != near->target, "the node does not gain at the target");
  const bool by_share = near->market.rule == MigrationRule::share;
  reach("decided by 100 bits by share", by_share && counts.wider > 0);
  reach("decided by 100 bits by revenue", !by_share && counts.wider > 0);
  reach("decided exactly by share", by_share && counts.exact > 0);
  reach("decided exactly by revenue", !by_share && counts.exact > 0);
  reach("close at a convergent of a logarithm", near->by_logarithm && near->is_close);
}

PROPERTY("a crowd spreads over many blocks as by the reference", "[MIG-2][MIG-5]", 40) {
  MigrationCase market;
  market.alpha = Rational(1, 2);
  market.rule = draw_coin() ? MigrationRule::share : MigrationRule::revenue;
  const bool alike = draw_coin();
  market.network = draw_large_market(200, 1, alike ? 1 : 50);
  market.network.layers = draw_integer(3, 40);
  market.network.cost_scale = 50;
  for (std::int64_t x = 0; x < market.network.layers; ++x) market.network.blocks.push_back({x, x + 1});
  const auto fast = fast_case(market);
  expect(fast.has_value(), "columns hold two decimals");
  const FilterCounts counts = expect_same_migration(*fast, market);
  const bool by_share = market.rule == MigrationRule::share;
  reach("equal costs by share", alike && by_share);
  reach("equal costs by revenue", alike && !by_share);
  reach("costs of 1 to 50 by share", !alike && by_share);
  reach("costs of 1 to 50 by revenue", !alike && !by_share);
  if (alike && by_share) expect_equal(counts.wider + counts.exact, std::uint64_t{0}, "equal costs need no wider sums");
}

}  // namespace
}  // namespace p2pllm::properties
