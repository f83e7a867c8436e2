#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "apps/p2pllm/balance.hpp"
#include "apps/p2pllm/certify.hpp"
#include "apps/p2pllm/engine.hpp"
#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/smt2.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "apps/p2pllm/view/answer_json.hpp"
#include "apps/p2pllm/view/text.hpp"

namespace p2pllm::app {
namespace {

constexpr std::size_t rows_max = 40;  // of a group's table

/// The nodes that gain by moving, if this was requested (MIG-3).
using Placement = std::optional<std::vector<Move>>;

Json placement_json(const Network& network, const std::string& rule, const Placement& gains) {
  if (!gains) return {};
  return Json::Object{{"rule", rule}, {"at_rest", gains->empty()}, {"gains", moves_json(network, *gains)}};
}

void print_group(const Network& network, const GroupReport& group, bool absolute) {
  fmt::print("\nlayers {}: {} ({})\n", to_string(group.range), to_string(group.verdict),
             counted(group.nodes.size() + group.unlisted, "node"));
  std::vector<const NodeReport*> rows;
  for (const NodeReport& node : group.nodes) rows.push_back(&node);
  if (rows.size() > rows_max || group.unlisted > 0) {
    std::stable_sort(rows.begin(), rows.end(), [](const NodeReport* a, const NodeReport* b) {
      if (!a->regret || !b->regret) return !a->regret && b->regret;  // unknown values come first
      return a->regret->upper > b->regret->upper;
    });
    if (rows.size() > rows_max) rows.resize(rows_max);
  }
  Table table({"node", "price", "share", "best response", absolute ? "regret (absolute)" : "regret (relative)"});
  const auto cell = [](const std::optional<Enclosure>& value) { return value ? readable(*value) : std::string("-"); };
  for (const NodeReport* node : rows)
    table.add({for_terminal(network.nodes[node->node].id), readable(node->price), cell(node->share),
               cell(node->best_response),
               node->regret                               ? bracket(*node->regret)
               : group.verdict == Verdict::no_equilibrium ? "unbounded"
                                                          : "not enclosed"});
  fmt::print("{}", table.text());
  const std::size_t more = group.nodes.size() - rows.size() + group.unlisted;
  if (more > 0) fmt::print("  ({} more of smaller regret; --json lists all)\n", more);
}

constexpr int witness_digits_max = 2500;  // more digits than a witness price has: the sentence must stay true

/// "node X earns at least Y more by charging Z (unit)".
std::string sentence(const Network& network, const Witness& witness) {
  const std::string more = witness.gain.sign() > 0 ? "at least " + to_decimal(witness.gain, 6, Rounding::down) + " more"
                                                   : "more, by an amount too small to write,";
  return fmt::format("node {} earns {} by charging {} ({})", for_terminal(network.nodes[witness.node].id), more,
                     to_decimal(witness.price, witness_digits_max), for_terminal(network.units.price));
}

void print_conclusion(const Network& network, const EquilibriumReport& report) {
  const std::string tolerance =
      fmt::format("{} {}", report.tolerance.absolute ? "absolute" : "relative", readable(report.tolerance.epsilon));
  fmt::print("\n{}: ", to_string(report.verdict));
  switch (report.verdict) {
    case Verdict::equilibrium:
      fmt::print("an exact Nash equilibrium: nobody gains anything by another price.\n");
      break;
    case Verdict::epsilon_equilibrium: fmt::print("nobody gains more than {} by another price.\n", tolerance); break;
    case Verdict::undecided: fmt::print("the precision limit left a group open; try --bits-max.\n"); break;
    case Verdict::refuted: fmt::print("{}.\n", sentence(network, *report.witness)); break;
    case Verdict::no_equilibrium:
      fmt::print(
          "none exists where a group has one node or price does not matter (alpha 0): revenue grows without bound.\n");
      if (report.witness) fmt::print("Elsewhere {}.\n", sentence(network, *report.witness));
      break;
  }
}

Result<Tolerance> chosen_tolerance(const VerifyOptions& options) {
  auto epsilon = parse_option("--epsilon", options.epsilon);
  if (!epsilon) return tl::unexpected<Fault>(epsilon.error());
  if (epsilon->sign() < 0)
    return bad_input("--epsilon", '"' + printable(options.epsilon) + '"', "epsilon must be at least 0");
  if (!options.absolute && *epsilon >= Rational(1))
    return bad_input("--epsilon", '"' + printable(options.epsilon) + '"', "a relative epsilon must be less than 1");
  return Tolerance{*std::move(epsilon), options.absolute};
}

void print_report(const VerifyOptions& options, const Network& network, const Rational& alpha,
                  const EquilibriumReport& report, const Placement& gains, const Engine& engine) {
  if (options.json) {
    Json::Object object = report_json(network, alpha, report);
    object.emplace_back("placement", placement_json(network, options.rule, gains));
    fmt::print("{}", write_json(with_engine(std::move(object), engine.name())));
    return;
  }
  fmt::print("{}: {} in {}, alpha {}, {} epsilon {}\n", for_terminal(network.model_name),
             counted(network.size(), "node"), counted(report.groups.size(), "group"), short_exact(alpha),
             report.tolerance.absolute ? "absolute" : "relative", to_string(report.tolerance.epsilon));
  for (const GroupReport& group : report.groups) print_group(network, group, report.tolerance.absolute);
  print_conclusion(network, report);
  if (gains) fmt::print("placement: {}.\n", rest_sentence(network, *migration_rule_named(options.rule), *gains));
}

/// The evidence of a decided verdict, as the checker accepts it.
Result<Certificate> evidence(const VerifyOptions& options, const Network& network, const Prices& prices,
                             const Rational& alpha, const EquilibriumReport& report) {
  Certificate claimed = certificate_for(network, alpha, {}, equilibrium_claim(report));
  claimed.prices_sha256 = prices.sha256;
  return as_accepted(std::move(claimed), network,
                     options.prices.empty() ? std::nullopt : std::optional<Prices>(prices));
}

}  // namespace

int exit_code_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::equilibrium:
    case Verdict::epsilon_equilibrium: return exit_holds;
    case Verdict::undecided: return exit_undecided;
    case Verdict::refuted:
    case Verdict::no_equilibrium: return exit_refuted;
  }
  return exit_undecided;
}

