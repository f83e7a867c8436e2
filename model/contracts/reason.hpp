#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace p2pllm::contracts {

/// Why a transaction did not take effect (LEDGER-3). The hundreds digit gives the consequence. A code is never given
/// to another reason.
enum class Reason : std::uint16_t {
  none = 0,

  // Malformed: the transaction is never valid and enters no block.
  malformed_encoding = 100,  ///< not the canonical encoding of a transaction
  wrong_chain = 101,         ///< signed for another chain
  wrong_shard = 102,         ///< a shard that does not exist
  wrong_signature = 103,
  amount_out_of_range = 104,  ///< an amount, fee, height or number outside the limits of the encoding
  terms_out_of_range = 105,   ///< terms outside the genesis parameters, whatever the state

  // Refused: the transaction is valid in form but not at present; it enters no block and changes nothing.
  nonce_used = 200,
  nonce_ahead = 201,
  past_valid_until = 202,
  fee_too_low = 203,
  fee_not_covered = 204,
  halted = 205,  ///< an invariant failed, and no more transactions are executed

  // Failed: the transaction is in a block, uses up its nonce and fee, and changes nothing else.
  wrong_status = 300,    ///< the object has no such transition in its present status
  unknown_object = 301,  ///< no such registration, SLA, channel or receipt
  object_exists = 302,
  not_permitted = 303,  ///< the sender is not entitled to do this
  not_covered = 304,    ///< the sender's balance does not cover the amount
  below_min_stake = 305,
  too_early = 306,
  too_late = 307,
  open_slas = 308,  ///< the node has accepted SLAs that have not ended yet
  still_jailed = 309,
  range_not_served = 310,
  wrong_place = 311,    ///< the object belongs to another shard
  not_improving = 312,  ///< a migration that raises no share
  demand_pending = 313,
  already_demanded = 314,
  no_demand = 315,  ///< no publication is pending
  not_on_turn = 316,
  not_adjacent = 317,   ///< steps remain between the ends of the disputed interval, or none do any more
  wrong_opening = 318,  ///< a Merkle opening or preimage that does not fit
  wrong_witness = 319,
  bond_too_low = 320,
  not_final = 321,              ///< a channel state without the final flag
  not_newer = 322,              ///< a channel state that is not newer than the posted one
  wrong_balances = 323,         ///< balances that do not add up to the deposits
  wrong_state_signature = 324,  ///< a signature of a party under a channel state or revocation
  not_posted = 325,             ///< no such posting to punish
  evidence_used = 326,
  evidence_too_old = 327,
  no_offence = 328,  ///< the evidence proves no offence
  no_such_unit = 329,
  not_refined = 330,  ///< steps are not judged, only their micro-steps
  already_refined = 331,
  wrong_order = 332,    ///< an order that the client did not sign for these units and inputs
  wrong_voucher = 333,  ///< a voucher that the client did not sign for these units
  wrong_receipt = 334,  ///< a receipt that the provider did not sign for what is shown
  wrong_final = 335,    ///< a final word that the client did not sign for these units
  not_more = 336,       ///< an answer or claim for no more units than before
  not_delivered = 337,  ///< what is shown is of the client itself
  not_closed = 338,     ///< what is shown is not of the client
};

enum class Consequence { applied, malformed, refused, failed };
[[nodiscard]] constexpr Consequence consequence_of(Reason reason) {
  const auto code = static_cast<unsigned>(reason);
  return code == 0    ? Consequence::applied
         : code < 200 ? Consequence::malformed
         : code < 300 ? Consequence::refused
                      : Consequence::failed;
}

inline constexpr unsigned reason_code_end = 400;  ///< above every code

/// The reason's name, such as "too_early"; "none" where a transaction took effect.
[[nodiscard]] std::string_view name_of(Reason reason);
/// The reason with this name, if there is one.
[[nodiscard]] std::optional<Reason> find_reason(std::string_view name);
/// The rule that was broken, in words.
[[nodiscard]] std::string_view to_string(Reason reason);

}  // namespace p2pllm::contracts
