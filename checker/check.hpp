#pragma once

#include <optional>
#include <string>

#include "model/market/certificate.hpp"
#include "model/market/network.hpp"

namespace p2pllm::checker {

/// The checker's decision on a certificate.
struct Decision {
  bool accepted = false;
  /// If rejected: the first broken rule with its clause and place, in one line. If accepted: empty.
  std::string reason;
};

/// Decides whether a certificate proves its claim about `network` (CERT-1 .. CERT-7).
///
/// The trusted base. It uses only rational arithmetic and takes nothing but evidence from the certificate; every figure
/// is recomputed from the network and the prices. Accepted means proved. Rejected means only that this evidence does
/// not prove this claim.
/// @param prices  the price profile of an equilibrium claim whose certificate names a prices file
[[nodiscard]] Decision check(const Certificate& certificate, const Network& network,
                             const std::optional<Prices>& prices);

}  // namespace p2pllm::checker
