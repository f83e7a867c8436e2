#include "apps/p2pllm/diff/verb_answer.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "apps/command_line.hpp"
#include "apps/p2pllm/certify.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "model/numbers/interval.hpp"

namespace p2pllm::app {
namespace {

ClientLegs only_client(const Network& network) {
  return {network.clients.empty() ? nullptr : &network.clients.front()};
}

/// Measures a piece of work and adds its time.
template <typename Work>
auto timed(double& seconds, const Work& work) {
  const auto begin = std::chrono::steady_clock::now();
  auto result = work();
  seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

Result<VerbAnswer> route_answer(Engine& engine, const Network& network) {
  VerbAnswer result;
  const ClientLegs legs = only_client(network);
  const auto answer =
      timed(result.seconds, [&] { return engine.route(network, *network.alpha, legs, Evidence::labels); });
  if (!answer) return tl::unexpected<Fault>(answer.error());
  result.json = route_json(network, *network.alpha, legs, *answer);
  result.exit_code = std::holds_alternative<OptimalRoute>(*answer) ? exit_holds : exit_refuted;
  result.certificate = claim_certificate(network, network.alpha, legs, *answer);
  return result;
}

Result<VerbAnswer> pareto_answer(Engine& engine, const Network& network) {
  VerbAnswer result;
  const ClientLegs legs = only_client(network);
  const auto answer =
      timed(result.seconds, [&] { return engine.pareto(network, legs, frontier_labels_max, Evidence::labels, {}); });
  if (!answer) return tl::unexpected<Fault>(answer.error());
  result.json = frontier_json(network, legs, *answer);
  result.exit_code = std::holds_alternative<Frontier>(*answer) ? exit_holds : exit_refuted;
  result.certificate = claim_certificate(network, std::nullopt, legs, *answer);
  return result;
}

Result<VerbAnswer> verify_answer(Engine& engine, const Network& network) {
  VerbAnswer result;
  const Prices prices = posted_prices(network);
  const auto report = timed(result.seconds, [&] {
    return engine.verify(network, prices, *network.alpha, Tolerance{}, Precision{}.last_bits, Engine::list_all, {});
  });
  Json::Object object = report_json(network, *network.alpha, report);
  object.emplace_back("placement", Json());
  result.json = std::move(object);
  result.exit_code = exit_code_of(report.verdict);
  if (report.verdict != Verdict::undecided)
    result.certificate = certificate_for(network, network.alpha, {}, equilibrium_claim(report));
  return result;
}

Result<VerbAnswer> solve_answer(Engine& engine, const Network& network) {
  VerbAnswer result;
  const long bits = SolveOptions{}.bits;
  const auto groups = timed(result.seconds, [&] { return engine.solve(network, *network.alpha, bits, {}); });
  if (!groups) return tl::unexpected<Fault>(groups.error());
  result.json = solution_json(network, *network.alpha, bits, *groups);
  const bool exists =
      std::all_of(groups->begin(), groups->end(), [](const EquilibriumGroup& group) { return group.exists; });
  result.exit_code = exists ? exit_holds : exit_refuted;
  return result;
}

Result<VerbAnswer> balance_answer(Engine& engine, const Network& network, MigrationRule rule) {
  VerbAnswer result;
  const Prices prices = posted_prices(network);
  const MigrationQuestion question{network, rule, prices, *network.alpha};
  auto migration = timed(result.seconds, [&] { return engine.migrate(question, {}); });
  if (!migration) return tl::unexpected<Fault>(migration.error());
  auto loads = timed(result.seconds, [&] { return engine.loads(question, migration->allocation); });
  const auto used_alpha = rule == MigrationRule::revenue ? network.alpha : std::nullopt;
  auto claim = engine.balance_claim(question, migration->allocation);
  result.certificate = certificate_for(network, used_alpha, {}, std::move(claim));
  result.json = balance_json(network, used_alpha, {rule, *std::move(migration), {}, std::move(loads)});
  return result;
}

constexpr std::array<std::pair<const char*, MarketVerb>, 6> names{
    {{"route", MarketVerb::route},
     {"pareto", MarketVerb::pareto},
     {"verify", MarketVerb::verify},
     {"solve", MarketVerb::solve},
     {"balance", MarketVerb::balance},
     {"balance --rule revenue", MarketVerb::balance_revenue}}};

}  // namespace

const char* to_string(MarketVerb verb) {
  return std::find_if(names.begin(), names.end(), [verb](const auto& name) { return name.second == verb; })->first;
}

std::optional<MarketVerb> market_verb_named(const std::string& name) {
  for (const auto& [known, verb] : names)
    if (name == known) return verb;
  return std::nullopt;
}

Result<VerbAnswer> answer_of(Engine& engine, MarketVerb verb, const Network& network) {
  switch (verb) {
    case MarketVerb::route: return route_answer(engine, network);
    case MarketVerb::pareto: return pareto_answer(engine, network);
    case MarketVerb::verify: return verify_answer(engine, network);
    case MarketVerb::solve: return solve_answer(engine, network);
    case MarketVerb::balance: return balance_answer(engine, network, MigrationRule::share);
    case MarketVerb::balance_revenue: return balance_answer(engine, network, MigrationRule::revenue);
  }
  return limit_reached("no such verb");
}

}  // namespace p2pllm::app
