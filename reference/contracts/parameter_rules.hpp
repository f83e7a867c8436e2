#pragma once

#include <string_view>
#include <vector>

#include "model/contracts/parameters.hpp"
#include "model/contracts/units.hpp"
#include "model/numbers/integer.hpp"

namespace p2pllm::reference {

using namespace contracts;

inline constexpr std::int64_t downtime_slash_divisor = 100;  ///< non-delivery costs 1 % of the stake
inline constexpr std::int64_t reporter_divisor = 10;         ///< of a slash, for the account that proved it

/// A condition on the parameters, and the abuse or failure that it prevents.
template <Integer N>
struct Constraint {
  std::string_view name;
  std::string_view without;
  Truth<N> holds;
};

/// All constraints on the parameters (LEDGER-1). A genesis that violates one is malformed.
template <Integer N>
[[nodiscard]] std::vector<Constraint<N>> constraints(const Parameters<N>& p) {
  const auto is = [&](std::int64_t value) { return integer_like(p.min_stake, value); };
  return {
      {"min_stake >= 100", "a node that never delivers loses 1 % of too little: nothing", is(100) <= p.min_stake},
      {"min_stake < launch_stake <= 2^57", "the first node that registers proposes every block from then on",
       land(p.min_stake < p.launch_stake, p.launch_stake <= is(supply_max))},
      {"min_fee >= 1", "transactions that fail cost nothing, and blocks can be filled for free", is(1) <= p.min_fee},
      {"update_cooldown >= 1", "a price changes within a block", is(1) <= p.update_cooldown},
      {"unbonding > evidence_age_max", "stake is withdrawn while an equivocation can still be shown",
       p.evidence_age_max < p.unbonding},
      {"evidence_age_max >= 1", "an equivocation is too old when it can first be shown", is(1) <= p.evidence_age_max},
      {"jail >= 1", "a node that failed leaves jail at once", is(1) <= p.jail},
      {"deliver_within_max > turn_min", "no job can be accepted by who sees it, with a turn left to deliver in",
       p.turn_min < p.deliver_within_max},
      {"2 <= window_min <= window_max",
       "a delivery can be challenged in its own block alone, before its client sees it",
       land(is(2) <= p.window_min, p.window_min <= p.window_max)},
      {"1 <= turn_min <= turn_max", "a turn is lost before it can be taken",
       land(is(1) <= p.turn_min, p.turn_min <= p.turn_max)},
      {"1 <= steps_max <= 2^20", "a dispute does not end in bounded time",
       land(is(1) <= p.steps_max, p.steps_max <= is(1 << 20))},
      {"0 <= price_max <= 2^40", "price times units exceeds the integers",
       land(is(0) <= p.price_max, p.price_max <= is(std::int64_t{1} << 40))},
      {"challenge_bond_min >= 1", "a challenge that is lost costs nothing", is(1) <= p.challenge_bond_min},
      {"2 <= closing_min <= closing_max",
       "a closing can be refuted in its own block alone, before the other party sees it",
       land(is(2) <= p.closing_min, p.closing_min <= p.closing_max)},
      {"times <= 2^40", "a height exceeds the integers",
       land(land(p.unbonding <= is(height_max), p.jail <= is(height_max)),
            land(land(p.deliver_within_max <= is(height_max), p.window_max <= is(height_max)),
                 land(p.turn_max <= is(height_max), p.closing_max <= is(height_max))))},
  };
}

}  // namespace p2pllm::reference
