#include "model/contracts/reason.hpp"

namespace p2pllm::contracts {
namespace {

struct Named {
  std::string_view name, rule;
};

constexpr std::string_view unknown = "unknown";

// A reason that has no line below causes a compile error.
#pragma GCC diagnostic error "-Wswitch"

constexpr Named entry(Reason reason) {
  switch (reason) {
    case Reason::none: return {"none", "it took effect"};
    case Reason::malformed_encoding: return {"malformed_encoding", "a transaction must be canonically encoded"};
    case Reason::wrong_chain: return {"wrong_chain", "it must be signed for this chain"};
    case Reason::wrong_shard: return {"wrong_shard", "the shard must exist"};
    case Reason::wrong_signature: return {"wrong_signature", "the sender must have signed it"};
    case Reason::amount_out_of_range:
      return {"amount_out_of_range", "numbers must be within the limits of the encoding"};
    case Reason::terms_out_of_range: return {"terms_out_of_range", "terms must be within the genesis parameters"};
    case Reason::nonce_used: return {"nonce_used", "the nonce must be the account's next, and was used"};
    case Reason::nonce_ahead: return {"nonce_ahead", "the nonce must be the account's next, and is ahead of it"};
    case Reason::past_valid_until: return {"past_valid_until", "the height must be at most validUntil"};
    case Reason::fee_too_low: return {"fee_too_low", "the fee must be at least the least fee"};
    case Reason::fee_not_covered: return {"fee_not_covered", "the sender's balance must cover the fee"};
    case Reason::halted: return {"halted", "the ledger must not be halted by a failed invariant"};
    case Reason::wrong_status: return {"wrong_status", "the object's status must have this transition"};
    case Reason::unknown_object: return {"unknown_object", "the object must exist"};
    case Reason::object_exists: return {"object_exists", "the object must not exist yet"};
    case Reason::not_permitted: return {"not_permitted", "the sender must be who may do this"};
    case Reason::not_covered: return {"not_covered", "the balance must cover the amount"};
    case Reason::below_min_stake: return {"below_min_stake", "the stake must be at least the least stake"};
    case Reason::too_early: return {"too_early", "the height must have come"};
    case Reason::too_late: return {"too_late", "the deadline must not have passed"};
    case Reason::open_slas: return {"open_slas", "no accepted SLA of the node may be open"};
    case Reason::still_jailed: return {"still_jailed", "the jail term must be over"};
    case Reason::range_not_served: return {"range_not_served", "the node must serve the range"};
    case Reason::wrong_place: return {"wrong_place", "the shard must be the one that the object belongs to"};
    case Reason::not_improving: return {"not_improving", "the node's share must rise by moving"};
    case Reason::demand_pending: return {"demand_pending", "no demand for the output may be pending"};
    case Reason::already_demanded: return {"already_demanded", "the output may be demanded once"};
    case Reason::no_demand: return {"no_demand", "the output must have been demanded and not been published"};
    case Reason::not_on_turn: return {"not_on_turn", "it must be this party's turn"};
    case Reason::not_adjacent:
      return {"not_adjacent", "bisection halves intervals of several steps; one step is judged"};
    case Reason::wrong_opening: return {"wrong_opening", "what is opened must hash to what was committed"};
    case Reason::wrong_witness:
      return {"wrong_witness", "the state must hash to the agreed one, and the witness must be one of the micro-step"};
    case Reason::bond_too_low: return {"bond_too_low", "the bond must be at least the least bond"};
    case Reason::not_final: return {"not_final", "the state must be final"};
    case Reason::not_newer: return {"not_newer", "the state must be newer than the posted one"};
    case Reason::wrong_balances: return {"wrong_balances", "balances must add up to the deposits"};
    case Reason::wrong_state_signature: return {"wrong_state_signature", "the parties concerned must have signed it"};
    case Reason::not_posted: return {"not_posted", "the revoked version must have been posted by who revoked it"};
    case Reason::evidence_used: return {"evidence_used", "evidence counts once"};
    case Reason::evidence_too_old: return {"evidence_too_old", "evidence must be of the evidence age at most"};
    case Reason::no_offence: return {"no_offence", "the evidence must prove an offence"};
    case Reason::no_such_unit: return {"no_such_unit", "the unit must be one of the SLA's"};
    case Reason::not_refined: return {"not_refined", "a step must be refined before one of its micro-steps is judged"};
    case Reason::already_refined: return {"already_refined", "the disputed step may be refined once"};
    case Reason::wrong_order:
      return {"wrong_order",
              "the client must have signed the order for these units and rows, or the terms must have it"};
    case Reason::wrong_voucher: return {"wrong_voucher", "the client must have signed the voucher for these units"};
    case Reason::wrong_receipt: return {"wrong_receipt", "the provider must have signed the receipt for what is shown"};
    case Reason::wrong_final: return {"wrong_final", "the client must have signed that it pays these units"};
    case Reason::not_more: return {"not_more", "an answer or a claim must be for more units than before"};
    case Reason::not_delivered: return {"not_delivered", "what is shown must be of the provider"};
    case Reason::not_closed: return {"not_closed", "what is shown must be of the client"};
  }
  return {unknown, "the reason must be one of this list"};
}

}  // namespace

std::string_view name_of(Reason reason) { return entry(reason).name; }
std::optional<Reason> find_reason(std::string_view name) {
  for (unsigned code = 0; code < reason_code_end; ++code)
    if (const auto reason = static_cast<Reason>(code); name_of(reason) == name && name != unknown) return reason;
  return std::nullopt;
}

std::string_view to_string(Reason reason) { return entry(reason).rule; }

}  // namespace p2pllm::contracts
