#include "fuzz/honest.hpp"

#include <sstream>

#include "model/numbers/parse.hpp"
#include "reference/market/migrate.hpp"
#include "reference/market/pareto.hpp"
#include "reference/market/route.hpp"
#include "reference/market/verify.hpp"

namespace p2pllm::fuzz {
namespace {

std::optional<Rational> in_unit(const std::string& text) {
  const auto value = parse_rational(text);
  if (!value || value->sign() < 0 || *value > Rational(1)) return std::nullopt;
  return *value;
}

/// The certificate of a route or frontier, or of the absence of chains, which no alpha or client changes.
std::optional<Certificate> chain_certificate(const Network& network, const std::optional<Rational>& alpha,
                                             const auto& answer) {
  if (!answer) return std::nullopt;
  if (const auto* none = std::get_if<Unreachable>(&*answer)) return Certificate{network.sha256, "", {}, {}, *none};
  Certificate result{network.sha256, "", alpha, {}, std::get<0>(*answer)};
  if (!network.clients.empty()) result.client = network.clients[0].id;
  return result;
}

std::optional<Certificate> balance_certificate(const Network& network, const reference::MigrationWeights& weights,
                                               const std::string& prices, const std::optional<Rational>& alpha) {
  const auto migration = reference::migrate(network, weights);
  if (!migration) return std::nullopt;
  return Certificate{network.sha256, prices, alpha, {}, balance_claim(network, weights, migration->allocation)};
}

}  // namespace

std::optional<Certificate> honest_certificate(const std::string& request, const Network& network,
                                              const std::optional<Prices>& prices) {
  std::istringstream words(request);
  std::string kind, first, second, unit, rest;
  words >> kind >> first >> second >> unit;
  if (words >> rest) return std::nullopt;
  const ClientLegs legs{network.clients.empty() ? nullptr : network.clients.data()};
  if (kind == "pareto" && first.empty()) return chain_certificate(network, {}, reference::pareto(network, legs));
  const Prices profile = prices ? *prices : posted_prices(network);
  if (kind == "balance" && first == "share" && second.empty())
    return balance_certificate(network, reference::share_weights(network), "", {});
  const auto alpha = in_unit(first);
  if (!alpha) return std::nullopt;
  if (kind == "route" && second.empty())
    return chain_certificate(network, alpha, reference::route(network, *alpha, legs));
  if (kind == "balance" && second.empty())
    return balance_certificate(network, reference::revenue_weights(network, profile, *alpha), profile.sha256, alpha);
  const auto epsilon = in_unit(second);
  const bool is_absolute = unit == "absolute";
  if (kind != "verify" || !epsilon || (unit != "relative" && !is_absolute)) return std::nullopt;
  if (!is_absolute && *epsilon == Rational(1)) return std::nullopt;
  const auto report = reference::verify(network, profile, *alpha, {*epsilon, is_absolute}, {96, 384});
  if (report.verdict == Verdict::undecided) return std::nullopt;
  return Certificate{network.sha256, profile.sha256, alpha, {}, equilibrium_claim(report)};
}

}  // namespace p2pllm::fuzz
