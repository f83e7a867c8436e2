#pragma once

#include <optional>
#include <vector>

#include "properties/chains.hpp"

/// Cases on a tie and right beside one, which expose a comparison that guesses, rounds or forgets an equality.
namespace p2pllm::properties {

/// The side of a tie; exact is on it.
enum class Side { below, exact, above };
[[nodiscard]] Side draw_side();

/// A fraction p'/q' next to value = p/q, |p q' - p' q| = 1: no fraction between the two has a denominator below q + q'.
/// It is the last but one convergent of the value's continued fraction, or a mediant of the last two: 1/(q q')
/// away, as q' = r + steps q with 0 <= r < q.
/// @param steps  at least 1
[[nodiscard]] Rational neighbour(const Rational& value, Side side, const mpz_class& steps);

/// A neighbour() at a distance from wide to below 1e-40; it is positive if value > 0.
[[nodiscard]] Rational draw_neighbour(const Rational& value, Side side);

/// The convergents of the continued fraction of a value >= 0; those of even index are below the value, those of odd
/// index above, except the last, which is the value.
[[nodiscard]] std::vector<Rational> convergents(const Rational& value);

/// A network in which the lightest chain through node `raised` ties in weight with the lightest that avoids it, or
/// nearly does.
struct NearTie {
  World world;
  Rational alpha;
  bool alpha_moved;  ///< `alpha` is next to the one at which the two tie
  std::size_t raised;
  Side side;     ///< of the weight of the lightest chain through `raised`, against the other's, at the tied alpha
  Rational gap;  ///< between the two weights there, >= 0
};

/// @returns nothing if the drawn network has no two such chains
[[nodiscard]] std::optional<NearTie> draw_near_tie();
/// Counts the classes that a property of near ties must reach.
void reach_near_tie_classes(const NearTie& near);

/// Nodes of one layer, each a chain: the second lies in (price, time) on the line between the first and the third, both
/// over their scales, or beside it.
struct NearCollinear {
  Network network;
  Side side;     ///< of the second point's time
  Rational gap;  ///< from the line, in time
};
[[nodiscard]] NearCollinear draw_near_collinear();

}  // namespace p2pllm::properties
