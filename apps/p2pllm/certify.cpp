#include "apps/p2pllm/certify.hpp"

#include "apps/p2pllm/files.hpp"
#include "checker/check.hpp"

namespace p2pllm::app {

Certificate certificate_for(const Network& network, const std::optional<Rational>& alpha, const ClientLegs& legs,
                            Claim claim) {
  Certificate certificate{network.sha256, "", alpha, {}, std::move(claim)};
  if (legs.client != nullptr) certificate.client = legs.client->id;
  return certificate;
}

Result<Certificate> as_accepted(Certificate certificate, const Network& network, const std::optional<Prices>& prices) {
  auto* equilibrium = std::get_if<EquilibriumClaim>(&certificate.claim);
  auto* balance = std::get_if<BalanceClaim>(&certificate.claim);
  long* bits = equilibrium != nullptr ? &equilibrium->bits : balance != nullptr ? &balance->bits : nullptr;
  checker::Decision decision = checker::check(certificate, network, prices);
  while (!decision.accepted && bits != nullptr && 2 * *bits <= certificate_bits_max) {
    *bits *= 2;
    decision = checker::check(certificate, network, prices);
  }
  if (!decision.accepted) return limit_reached("no evidence written: the checker says: " + decision.reason);
  return certificate;
}

Result<void> write_checked(const std::string& path, Certificate certificate, const Network& network,
                           const std::optional<Prices>& prices) {
  const auto accepted = as_accepted(std::move(certificate), network, prices);
  return accepted ? write_accepted(path, *accepted, network) : tl::unexpected<Fault>(accepted.error());
}

Result<void> write_accepted(const std::string& path, const Certificate& certificate, const Network& network) {
  const std::string text = write_certificate(certificate, network);
  if (const auto again = read_certificate(text, shown_name(path), network); !again)
    return limit_reached("no certificate written: its numbers are too long: " + again.error().message());
  return write_output(path, text);
}

}  // namespace p2pllm::app
