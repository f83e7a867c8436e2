#pragma once

#include <optional>
#include <string>

#include "model/market/certificate.hpp"

namespace p2pllm::fuzz {

/// What the definitions say of a claim.
struct Truth {
  enum Value { holds, open, fails };
  Value value = holds;
  std::string why;  ///< of `open` and `fails`
};

/// Whether the claim of a certificate is true, by methods that neither reference/ nor checker/ uses: every chain is
/// looked at, and the best revenue is enclosed by bisection of its slope's sign (PRICE-6 alone). Evidence is not
/// looked at but for a witness, which is part of what a refutation says.
/// @param prices  of an equilibrium claim that names a prices file
/// @param bits    precision of the bisection
/// @returns holds and fails are proved; open where there are too many chains, or more bits are needed
[[nodiscard]] Truth truth_of(const Certificate& certificate, const Network& network,
                             const std::optional<Prices>& prices, long bits);

}  // namespace p2pllm::fuzz
