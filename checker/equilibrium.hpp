#pragma once

#include "checker/check.hpp"

namespace p2pllm::checker {

[[nodiscard]] inline std::string at(const char* list, std::size_t i) { return list + ("[" + std::to_string(i) + "]"); }

/// Decides an equilibrium claim (CERT-6, CERT-7), after alpha, tolerance and bits are known to be in range and all
/// prices >= 0.
/// @returns empty if the claim is proved; otherwise clause, place and rule of the first failure.
[[nodiscard]] std::string equilibrium_fault(const EquilibriumClaim& claim, const Rational& alpha,
                                            const Network& network, const std::vector<Rational>& prices);

}  // namespace p2pllm::checker
