#pragma once

#include <concepts>

#include "model/numbers/number.hpp"

// The scalar rules of fast routing. Each runs over machine numbers, over enclosures and over a solver's terms.
namespace p2pllm::optimized {

/// A piece of a chain in the one order of chains (ROUTE-3).
template <Ordered T>
struct RouteLabel {
  T weight;
  T price;
  T time;
};

/// Whether a comes before b: the lighter; of equal weight the cheaper; of equal price the faster (ROUTE-3).
template <Ordered T>
[[nodiscard]] Truth<T> comes_first(const RouteLabel<T>& a, const RouteLabel<T>& b) {
  const Truth<T> by_time = land(a.time <= b.time, lnot(b.time <= a.time));
  const Truth<T> by_price = land(a.price <= b.price, lor(lnot(b.price <= a.price), by_time));
  return land(a.weight <= b.weight, lor(lnot(b.weight <= a.weight), by_price));
}

/// The weight of an integer price and an integer time (ROUTE-2): one coefficient for each.
///
/// It does not decrease in any argument >= 0: coefficients rounded down give a lower bound and coefficients rounded up
/// an upper bound.
template <typename T>
[[nodiscard]] constexpr T weight_of(const T& price_coefficient, const T& time_coefficient, const T& price,
                                    const T& time) {
  return price_coefficient * price + time_coefficient * time;
}

/// The greatest approximate weight that may belong to a label as light as one of approximate weight `least`.
/// @param margin  at least 4 e, if each approximate weight is within a factor 1 - e .. 1 + e of the weight, e <= 1/8
template <typename T>
[[nodiscard]] constexpr T candidate_bound(const T& least, const T& margin) {
  return least + least * margin;
}

/// A lower bound of the least weight of a set of nodes at one alpha, from its least weights at two others.
///
/// The weight of a node is linear in alpha, so that the least weight of a set is concave in it.
/// @param first_share, second_share  of the two, >= 0, their sum 1: the alpha is the mean of the two in these shares
template <typename T>
[[nodiscard]] constexpr T interpolated_least(const T& first_share, const T& first_least, const T& second_share,
                                             const T& second_least) {
  return first_share * first_least + second_share * second_least;
}

/// Whether the middle one of three points, none of which dominates another, is a vertex of their lower-left hull: it
/// lies strictly below the line through the other two. Such a point has the least weight on an interval of alpha of
/// positive length (PARETO-4).
/// @param price_before, price_after  differences of price to the point before, and of the point after to it; > 0
/// @param time_before, time_after    differences of time likewise, the earlier point's time being the longer; > 0
template <typename T, typename Product = T>
[[nodiscard]] constexpr auto is_hull_vertex(const T& price_before, const T& time_before, const T& price_after,
                                            const T& time_after) {
  return static_cast<Product>(time_after) * static_cast<Product>(price_before) <
         static_cast<Product>(time_before) * static_cast<Product>(price_after);
}

/// Whether a label is undominated beside a staircase (PARETO-1): of the labels that cost no more than it, the last is
/// the fastest.
/// @param fastest_time  the time of that last one
template <typename T>
[[nodiscard]] constexpr auto is_undominated(const T& time, const T& fastest_time) {
  return lnot(fastest_time <= time);
}

/// The alpha at which two points weigh the same (PARETO-4): above it the cheaper one comes first, below it the faster.
/// @param price_added  price of the faster point less that of the cheaper, over the price scale; > 0
/// @param time_saved   time of the cheaper point less that of the faster, over the cost scale; > 0
template <Number T>
[[nodiscard]] T alpha_of_equal_weight(const T& price_added, const T& time_saved) {
  return one_like(price_added) - price_added / (price_added + time_saved);
}

}  // namespace p2pllm::optimized
