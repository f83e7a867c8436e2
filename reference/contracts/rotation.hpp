#pragma once

#include <map>
#include <vector>

#include "reference/contracts/rotation_rules.hpp"

namespace p2pllm::reference {

/// Nodes in the order of their ids, before or after a turn.
template <Integer N>
using Lineup = std::vector<Validator<N>>;

template <Integer N>
struct Turn {
  N place;  ///< the place of the node that has the turn
  Lineup<N> after;
};

/// One turn (POS-1).
///
/// @param lineup  not empty, already raised by this turn's ticks; at least one node is eligible
template <Integer N>
[[nodiscard]] Turn<N> take_turn(const Lineup<N>& lineup) {
  N place = integer_like(lineup.front().stake, 0), total = place;
  for (const Validator<N>& node : lineup) total = total + node.stake;
  Validator<N> best = lineup.front();
  for (std::size_t i = 1; i < lineup.size(); ++i) {
    const Truth<N> takes = takes_turn_from(lineup[i], best);
    place = select(takes, integer_like(place, static_cast<std::int64_t>(i)), place);
    best = {select(takes, lineup[i].stake, best.stake), select(takes, lineup[i].priority, best.priority)};
  }
  Turn<N> turn{place, {}};
  for (std::size_t i = 0; i < lineup.size(); ++i)
    turn.after.push_back(
        {lineup[i].stake,
         priority_after_turn(lineup[i], total, place == integer_like(place, static_cast<std::int64_t>(i)))});
  return turn;
}

/// The proposer of round `round` >= 0 of the next block: the node that has the turn of this number, counted from 0
/// (POS-4).
/// @param validators  not empty
[[nodiscard]] AccountId proposer_of(const Validators& validators, std::int64_t round);

/// The set after a block of round `round`: that many turns were lost and one was used, and each is paid for by the node
/// that had it (POS-4).
[[nodiscard]] Validators after_block(const Validators& validators, std::int64_t round);

/// The set after stakes have changed (POS-3); the same set if no stake has.
///
/// @param validators  empty before the first block
/// @param stakes      each >= 0, not all 0: the stakes of Active nodes, 0 for nodes that are Jailed or Unbonding, and
///   the genesis proposers' shares
[[nodiscard]] Validators with_stakes(const Validators& validators, const std::map<AccountId, Amount>& stakes);

}  // namespace p2pllm::reference
