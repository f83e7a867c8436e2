#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <bit>
#include <cmath>

#include "checker/check.hpp"
#include "optimized/market/verify.hpp"
#include "properties/generators/near_tie.hpp"
#include "properties/markets.hpp"
#include "reference/market/solve.hpp"
#include "reference/market/verify.hpp"

// The fast half's verdicts against the reference's, whichever arithmetic decides.
namespace p2pllm::properties {
namespace {

using Numbers = NetworkShape::Numbers;
using optimized::VerifiedPrices;

struct FastVerdict {
  EquilibriumReport report;
  FilterCounts counts;
};
std::optional<FastVerdict> fast_verdict(const Network& network, const Rational& alpha, const Tolerance& tolerance) {
  const auto market = optimized::columns_of(network);
  if (!market) return std::nullopt;
  const auto verified = optimized::verify(*market, market->price, alpha, tolerance);
  if (!verified) return std::nullopt;
  return FastVerdict{optimized::equilibrium_report(verified->answer, market->price), verified->decisions};
}

std::string named(Verdict verdict) { return to_string(verdict); }

/// Two enclosures of one value have a common point, and one is there if the other is.
void expect_compatible(const std::optional<Enclosure>& fast, const std::optional<Enclosure>& exact,
                       const std::string& name) {
  expect_equal(fast.has_value(), exact.has_value(), "whether " + name + " is enclosed");
  if (fast) expect(fast->lower <= fast->upper && overlap(*fast, *exact), name + " lies in both enclosures");
}

void expect_same_report(const EquilibriumReport& fast, const EquilibriumReport& exact) {
  expect_equal(named(fast.verdict), named(exact.verdict), "verdict of the network");
  expect_equal(fast.witness.has_value(), exact.witness.has_value(), "whether there is a witness");
  expect_equal(fast.groups.size(), exact.groups.size(), "groups");
  for (std::size_t g = 0; g < fast.groups.size(); ++g) {
    const GroupReport& own = fast.groups[g];
    const GroupReport& other = exact.groups[g];
    expect(own.range == other.range, "the range of a group");
    expect_equal(named(own.verdict), named(other.verdict), "verdict of group " + shown(g));
    expect_equal(own.witness.has_value(), other.witness.has_value(), "whether a group has a witness");
    expect_equal(own.nodes.size(), other.nodes.size(), "nodes of a group");
    for (std::size_t k = 0; k < own.nodes.size(); ++k) {
      const NodeReport& node = own.nodes[k];
      expect_equal(node.node, other.nodes[k].node, "file order");
      const std::string name = " of node " + shown(node.node);
      expect(node.price == other.nodes[k].price, "the price" + name);
      expect_compatible(node.share, other.nodes[k].share, "the share" + name);
      expect_compatible(node.best_response, other.nodes[k].best_response, "the best response" + name);
      if (own.verdict != Verdict::undecided) expect_compatible(node.regret, other.nodes[k].regret, "the regret" + name);
    }
  }
}

/// The claim of the fast half is accepted, with as many bits as the checker asks for.
void expect_certified(const EquilibriumReport& report, const Network& network, const Rational& alpha) {
  if (report.verdict == Verdict::undecided) return;
  if (report.witness && report.witness->gain.sign() == 0 && network.nodes[report.witness->node].price.sign() > 0)
    return;
  Certificate certificate = certificate_of(report, network, alpha, posted_prices(network));
  long& bits = std::get<EquilibriumClaim>(certificate.claim).bits;
  while (!checker::check(certificate, network, {}).accepted && 2 * bits <= certificate_bits_max) bits *= 2;
  const auto decision = checker::check(certificate, network, {});
  expect(decision.accepted, "rejected: " + decision.reason);
}

/// Everything that the two halves say. @returns the counts, if columns hold the case
std::optional<FilterCounts> expect_same_verdict(const Network& network, const Rational& alpha,
                                                const Tolerance& tolerance) {
  const auto fast = fast_verdict(network, alpha, tolerance);
  if (!fast) return std::nullopt;
  expect_same_report(fast->report, reference::verify(network, posted_prices(network), alpha, tolerance));
  expect_certified(fast->report, network, alpha);
  for (const Verdict verdict :
       {Verdict::equilibrium, Verdict::epsilon_equilibrium, Verdict::refuted, Verdict::no_equilibrium})
    note(to_string(verdict), fast->report.verdict == verdict);
  return fast->counts;
}

void reach_arithmetics(const std::optional<FilterCounts>& counts) {
  reach("decided by doubles", counts && counts->approximate > 0);
  reach("decided by 96 bits", counts && counts->wider > 0);
}

bool has_tiny_share(const Network& network, const Rational& alpha) {
  for (const GroupReport& group : reference::verify(network, posted_prices(network), alpha, {}).groups)
    for (const NodeReport& node : group.nodes)
      if (node.share && node.share->upper < Rational::power_of_two(-1100)) return true;
  return false;
}

void check_against_reference(Numbers numbers) {
  const Network network = filed(draw_market(numbers));
  const Rational alpha = draw_alpha();
  const Tolerance tolerance = draw_tolerance();
  const auto counts = expect_same_verdict(network, alpha, tolerance);
  reach_arithmetics(counts);
  reach("alpha 0", alpha.sign() == 0);
  reach("alpha 1", alpha == Rational(1));
  reach("absolute", tolerance.absolute);
  reach("price 0", traits_of(network).price_zero);
  reach("monopoly", traits_of(network).monopoly);
  reach("a share below every double", counts && has_tiny_share(network, alpha));
  if (numbers == Numbers::extreme) reach("cost ratio 1e18", counts && traits_of(network).extreme_ratio);
}

PROPERTY("the fast verdicts and enclosures are the reference's and their certificates are accepted",
         "[PRICE-3][PRICE-7][PRICE-8][PRICE-9][PRICE-10][PRICE-11][PRICE-13][CERT-6]", 800) {
  check_against_reference(Numbers::moderate);
}

PROPERTY("the fast verdicts are the reference's at cost ratios of 1e18", "[PRICE-9][PRICE-11]", 400) {
  check_against_reference(Numbers::extreme);
}

PROPERTY("beside a symmetric equilibrium the fast half refutes at epsilon zero", "[PRICE-11][PRICE-13]", 300) {
  Network network = draw_group(2, 6, Numbers::moderate);
  const Rational alpha = draw_inner_alpha();
  const Rational n(static_cast<std::int64_t>(network.size()));
  const Rational price = n * network.price_scale * network.temperature / (alpha * (n - Rational(1)));
  for (Node& node : network.nodes) {
    node.cost = network.nodes.front().cost;
    node.price = price;
  }
  const auto moved = static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(network.size()) - 1));
  const std::int64_t what = draw_integer(0, 2);
  const Side side = draw_coin() ? Side::below : Side::above;
  if (what == 1) network.nodes[moved].price = draw_neighbour(price, side);
  if (what == 2) network.nodes[moved].cost = draw_neighbour(network.nodes[moved].cost, side);
  network = filed(network);
  const Tolerance tolerance{Rational(0), draw_coin()};
  const auto fast = fast_verdict(network, alpha, tolerance);
  reach("more digits than columns hold", !fast);
  if (!fast) return;
  expect_equal(named(fast->report.verdict), named(what == 0 ? Verdict::equilibrium : Verdict::refuted), "verdict");
  expect_certified(fast->report, network, alpha);
  reach("the equilibrium", what == 0);
  reach("a price beside it, decided by doubles", what == 1 && fast->counts.approximate > 0);
  reach("a price beside it, decided by 96 bits", what == 1 && fast->counts.wider > 0);
  reach("a cost beside the others", what == 2);
}

