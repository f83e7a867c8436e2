#include "checker/check.hpp"

#include <fmt/core.h>

#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/smt2.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "apps/p2pllm/view/text.hpp"

namespace p2pllm::app {
namespace {

/// The claim of a certificate, in one sentence.
struct Sentence {
  const Network& network;
  const Certificate& certificate;

  std::string operator()(const OptimalRoute& route) const {
    return fmt::format("at alpha {} the optimal chain is {}, weight {}", short_exact(*certificate.alpha),
                       readable_path(network, route.chain.nodes), to_string(route.chain.weight));
  }
  std::string operator()(const Unreachable& answer) const {
    return fmt::format("no chain crosses boundary {}", answer.blocked_boundary);
  }
  std::string operator()(const Frontier& frontier) const {
    return fmt::format("the Pareto frontier is exactly the {} points listed", frontier.points.size());
  }
  std::string operator()(const EquilibriumClaim& claim) const {
    return fmt::format("at alpha {} the {} prices are: {} ({} epsilon {})", short_exact(*certificate.alpha),
                       certificate.prices_sha256.empty() ? "posted" : "given", to_string(claim.verdict),
                       claim.tolerance.absolute ? "absolute" : "relative", to_string(claim.tolerance.epsilon));
  }
  std::string operator()(const BalanceClaim& claim) const {
    const std::size_t n = claim.allocation.size();
    std::size_t moved = 0;
    for (std::size_t i = 0; i < n; ++i) moved += claim.allocation[i] == network.nodes[i].layers ? 0 : 1;
    const std::string which = moved == 0 ? "as the file places them" : fmt::format("placed as stated, {} moved", moved);
    return fmt::format("with the {} {}, no node gains by moving ({} rule)", counted(n, "node"), which,
                       to_string(claim.rule));
  }
};

const char* kind_of(const Claim& claim) {
  constexpr const char* kinds[] = {"route", "unreachable", "pareto", "equilibrium", "balance"};
  return kinds[claim.index()];
}

}  // namespace

int run_check(const CheckOptions& options) {
  if (const auto inputs = check_inputs({options.network, options.certificate, options.prices}); !inputs)
    return complain(inputs.error());
  if (const auto outputs = check_outputs({options.smt2}, {options.network, options.certificate, options.prices});
      !outputs)
    return complain(outputs.error());
  const auto network = load_network(options.network);
  if (!network) return complain(network.error());
  const auto input = read_input(options.certificate, certificate_bytes_max);
  if (!input) return complain(input.error());
  const auto certificate = read_certificate(input->bytes, input->name, *network);
  if (!certificate) return complain(certificate.error());
  std::optional<Prices> prices;
  if (!options.prices.empty()) {
    auto loaded = load_prices(options.prices, *network);
    if (!loaded) return complain(loaded.error());
    prices = *std::move(loaded);
  }
  const auto* equilibrium = std::get_if<EquilibriumClaim>(&certificate->claim);
  if (!options.smt2.empty() && equilibrium == nullptr)
    return complain(
        bad_input(shown_name(options.certificate) + ": kind", "--smt2 is for equilibrium certificates alone").value());

  const checker::Decision decision = checker::check(*certificate, *network, prices);
  // The sentence mentions fields that only an accepted certificate is known to have.
  const std::string sentence =
      decision.accepted ? std::visit(Sentence{*network, *certificate}, certificate->claim) : "";
  if (options.json) {
    fmt::print("{}", write_json(Json::Object{{"accepted", decision.accepted},
                                             {"kind", kind_of(certificate->claim)},
                                             {"claim", decision.accepted ? Json(sentence) : Json()},
                                             {"reason", decision.accepted ? Json() : Json(decision.reason)}}));
  } else if (decision.accepted) {
    fmt::print("accepted: {}\n", for_terminal(sentence));
  } else {
    fmt::print("rejected: {}\n", for_terminal(decision.reason));
  }
  if (!decision.accepted) return exit_refuted;
  if (!options.smt2.empty()) {
    const Prices& judged = prices ? *prices : posted_prices(*network);
    const auto written =
        write_output(options.smt2, smt2_script(*equilibrium, *certificate->alpha, *network, judged.values));
    if (!written) return complain(written.error());
  }
  return exit_holds;
}

}  // namespace p2pllm::app
