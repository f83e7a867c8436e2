#pragma once

#include <optional>
#include <string>

#include "model/market/certificate.hpp"
#include "model/market/network.hpp"

namespace p2pllm::checker {

/// What the checker says of a certificate.
struct Decision {
  bool accepted = false;
  /// Rejected: the first rule broken, its clause and place, in one line. Accepted: empty.
  std::string reason;
};

/// Decides whether a certificate proves its claim about `network` (CERT-1 .. CERT-7).
///
/// The trusted base: rational arithmetic alone, nothing taken from the certificate but evidence; every
/// figure is recomputed from the network and the prices. Accepted means proved. Rejected means only that
/// this evidence does not prove this claim.
/// @param prices  the profile of an equilibrium claim when the certificate names a prices file
[[nodiscard]] Decision check(const Certificate& certificate, const Network& network,
                             const std::optional<Prices>& prices);

}  // namespace p2pllm::checker
