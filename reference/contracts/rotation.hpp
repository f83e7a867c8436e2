#pragma once

#include <map>
#include <vector>

#include "model/contracts/operation.hpp"
#include "reference/contracts/rotation_rules.hpp"

namespace p2pllm::contracts {

/// Who may propose, with stake > 0 and priority, by ascending id. Totals are at most 2^57: a priority stays below 2^6
/// totals (POS-3), and so within the machine's integers.
using Validators = std::map<AccountId, Validator<std::int64_t>>;

inline constexpr std::int64_t credit_turns_max = 32;  ///< kept over a change of stakes (POS-3)

/// Nodes in the order of their ids, before a turn or after it.
template <Integer N>
using Lineup = std::vector<Validator<N>>;

template <Integer N>
struct Turn {
  N place;  ///< of who has it
  Lineup<N> after;
};

/// One turn (POS-1); the priorities keep within their bounds (POS-2).
/// @param before  not empty
template <Integer N>
[[nodiscard]] Turn<N> take_turn(const Lineup<N>& before) {
  N place = integer_like(before.front().stake, 0), total = before.front().stake, best = raised_priority(before.front());
  for (std::size_t i = 1; i < before.size(); ++i) {
    const N raised = raised_priority(before[i]);
    const Truth<N> takes = takes_turn_from(raised, best);
    place = select(takes, integer_like(place, static_cast<std::int64_t>(i)), place);
    best = select(takes, raised, best);
    total = total + before[i].stake;
  }
  Turn<N> turn{place, {}};
  for (std::size_t i = 0; i < before.size(); ++i)
    turn.after.push_back(
        {before[i].stake,
         priority_after_turn(before[i], total, place == integer_like(place, static_cast<std::int64_t>(i)))});
  return turn;
}

/// The proposer of round `round` >= 0 of the next block: who has that one of the turns to come, from 0 on (POS-4).
/// @param validators  not empty
[[nodiscard]] AccountId proposer_of(const Validators& validators, std::int64_t round);

/// The set after a block of round `round`: that many turns were lost and one was used, each paid for by its owner
/// (POS-4).
[[nodiscard]] Validators after_block(const Validators& validators, std::int64_t round);

/// The set when stakes have changed (POS-3); the same set if none has.
///
/// @param validators  empty before the first block
/// @param stakes      > 0 each, of the Active nodes; 1 of each genesis proposer if there are none
[[nodiscard]] Validators with_stakes(const Validators& validators, const std::map<AccountId, Amount>& stakes);

}  // namespace p2pllm::contracts
