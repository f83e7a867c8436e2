#include "model/contracts/reason.hpp"

#include <array>

namespace p2pllm::contracts {
namespace {

struct Named {
  Reason reason;
  std::string_view name, rule;
};

constexpr std::array table{
    Named{Reason::none, "none", "it took effect"},
    Named{Reason::malformed_encoding, "malformed_encoding", "a transaction must be canonically encoded"},
    Named{Reason::wrong_chain, "wrong_chain", "it must be signed for this chain"},
    Named{Reason::wrong_shard, "wrong_shard", "the shard must exist"},
    Named{Reason::wrong_signature, "wrong_signature", "the sender must have signed it"},
    Named{Reason::amount_out_of_range, "amount_out_of_range", "numbers must be within the limits of the encoding"},
    Named{Reason::terms_out_of_range, "terms_out_of_range", "terms must be within the genesis parameters"},
    Named{Reason::nonce_used, "nonce_used", "the nonce must be the account's next, and was used"},
    Named{Reason::nonce_ahead, "nonce_ahead", "the nonce must be the account's next, and is ahead of it"},
    Named{Reason::past_valid_until, "past_valid_until", "the height must be at most validUntil"},
    Named{Reason::fee_too_low, "fee_too_low", "the fee must be at least the least fee"},
    Named{Reason::fee_not_covered, "fee_not_covered", "the sender's balance must cover the fee"},
    Named{Reason::halted, "halted", "the ledger must not be halted by a failed invariant"},
    Named{Reason::wrong_status, "wrong_status", "the object's status must have this transition"},
    Named{Reason::unknown_object, "unknown_object", "the object must exist"},
    Named{Reason::object_exists, "object_exists", "the object must not exist yet"},
    Named{Reason::not_permitted, "not_permitted", "the sender must be who may do this"},
    Named{Reason::not_covered, "not_covered", "the balance must cover the amount"},
    Named{Reason::below_min_stake, "below_min_stake", "the stake must be at least the least stake"},
    Named{Reason::too_early, "too_early", "the height must have come"},
    Named{Reason::too_late, "too_late", "the deadline must not have passed"},
    Named{Reason::open_slas, "open_slas", "no accepted SLA of the node may be open"},
    Named{Reason::still_jailed, "still_jailed", "the jail term must be over"},
    Named{Reason::range_not_served, "range_not_served", "the node must serve the range"},
    Named{Reason::wrong_place, "wrong_place", "the shard must be the one that the object belongs to"},
    Named{Reason::not_improving, "not_improving", "the node's share must rise by moving"},
    Named{Reason::demand_pending, "demand_pending", "no demand for the output may be pending"},
    Named{Reason::already_demanded, "already_demanded", "the output may be demanded once"},
    Named{Reason::no_demand, "no_demand", "the output must have been demanded and not been published"},
    Named{Reason::not_on_turn, "not_on_turn", "it must be this party's turn"},
    Named{Reason::not_adjacent, "not_adjacent", "bisection halves intervals of several steps; one step is judged"},
    Named{Reason::wrong_opening, "wrong_opening", "what is opened must hash to what was committed"},
    Named{Reason::wrong_witness, "wrong_witness", "the witness must hash to the agreed state"},
    Named{Reason::bond_too_low, "bond_too_low", "the bond must be at least the least bond"},
    Named{Reason::not_final, "not_final", "the state must be final"},
    Named{Reason::not_newer, "not_newer", "the state must be newer than the posted one"},
    Named{Reason::wrong_balances, "wrong_balances", "balances must add up to the deposits"},
    Named{Reason::wrong_state_signature, "wrong_state_signature", "the parties concerned must have signed it"},
    Named{Reason::not_posted, "not_posted", "the revoked version must have been posted by who revoked it"},
    Named{Reason::evidence_used, "evidence_used", "evidence counts once"},
    Named{Reason::evidence_too_old, "evidence_too_old", "evidence must be of the evidence age at most"},
    Named{Reason::no_offence, "no_offence", "the evidence must prove an offence"},
};

const Named& entry(Reason reason) {
  for (const Named& named : table)
    if (named.reason == reason) return named;
  return table.front();
}

}  // namespace

std::string_view name_of(Reason reason) { return entry(reason).name; }
std::string_view to_string(Reason reason) { return entry(reason).rule; }

}  // namespace p2pllm::contracts
