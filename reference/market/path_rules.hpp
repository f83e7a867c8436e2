#pragma once

#include "model/numbers/number.hpp"

namespace p2pllm::reference {

/// How a client weighs price against time (ROUTE-2).
template <Number T>
struct Preference {
  T alpha;        ///< in [0, 1]; at 1 only the price counts
  T price_scale;  ///< > 0
  T cost_scale;   ///< > 0
};

/// The weight of a price and a time (ROUTE-2): alpha * price / price scale + (1 - alpha) * time / cost scale.
/// Exact over rationals; a term over a solver's expressions.
/// Source: the paper's Eq. 1, with scales and with latency included in the time.
template <Number T>
[[nodiscard]] T path_weight(const Preference<T>& preference, const T& price, const T& time) {
  return preference.alpha * price / preference.price_scale +
         (one_like(preference.alpha) - preference.alpha) * time / preference.cost_scale;
}

/// The cost of a piece of a chain. Its members are in the order in which chains are compared.
template <Number T>
struct PathLabel {
  T weight;
  T price;
  T time;
};

template <Number T>
[[nodiscard]] PathLabel<T> path_label(const Preference<T>& preference, const T& price, const T& time) {
  return {path_weight(preference, price, time), price, time};
}

/// The label of two consecutive pieces: labels add (ROUTE-2).
template <Number T>
[[nodiscard]] PathLabel<T> joined(const PathLabel<T>& first, const PathLabel<T>& rest) {
  return {first.weight + rest.weight, first.price + rest.price, first.time + rest.time};
}

/// Whether a comes before b in the one order (ROUTE-3): lexicographic in (weight, price, time).
/// Because price and time are compared too, the least chain is Pareto-optimal even if alpha is 0 or 1 (PARETO-5).
template <Number T>
[[nodiscard]] Truth<T> precedes(const PathLabel<T>& a, const PathLabel<T>& b) {
  return lor(a.weight < b.weight,
             land(a.weight == b.weight, lor(a.price < b.price, land(a.price == b.price, a.time < b.time))));
}

template <Number T>
[[nodiscard]] PathLabel<T> select_label(const Truth<T>& condition, const PathLabel<T>& a, const PathLabel<T>& b) {
  return {select(condition, a.weight, b.weight), select(condition, a.price, b.price),
          select(condition, a.time, b.time)};
}

using p2pllm::minimum;  // for numbers: the overload for labels does not hide it

/// The label that comes first in that order; the first argument if they are equal (ROUTE-3).
template <Number T>
[[nodiscard]] PathLabel<T> minimum(const PathLabel<T>& a, const PathLabel<T>& b) {
  return select_label<T>(precedes(b, a), b, a);
}

/// Whether (price, time) a is at least as good as b in both objectives (PARETO-1).
template <Number T>
[[nodiscard]] Truth<T> weakly_dominates(const T& price_a, const T& time_a, const T& price_b, const T& time_b) {
  return land(price_a <= price_b, time_a <= time_b);
}

/// Whether a dominates b: at least as good in both and better in one (PARETO-1); a strict partial order (PARETO-2).
template <Number T>
[[nodiscard]] Truth<T> dominates(const T& price_a, const T& time_a, const T& price_b, const T& time_b) {
  return land(weakly_dominates(price_a, time_a, price_b, time_b), lor(price_a < price_b, time_a < time_b));
}

/// The alpha at which two Pareto-optimal points weigh the same (PARETO-4).
///
/// @param cheaper_price, cheaper_time  the point with the lower price and the longer time, both divided by their scales
/// @returns alpha in (0, 1): above it the cheaper point weighs less, below it the faster one
template <Number T>
[[nodiscard]] T break_even_alpha(const T& cheaper_price, const T& cheaper_time, const T& faster_price,
                                 const T& faster_time) {
  const T time_saved = cheaper_time - faster_time;
  const T price_added = faster_price - cheaper_price;
  return time_saved / (time_saved + price_added);
}

}  // namespace p2pllm::reference
