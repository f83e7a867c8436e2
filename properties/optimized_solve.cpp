#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <bit>
#include <cmath>

#include "checker/check.hpp"
#include "optimized/market/solve.hpp"
#include "optimized/market/verify.hpp"
#include "properties/markets.hpp"
#include "reference/market/solve.hpp"

// The fast half's equilibria against the reference's.
namespace p2pllm::properties {
namespace {

using Numbers = NetworkShape::Numbers;

std::vector<EquilibriumGroup> fast_solution(const optimized::MarketColumns& market, const Rational& alpha, long bits) {
  auto result = optimized::solve(market, alpha, bits);
  if (!result) throw std::runtime_error("not solved: " + result.error().message());
  return *std::move(result);
}

void expect_narrow(const Enclosure& value, long bits, const std::string& name) {
  if (value.lower.sign() == 0) return expect(value.upper <= Rational::power_of_two(-65535), name + " is measured");
  expect(value.upper - value.lower <= value.lower * Rational::power_of_two(-bits), name + " is of width 2^-bits");
}

/// Both halves enclose one equilibrium, the fast one as narrowly as was asked for.
void expect_same_solution(const std::vector<EquilibriumGroup>& fast, const std::vector<EquilibriumGroup>& exact,
                          long bits) {
  expect_equal(fast.size(), exact.size(), "groups");
  for (std::size_t g = 0; g < fast.size(); ++g) {
    expect(fast[g].range == exact[g].range, "range");
    expect_equal(fast[g].exists, exact[g].exists, "whether an equilibrium exists");
    expect_equal(fast[g].nodes.size(), exact[g].nodes.size(), "nodes");
    for (std::size_t k = 0; k < fast[g].nodes.size(); ++k) {
      const EquilibriumNode& own = fast[g].nodes[k];
      const EquilibriumNode& other = exact[g].nodes[k];
      expect_equal(own.node, other.node, "file order");
      const std::string name = " of node " + shown(own.node);
      expect(overlap(own.price, other.price), "the price" + name);
      expect(overlap(own.share, other.share), "the share" + name);
      expect(overlap(own.revenue, other.revenue), "the revenue" + name);
      expect_narrow(own.price, bits, "the price" + name);
      expect_narrow(own.share, bits, "the share" + name);
      expect_narrow(own.revenue, bits, "the revenue" + name);
    }
  }
}

void check_solution(Numbers numbers, long reference_bits) {
  const Network network = draw_market(numbers);
  const Rational alpha = draw_alpha();
  const long bits = draw_one_of<long>({2, 30, 40, 80, 200});
  const auto market = optimized::columns_of(network);
  if (!market) return;
  const auto exact = reference::solve(network, alpha, reference_bits);
  note("the reference reaches its limit", !exact);
  if (!exact) return;
  expect_same_solution(fast_solution(*market, alpha, bits), *exact, bits);
  const auto solved = optimized::solve_in_doubles(*market, alpha);
  bool by_doubles = false;
  for (std::size_t g = 0; g < solved.groups.size(); ++g) {
    const bool is_known = std::isfinite(solved.price_upper[solved.groups.begin[g]]);
    by_doubles = by_doubles || is_known;
  }
  for (const EquilibriumGroup& group : *exact)
    for (const EquilibriumNode& node : group.nodes) {
      const auto at = std::find(solved.groups.nodes.begin(), solved.groups.nodes.end(), node.node);
      const auto place = static_cast<std::size_t>(at - solved.groups.nodes.begin());
      const auto holds_value = [&](const std::vector<double>& lower, const std::vector<double>& upper,
                                   const Enclosure& value) {
        if (std::isfinite(upper[place]))
          expect(Rational::from_canonical(mpq_class(lower[place])) <= value.upper &&
                     value.lower <= Rational::from_canonical(mpq_class(upper[place])),
                 "the columns enclose what the reference encloses");
      };
      holds_value(solved.price_lower, solved.price_upper, node.price);
      holds_value(solved.share_lower, solved.share_upper, node.share);
      holds_value(solved.revenue_lower, solved.revenue_upper, node.revenue);
    }
  reach("by doubles", by_doubles);
  bool is_tiny = false;
  for (std::size_t k = 0; k < solved.share_lower.size(); ++k)
    is_tiny = is_tiny || (solved.share_lower[k] == 0 && std::isfinite(solved.share_upper[k]));
  if (numbers == Numbers::extreme) reach("a share below the doubles", is_tiny);
  reach("40 bits", bits == 40);
  reach("200 bits", bits == 200);
  reach("alpha 1", alpha == Rational(1));
  reach("no equilibrium", std::any_of(exact->begin(), exact->end(), [](const auto& group) { return !group.exists; }));
}

PROPERTY("the fast equilibria enclose the reference's at any number of bits", "[PRICE-8][PRICE-12]", 300) {
  check_solution(Numbers::moderate, 220);
}
PROPERTY("the fast equilibria enclose the reference's at cost ratios of 1e18", "[PRICE-12]", 150) {
  check_solution(Numbers::extreme, 220);
}

PROPERTY("equal costs make the fast half's price n over a times n minus 1", "[PRICE-13]", 100) {
  Network network = draw_group(2, 9, Numbers::moderate);
  for (Node& node : network.nodes) node.cost = network.nodes.front().cost;
  const Rational alpha = draw_coin() ? Rational(1) : draw_inner_alpha();
  const Rational n(static_cast<std::int64_t>(network.size()));
  const Rational price = n * network.price_scale * network.temperature / (alpha * (n - Rational(1)));
  reach("two nodes", network.size() == 2);
  const auto market = optimized::columns_of(network);
  if (!market) return;
  const long bits = draw_one_of<long>({35, 100});
  const auto solution = fast_solution(*market, alpha, bits);
  for (const EquilibriumNode& node : solution.front().nodes) {
    expect(node.price.lower <= price && price <= node.price.upper, "the price is enclosed");
    expect(node.share.lower <= Rational(1) / n && Rational(1) / n <= node.share.upper, "the share is enclosed");
    expect_narrow(node.price, bits, "the price");
  }
}

PROPERTY("groups of thousands are solved to 1e-12 with the same bits on 1 2 and 4 threads and verify", "[PRICE-12]",
         6) {
  const std::int64_t groups = draw_one_of<std::int64_t>({1, 3});
  Network network = draw_large_market(5000, groups, draw_one_of<std::int64_t>({2, 50, 1000}));
  network.cost_scale = 5;
  const Rational alpha(1, 2);
  const auto market = optimized::columns_of(network);
  expect(market.has_value(), "columns hold two decimals");
  const auto on_threads = [&](int threads) {
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads));
    tbb::task_arena arena(threads);
    return arena.execute([&] { return optimized::solve_in_doubles(*market, alpha); });
  };
  const auto one = on_threads(1);
  const auto same_bits = [](const std::vector<double>& a, const std::vector<double>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
      return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
    });
  };
  for (const int threads : {2, 4}) {
    const auto more = on_threads(threads);
    expect(same_bits(one.price_lower, more.price_lower) && same_bits(one.price_upper, more.price_upper) &&
               same_bits(one.share_lower, more.share_lower) && same_bits(one.share_upper, more.share_upper) &&
               same_bits(one.revenue_lower, more.revenue_lower) && same_bits(one.revenue_upper, more.revenue_upper),
           "the columns have the same bits");
  }
  for (std::size_t k = 0; k < one.price_lower.size(); ++k) {
    expect(one.price_upper[k] - one.price_lower[k] <= 1e-12 * one.price_lower[k], "a price to 1e-12");
    const double middle = one.price_lower[k] + (one.price_upper[k] - one.price_lower[k]) / 2;
    network.nodes[one.groups.nodes[k]].price = round_decimal(Rational::from_canonical(mpq_class(middle)), 12);
  }
  const auto posted = optimized::columns_of(network);
  expect(posted.has_value(), "columns hold the prices");
  const auto verified = optimized::verify(*posted, posted->price, alpha, {Rational(1, 1'000'000'000), false});
  expect(verified.has_value(), "columns hold the weights");
  expect(verified->answer.verdict == Verdict::epsilon_equilibrium, "the posted equilibrium is one to 1e-9");
  reach("one group", groups == 1);
  reach("three groups", groups == 3);
  reach("at most ten steps", one.steps <= 10);
}

}  // namespace
}  // namespace p2pllm::properties
