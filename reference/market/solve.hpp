#pragma once

#include "model/market/verdict.hpp"
#include "model/progress.hpp"

namespace p2pllm::reference {

inline constexpr long solve_bits_min = 2;
inline constexpr long solve_bits_max = 2048;

/// The unique price equilibrium of every group (PRICE-12).
///
/// @param alpha  in [0, 1]
/// @param bits   in solve_bits_min .. solve_bits_max
/// @returns per group, in the order of groups_of, enclosures of relative width at most 2^-bits of every price, share
///          and revenue (for shares under 2^-65536 the lower end is 0), proved by the signs of the equilibrium
///          conditions at their ends. An error if the precision limit did not suffice.
[[nodiscard]] Result<std::vector<EquilibriumGroup>> solve(const Network& network, const Rational& alpha, long bits,
                                                          const Progress& progress = {});

}  // namespace p2pllm::reference