PROPERTY("a tolerance next to the regret is told from it by the fast half", "[PRICE-9][PRICE-10][PRICE-11]", 150) {
  const Network network = filed(draw_group(2, 5, Numbers::moderate));
  const Rational alpha = draw_inner_alpha();
  const bool absolute = draw_coin();
  const auto fine = reference::verify(network, posted_prices(network), alpha, {Rational(0), absolute}, {1024, 8192});
  Enclosure regret{0, 0};
  for (const NodeReport& node : fine.groups[0].nodes) {
    const Enclosure& own = known(node.regret, "a regret");
    regret = {std::max(regret.lower, own.lower), std::max(regret.upper, own.upper)};
  }
  const auto lower = convergents(regret.lower);
  const auto upper = convergents(regret.upper);
  std::size_t common = 0;
  while (common < std::min(lower.size(), upper.size()) && lower[common] == upper[common]) ++common;
  if (common < 5) return;
  const auto k =
      static_cast<std::size_t>(draw_integer(0, std::min<std::int64_t>(static_cast<std::int64_t>(common) - 3, 80)));
  const Rational& epsilon = lower[k];
  if (!absolute && epsilon >= Rational(1)) return;
  const auto fast = fast_verdict(network, alpha, {epsilon, absolute});
  if (!fast) return;
  // Convergents of even index are below what they converge to.
  expect_equal(named(fast->report.verdict), named(k % 2 == 0 ? Verdict::refuted : Verdict::epsilon_equilibrium),
               "verdict at convergent " + shown(k));
  expect_certified(fast->report, network, alpha);
  reach("decided by doubles", fast->counts.approximate > 0);
  reach("decided by 96 bits", fast->counts.wider > 0);
  reach("decided by more bits", fast->counts.exact > 0);
  reach("absolute", absolute);
}

