#pragma once

#include <string_view>

#include "model/contracts/units.hpp"
#include "model/crypto/sha256.hpp"
#include "model/layer_range.hpp"
#include "model/numbers/integer.hpp"

namespace p2pllm::contracts {

enum class SlaStatus { none, proposed, active, delivered, disputed, settled, breached, cancelled, expired };

/// The terms that both parties agreed to, fixed for ever (SLA-2). Amounts are in the smallest unit, times in blocks.
template <Integer N>
struct SlaTerms {
  N price;           ///< the price of one unit
  N units;           ///< > 0
  N steps_per_unit;  ///< > 0; the computation has n = units * steps_per_unit steps
  N accept_by;       ///< the last height at which the provider may accept
  N deliver_by;      ///< the last height at which it may deliver
  N window;          ///< W: blocks from a delivery or publication in which the client may challenge
  N turn;            ///< T: blocks for a turn of a dispute, and for a publication
  N bond;            ///< the provider's bond
  N first_units;     ///< units that acceptance orders, in [1, units]; others need an order of the client
  bool operator==(const SlaTerms&) const = default;

  static void fields(auto& self, auto&& visit) {
    visit("price", self.price), visit("units", self.units), visit("steps_per_unit", self.steps_per_unit);
    visit("accept_by", self.accept_by), visit("deliver_by", self.deliver_by), visit("window", self.window);
    visit("turn", self.turn), visit("bond", self.bond), visit("first_units", self.first_units);
  }
};

/// The state of one SLA (SLA-3). A number that has no meaning in the present status is 0.
template <Integer N>
struct Sla {
  N status;           ///< SlaStatus
  N escrow;           ///< the client's payment
  N bond;             ///< the provider's
  N challenge_bond;   ///< the client's, in a dispute
  N challenge_until;  ///< the first height at which a delivery can no longer be challenged
  N demand_by;        ///< the last height for the publication demanded; 0: none is pending
  N demanded;         ///< the unit whose output was demanded; 0: none
  N left, right;      ///< in a dispute: the state after step `left` is agreed, that after `right` is not
  N turn;             ///< 1: it is the provider's turn, 2: the client's
  N deadline;         ///< the last height of this turn
  N refined;          ///< the step of whose micro-steps `left` and `right` are numbers; 0: they are numbers of steps
  N micro_steps;      ///< of the refined step; 0: none is
  N shown_by;         ///< who showed what is on the ledger: 1 the provider, 2 the client; 0 if nothing is delivered
  N shown;            ///< the units of the root on the ledger, or of the one in dispute
  N owed;             ///< the units that the client pays for if the SLA is settled as it stands
  N acknowledged;     ///< the first units, whose rows the client is known to have

  static void fields(auto& self, auto&& visit) {
    visit("status", self.status), visit("escrow", self.escrow), visit("bond", self.bond);
    visit("challenge_bond", self.challenge_bond), visit("challenge_until", self.challenge_until);
    visit("demand_by", self.demand_by), visit("demanded", self.demanded), visit("left", self.left);
    visit("right", self.right), visit("turn", self.turn), visit("deadline", self.deadline);
    visit("refined", self.refined), visit("micro_steps", self.micro_steps);
    visit("shown_by", self.shown_by), visit("shown", self.shown);
    visit("owed", self.owed), visit("acknowledged", self.acknowledged);
  }
};

inline constexpr std::int64_t provider_turn = 1;  ///< also in `shown_by`
inline constexpr std::int64_t client_turn = 2;

/// An SLA on the ledger: the parties, the terms, the state, and the hashes that were committed to.
struct SlaRecord {
  AccountId client{}, provider{};
  LayerRange layers{};
  Hash model{}, input{};
  std::int64_t first_position = 0;    ///< of the first unit
  Hash inputs{};                      ///< the root of the first rows that enter (SLA-2)
  Hash shown_inputs{};                ///< the root of the rows that entered the units shown
  Hash root{}, output{};              ///< of what is shown: the root of its steps, and the hash of its end state
  Hash left{}, right{}, mid{};        ///< states at the ends of the disputed interval, and in its middle
  Hash right_before{}, mid_before{};  ///< the states before those two steps, as in their leaves
  Hash micro_root{};                  ///< of the micro-steps of the refined step
  SlaTerms<std::int64_t> terms{};
  Sla<std::int64_t> sla{};
  Amount stake_at_accept = 0, stake_at_receipt = 0;  ///< the provider's stake, as it accepted and as what is shown
                                                     ///< came to the ledger

  /// The terms' turn and bond have other names here, because the state also has a turn and a bond.
  static void fields(auto& self, auto&& visit) {
    visit("client", self.client), visit("provider", self.provider), visit("layers", self.layers);
    visit("model", self.model), visit("input", self.input), visit("first_position", self.first_position);
    visit("inputs", self.inputs), visit("shown_inputs", self.shown_inputs);
    visit("root", self.root), visit("output", self.output);
    visit("left_state", self.left), visit("right_state", self.right), visit("mid_state", self.mid);
    visit("right_before", self.right_before), visit("mid_before", self.mid_before);
    visit("micro_root", self.micro_root);
    SlaTerms<std::int64_t>::fields(self.terms, [&visit](std::string_view name, auto& value) {
      visit(name == "turn" ? "turn_blocks" : name == "bond" ? "agreed_bond" : name, value);
    });
    Sla<std::int64_t>::fields(self.sla, visit);
    visit("stake_at_accept", self.stake_at_accept), visit("stake_at_receipt", self.stake_at_receipt);
  }
};

/// The number of steps of the first units.
/// @param units  at most one more than those of the terms, so that no product wraps around
template <Integer N>
[[nodiscard]] N sla_steps(const SlaTerms<N>& terms, const N& units) {
  return units * terms.steps_per_unit;
}
/// n, the number of steps of all units.
template <Integer N>
[[nodiscard]] N sla_steps(const SlaTerms<N>& terms) {
  return sla_steps(terms, terms.units);
}
/// The price of so many units.
/// @param units  as above
template <Integer N>
[[nodiscard]] N sla_payment(const SlaTerms<N>& terms, const N& units) {
  return terms.price * units;
}
/// The price of all units, which the client locks.
template <Integer N>
[[nodiscard]] N sla_payment(const SlaTerms<N>& terms) {
  return sla_payment(terms, terms.units);
}
/// The value that the SLA holds, which is part of the supply.
template <Integer N>
[[nodiscard]] N sla_value(const Sla<N>& sla) {
  return sla.escrow + sla.bond + sla.challenge_bond;
}

}  // namespace p2pllm::contracts
