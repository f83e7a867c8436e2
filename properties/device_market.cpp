#include <bit>
#include <cmath>

#include "kernels/simt/simulated_device.hpp"
#include "optimized/market/device_market.hpp"
#include "optimized/market/migrate.hpp"
#include "optimized/market/route.hpp"
#include "properties/markets.hpp"
#include "properties/migration_oracle.hpp"
#include "reference/market/solve.hpp"

// The verbs of the market with their loops on the simulated machine, against the processor's loops: equal bits, and no
// rule of the machine broken, whatever the order of threads.
namespace p2pllm::properties {
namespace {

using Numbers = NetworkShape::Numbers;
using optimized::DeviceMarket;

std::unique_ptr<kernels::Device> draw_device() {
  return kernels::simt::simulated_device(static_cast<std::uint64_t>(draw_integer(0, 1 << 30)));
}

bool is_same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (std::isnan(a) && std::isnan(b));
}
void expect_same_column(const std::vector<double>& device, const std::vector<double>& processor,
                        const std::string& name) {
  expect_equal(device.size(), processor.size(), "the size of " + name);
  for (std::size_t k = 0; k < device.size(); ++k)
    expect(is_same(device[k], processor[k]),
           name + " of place " + shown(k) + ": " + shown(device[k]) + " and " + shown(processor[k]));
}

/// A market of small groups, or of groups of several chunks.
struct Drawn {
  Network network;
  bool has_chunks;
};
Drawn draw_groups() {
  if (draw_integer(0, 5) == 0) {
    Network network = draw_large_market(1500, draw_integer(1, 2), draw_one_of<std::int64_t>({1, 50}));
    network.cost_scale = 5;
    return {std::move(network), true};
  }
  return {draw_market(draw_one_of({Numbers::moderate, Numbers::any, Numbers::extreme})), false};
}

void expect_same_decision(const optimized::GroupDecision& device, const optimized::GroupDecision& processor) {
  expect_equal(to_string(device.verdict), to_string(processor.verdict), "the verdict of a group");
  expect_equal(device.witness.has_value(), processor.witness.has_value(), "whether there is a witness");
  if (device.witness)
    expect(device.witness->node == processor.witness->node && device.witness->price == processor.witness->price &&
               device.witness->gain == processor.witness->gain,
           "the witness");
}

PROPERTY("kernel: regrets that a device brackets have the bits of the processor's", "[PRICE-9][PRICE-11][PRICE-15]",
         120) {
  auto [network, has_chunks] = draw_groups();
  const Rational alpha = draw_alpha();
  const bool is_near = !has_chunks && draw_coin();
  if (is_near)
    if (const auto solution = reference::solve(network, alpha, 40))
      for (const EquilibriumGroup& group : *solution)
        for (const EquilibriumNode& node : group.nodes)
          network.nodes[node.node].price = round_decimal(node.price.lower, draw_coin() ? 4 : 12);
  const auto market = optimized::columns_of(network);
  if (!market || market->size() == 0) return;
  const Tolerance tolerance = draw_tolerance();
  const auto processor = optimized::verify(*market, market->price, alpha, tolerance);
  if (!processor) return;
  const auto device = draw_device();
  DeviceMarket loops(*device);
  const auto found = optimized::verify(*market, market->price, alpha, tolerance, {}, {}, &loops);
  const auto &a = found->answer.columns, &b = processor->answer.columns;
  expect_same_column(a.share_lower, b.share_lower, "the lower share");
  expect_same_column(a.share_upper, b.share_upper, "the upper share");
  expect_same_column(a.response_lower, b.response_lower, "the lower best response");
  expect_same_column(a.response_upper, b.response_upper, "the upper best response");
  expect_same_column(a.regret_lower, b.regret_lower, "the lower regret");
  expect_same_column(a.regret_upper, b.regret_upper, "the upper regret");
  expect_same_column(a.trial, b.trial, "the trial price");
  expect(found->decisions == processor->decisions, "the counts");
  expect_equal(found->answer.decisions.size(), processor->answer.decisions.size(), "groups");
  for (std::size_t g = 0; g < found->answer.decisions.size(); ++g)
    expect_same_decision(found->answer.decisions[g], processor->answer.decisions[g]);
  const auto has_verdict = [&, &answer = processor->answer](Verdict verdict) { return answer.verdict == verdict; };
  reach("a group of several chunks", has_chunks);
  reach("within epsilon", has_verdict(Verdict::epsilon_equilibrium));
  reach("refuted", has_verdict(Verdict::refuted));
  reach("no equilibrium", has_verdict(Verdict::no_equilibrium));
  reach("decided by doubles", processor->decisions.approximate > 0);
  reach("left open by doubles", processor->decisions.wider > 0);
  reach("an absolute tolerance", tolerance.absolute);
  reach("a price of 0", traits_of(network).price_zero);
}

PROPERTY("kernel: equilibria that a device encloses have the bits of the processor's", "[PRICE-12]", 120) {
  auto [network, has_chunks] = draw_groups();
  const Rational alpha = draw_one_of<Rational>({draw_alpha(), Rational(1, 2), Rational(999, 1000)});
  const auto market = optimized::columns_of(network);
  if (!market || market->size() == 0) return;
  const auto processor = optimized::solve_in_doubles(*market, alpha);
  const auto device = draw_device();
  DeviceMarket loops(*device);
  const auto found = optimized::solve_in_doubles(*market, alpha, {}, &loops);
  expect_same_column(found.price_lower, processor.price_lower, "the lower price");
  expect_same_column(found.price_upper, processor.price_upper, "the upper price");
  expect_same_column(found.share_lower, processor.share_lower, "the lower share");
  expect_same_column(found.share_upper, processor.share_upper, "the upper share");
  expect_same_column(found.revenue_lower, processor.revenue_lower, "the lower revenue");
  expect_same_column(found.revenue_upper, processor.revenue_upper, "the upper revenue");
  expect_equal(found.steps, processor.steps, "steps");
  reach("a group of several chunks", has_chunks);
  reach("more than three steps", processor.steps > 3);
  reach("a group of one node", traits_of(network).monopoly);
  reach("a group that doubles do not enclose",
        alpha.sign() > 0 && std::ranges::any_of(processor.price_upper, [](double upper) { return std::isinf(upper); }));
}

PROPERTY("kernel: a route over a device's scans is the processor's", "[ROUTE-3][ROUTE-7]", 150) {
  const Network network = draw_network({.nodes_max = 12});
  const Rational alpha = draw_alpha();
  const auto market = optimized::columns_of(network);
  if (!market) return;
  const std::optional<std::size_t> client = market->clients.empty() ? std::nullopt : std::optional<std::size_t>(0);
  const auto device = draw_device();
  DeviceMarket loops(*device);
  const auto processor = optimized::certified_route(*market, alpha, client);
  const auto found = optimized::certified_route(*market, alpha, client, &loops);
  expect(found.decisions == processor.decisions, "the counts");
  expect_equal(found.answer.index(), processor.answer.index(), "whether there is a chain");
  const auto* route = std::get_if<OptimalRoute>(&processor.answer);
  if (route != nullptr) {
    const auto& own = std::get<OptimalRoute>(found.answer);
    expect_equal(own.chain.nodes, route->chain.nodes, "the chain");
    expect(own.labels.size() == route->labels.size(), "labels");
    const auto alone = optimized::route(*market, alpha, client, &loops);
    expect_equal(std::get<Chain>(alone.answer).nodes, route->chain.nodes, "the chain without labels");
  }
  reach("latencies", route != nullptr && market->latency.has_value());
  reach("no latencies", route != nullptr && !market->latency.has_value());
}

PROPERTY("kernel: gains that a device scores are the processor's", "[MIG-3][MIG-5]", 150) {
  const MigrationCase drawn = draw_migration();
  const auto market = optimized::columns_of(drawn.network);
  if (!market || market->size() == 0) return;
  const bool by_share = drawn.rule == MigrationRule::share;
  const auto keys = by_share ? std::optional(optimized::share_keys(*market))
                             : optimized::revenue_keys(*market, market->price, drawn.alpha);
  if (!keys) return;
  const Allocation allocation = optimized::initial_allocation(*market);
  const auto device = draw_device();
  DeviceMarket loops(*device);
  const auto processor = optimized::gaining_moves(*market, *keys, allocation);
  const auto found = optimized::gaining_moves(*market, *keys, allocation, &loops);
  expect_equal(found.has_value(), processor.has_value(), "whether it is decided");
  if (!found) return;
  expect(found->decisions == processor->decisions, "the counts");
  expect_equal(found->answer.size(), processor->answer.size(), "how many gain");
  for (std::size_t k = 0; k < found->answer.size(); ++k)
    expect(found->answer[k].node == processor->answer[k].node && found->answer[k].to == processor->answer[k].to,
           "who gains, and where");
  reach("gains by share", by_share && !found->answer.empty());
  reach("gains by revenue", !by_share && !found->answer.empty());
  reach("none gains", found->answer.empty());
  reach("left open by doubles", found->decisions.wider + found->decisions.exact > 0);
}

}  // namespace
}  // namespace p2pllm::properties