int run_verify(const VerifyOptions& options) {
  const auto tolerance = chosen_tolerance(options);
  if (!tolerance) return complain(tolerance.error());
  if (const auto inputs = check_inputs({options.network, options.prices}); !inputs) return complain(inputs.error());
  if (const auto outputs = check_outputs({options.certificate, options.smt2}, {options.network, options.prices});
      !outputs)
    return complain(outputs.error());
  const auto network = load_network(options.network);
  if (!network) return complain(network.error());
  const auto alpha = chosen_alpha(options, *network);
  if (!alpha) return complain(alpha.error());
  const auto prices = load_prices(options.prices, *network);
  if (!prices) return complain(prices.error());

  const auto engine = engine_named(options.engine, options.threads);
  Placement gains;
  if (options.placement) {
    auto found = engine->gaining_moves({*network, *migration_rule_named(options.rule), *prices, *alpha},
                                       posted_allocation(*network));
    if (!found) return complain(found.error());
    gains = *std::move(found);
  }
  EquilibriumReport report;
  {
    ProgressLine progress("verifying nodes");
    const bool needs_all = options.json || options.check || !options.certificate.empty() || !options.smt2.empty();
    report = engine->verify(*network, *prices, *alpha, *tolerance, options.bits_max,
                            needs_all ? Engine::list_all : rows_max, progress.hook());
  }
  const bool is_decided = report.verdict != Verdict::undecided;
  std::optional<Certificate> certificate;
  if (is_decided && (options.check || !options.certificate.empty() || !options.smt2.empty())) {
    auto accepted = evidence(options, *network, *prices, *alpha, report);
    if (!accepted && options.check) return complain(accepted.error());
    print_report(options, *network, *alpha, report, gains, *engine);
    if (!accepted) return complain(accepted.error());
    certificate = *std::move(accepted);
  } else {
    print_report(options, *network, *alpha, report, gains, *engine);
  }
  const int code = gains && !gains->empty() ? exit_refuted : exit_code_of(report.verdict);
  if (options.certificate.empty() && options.smt2.empty()) return code;
  if (!is_decided) {
    print_error("no evidence written: an undecided verdict proves nothing");
    return code;
  }
  if (!options.certificate.empty())
    if (const auto written = write_accepted(options.certificate, *certificate, *network); !written)
      return complain(written.error());
  if (!options.smt2.empty()) {
    const auto& claim = std::get<EquilibriumClaim>(certificate->claim);
    const auto written = write_output(options.smt2, smt2_script(claim, *alpha, *network, prices->values));
    if (!written) return complain(written.error());
  }
  return code;
}

}  // namespace p2pllm::app
