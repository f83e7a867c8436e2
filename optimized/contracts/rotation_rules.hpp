#pragma once

#include "model/contracts/rotation.hpp"
#include "optimized/contracts/ruling.hpp"

// The rules of the fast ledger for the rotation of proposers (POS-1 .. POS-3). A tick owes every node its stake.
namespace p2pllm::optimized {

/// How many totals of turns a node can be owed at most (POS-2).
inline constexpr std::int64_t turns_owed_max = 4;

/// Whether a node may have the turn in which it is owed this much (POS-1).
template <Integer N>
[[nodiscard]] Truth<N> may_have_turn(const N& stake, const N& owed) {
  const N zero = integer_like(stake, 0);
  return lnot(lor(stake <= zero, owed <= zero));
}

/// Whether a node has the turn rather than the best one before it (POS-1): only if it is owed more.
/// @param best_owed  0 as long as no node may have the turn
template <Integer N>
[[nodiscard]] Truth<N> is_owed_more(const N& stake, const N& owed, const N& best_owed) {
  return land(may_have_turn(stake, owed), best_owed < owed);
}

/// What a node is owed after the turn: the node that had it pays the total, and no one is owed more than four totals
/// (POS-1, POS-2).
template <Integer N>
[[nodiscard]] N owed_after(const N& owed, const N& total, const Truth<N>& has_turn) {
  const N most = integer_like(total, turns_owed_max) * total;
  const N left = select(has_turn, owed - total, owed);
  return select(most < left, most, left);
}

/// What a node keeps when stakes change (POS-3, POS-5): without stake, its debt alone.
template <Integer N>
[[nodiscard]] N owed_still(const N& stake, const N& owed) {
  const N zero = integer_like(stake, 0);
  return select(land(stake <= zero, zero < owed), zero, owed);
}

/// The stake of each genesis proposer: an equal share, rounded up, of what Active stakes leave of the launch stake
/// (POS-3). @param count  > 0, of genesis proposers
template <Integer N>
[[nodiscard]] N proposer_share(const N& launch_stake, const N& active, std::int64_t count) {
  const N zero = integer_like(active, 0);
  const N missing = select(launch_stake < active, zero, launch_stake - active);
  return div_floor(missing + integer_like(zero, count - 1), count);
}

}  // namespace p2pllm::optimized
