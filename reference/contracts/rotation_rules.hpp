#pragma once

#include <cstdint>

#include "model/numbers/integer.hpp"

// Whose turn it is to propose a block (POS): a tick raises every priority by the node's stake; of those who are owed
// something, who must have its next turn first proposes and pays the total. A priority is what a node is owed: its
// stake * ticks that passed - the total * turns that it had; never more than a turn either way.
namespace p2pllm::contracts {

template <Integer N>
struct Validator {
  N stake, priority;  ///< a stake of 0 waits: it is owed nothing more, and keeps what it owes
};

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

/// Whether a node is owed a whole turn in fewer ticks than another: (total - priority) / stake is less (POS-1).
///
/// @param total  of all stakes
template <Integer N>
[[nodiscard]] Truth<N> is_due_before(const Validator<N>& node, const Validator<N>& other, const N& total) {
  return (total - node.priority) * other.stake < (total - other.priority) * node.stake;
}

/// A node's priority when the turn is over: its owner pays the total, and what is owed to another beyond a turn is
/// lost (POS-1).
///
/// @param node  raised by this turn's ticks
template <Integer N>
[[nodiscard]] N priority_after_turn(const Validator<N>& node, const N& total, const Truth<N>& has_turn) {
  return least(total, node.priority - select(has_turn, total, integer_like(total, 0)));
}

/// What each genesis proposer holds: together they hold what the Active stake lacks of the launch stake, rounded up
/// to equal shares (POS-3).
///
/// @param count  > 0, of genesis proposers
template <Integer N>
[[nodiscard]] N launch_share(const N& launch_stake, const N& active, std::int64_t count) {
  const N missing = greatest(integer_like(active, 0), launch_stake - active);
  return div_floor(missing + integer_like(active, count - 1), count);
}

}  // namespace p2pllm::contracts
