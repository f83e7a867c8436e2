#pragma once

#include <string>

#include "model/market/certificate.hpp"

namespace p2pllm::app {

/// An SMT-LIB 2 script for which the answer "unsat" of a solver implies an equilibrium claim (CERT-9).
///
/// Each exponential is an unknown between rational bounds, which are 64 bits narrower than the checker's. The script
/// asserts that some group's evidence fails. Its length is linear in the number of nodes.
/// @param claim   a claim that the checker accepts; otherwise the answer may be "sat"
/// @param prices  one per node, in file order
[[nodiscard]] std::string smt2_script(const EquilibriumClaim& claim, const Rational& alpha, const Network& network,
                                      const std::vector<Rational>& prices);

}  // namespace p2pllm::app
