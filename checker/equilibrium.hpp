#pragma once

#include "checker/check.hpp"

namespace p2pllm::checker {

[[nodiscard]] inline std::string at(const char* list, std::size_t i) { return list + ("[" + std::to_string(i) + "]"); }

/// Decides an equilibrium claim (CERT-6, CERT-7), once alpha, tolerance and bits are in range and all prices >= 0.
/// @returns empty when it is proved; or clause, place and rule of what is not.
[[nodiscard]] std::string equilibrium_fault(const EquilibriumClaim& claim, const Rational& alpha,
                                            const Network& network, const std::vector<Rational>& prices);

}  // namespace p2pllm::checker
