#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <iostream>

#include "checker/check.hpp"
#include "model/market/certificate.hpp"
#include "reference/market/verify.hpp"
#include "tests/small_worlds/worlds.hpp"

// Compares the verdict at epsilon 0 of every small group with the closed criterion (PRICE-8, PRICE-13).
namespace p2pllm::small_worlds {
namespace {

void require(bool holds, const char* what, const Network& network) {
  if (!holds) FAIL(what << " in the world: " << in_words(network));
}

Verdict expected_verdict(const Network& network, const Rational& alpha) {
  const auto n = static_cast<std::int64_t>(network.size());
  if (n == 0) return Verdict::equilibrium;
  if (n == 1 || alpha == Rational(0)) return Verdict::no_equilibrium;
  // every price is n / (alpha (n - 1)), and the cost weights are equal
  const bool all = std::all_of(network.nodes.begin(), network.nodes.end(), [&](const Node& node) {
    return node.price * alpha * Rational(n - 1) == Rational(n) &&
           (node.cost == network.nodes.front().cost || alpha == Rational(1));
  });
  return all ? Verdict::equilibrium : Verdict::refuted;
}

/// The revenue that the witness adds for its node, in plain double.
double gain_of(const Network& network, double alpha, const Witness& witness) {
  const auto revenue = [&](double price) {
    double sum = 0;
    double own = 0;
    for (std::size_t i = 0; i < network.size(); ++i) {
      const double charged = i == witness.node ? price : network.nodes[i].price.raw().get_d();
      const double term = std::exp(-(alpha * charged + (1 - alpha) * network.nodes[i].cost.raw().get_d()));
      sum += term;
      if (i == witness.node) own = term;
    }
    return price * own / sum;
  };
  return revenue(witness.price.raw().get_d()) - revenue(network.nodes[witness.node].price.raw().get_d());
}

/// @returns the number of exact equilibria among the worlds
std::uint64_t check_all(std::size_t nodes, const Rational& alpha, std::int64_t prices) {
  std::uint64_t equilibria = 0;
  const auto worlds = for_every_network(nodes, 1, node_choices(1, 2, prices), [&](const Network& network) {
    const auto report = reference::verify(network, posted_prices(network), alpha, {Rational(0), false});
    require(report.verdict == expected_verdict(network, alpha), to_string(report.verdict), network);
    equilibria += report.verdict == Verdict::equilibrium ? 1 : 0;
    EquilibriumClaim claim{report.verdict, report.tolerance, report.bits + 32, {}};
    for (const GroupReport& group : report.groups)
      claim.groups.push_back({group.range, group.verdict, {}, group.witness});
    const auto decision = checker::check({network.sha256, "", alpha, {}, claim}, network, {});
    require(decision.accepted, decision.reason.c_str(), network);
    if (!report.witness) return;
    const double claimed = report.witness->gain.raw().get_d();
    require(claimed > 0 && gain_of(network, alpha.raw().get_d(), *report.witness) > claimed * 0.999999 - 1e-12,
            "the witness claims too much", network);
    // No other verdict than the true one can be certified.
    for (const Verdict lie : {Verdict::equilibrium, Verdict::epsilon_equilibrium, Verdict::no_equilibrium}) {
      EquilibriumClaim other = claim;
      other.verdict = other.groups.front().verdict = lie;
      if (lie == Verdict::epsilon_equilibrium)
        for (const NodeReport& node : report.groups.front().nodes) other.groups.front().trials.push_back(*node.trial);
      other.groups.front().witness.reset();
      require(!checker::check({network.sha256, "", alpha, {}, other}, network, {}).accepted,
              "a false verdict is certified", network);
    }
  });
  REQUIRE(worlds == power(static_cast<std::uint64_t>(2 * prices), nodes));
  std::cout << nodes << " nodes at alpha " << to_string(alpha) << ": " << worlds << " worlds, " << equilibria
            << " equilibria\n";
  return equilibria;
}

TEST_CASE("every group of up to 3 nodes at epsilon 0", "[PRICE-8][PRICE-11][PRICE-13][CERT-6]") {
  CHECK(check_all(0, Rational(1, 2), 5) == 1);
  for (const Rational& alpha : {Rational(0), Rational(1, 2), Rational(1)}) CHECK(check_all(1, alpha, 5) == 0);
  CHECK(check_all(2, Rational(0), 5) == 0);
  CHECK(check_all(2, Rational(1, 2), 5) == 2);  // all at 4, of either cost
  CHECK(check_all(2, Rational(1), 5) == 4);     // all at 2, of any costs
  CHECK(check_all(3, Rational(1, 2), 5) == 2);  // all at 3
  CHECK(check_all(3, Rational(1), 5) == 0);     // 3/2 is no integer
}

TEST_CASE("every group of 4 nodes at alpha two thirds", "[PRICE-13]") {
  CHECK(check_all(4, Rational(2, 3), 3) == 2);  // all at 2
}

}  // namespace
}  // namespace p2pllm::small_worlds
