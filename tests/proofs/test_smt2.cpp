#include <z3++.h>

#include "apps/p2pllm/smt2.hpp"
#include "checker/check.hpp"
#include "properties/markets.hpp"
#include "reference/market/verify.hpp"

namespace p2pllm::properties {
namespace {

z3::check_result answer_to(const std::string& script) {
  z3::context context;
  z3::solver solver(context, z3::solver::simple());
  z3::params parameters(context);
  parameters.set("rlimit", 1'000'000U);
  solver.set(parameters);
  solver.from_string(script.c_str());
  return solver.check();
}

/// A network read from a file, as a certificate requires, and the claim of `verify` about it.
struct Case {
  Network network;
  Rational alpha;
  Certificate certificate;

  [[nodiscard]] std::vector<Rational> prices() const { return posted_prices(network).values; }
  [[nodiscard]] EquilibriumClaim& claim() { return std::get<EquilibriumClaim>(certificate.claim); }
  [[nodiscard]] bool is_accepted() const { return checker::check(certificate, network, {}).accepted; }
  [[nodiscard]] z3::check_result answer() { return answer_to(smt2_script()); }
  [[nodiscard]] std::string smt2_script() { return app::smt2_script(claim(), alpha, network, prices()); }
};

Case draw_case(NetworkShape::Numbers numbers) {
  const bool is_pair = draw_coin();  // near the symmetric equilibrium, or on it
  Case drawn{
      is_pair ? draw_group(2, 2, numbers) : draw_market(numbers), is_pair ? draw_inner_alpha() : draw_alpha(), {}};
  Network& network = drawn.network;
  if (is_pair)
    for (Node& node : network.nodes) {
      node.cost = 1;
      node.price = 2 * network.price_scale * network.temperature / drawn.alpha *
                   draw_one_of<Rational>({1, 1, Rational(1001, 1000), Rational(999'999, 1'000'000), Rational(4, 3)});
    }
  const auto report = reference::verify(network, posted_prices(network), drawn.alpha, draw_tolerance(), {96, 1536});
  drawn.certificate = {network.sha256, "", drawn.alpha, {}, equilibrium_claim(report)};
  return drawn;
}

PROPERTY("what the checker accepts of prices exports to unsat", "[CERT-9]", 200) {
  Case drawn = draw_case(draw_coin() ? NetworkShape::Numbers::extreme : NetworkShape::Numbers::moderate);
  if (!drawn.is_accepted()) return;
  const Verdict verdict = drawn.claim().verdict;
  reach("equilibrium", verdict == Verdict::equilibrium && drawn.network.size() > 0);
  reach("epsilon_equilibrium", verdict == Verdict::epsilon_equilibrium);
  reach("absolute", verdict == Verdict::epsilon_equilibrium && drawn.claim().tolerance.absolute);
  reach("refuted", verdict == Verdict::refuted);
  reach("no_equilibrium", verdict == Verdict::no_equilibrium);
  expect(drawn.answer() == z3::unsat, "not unsat: " + std::string(to_string(verdict)));
}

PROPERTY("a false claim about prices exports to no unsat", "[CERT-9]", 100) {
  Case drawn = draw_case(NetworkShape::Numbers::moderate);
  if (!drawn.is_accepted() || drawn.network.size() == 0) return;
  EquilibriumClaim& claim = drawn.claim();
  const bool is_refuted = claim.verdict == Verdict::refuted;
  if (claim.verdict != Verdict::epsilon_equilibrium && !is_refuted) return;
  for (GroupEvidence& group : claim.groups)
    if (group.verdict == Verdict::refuted && group.witness->gain.sign() > 0)
      group.witness->gain = 2 * group.witness->gain;
  if (!is_refuted) claim.tolerance.epsilon = 0;  // rational prices that are no equilibrium gain something (PRICE-13)
  if (drawn.is_accepted()) return;
  reach("a gain overstated", is_refuted);
  reach("an epsilon understated", !is_refuted);
  expect(drawn.answer() != z3::unsat, "unsat, though the claim is false");
}

}  // namespace
}  // namespace p2pllm::properties
