#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <span>

#include "checker/check.hpp"
#include "kernels/market/price_rules.hpp"
#include "model/market/certificate.hpp"
#include "optimized/market/outward.hpp"
#include "optimized/market/solve.hpp"
#include "optimized/market/verify.hpp"
#include "tests/unit/market_builder.hpp"

using namespace p2pllm;
using namespace p2pllm::optimized;
using p2pllm::testing::encloses;
using p2pllm::testing::equal_nodes;
using p2pllm::testing::exact;
using p2pllm::testing::network_of;

namespace {

constexpr LayerRange first = {0, 1}, second = {1, 2};
const Rational half(1, 2);

struct Answer {
  EquilibriumReport report;
  FilterCounts counts;
};
Answer verified(const Network& network, const Rational& alpha, const Tolerance& tolerance = {}) {
  const MarketColumns market = columns_of(network).value();
  const auto result = verify(market, market.price, alpha, tolerance).value();
  return {equilibrium_report(result.answer, market.price), result.decisions};
}
bool is_accepted(const Network& network, const Rational& alpha, const EquilibriumReport& report) {
  return checker::check({network.sha256, "", alpha, {}, equilibrium_claim(report)}, network, {}).accepted;
}
std::vector<EquilibriumNode> solved(const Network& network, const Rational& alpha, long bits) {
  const MarketColumns market = columns_of(network).value();
  return optimized::solve(market, alpha, bits).value().front().nodes;
}

}  // namespace

TEST_CASE("seven equal nodes at 2.33 regret 8.756e-7 and at 7/3 nothing, by the fast half", "[PRICE-9][PRICE-13]") {
  const Network network = equal_nodes(7, "1", "2.33");
  const Answer answer = verified(network, half);
  CHECK(answer.report.verdict == Verdict::epsilon_equilibrium);
  CHECK(answer.counts.approximate == 7);
  CHECK(is_accepted(network, half, answer.report));
  for (const NodeReport& node : answer.report.groups[0].nodes) {
    CHECK(encloses(*node.share, Rational(1, 7)));
    CHECK(node.regret->lower <= exact("8.75648e-7"));
    CHECK(node.regret->upper >= exact("8.75647e-7"));
    CHECK(node.regret->upper - node.regret->lower < exact("5e-13"));
    CHECK(node.best_response->lower > exact("2.33285"));
    CHECK(node.best_response->upper < exact("2.33287"));
  }
  const Answer refuted = verified(network, half, {exact("8.756e-7"), false});
  CHECK(refuted.report.verdict == Verdict::refuted);
  CHECK(is_accepted(network, half, refuted.report));
  CHECK(refuted.report.witness->gain > exact("2.9146e-7"));
  CHECK(refuted.report.witness->gain < exact("2.9148e-7"));
  const Answer symmetric = verified(equal_nodes(7, "1", "7/3"), half, {0, false});
  CHECK(symmetric.report.verdict == Verdict::equilibrium);
  CHECK(symmetric.report.groups[0].nodes[3].regret->upper == Rational(0));
}

TEST_CASE("the fast half's bound of the regret holds at trial prices far from the best response", "[PRICE-9]") {
  // At the trial price q = p the ratio of revenues is 1 and the regret at most 1 - z e^(1 - z), which doubles compute
  // to 1e-15.
  for (const double z : {0.5, 0.75, 0.9, 0.99, 1.01, 1.1, 1.25, 1.5}) {
    const double deviation = std::abs(z - 1), regret = 1 - z * std::exp(1 - z);
    CHECK(kernels::relative_upper(Rational(1), exact(std::to_string(deviation))) >=
          Rational::from_canonical(mpq_class(regret - 1e-15)));
    CHECK(kernels::absolute_upper(Rational(1), Rational(1), exact(std::to_string(deviation))) >=
          Rational::from_canonical(mpq_class(std::exp(z - 1) / z - 1 - 1e-15)));
  }
}

TEST_CASE("an absolute tolerance is compared with the gain, by the fast half", "[PRICE-10]") {
  const Network network = equal_nodes(7, "1", "2.33");
  CHECK(verified(network, half, {exact("2.915e-7"), true}).report.verdict == Verdict::epsilon_equilibrium);
  const Answer refuted = verified(network, half, {exact("2.914e-7"), true});
  CHECK(refuted.report.verdict == Verdict::refuted);
  CHECK(is_accepted(network, half, refuted.report));
  const NodeReport& node = refuted.report.groups[0].nodes[0];
  CHECK(node.regret->lower <= exact("2.91475e-7"));
  CHECK(node.regret->upper >= exact("2.91465e-7"));
}

TEST_CASE("a node at price 0 has a regret of exactly 1, by the fast half", "[PRICE-10]") {
  Network network = equal_nodes(3, "1", "2");
  network.nodes[1].price = 0;
  const Answer answer = verified(network, half, {exact("0.999"), false});
  CHECK(answer.report.verdict == Verdict::refuted);
  CHECK(answer.report.witness->node == 1);
  CHECK(answer.report.groups[0].nodes[1].regret->lower == Rational(1));
  CHECK(answer.report.groups[0].nodes[1].regret->upper == Rational(1));
  CHECK(is_accepted(network, half, answer.report));
}

