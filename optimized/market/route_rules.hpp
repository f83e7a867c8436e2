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

}  // namespace p2pllm::optimized
