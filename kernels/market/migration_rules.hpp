#pragma once

#include "model/numbers/number.hpp"

namespace p2pllm::kernels {

// A node moves to the least loaded of all ranges of its length, its own among them, if that range is less loaded than
// its own is by rivals; otherwise it stays. Whether another range would be a better target need not be asked (MIG-5,
// and agree-migration-choice in proofs/).

/// Whether a range is less loaded than another, strictly (MIG-3).
template <Number T>
[[nodiscard]] constexpr Truth<T> is_less_loaded(const T& load, const T& other_load) {
  return load < other_load;
}

/// The rivals' load of a node of weight `own` at the range that it serves (MIG-1).
/// @param load  of that range, the node's weight included
template <Number T>
[[nodiscard]] constexpr T rivals_of(const T& load, const T& own) {
  return load - own;
}

/// A load whose terms are each known up to a relative error, without some terms that are known to be tiny.
/// @param sum      of the approximate terms
/// @param factor   encloses true term / approximate term for each of them
/// @param missing  encloses the sum of the terms left out
template <Number T>
[[nodiscard]] constexpr T enclosed_load(const T& sum, const T& factor, const T& missing) {
  return sum * factor + missing;
}

/// The margin by which a node would lose share by moving (MIG-9): the true new load over the present one, less 1.
template <Number T>
[[nodiscard]] constexpr T loss_margin(const T& load_there, const T& own, const T& load_here) {
  return (load_there + own - load_here) / load_here;
}

}  // namespace p2pllm::kernels
