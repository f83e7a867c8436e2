#pragma once

#include "model/market/verdict.hpp"
#include "model/numbers/interval.hpp"
#include "model/progress.hpp"

namespace p2pllm::reference {

/// Whether a price profile is a (tolerance-)Nash equilibrium of every group (PRICE-9 .. PRICE-11).
///
/// @param prices     one per node, in file order, in units.price
/// @param alpha      in [0, 1]
/// @param tolerance  epsilon >= 0; < 1 when relative
/// @param ladder     the precisions tried until a group is decided
/// @returns a verdict per group and overall; every verdict except `undecided` is proved
/// Exact if all costs weigh the same, otherwise certified by regret brackets. O(n) exponentials per precision.
[[nodiscard]] EquilibriumReport verify(const Network& network, const Prices& prices, const Rational& alpha,
                                       const Tolerance& tolerance, const Precision& ladder = {},
                                       const Progress& progress = {});

}  // namespace p2pllm::reference
