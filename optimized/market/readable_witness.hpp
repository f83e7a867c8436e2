#pragma once

#include "model/market/verdict.hpp"

namespace p2pllm::optimized {

/// What a regret bracket says of the node of a witness.
struct WitnessGround {
  Rational sensitivity;     ///< a > 0
  Rational regret;          ///< a lower bound, in the tolerance's unit
  Enclosure best_response;  ///< of p*, 0 < lower
};

/// The same witness for people: at the price of fewest decimal digits that loses almost nothing, with a gain of few
/// digits, as far as it still exceeds epsilon for the checker.
///
/// Near the best response little is lost: (ln R)'' = -1/p^2 - a^2 P (1 - P) (PRICE-6), so at a price q no further than
/// D from p* and no less than m, R(q) >= sup R (1 - E) with E = D^2 / 2 (1/m^2 + a^2 / 4), and sup R = p* - 1/a
/// (PRICE-7).
/// @param witness  its gain is a lower bound of sup R less the present revenue
[[nodiscard]] Witness readable_witness(Witness witness, const WitnessGround& ground, const Tolerance& tolerance);

}  // namespace p2pllm::optimized
