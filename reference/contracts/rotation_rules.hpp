#pragma once

#include <cstdint>

#include "model/contracts/rotation.hpp"

// Whose turn it is to propose a block (POS): a tick raises every priority by the node's stake; who is owed most
// proposes and pays the total. A priority is what a node is owed: its stake * ticks that passed - the total * turns
// that it had; never a debt of more than a turn, nor a credit of more than `credit_turns_max`.
namespace p2pllm::reference {

using namespace contracts;

inline constexpr std::int64_t credit_turns_max = 4;

/// Some ticks later (POS-1).
template <Integer N>
[[nodiscard]] Validator<N> raised(const Validator<N>& node, const N& ticks) {
  return {node.stake, node.priority + ticks * node.stake};
}

/// Whether a node may have the turn (POS-1).
///
/// @param node  raised by this turn's ticks
template <Integer N>
[[nodiscard]] Truth<N> is_eligible(const Validator<N>& node) {
  const N zero = integer_like(node.stake, 0);
  return land(zero < node.stake, zero < node.priority);
}

/// Whether a node takes the turn from the best of those with lower ids: at equality the lower id keeps it (POS-1).
///
/// @param node, best  raised by this turn's ticks
template <Integer N>
[[nodiscard]] Truth<N> takes_turn_from(const Validator<N>& node, const Validator<N>& best) {
  return land(is_eligible(node), lor(lnot(is_eligible(best)), best.priority < node.priority));
}

/// A node's priority when the turn is over: its owner pays the total, and a credit beyond the greatest is lost (POS-1,
/// POS-2).
///
/// @param node   raised by this turn's ticks
/// @param total  of all stakes
template <Integer N>
[[nodiscard]] N priority_after_turn(const Validator<N>& node, const N& total, const Truth<N>& has_turn) {
  return minimum(integer_like(total, credit_turns_max) * total,
                 node.priority - select(has_turn, total, integer_like(total, 0)));
}

/// What a node keeps when stakes change: without stake its debt alone, so that no credit waits for its hour (POS-3,
/// POS-5).
template <Integer N>
[[nodiscard]] N kept_priority(const Validator<N>& node) {
  const N zero = integer_like(node.stake, 0);
  return select(zero < node.stake, node.priority, minimum(node.priority, zero));
}

/// What each genesis proposer holds: together they hold what the Active stake lacks of the launch stake, rounded up
/// to equal shares (POS-3).
///
/// @param count  > 0, of genesis proposers
template <Integer N>
[[nodiscard]] N launch_share(const N& launch_stake, const N& active, std::int64_t count) {
  const N missing = maximum(integer_like(active, 0), launch_stake - active);
  return div_floor(missing + integer_like(active, count - 1), count);
}

}  // namespace p2pllm::reference
