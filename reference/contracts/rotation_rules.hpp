#pragma once

#include <cstdint>

#include "model/contracts/rotation.hpp"

// The rotation that decides which node proposes a block (POS). A tick raises every priority by the node's stake; the
// node that is owed most proposes and pays the total. A priority is the amount owed to a node: its stake * the ticks
// that passed - the total * the turns that it had. It is never a debt of more than one turn, nor a credit of more than
// `credit_turns_max`.
namespace p2pllm::reference {

using namespace contracts;

inline constexpr std::int64_t credit_turns_max = 4;

/// The priority after some ticks (POS-1).
template <Integer N>
[[nodiscard]] Validator<N> raised(const Validator<N>& node, const N& ticks) {
  return {node.stake, node.priority + ticks * node.stake};
}

/// Whether a node may have the turn (POS-1).
///
/// @param node  already raised by this turn's ticks
template <Integer N>
[[nodiscard]] Truth<N> is_eligible(const Validator<N>& node) {
  const N zero = integer_like(node.stake, 0);
  return land(zero < node.stake, zero < node.priority);
}

/// Whether a node takes the turn from the best of the nodes with lower ids: if they are equal, the lower id keeps it
/// (POS-1).
///
/// @param node, best  already raised by this turn's ticks
template <Integer N>
[[nodiscard]] Truth<N> takes_turn_from(const Validator<N>& node, const Validator<N>& best) {
  return land(is_eligible(node), lor(lnot(is_eligible(best)), best.priority < node.priority));
}

/// A node's priority after the turn: the node that had the turn pays the total, and credit above the maximum is lost
/// (POS-1, POS-2).
///
/// @param node   already raised by this turn's ticks
/// @param total  the sum of all stakes
template <Integer N>
[[nodiscard]] N priority_after_turn(const Validator<N>& node, const N& total, const Truth<N>& has_turn) {
  return minimum(integer_like(total, credit_turns_max) * total,
                 node.priority - select(has_turn, total, integer_like(total, 0)));
}

/// The priority that a node keeps when stakes change. Without stake only its debt is kept, so that no credit can be
/// saved for later (POS-3, POS-5).
template <Integer N>
[[nodiscard]] N kept_priority(const Validator<N>& node) {
  const N zero = integer_like(node.stake, 0);
  return select(zero < node.stake, node.priority, minimum(node.priority, zero));
}

/// The stake that each genesis proposer holds: together they hold the difference between the launch stake and the
/// Active stake, rounded up to equal shares (POS-3).
///
/// @param count  > 0, the number of genesis proposers
template <Integer N>
[[nodiscard]] N launch_share(const N& launch_stake, const N& active, std::int64_t count) {
  const N missing = maximum(integer_like(active, 0), launch_stake - active);
  return div_floor(missing + integer_like(active, count - 1), count);
}

}  // namespace p2pllm::reference
