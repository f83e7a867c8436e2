#pragma once

#include <string>

#include "model/market/certificate.hpp"

namespace p2pllm::app {

/// The question to a solver whose answer "unsat" implies an equilibrium claim: an SMT-LIB 2 script (CERT-9).
///
/// Each exponential is an unknown between rational bounds, 64 bits narrower than the checker's; asserted is that some
/// group's evidence fails. Linear in the number of nodes.
/// @param claim   one that the checker accepts, else the answer may be "sat"
/// @param prices  one a node, in file order
[[nodiscard]] std::string smt2_script(const EquilibriumClaim& claim, const Rational& alpha, const Network& network,
                                      const std::vector<Rational>& prices);

}  // namespace p2pllm::app
