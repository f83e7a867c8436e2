#include <catch2/catch.hpp>

#include "reference/market/group.hpp"
#include "reference/market/migrate.hpp"
#include "reference/market/migration_rules.hpp"
#include "tests/vectors/vectors.hpp"

using namespace p2pllm;
using vectors::Case;

namespace {

void equal_moves(const Case& c, const JsonCursor& field, const std::vector<Move>& moves) {
  c.require(c.where(field), field.size() == moves.size(), std::to_string(moves.size()) + " moves");
  for (std::size_t k = 0; k < std::min(field.size(), moves.size()); ++k) {
    const JsonCursor move = field.item(k);
    move.require_object({"node", "from", "to"});
    c.equal(move.member("node"), c.network().nodes.at(moves[k].node).id);
    c.equal(move.member("from"), moves[k].from);
    c.equal(move.member("to"), moves[k].to);
  }
}

void equal_loads(const Case& c, const JsonCursor& field, const std::vector<RangeLoad>& loads) {
  constexpr int digits = 30;  // the reference gives about 100 bits of a load that is not rational
  c.require(c.where(field), field.size() == loads.size(), std::to_string(loads.size()) + " loads");
  for (std::size_t k = 0; k < std::min(field.size(), loads.size()); ++k) {
    const JsonCursor load = field.item(k);
    load.require_object({"range", "nodes", "load"});
    c.equal(load.member("range"), loads[k].range);
    c.equal(load.member("nodes"), static_cast<long long>(loads[k].nodes));
    c.equal(load.member("load"), loads[k].load, digits);
  }
}

/// Each node's share of the load of the range that it serves.
void equal_shares(const Case& c, const JsonCursor& field, const reference::MigrationWeights& weights,
                  const Allocation& allocation) {
  constexpr long bits = 2048;
  const auto weight_of = [&weights](std::size_t node) {
    const Rational& key = weights.keys[node];
    if (weights.rule == MigrationRule::revenue) return reference::decay(key, bits);
    return reference::serving_capacity(Interval(key, bits));
  };
  c.require(c.where(field), field.size() == allocation.size(), std::to_string(allocation.size()) + " shares");
  for (std::size_t i = 0; i < std::min(field.size(), allocation.size()); ++i) {
    Interval rivals(Rational(0), bits);
    for (std::size_t j = 0; j < allocation.size(); ++j)
      if (j != i && allocation[j] == allocation[i]) rivals += weight_of(j);
    const Interval share = reference::load_share(weight_of(i), rivals);
    c.equal(field.item(i), Enclosure{share.lower().value(), share.upper().value()});
  }
}

}  // namespace

TEST_CASE("migrations are those of the vectors",
          "[migration][MIG-1][MIG-2][MIG-3][MIG-4][MIG-5][MIG-6][MIG-7][MIG-8][MIG-9]") {
  vectors::replay("migration", [](const Case& c) {
    const bool by_revenue = c.given("rule").string() == "revenue";
    const Prices prices = c.prices();
    const auto alpha = by_revenue ? std::optional(c.alpha()) : std::nullopt;
    const auto weights =
        by_revenue ? reference::revenue_weights(c.network(), prices, *alpha) : reference::share_weights(c.network());
    const auto gains = reference::gaining_moves(c.network(), weights, reference::initial_allocation(c.network()));
    const auto migration = reference::migrate(c.network(), weights);
    if (!gains || !migration) return c.require("expect", false, "undecided");
    const JsonCursor& expect = c.expected();
    expect.require_object({"at_rest", "gains", "moves", "allocation", "loads", "shares"});
    c.equal(expect.member("at_rest"), gains->empty());
    equal_moves(c, expect.member("gains"), *gains);
    equal_moves(c, expect.member("moves"), migration->moves);
    const JsonCursor allocation = expect.member("allocation");
    c.require(c.where(allocation), allocation.size() == c.network().size(),
              std::to_string(c.network().size()) + " nodes");
    for (std::size_t i = 0; i < std::min(allocation.size(), c.network().size()); ++i)
      c.equal(allocation.item(i), migration->allocation[i]);
    equal_loads(c, expect.member("loads"), reference::loads_of(c.network(), weights, migration->allocation));
    equal_shares(c, expect.member("shares"), weights, migration->allocation);
    c.certify(alpha, {}, prices, reference::balance_claim(c.network(), weights, migration->allocation));
  });
}
