#pragma once

#include "checker/check.hpp"

namespace p2pllm::checker {

/// Decides a balance claim (CERT-8), once alpha is in range and all prices >= 0 (neither counts under the share rule).
/// @returns empty when it is proved; or clause, place and rule of what is not.
[[nodiscard]] std::string balance_fault(const BalanceClaim& claim, const Rational& alpha, const Network& network,
                                        const std::vector<Rational>& prices);

}  // namespace p2pllm::checker