PROPERTY("posted equilibria are within epsilon and shown so by doubles", "[PRICE-11][PRICE-12]", 60) {
  Network network = draw_group(2, 8, Numbers::moderate);
  const Rational alpha = draw_inner_alpha();
  for (Node& node : network.nodes) node.cost = Rational(draw_integer(1, 3000), 100);
  const auto solution = reference::solve(network, alpha, 50);
  expect(solution.has_value(), "solved");
  const bool coarse = draw_coin();
  for (const EquilibriumNode& node : solution->front().nodes)
    network.nodes[node.node].price = round_decimal(node.price.lower, coarse ? 5 : 14);
  network = filed(network);
  const Tolerance tolerance{coarse ? Rational(1, 1'000'000) : Rational(1, 1'000'000'000'000), draw_coin()};
  const auto counts = expect_same_verdict(network, alpha, tolerance);
  reach("near equilibrium, decided by doubles", counts && counts->approximate == network.size());
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
  });
}

PROPERTY("groups of thousands have the reference's verdicts and the same bits on 1 2 and 4 threads",
         "[PRICE-9][PRICE-11]", 8) {
  const std::int64_t groups = draw_one_of<std::int64_t>({1, 3});
  Network network = draw_large_market(5000, groups, 50);
  network.cost_scale = 5;
  const Rational alpha(1, 2);
  const auto market = optimized::columns_of(network);
  expect(market.has_value(), "columns hold two decimals");
  const Tolerance tolerance{draw_coin() ? Rational(1, 1'000'000) : Rational(99, 100), false};
  const auto on_threads = [&](int threads) {
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads));
    tbb::task_arena arena(threads);
    return arena.execute([&] { return *optimized::verify(*market, market->price, alpha, tolerance); });
  };
  const auto one = on_threads(1);
  for (const int threads : {2, 4}) {
    const auto more = on_threads(threads);
    const auto &a = one.answer.columns, &b = more.answer.columns;
    expect(same_bits(a.share_lower, b.share_lower) && same_bits(a.share_upper, b.share_upper) &&
               same_bits(a.response_lower, b.response_lower) && same_bits(a.response_upper, b.response_upper) &&
               same_bits(a.regret_lower, b.regret_lower) && same_bits(a.regret_upper, b.regret_upper) &&
               same_bits(a.trial, b.trial),
           "the columns have the same bits");
    expect(one.decisions == more.decisions, "the same counts");
  }
  expect_same_report(optimized::equilibrium_report(one.answer, market->price),
                     reference::verify(network, posted_prices(network), alpha, tolerance));
  const auto& columns = one.answer.columns;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    expect(columns.share_upper[k] - columns.share_lower[k] <= columns.share_upper[k] * 1e-11, "a share to 36 bits");
    expect(columns.response_upper[k] - columns.response_lower[k] <= columns.response_upper[k] * 1e-11,
           "a best response to 36 bits");
    expect(columns.regret_upper[k] - columns.regret_lower[k] <= 1e-11, "a regret to 36 bits");
  }
  reach("one group", groups == 1);
  reach("three groups", groups == 3);
  reach("all by doubles", one.decisions.wider + one.decisions.exact == 0);
}

}  // namespace
}  // namespace p2pllm::properties
