#pragma once

#include <optional>
#include <string>

#include "model/market/certificate.hpp"

namespace p2pllm::fuzz {

/// The verdict of the definitions on a claim.
struct Truth {
  enum Value { holds, open, fails };
  Value value = holds;
  std::string why;  ///< the reason of `open` and `fails`
};

/// Whether the claim of a certificate is true, by methods that neither reference/ nor checker/ uses: it looks at every
/// chain, and encloses the best revenue by bisection of its slope's sign (PRICE-6 alone). It looks at no evidence
/// except a witness, which is part of a refutation's claim.
/// @param prices  the prices, if an equilibrium claim names a prices file
/// @param bits    precision of the bisection
/// @returns holds or fails if that is proved; open if there are too many chains or more bits are needed
[[nodiscard]] Truth truth_of(const Certificate& certificate, const Network& network,
                             const std::optional<Prices>& prices, long bits);

}  // namespace p2pllm::fuzz