TEST_CASE("the gravest verdict of the groups is the network's, by the fast half", "[PRICE-11]") {
  const Network network = network_of(2, {{first, "1", "2"}, {second, "1", "1"}, {second, "1", "9"}});
  const Answer answer = verified(network, half);
  CHECK(answer.report.groups[0].verdict == Verdict::no_equilibrium);
  CHECK(answer.report.groups[1].verdict == Verdict::refuted);
  CHECK(answer.report.verdict == Verdict::no_equilibrium);
  CHECK(answer.report.witness.has_value());
  CHECK(answer.report.groups[0].nodes[0].share->lower == Rational(1));
  CHECK_FALSE(answer.report.groups[0].nodes[0].regret.has_value());
  CHECK(is_accepted(network, half, answer.report));
  CHECK(verified(network_of(1, {}), half).report.verdict == Verdict::equilibrium);
}

TEST_CASE("of two refuted nodes the one of the greater regret is the witness", "[PRICE-11]") {
  const Network network = network_of(1, {{first, "1", "3"}, {first, "1", "30"}, {first, "1", "4"}});
  const Answer answer = verified(network, half);
  CHECK(answer.report.witness->node == 1);
  CHECK(is_accepted(network, half, answer.report));
}

TEST_CASE("shares of e^-10000 are enclosed and their regrets decided by more bits", "[PRICE-3][PRICE-9]") {
  const Network network = network_of(1, {{first, "1", "2"}, {first, "20001", "2"}, {first, "1", "3"}});
  const Answer answer = verified(network, half, {exact("0.01"), false});
  CHECK(answer.counts.approximate > 0);
  const NodeReport& far = answer.report.groups[0].nodes[1];
  CHECK(far.share->upper < exact("1e-300"));
  CHECK(far.share->lower.sign() > 0);
  CHECK(answer.report.verdict == Verdict::refuted);
  CHECK(is_accepted(network, half, answer.report));
  const Network alone = network_of(1, {{first, "1", "2"}, {first, "40001", "2"}});
  const Answer undone = verified(alone, half, {exact("0.999"), true});
  CHECK(undone.counts.wider > 0);
  CHECK(undone.report.verdict == Verdict::refuted);
}

