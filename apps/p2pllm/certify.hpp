#pragma once

#include <optional>
#include <string>

#include "model/market/certificate.hpp"
#include "model/market/network.hpp"

namespace p2pllm::app {

/// The parts common to every certificate about these inputs (CERT-1).
[[nodiscard]] Certificate certificate_for(const Network& network, const std::optional<Rational>& alpha,
                                          const ClientLegs& legs, Claim claim);

/// The same from the result of a search: a route or frontier, or that none exists (which alpha and client do not
/// change).
template <typename Answer>
[[nodiscard]] Certificate claim_certificate(const Network& network, const std::optional<Rational>& alpha,
                                            const ClientLegs& legs, const Answer& answer) {
  if (const auto* none = std::get_if<Unreachable>(&answer)) return certificate_for(network, {}, {}, *none);
  return certificate_for(network, alpha, legs, std::get<0>(answer));
}

/// The certificate in a form that the checker accepts: if the claim has a rounding precision, it is doubled while the
/// checker requires more.
[[nodiscard]] Result<Certificate> as_accepted(Certificate certificate, const Network& network,
                                              const std::optional<Prices>& prices = std::nullopt);
[[nodiscard]] Result<void> write_accepted(const std::string& path, const Certificate& certificate,
                                          const Network& network);
/// Does both: no certificate is written that would be rejected.
[[nodiscard]] Result<void> write_checked(const std::string& path, Certificate certificate, const Network& network,
                                         const std::optional<Prices>& prices = std::nullopt);

}  // namespace p2pllm::app
