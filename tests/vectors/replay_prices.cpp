#include <catch2/catch.hpp>
#include <set>

#include "reference/market/demand_rules.hpp"
#include "reference/market/group.hpp"
#include "reference/market/regret_rules.hpp"
#include "reference/market/solve.hpp"
#include "reference/market/verify.hpp"
#include "tests/vectors/vectors.hpp"

using namespace p2pllm;
using vectors::Case;

namespace {

/// A share next to 1 loses the bits of its complement, 1100 in the vectors.
constexpr long bits = 2048;

/// The reference's reports on a node at the case's prices, with both regrets.
struct Known {
  Rational sensitivity;
  const NodeReport& relative;
  const NodeReport& absolute;
};

void each_node(const Case& c, const std::function<void(const Known&, const JsonCursor&)>& body) {
  const Prices prices = c.prices();
  const auto report = [&](bool absolute) {
    return reference::verify(c.network(), prices, c.alpha(), {0, absolute}, {bits, bits});
  };
  const EquilibriumReport relative = report(false);
  const EquilibriumReport absolute = report(true);
  c.expected().require_object({"nodes"});
  const JsonCursor nodes = c.expected().member("nodes");
  c.require("/expect/nodes",
            nodes.value().as_object() != nullptr && nodes.value().as_object()->size() == c.network().size(),
            std::to_string(c.network().size()) + " nodes");
  const auto groups = groups_of(c.network());
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (std::size_t k = 0; k < groups[g].nodes.size(); ++k) {
      const auto market = reference::group_market(c.network(), groups[g], prices.values, c.alpha());
      const NodeReport& node = relative.groups.at(g).nodes.at(k);
      body({market.sensitivity, node, absolute.groups.at(g).nodes.at(k)},
           nodes.member(c.network().nodes[node.node].id));
    }
}

std::optional<Enclosure> enclosure(const Interval& value) {
  auto lower = value.lower();
  auto upper = value.upper();
  if (!lower || !upper) return std::nullopt;
  return Enclosure{*std::move(lower), *std::move(upper)};
}

}  // namespace

TEST_CASE("shares, revenues and their slopes are those of the vectors",
          "[demand][PRICE-1][PRICE-2][PRICE-3][PRICE-4][PRICE-5]") {
  vectors::replay("demand", [](const Case& c) {
    each_node(c, [&c](const Known& known, const JsonCursor& expect) {
      expect.require_object({"share", "revenue", "slope", "gradient"});
      if (!known.relative.share) return c.require(c.where(expect), false, "no share");
      const Interval share(known.relative.share->lower, known.relative.share->upper, bits);
      const Interval price(known.relative.price, bits);
      const Interval sensitivity(known.sensitivity, bits);
      c.equal(expect.member("share"), known.relative.share);
      c.equal(expect.member("revenue"), enclosure(reference::revenue(price, share)));
      c.equal(expect.member("slope"), enclosure(reference::share_slope(sensitivity, share)));
      c.equal(expect.member("gradient"), enclosure(reference::revenue_gradient(sensitivity, price, share)));
    });
  });
}

TEST_CASE("best responses and regrets are those of the vectors",
          "[response][PRICE-6][PRICE-7][PRICE-8][PRICE-9][PRICE-10]") {
  vectors::replay("response", [](const Case& c) {
    each_node(c, [&c](const Known& known, const JsonCursor& expect) {
      expect.require_object({"best_response", "best_revenue", "relative_regret", "absolute_regret"});
      c.equal(expect.member("best_response"), known.relative.best_response);
      c.equal(expect.member("relative_regret"), known.relative.regret);
      c.equal(expect.member("absolute_regret"), known.absolute.regret);
      std::optional<Enclosure> best;  // its revenue plus its regret
      if (const auto& [missed, share] = std::pair(known.absolute.regret, known.relative.share); missed && share)
        best = {missed->lower + known.relative.price * share->lower,
                missed->upper + known.relative.price * share->upper};
      c.equal(expect.member("best_revenue"), best);
    });
  });
}

namespace {

/// Compares the bounds of the regret of node k of a group, by the price `trial` (PRICE-9).
void equal_bracket(const Case& c, const JsonCursor& expect, const reference::GroupMarket& market, std::size_t k,
                   const Rational& trial) {
  constexpr long fine = 2 * bits;  // e^(z-1)/z may differ from 1 by the square of a share
  const auto competitors = reference::competitors_of(market.weights, fine).at(k);
  const auto at_trial = reference::demand_weight(market.sensitivity, trial, market.cost_weights[k]);
  const auto [own, others] = reference::demand_at(at_trial, competitors, fine);
  const Interval p(market.prices[k], fine);
  const Interval q(trial, fine);
  const Interval z = reference::stationarity(q, reference::rest_share(own, others), Interval(market.sensitivity, fine));
  const Interval factor = reference::regret_factor(z, exp(z - Interval(Rational(1), fine)));
  const Interval decay = reference::decay(market.sensitivity * abs(trial - market.prices[k]), fine);
  const Interval ratio = market.prices[k] < trial ? reference::revenue_ratio_below(p, q, own, others, decay)
                                                  : reference::revenue_ratio_above(p, q, own, others, decay);
  const auto relative = reference::relative_regret(ratio, factor);
  const Interval earned = reference::revenue(q, reference::demand_share(own, others));
  const auto absolute = reference::absolute_regret(earned, ratio, factor);
  expect.require_object({"stationarity", "ratio", "relative", "absolute"});
  c.equal(expect.member("stationarity"), enclosure(z));
  c.equal(expect.member("ratio"), enclosure(ratio));
  const auto equal_ends = [&c](const JsonCursor& ends, const auto& computed) {
    if (ends.size() != 2) ends.fail("a bracket is [lower, upper]");
    c.equal(ends.item(0), enclosure(computed.lower));
    c.equal(ends.item(1), enclosure(computed.upper));
  };
  equal_ends(expect.member("relative"), relative);
  equal_ends(expect.member("absolute"), absolute);
}

}  // namespace

