#include "checker/check.hpp"
#include "properties/generators/near_tie.hpp"
#include "properties/markets.hpp"
#include "reference/market/verify.hpp"

// Verdicts that a rounding would change: prices next to an exact equilibrium, tolerances next to the regret.
namespace p2pllm::properties {
namespace {

EquilibriumReport verified(const Network& network, const Rational& alpha, const Tolerance& tolerance) {
  return reference::verify(network, posted_prices(network), alpha, tolerance);
}

/// Checks that the verdict's certificate, written and read, is accepted with as many bits as the checker needs.
void expect_certified(const EquilibriumReport& report, const Network& network, const Rational& alpha) {
  Certificate certificate = certificate_of(report, network, alpha, posted_prices(network));
  long& bits = std::get<EquilibriumClaim>(certificate.claim).bits;
  while (!checker::check(certificate, network, {}).accepted && 2 * bits <= certificate_bits_max) bits *= 2;
  const auto read = read_certificate(write_certificate(certificate, network), "written", network);
  expect(read.has_value(), read ? "" : read.error().message());
  const auto decision = checker::check(*read, network, {});
  expect(decision.accepted, "rejected: " + decision.reason);
}

PROPERTY("a number next to a symmetric equilibrium is refuted at epsilon zero", "[PRICE-11][PRICE-13][CERT-6]", 300) {
  Network network = draw_group(2, 6, NetworkShape::Numbers::moderate);
  const Rational alpha = draw_inner_alpha();
  const Rational n(static_cast<std::int64_t>(network.size()));
  const Rational price = n * network.price_scale * network.temperature / (alpha * (n - Rational(1)));
  for (Node& node : network.nodes) {
    node.cost = network.nodes.front().cost;
    node.price = price;
  }
  const auto moved = static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(network.size()) - 1));
  const std::int64_t what = draw_integer(0, 3);
  const Side side = draw_coin() ? Side::below : Side::above;
  const Rational beside = draw_neighbour(price, side);
  if (what == 1) network.nodes[moved].price = beside;
  if (what == 2)
    for (Node& node : network.nodes) node.price = beside;
  if (what == 3) network.nodes[moved].cost = draw_neighbour(network.nodes[moved].cost, side);
  reach("the equilibrium", what == 0);
  reach("one price beside it", what == 1);
  reach("all prices beside it", what == 2);
  reach("one cost beside the others", what == 3);
  reach("a price within 1e-40", what == 1 && abs(beside - price) * Rational::power_of_two(133) < Rational(1));

  network = filed(network);
  const EquilibriumReport report = verified(network, alpha, {Rational(0), draw_coin()});
  expect_equal(std::string(to_string(report.verdict)),
               std::string(to_string(what == 0 ? Verdict::equilibrium : Verdict::refuted)), "verdict at epsilon 0");
  expect_certified(report, network, alpha);
}

/// The greatest regret of a group's nodes.
Enclosure greatest_regret(const EquilibriumReport& report) {
  Enclosure greatest{0, 0};
  for (const NodeReport& node : report.groups[0].nodes) {
    const Enclosure& regret = known(node.regret, "a regret");
    greatest = {std::max(greatest.lower, regret.lower), std::max(greatest.upper, regret.upper)};
  }
  return greatest;
}

PROPERTY("a tolerance next to the regret is told from it", "[PRICE-9][PRICE-10][PRICE-11][CERT-6][CERT-7]", 120) {
  const Network network = filed(draw_group(2, 5, NetworkShape::Numbers::moderate));
  const Rational alpha = draw_inner_alpha();
  const bool absolute = draw_coin();
  // The regret has many bits, so that its leading convergents are those of the regret itself.
  const auto fine = reference::verify(network, posted_prices(network), alpha, {Rational(0), absolute}, {1024, 8192});
  const Enclosure regret = greatest_regret(fine);
  const auto lower = convergents(regret.lower);
  const auto upper = convergents(regret.upper);
  std::vector<Rational> common;
  for (std::size_t k = 0; k < std::min(lower.size(), upper.size()) && lower[k] == upper[k]; ++k)
    common.push_back(lower[k]);
  if (common.size() > 1) common.pop_back();  // the last two may belong to one end alone
  if (common.size() > 1) common.pop_back();
  const auto size = static_cast<std::int64_t>(common.size());
  reach("a regret known to many convergents", size > 20);
  if (size < 2) return;
  const auto k = static_cast<std::size_t>(draw_integer(0, std::min<std::int64_t>(size - 1, 80)));
  const Rational& epsilon = common[k];
  if (!absolute && epsilon >= Rational(1)) return;
  // Convergents of even index are below their limit, those of odd index above.
  const Verdict expected = k % 2 == 0 ? Verdict::refuted : Verdict::epsilon_equilibrium;
  const bool is_close = abs(regret.lower - epsilon) < regret.lower * Rational::power_of_two(-60);
  reach("below by under 2^-60", k % 2 == 0 && is_close);
  reach("above by under 2^-60", k % 2 == 1 && is_close);
  reach("absolute", absolute);
  reach("relative", !absolute);
  const EquilibriumReport report = verified(network, alpha, {epsilon, absolute});
  expect_equal(std::string(to_string(report.verdict)), std::string(to_string(expected)),
               "verdict at convergent " + shown(k) + " of the regret");
  expect_certified(report, network, alpha);
}

}  // namespace
}  // namespace p2pllm::properties
