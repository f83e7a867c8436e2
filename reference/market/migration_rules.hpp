#pragma once

#include "model/numbers/number.hpp"

namespace p2pllm::reference {

/// A node's weight under the share rule, 1 / cost (MIG-1), per unit of cost.
template <Number T>
[[nodiscard]] T serving_capacity(const T& cost) {
  return one_like(cost) / cost;
}

/// The share of a range's load that a node of weight `own` > 0 has beside rivals of load `rivals` >= 0 (MIG-1).
/// @returns own / (own + rivals), in (0, 1]; 1 for a sole server (MIG-4)
/// Source: the paper's Eq. 7.
template <Number T>
[[nodiscard]] T load_share(const T& own, const T& rivals) {
  return own / (own + rivals);
}

/// Whether a node's share rises by moving (MIG-3).
/// @param rivals_here   load of the range it serves, without its own weight
/// @param rivals_there  load of the target
/// The comparison is strict: with equal shares the node stays. Source: the paper's Eq. 8.
template <Number T>
[[nodiscard]] Truth<T> gains_by_moving(const T& rivals_here, const T& rivals_there) {
  return rivals_there < rivals_here;
}

/// The decrease of the sum of squared loads when a node of weight `own` moves (MIG-6).
/// @param load_here  load of the range it leaves, its own weight included
template <Number T>
[[nodiscard]] T potential_fall(const T& load_here, const T& load_there, const T& own) {
  return literal_like(own, 2) * own * (load_here - load_there - own);
}

/// The margin by which a node does not gain (MIG-9): 1 + margin is the factor by which its share would fall.
template <Number T>
[[nodiscard]] T moving_margin(const T& load_here, const T& load_there, const T& own) {
  return (load_there + own) / load_here - one_like(own);
}

}  // namespace p2pllm::reference