TEST_CASE("a short list has the nodes that lead the whole list by regret", "[PRICE-10]") {
  // Prices of six kinds, so most regrets have equals; the shares of the last kind need more bits than doubles have.
  Network network = equal_nodes(60, "1", "2");
  constexpr std::array<long, 6> price = {3, 7, 3, 5, 1, 20'000};
  for (std::size_t i = 0; i < network.size(); ++i) network.nodes[i].price = Rational(price[i % price.size()]);
  const MarketColumns market = columns_of(network).value();
  const auto answer = verify(market, market.price, half, {exact("1e-300"), false}).value().answer;
  CHECK_FALSE(answer.precise.empty());
  const auto leaders = [&](std::size_t listed_max) {
    const GroupReport group = equilibrium_report(answer, market.price, listed_max).groups.at(0);
    CHECK(group.nodes.size() + group.unlisted == network.size());
    CHECK(group.nodes.size() >= std::min(listed_max, network.size()));
    std::vector<std::pair<Rational, std::size_t>> order;  // greatest upper end first, and then in file order
    for (const NodeReport& node : group.nodes) order.emplace_back(-node.regret.value().upper, node.node);
    std::ranges::stable_sort(order, {}, [](const auto& entry) { return entry.first; });
    return order;
  };
  const auto all = leaders(network.size());
  for (const std::size_t listed_max : std::initializer_list<std::size_t>{1, 9, 10, 11, 35, 59, 60, 61}) {
    auto few = leaders(listed_max);
    few.resize(std::min(listed_max, network.size()));
    CHECK(std::ranges::equal(few, std::span(all).first(few.size())));
  }
  CHECK(equilibrium_report(answer, market.price, 1).groups[0].unlisted > 0);
}

TEST_CASE("without price sensitivity shares alone are given", "[PRICE-8]") {
  const Network network = network_of(1, {{first, "1", "2"}, {first, "2", "0"}, {first, "3000", "1"}});
  const Answer answer = verified(network, 0);
  CHECK(answer.report.verdict == Verdict::no_equilibrium);
  const auto& nodes = answer.report.groups[0].nodes;
  CHECK(nodes[0].share->lower > exact("0.7310585786"));  // 1 / (1 + 1/e)
  CHECK(nodes[0].share->upper < exact("0.7310585787"));
  CHECK(nodes[2].share->upper < exact("1e-300"));
  CHECK(nodes[2].share->lower.sign() > 0);
  CHECK_FALSE(nodes[0].best_response.has_value());
}

TEST_CASE("units beyond the doubles are left to more bits", "[PRICE-15]") {
  Network network = network_of(1, {{first, "1e-290", "1e-290"}, {first, "1e-290", "3e-290"}});
  network.price_scale = exact("1e-290");
  network.cost_scale = exact("1e-290");
  const Answer answer = verified(network, half);
  CHECK(answer.counts.approximate == 0);
  CHECK(answer.report.verdict == Verdict::refuted);
  CHECK(is_accepted(network, half, answer.report));
}

TEST_CASE("rounding to doubles is outward over all magnitudes", "[PRICE-15]") {
  const double infinite = std::numeric_limits<double>::infinity();
  for (const char* text : {"1/3", "2/3", "1e-300", "7e300", "0", "1"}) {
    const Rational value = exact(text);
    CHECK(Rational::from_canonical(mpq_class(rounded_down(value))) <= value);
    CHECK(Rational::from_canonical(mpq_class(rounded_up(value))) >= value);
    CHECK(rounded_up(value) <= std::nextafter(rounded_down(value), infinite));
  }
  CHECK(rounded_down(Rational::power_of_two(-2000)) == 0);
  CHECK(rounded_up(Rational::power_of_two(-2000)) == std::numeric_limits<double>::denorm_min());
  CHECK(rounded_up(Rational::power_of_two(2000)) == infinite);
  CHECK(rounded_down(Rational::power_of_two(2000)) == std::numeric_limits<double>::max());
}

TEST_CASE("the fast half's equilibrium of equal nodes is n / (a (n - 1))", "[PRICE-13]") {
  for (const std::size_t n : {2UL, 3UL, 7UL, 2000UL}) {
    const auto size = static_cast<long>(n);
    for (const long bits : {38L, 150L}) {
      if (n == 2000 && bits > 40) continue;
      const std::vector<EquilibriumNode> nodes = solved(equal_nodes(n, "3", "1"), half, bits);
      for (const EquilibriumNode& node : {nodes.front(), nodes.back()}) {
        CHECK(encloses(node.price, Rational(2 * size, size - 1)));
        CHECK(encloses(node.share, Rational(1, size)));
        CHECK(encloses(node.revenue, Rational(2, size - 1)));
        CHECK(node.price.upper - node.price.lower <= node.price.lower * Rational::power_of_two(-bits));
      }
    }
  }
}

TEST_CASE("costs 1 and 2 have the equilibrium that best responses in turn reach", "[PRICE-12]") {
  const std::vector<EquilibriumNode> nodes = solved(network_of(1, {{first, "1", "1"}, {first, "2", "1"}}), half, 40);
  // By play in turn at 50 digits: shares 0.5414437635734..., 0.4585562364265...
  CHECK(encloses(nodes[0].share, exact("0.5414437635734354")));
  CHECK(nodes[0].share.lower > exact("0.54144376357"));
  CHECK(nodes[1].share.upper < exact("0.45855623643"));
  CHECK(nodes[0].price.lower > nodes[1].price.upper);
}

TEST_CASE("a group of one and alpha 0 have no equilibrium, by the fast half", "[PRICE-8]") {
  const Network network = network_of(2, {{first, "1", "1"}, {second, "1", "1"}, {second, "2", "1"}});
  const MarketColumns market = columns_of(network).value();
  const auto groups = optimized::solve(market, half, 30).value();
  CHECK_FALSE(groups[0].exists);
  CHECK(groups[0].nodes.empty());
  CHECK(groups[1].exists);
  CHECK(groups[1].nodes.size() == 2);
  CHECK_FALSE(optimized::solve(market, 0, 30).value()[1].exists);
  CHECK(std::isinf(solve_in_doubles(market, 0).price_upper[1]));
}

TEST_CASE("a share below the doubles is refined to the bits asked for", "[PRICE-12]") {
  const std::vector<EquilibriumNode> nodes =
      solved(network_of(1, {{first, "1", "1"}, {first, "2", "1"}, {first, "6000", "1"}}), half, 30);
  CHECK(nodes[2].share.lower.sign() > 0);
  CHECK(nodes[2].share.upper < Rational::power_of_two(-4000));
  CHECK(nodes[2].share.upper - nodes[2].share.lower <= nodes[2].share.lower * Rational::power_of_two(-30));
}

TEST_CASE("doubles enclose the equilibria of many small groups to 1e-12", "[PRICE-12]") {
  unsigned state = 1;
  for (int group = 0; group < 200; ++group) {
    std::vector<testing::Peer> peers;
    for (int node = 0; node < 2 + group % 9; ++node) {
      state = state * 1664525U + 1013904223U;
      peers.push_back({first, std::to_string(1 + (state >> 8) % 2000) + "/100", "1"});
    }
    const MarketColumns market = columns_of(network_of(1, peers)).value();
    const SolvedPrices prices = solve_in_doubles(market, half);
    for (std::size_t k = 0; k < peers.size(); ++k) {
      CHECK(prices.price_upper[k] - prices.price_lower[k] <= 1e-12 * prices.price_lower[k]);
      CHECK(prices.share_upper[k] - prices.share_lower[k] <= 1e-12 * prices.share_lower[k]);
    }
  }
}
