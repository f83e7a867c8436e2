#pragma once

#include "model/market/verdict.hpp"
#include "model/numbers/interval.hpp"
#include "optimized/market/joint_newton.hpp"

namespace p2pllm::optimized {

/// The enclosures of one group's nodes.
struct PreciseEnds {
  std::vector<Enclosure> price, share, revenue;
};

/// Refines a solution in doubles until every price, share and revenue is enclosed to a relative 2^-bits (PRICE-12).
///
/// @param cost_weights  d, exact, at least two
/// @param sensitivity   a > 0
/// @returns nothing if the iteration does not come near enough to the equilibrium
[[nodiscard]] std::optional<PreciseEnds> refine_equilibrium(const JointSolution& start,
                                                            const std::vector<Rational>& cost_weights,
                                                            const Rational& sensitivity, long bits);

}  // namespace p2pllm::optimized
