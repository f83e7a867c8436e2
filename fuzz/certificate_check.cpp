#include <cstdint>

#include "checker/check.hpp"
#include "fuzz/honest.hpp"
#include "fuzz/law.hpp"
#include "fuzz/truth.hpp"
#include "reference/market/verify.hpp"

// Input: a network, the byte 1E, a certificate in which @network and @prices stand for the hashes of the two (so that
// either may be changed alone), and, if the byte 1E and more follow, prices. In place of the certificate there may be a
// request: see honest.hpp.

namespace p2pllm::fuzz {
namespace {

constexpr long oracle_bits = 256;

void replace_all(std::string& text, std::string_view name, const std::string& value) {
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size()))
    text.replace(at, name.size(), value);
}

/// No accepted verdict excludes one that the reference proves (CERT-7, PRICE-11).
void law_of_verdicts(const EquilibriumClaim& claim, const Rational& alpha, const Network& network,
                     const Prices& prices) {
  const auto report = reference::verify(network, prices, alpha, claim.tolerance, {96, 384});
  for (std::size_t g = 0; g < claim.groups.size(); ++g) {
    const Verdict accepted = claim.groups[g].verdict, proved = report.groups[g].verdict;
    const bool none = accepted == Verdict::no_equilibrium, none_proved = proved == Verdict::no_equilibrium;
    const bool is_within = accepted == Verdict::equilibrium || accepted == Verdict::epsilon_equilibrium;
    const bool is_proved_within = proved == Verdict::equilibrium || proved == Verdict::epsilon_equilibrium;
    const auto excludes = (none != none_proved) || (is_within && proved == Verdict::refuted) ||
                          (accepted == Verdict::refuted && is_proved_within) ||
                          (accepted == Verdict::equilibrium && proved != Verdict::equilibrium);
    law(!excludes, "CERT-7: accepted and proved verdicts agree",
        std::string(to_string(accepted)) + " against " + to_string(proved));
  }
}

template <typename C>
auto* bits_of(C& certificate) {
  auto* equilibrium = std::get_if<EquilibriumClaim>(&certificate.claim);
  auto* balance = std::get_if<BalanceClaim>(&certificate.claim);
  return equilibrium ? &equilibrium->bits : balance ? &balance->bits : nullptr;
}

/// Checks all laws of one certificate that could be read.
/// @returns whether the certificate is accepted
bool run_certificate(const Certificate& certificate, const Network& network, const std::optional<Prices>& prices) {
  const auto* claim = std::get_if<EquilibriumClaim>(&certificate.claim);
  const long* bits = bits_of(certificate);
  if (bits && *bits > work_bits_max) return false;
  checker::Decision decision = checker::check(certificate, network, prices);
  law(decision.accepted == decision.reason.empty(), "CERT-1: a rejection has a reason, an acceptance none");
  law(decision.reason.size() < 300 && decision.reason.find('\n') == std::string::npos, "CERT-1: a reason is one line");
  law(decision.accepted || decision.reason.starts_with("CERT-"), "CERT-1: a reason names its clause", decision.reason);

  const std::string written = write_certificate(certificate, network);
  const auto again = read_certificate(written, "again", network);
  law(again.has_value(), "FORMAT-5: what is written reads back", again ? "" : again.error().message());
  law(write_certificate(*again, network) == written, "FORMAT-5: what is read back is the same", written);
  const checker::Decision second = checker::check(*again, network, prices);
  law(second.accepted == decision.accepted && second.reason == decision.reason, "CERT-1: one decision a certificate",
      decision.reason + " then " + second.reason);

  const char* kinds[] = {"route", "unreachable", "pareto", "equilibrium", "balance"};
  ++reached[std::string(kinds[certificate.claim.index()]) + (decision.accepted ? " accepted" : " rejected")];
  if (has_planted_fault) decision.accepted = true;
  if (!decision.accepted) return false;
  const Truth truth = truth_of(certificate, network, prices, oracle_bits);
  law(truth.value != Truth::fails, "accepted and false", truth.why);
  if (truth.value == Truth::open) ++reached["left open"];
  if (claim) law_of_verdicts(*claim, *certificate.alpha, network, prices ? *prices : posted_prices(network));
  return true;
}

/// Whether all exponentials are well within the checker's reach, so that it must accept true claims.
bool is_moderate(const Network& network, const std::optional<Prices>& prices) {
  const auto moderate = [](const Rational& value) { return value < Rational(100); };
  const Rational scale = network.temperature * std::min(network.price_scale, network.cost_scale);
  return scale > Rational(1, 10) &&
         std::ranges::all_of(network.nodes,
                             [&](const Node& node) { return moderate(node.cost) && moderate(node.price); }) &&
         (!prices || std::ranges::all_of(prices->values, moderate));
}

void run(const std::vector<std::string>& documents) {
  const auto network = read_network(documents[0], "network");
  if (!network || network->size() > work_nodes_max || documents.size() < 2 || documents.size() > 3) return;
  std::optional<Prices> prices;
  if (documents.size() == 3) {
    auto read = read_prices(documents[2], "prices", *network);
    if (!read) return;
    prices = *std::move(read);
  }
  const std::optional<Prices> charged = is_of_prices(documents[1]) ? prices : std::nullopt;
  if (auto honest = honest_certificate(documents[1], *network, charged)) {
    bool accepted = run_certificate(*honest, *network, charged);
    for (long* bits = bits_of(*honest); !accepted && bits && 2 * *bits <= certificate_bits_max;) {
      *bits *= 2;  // as the programs do: loads may be very close
      accepted = checker::check(*honest, *network, charged).accepted;
    }
    const bool must = !is_of_prices(documents[1]) || is_moderate(*network, charged);
    law(accepted || !must, "CERT-2, CERT-4, CERT-7, CERT-8: complete: an honest certificate is accepted", documents[1]);
    return;
  }
  std::string text = documents[1];
  replace_all(text, "@network", network->sha256);
  replace_all(text, "@prices", prices ? prices->sha256 : "");
  const auto certificate = read_certificate(text, "certificate", *network);
  ++reached[certificate ? "certificate read" : "certificate refused"];
  if (!certificate) return law_of_messages(certificate.error().message(), "certificate");
  run_certificate(*certificate, *network, prices);
}

}  // namespace
}  // namespace p2pllm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  p2pllm::fuzz::run(p2pllm::fuzz::documents_of({reinterpret_cast<const char*>(data), size}));
  return 0;
}