TEST_CASE("regret brackets of trial prices are those of the vectors", "[bracket][PRICE-9][PRICE-10]") {
  vectors::replay("bracket", [](const Case& c) {
    const Prices prices = c.prices();
    c.expected().require_object({"nodes"});
    const JsonCursor nodes = c.expected().member("nodes");
    const JsonCursor trials = c.given("trials");
    const auto* listed = nodes.value().as_object();
    c.require("/expect/nodes", listed != nullptr && listed->size() == c.network().size(), "a bracket a node");
    for (const Group& group : groups_of(c.network())) {
      const auto market = reference::group_market(c.network(), group, prices.values, c.alpha());
      for (std::size_t k = 0; k < group.nodes.size(); ++k) {
        const std::string& id = c.network().nodes[group.nodes[k]].id;
        const JsonCursor expect = nodes.member(id);
        const bool is_null = expect.value().is_null();
        c.require(c.where(expect), is_null != market.has_equilibrium(), is_null ? "a bracket" : "null");
        if (is_null || !market.has_equilibrium()) continue;
        equal_bracket(c, expect, market, k, trials.member(id).rational());
      }
    }
  });
}

TEST_CASE("equilibria are those of the vectors", "[equilibrium][PRICE-8][PRICE-12][PRICE-13][PRICE-14]") {
  vectors::replay("equilibrium", [](const Case& c) {
    const auto solution = reference::solve(c.network(), c.alpha(), 256);
    if (!solution) return c.require("expect", false, solution.error().message());
    c.expected().require_object({"groups"});
    const JsonCursor groups = c.expected().member("groups");
    if (groups.size() != solution->size()) return c.require("/expect/groups", false, std::to_string(solution->size()));
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const JsonCursor expect = groups.item(g);
      const EquilibriumGroup& group = (*solution)[g];
      expect.require_object({"range", "verdict", "nodes"});
      c.equal(expect.member("range"), group.range);
      c.equal(expect.member("verdict"), std::string(group.exists ? "equilibrium" : "no_equilibrium"));
      const JsonCursor nodes = expect.member("nodes");
      const auto* listed = nodes.value().as_object();
      c.require(c.where(nodes), listed != nullptr && listed->size() == group.nodes.size(),
                std::to_string(group.nodes.size()));
      for (const EquilibriumNode& node : group.nodes) {
        const JsonCursor place = nodes.member(c.network().nodes[node.node].id);
        place.require_object({"price", "share", "revenue"});
        c.equal(place.member("price"), node.price);
        c.equal(place.member("share"), node.share);
        c.equal(place.member("revenue"), node.revenue);
      }
    }
  });
}

namespace {

/// The nodes that regret more than epsilon: the list has those of which the reference is certain, and the witness.
void equal_beyond(const Case& c, const JsonCursor& field, const GroupReport& group, const Rational& epsilon) {
  std::set<std::string> listed;
  for (const JsonCursor& id : field.items()) listed.insert(id.string());
  c.require(c.where(field), listed.empty() == (group.verdict != Verdict::refuted), to_string(group.verdict));
  for (const NodeReport& node : group.nodes) {
    const std::string& id = c.network().nodes.at(node.node).id;
    const bool is_listed = listed.erase(id) > 0;
    if (group.witness && group.witness->node == node.node) c.require(c.where(field), is_listed, "witness " + id);
    if (!node.regret) continue;
    if (node.regret->lower > epsilon) c.require(c.where(field), is_listed, id + " beyond epsilon");
    if (node.regret->upper <= epsilon) c.require(c.where(field), !is_listed, id + " within epsilon");
  }
  c.require(c.where(field), listed.empty(), "no node " + (listed.empty() ? "" : *listed.begin()));
}

}  // namespace

TEST_CASE("verdicts are those of the vectors", "[verify][PRICE-8][PRICE-9][PRICE-10][PRICE-11][PRICE-13][PRICE-15]") {
  vectors::replay("verify", [](const Case& c) {
    const JsonCursor absolute = c.given("absolute");
    const Tolerance tolerance{c.given("epsilon").rational(),
                              absolute.value().as_bool() != nullptr && *absolute.value().as_bool()};
    const Prices prices = c.prices();
    const EquilibriumReport report = reference::verify(c.network(), prices, c.alpha(), tolerance);
    const JsonCursor& expect = c.expected();
    expect.require_object({"verdict", "groups"});
    c.equal(expect.member("verdict"), std::string(to_string(report.verdict)));
    const JsonCursor groups = expect.member("groups");
    if (groups.size() != report.groups.size())
      return c.require("/expect/groups", false, std::to_string(report.groups.size()));
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const JsonCursor group = groups.item(g);
      group.require_object({"range", "verdict", "beyond"});
      c.equal(group.member("range"), report.groups[g].range);
      c.equal(group.member("verdict"), std::string(to_string(report.groups[g].verdict)));
      equal_beyond(c, group.member("beyond"), report.groups[g], tolerance.epsilon);
    }
    c.certify(c.alpha(), {}, prices, equilibrium_claim(report));
  });
}
