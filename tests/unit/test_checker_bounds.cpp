#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "checker/check.hpp"
#include "model/numbers/interval.hpp"

using namespace p2pllm;

namespace {

constexpr long fewest_bits = 32;
constexpr long many_bits = 200;
const Rational half(1, 2);  // alpha; scales and temperature are 1, so that a = 1/2 and d = cost / 2

Interval number(const Rational& value) { return {value, many_bits}; }
Interval decay(const Rational& exponent) { return exp(number(-exponent)); }
Rational weight(const Node& node) { return (node.price + node.cost) * half; }

/// The absolute bound R(q) (gamma - rho) of PRICE-9 for the first node, p >= q, by intervals and by no algorithm of the
/// checker.
Interval regret_bound(const std::vector<Node>& nodes, const Rational& q) {
  const Rational own_weight = (q + nodes[0].cost) * half;
  Interval rivals = number(0);
  for (std::size_t j = 1; j < nodes.size(); ++j) rivals += decay(weight(nodes[j]) - own_weight);
  const Interval one = number(1);
  const Interval price = number(q);
  const Interval delta = decay((nodes[0].price - q) * half);
  const Interval z = price * rivals / (one + rivals) / number(2);
  const Interval ratio = number(nodes[0].price) / price * delta * (one + rivals) / (delta + rivals);
  return price / (one + rivals) * (exp(z - one) / z - ratio);
}

Network one_group(std::vector<Node> nodes) {
  Network network;
  network.layers = 1;
  network.sha256 = "abc";
  network.nodes = std::move(nodes);
  return network;
}

bool is_accepted(const Network& network, const GroupEvidence& evidence, const Tolerance& tolerance, long bits) {
  Certificate certificate;
  certificate.network_sha256 = network.sha256;
  certificate.alpha = half;
  EquilibriumClaim claim;
  claim.verdict = evidence.verdict;
  claim.tolerance = tolerance;
  claim.bits = bits;
  claim.groups = {evidence};
  certificate.claim = claim;
  return checker::check(certificate, network, {}).accepted;
}

}  // namespace

TEST_CASE("the least bits accept no regret below the bound, of a node that is not the best of its group", "[CERT-7]") {
  // The first node's trial weighs as much as its lightest rival, so that its own term is exactly 1. Where the others
  // all weigh the same, only e^-(second least - least) is rounded in its rivals' sum. A trial far beyond the best
  // response magnifies an error of that sum.
  std::mt19937 random(31);
  int faults = 0;
  int refused = 0;
  for (int trial = 0; trial < 1500; ++trial) {
    const Rational q(static_cast<long>((1UL << 20) + random() % (1UL << 20)), 1024);
    const Rational own_cost(static_cast<long>(1 + random() % 1000), 1000);
    const Rational own_price = q + Rational(static_cast<long>(1 + random() % 2000), 1000);
    const Rational lightest = q + own_cost - Rational(2);
    std::vector<Node> nodes = {{"measured", {0, 1}, own_cost, own_price}, {"lightest", {0, 1}, lightest, 2}};
    for (std::size_t more = 1 + random() % 2; more > 0; --more) {
      const Rational beyond = trial % 2 == 0 ? own_price - q : Rational(static_cast<long>(1 + random() % 999), 1000);
      nodes.push_back({"rival", {0, 1}, lightest + beyond, 2});
    }
    std::vector<Rational> trials(nodes.size(), 2);
    trials[0] = q;
    const GroupEvidence evidence = {{0, 1}, Verdict::epsilon_equilibrium, trials, {}};
    const Network network = one_group(nodes);
    const Rational bound = *regret_bound(nodes, q).lower();
    if (is_accepted(network, evidence, {bound, true}, fewest_bits)) ++faults;
    if (!is_accepted(network, evidence, {bound * Rational(1000001, 1000000), true}, fewest_bits)) ++refused;
  }
  CHECK(faults == 0);
  CHECK(refused == 0);
}

TEST_CASE("whichever node of a group comes first, second or last by weight, its regret is bounded as it is",
          "[CERT-7]") {
  const Rational q(1500);
  const Rational own_cost(1, 3);
  const Rational lightest = q + own_cost - Rational(2);
  std::vector<Rational> beyond = {0, Rational(3, 10), Rational(9, 10), Rational(17, 10), 3};
  do {
    for (const Rational& own_beyond : {Rational(1, 10), Rational(3, 10), Rational(12, 10), Rational(4)}) {
      std::vector<Node> nodes = {{"measured", {0, 1}, own_cost, q + own_beyond}};
      for (const Rational& more : beyond) nodes.push_back({"rival", {0, 1}, lightest + more, 2});
      std::vector<Rational> trials(nodes.size(), 2);
      trials[0] = q;
      const GroupEvidence evidence = {{0, 1}, Verdict::epsilon_equilibrium, trials, {}};
      const Rational bound = *regret_bound(nodes, q).lower();
      REQUIRE_FALSE(is_accepted(one_group(nodes), evidence, {bound, true}, 64));
      REQUIRE(is_accepted(one_group(nodes), evidence, {bound * Rational(1000001, 1000000), true}, 64));
    }
  } while (std::next_permutation(beyond.begin(), beyond.end()));
}
