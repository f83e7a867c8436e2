#pragma once

#include <cstdint>

#include "model/numbers/integer.hpp"

// Whose turn it is to propose a block (POS): a turn raises every priority by the node's stake; the highest proposes and
// pays the total. A priority is what the ledger owes: stake * turns that passed - total * turns that the node had.
namespace p2pllm::contracts {

template <Integer N>
struct Validator {
  N stake, priority;
};

/// Whether a node is before another in a turn, by raised priorities; at equality the lower id is (POS-1).
template <Integer N>
[[nodiscard]] Truth<N> is_before(const N& raised, const N& other_raised, const Truth<N>& has_lower_id) {
  return lor(other_raised < raised, land(other_raised == raised, has_lower_id));
}

/// A node's priority after a turn (POS-1).
template <Integer N>
[[nodiscard]] N priority_after_turn(const Validator<N>& node, const N& total, const Truth<N>& proposes) {
  return node.priority + node.stake - select(proposes, total, integer_like(total, 0));
}

}  // namespace p2pllm::contracts
