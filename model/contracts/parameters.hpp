#pragma once

#include <cstdint>

#include "model/numbers/integer.hpp"

namespace p2pllm::contracts {

/// Parameters of a genesis (LEDGER-1). Amounts are in the smallest unit, times in blocks.
template <Integer N>
struct Parameters {
  N min_stake;
  N launch_stake;  ///< the genesis proposers hold the part of it that the Active stake does not reach (POS-3)
  N min_fee;
  N update_cooldown;           ///< K: blocks between two updates of a price
  N unbonding;                 ///< U
  N jail;                      ///< J
  N evidence_age_max;          ///< E
  N deliver_within_max;        ///< D_MAX: from proposal to deliverBy
  N window_min, window_max;    ///< W: the time in which a delivery can be challenged
  N turn_min, turn_max;        ///< T: the time for one turn of a dispute, and for publishing an output
  N steps_max;                 ///< N_MAX: units * steps per unit of one SLA
  N price_max;                 ///< of one unit
  N challenge_bond_min;        ///< B_MIN
  N closing_min, closing_max;  ///< delta: the time in which a closing can be refuted

  static void fields(auto& self, auto&& visit) {
    visit("min_stake", self.min_stake), visit("launch_stake", self.launch_stake), visit("min_fee", self.min_fee);
    visit("update_cooldown", self.update_cooldown), visit("unbonding", self.unbonding), visit("jail", self.jail);
    visit("evidence_age_max", self.evidence_age_max), visit("deliver_within_max", self.deliver_within_max);
    visit("window_min", self.window_min), visit("window_max", self.window_max);
    visit("turn_min", self.turn_min), visit("turn_max", self.turn_max);
    visit("steps_max", self.steps_max), visit("price_max", self.price_max);
    visit("challenge_bond_min", self.challenge_bond_min);
    visit("closing_min", self.closing_min), visit("closing_max", self.closing_max);
  }
};

}  // namespace p2pllm::contracts
