#pragma once

#include <cstdint>
#include <string_view>

namespace p2pllm::contracts {

/// Why a transaction did not take effect (LEDGER-3). The hundreds digit gives the consequence.
enum class Reason : std::uint16_t {
  none = 0,

  // Malformed: the transaction is never valid and enters no block.
  malformed_encoding = 100,  ///< not the canonical encoding of a transaction
  wrong_chain,               ///< signed for another chain
  wrong_shard,               ///< a shard that does not exist
  wrong_signature,
  amount_out_of_range,  ///< an amount, fee, height or number outside the limits of the encoding
  terms_out_of_range,   ///< terms outside the genesis parameters, whatever the state

  // Refused: the transaction is valid in form but not at present; it enters no block and changes nothing.
  nonce_used = 200,
  nonce_ahead,
  past_valid_until,
  fee_too_low,
  fee_not_covered,
  halted,  ///< an invariant failed, and no more transactions are executed

  // Failed: the transaction is in a block, uses up its nonce and fee, and changes nothing else.
  wrong_status = 300,  ///< the object has no such transition in its present status
  unknown_object,      ///< no such registration, SLA, channel or receipt
  object_exists,
  not_permitted,  ///< the sender is not entitled to do this
  not_covered,    ///< the sender's balance does not cover the amount
  below_min_stake,
  too_early,
  too_late,
  open_slas,  ///< the node has accepted SLAs that have not ended yet
  still_jailed,
  range_not_served,
  wrong_place,    ///< the object belongs to another shard
  not_improving,  ///< a migration that raises no share
  demand_pending,
  already_demanded,
  no_demand,  ///< no publication is pending
  not_on_turn,
  not_adjacent,   ///< steps remain between the ends of the disputed interval, or none do any more
  wrong_opening,  ///< a Merkle opening or preimage that does not fit
  wrong_witness,
  bond_too_low,
  not_final,              ///< a channel state without the final flag
  not_newer,              ///< a channel state that is not newer than the posted one
  wrong_balances,         ///< balances that do not add up to the deposits
  wrong_state_signature,  ///< a signature of a party under a channel state or revocation
  not_posted,             ///< no such posting to punish
  evidence_used,
  evidence_too_old,
  no_offence,  ///< the evidence proves no offence
};

enum class Consequence { applied, malformed, refused, failed };
[[nodiscard]] constexpr Consequence consequence_of(Reason reason) {
  const auto code = static_cast<unsigned>(reason);
  return code == 0    ? Consequence::applied
         : code < 200 ? Consequence::malformed
         : code < 300 ? Consequence::refused
                      : Consequence::failed;
}

/// The reason's name, such as "too_early"; "none" where a transaction took effect.
[[nodiscard]] std::string_view name_of(Reason reason);
/// The rule that was broken, in words.
[[nodiscard]] std::string_view to_string(Reason reason);

}  // namespace p2pllm::contracts
