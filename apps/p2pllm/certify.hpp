#pragma once

#include <optional>
#include <string>

#include "model/market/certificate.hpp"
#include "model/market/network.hpp"

namespace p2pllm::app {

/// The parts that every certificate about these inputs shares (CERT-1).
[[nodiscard]] Certificate certificate_for(const Network& network, const std::optional<Rational>& alpha,
                                          const ClientLegs& legs, Claim claim);

/// The same from the answer of a search: a route or frontier, or that none exists (which no alpha or client changes).
template <typename Answer>
[[nodiscard]] Certificate claim_certificate(const Network& network, const std::optional<Rational>& alpha,
                                            const ClientLegs& legs, const Answer& answer) {
  if (const auto* none = std::get_if<Unreachable>(&answer)) return certificate_for(network, {}, {}, *none);
  return certificate_for(network, alpha, legs, std::get<0>(answer));
}

/// The certificate as the checker accepts it: the rounding precision of a claim that has one is doubled while the
/// checker asks for more.
[[nodiscard]] Result<Certificate> as_accepted(Certificate certificate, const Network& network,
                                              const std::optional<Prices>& prices = std::nullopt);
[[nodiscard]] Result<void> write_accepted(const std::string& path, const Certificate& certificate,
                                          const Network& network);
/// Both: no certificate leaves that would be rejected.
[[nodiscard]] Result<void> write_checked(const std::string& path, Certificate certificate, const Network& network,
                                         const std::optional<Prices>& prices = std::nullopt);

}  // namespace p2pllm::app
