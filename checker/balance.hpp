#pragma once

#include "checker/check.hpp"

namespace p2pllm::checker {

/// Decides a balance claim (CERT-8), after alpha is known to be in range and all prices >= 0 (neither matters under the
/// share rule).
/// @returns empty if the claim is proved; otherwise clause, place and rule of the first failure.
[[nodiscard]] std::string balance_fault(const BalanceClaim& claim, const Rational& alpha, const Network& network,
                                        const std::vector<Rational>& prices);

}  // namespace p2pllm::checker
