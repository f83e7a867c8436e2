#pragma once

#include <cstdint>

#include "model/numbers/integer.hpp"

// Whose turn it is to propose a block (POS): a turn raises every priority by the node's stake; the highest proposes and
// pays the total. A priority is what a node is owed: its stake * turns that passed - the total * turns that it had.
namespace p2pllm::contracts {

template <Integer N>
struct Validator {
  N stake, priority;
};

/// Whether a node takes the turn from the best of those with lower ids, by raised priorities: at equality the lower id
/// keeps it (POS-1).
template <Integer N>
[[nodiscard]] Truth<N> takes_turn_from(const N& raised, const N& best_raised) {
  return best_raised < raised;
}

/// A node's priority when a turn begins (POS-1).
template <Integer N>
[[nodiscard]] N raised_priority(const Validator<N>& node) {
  return node.priority + node.stake;
}

/// A node's priority when the turn is over (POS-1).
///
/// @param total  of all stakes
template <Integer N>
[[nodiscard]] N priority_after_turn(const Validator<N>& node, const N& total, const Truth<N>& has_turn) {
  return raised_priority(node) - select(has_turn, total, integer_like(total, 0));
}

/// What a node begins with that joins: as much debt as nobody in the set can have, so that leaving forgives none
/// (POS-5).
///
/// @param total  of all stakes, its own included
template <Integer N>
[[nodiscard]] N entry_priority(const N& total) {
  return integer_like(total, 0) - total;
}

}  // namespace p2pllm::contracts
