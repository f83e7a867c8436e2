#pragma once

#include "fuzz/contracts/chain.hpp"
#include "fuzz/contracts/session.hpp"
#include "parties/computation.hpp"
#include "reference/contracts/channel_machine.hpp"
#include "reference/contracts/sla_machine.hpp"

// The knowledge and conduct of SLA parties off the ledger: computations right and wrong, and duties of honest parties.
namespace p2pllm::fuzz {

using namespace reference;

/// The next operation of an honest party, and the last height at which it helps.
struct Duty {
  Operation operation;
  Height last = height_max;
};

/// All steps of a computation as a provider commits to them.
struct Commitment {
  std::vector<Bytes> states;        ///< state_0 .. state_N
  std::vector<Hash> before, after;  ///< of leaf j at j - 1
  std::vector<MerkleLeaf> leaves;
};

struct Work {
  std::int64_t shard = 0;
  Hash id{};
  Bytes input;                       ///< empty if nobody knows it
  std::vector<Commitment> versions;  ///< the first is right; made when they are first needed
  bool wants_bytes = false;          ///< the client demands the output before it is satisfied
  bool was_published = false;
  Session session;
  bool has_ended = false;  ///< as the honest parties saw when a block ended
};

/// The computation of a job, which goes wrong at a step in one of several ways.
/// @param way  0: never. 1: from a step on. 2: a step begins with another state than the one before ended with.
///   3: a step ends with a wrong state, and the next continues from the right one
[[nodiscard]] Commitment commitment_of(const SlaRecord& job, const Bytes& input, std::int64_t way, std::int64_t step);
/// The first units of a job, or all: of which the leaves are those of a commitment.
[[nodiscard]] ShownUnits shown_of(const SlaRecord& job, const Hash& sla, const Commitment& commitment,
                                  std::int64_t units);
/// Whether two computations have the same first steps.
[[nodiscard]] bool begins_alike(const Commitment& one, const Commitment& other, std::int64_t steps);
/// Whether the first steps are what a client rebuilds from the hashes of states: each begins where the last one ended.
[[nodiscard]] bool is_chain(const Commitment& one, const Hash& input, std::int64_t steps);
/// The right computation of a job.
[[nodiscard]] const Commitment& right_version(Work& work, const SlaRecord& job);
/// What the parties of a job would sign to say this.
[[nodiscard]] Hash message_of(const Chain& chain, const Work& work, const Said& said);
/// A receipt for what is shown.
[[nodiscard]] inline Said receipt_of(const ShownUnits& shown) {
  return {Word::receipt, shown.units, shown.inputs, shown.root, shown.output};
}
/// The signature under these words of the party whose words they are. None if it is honest and did not say this.
[[nodiscard]] Signature signature_of(const Chain& chain, Work& work, const SlaRecord& job, const Said& said);
/// The party with this key, if it is one.
[[nodiscard]] std::optional<std::size_t> party_of(const Chain& chain, const AccountId& id);
/// The opening of the middle of a disputed interval, of steps or micro-steps, or of the first one.
[[nodiscard]] PostMid opening_of(const SlaRecord& job, const Hash& sla, const Commitment& commitment);
/// The micro-steps of the step that ends at `right`.
[[nodiscard]] Refine refinement_of(const SlaRecord& job, const Hash& sla, const Commitment& commitment);
/// The state, or micro-state, at `left`.
[[nodiscard]] Judge judge_of(const SlaRecord& job, const Hash& sla, const Commitment& commitment);

/// The operation of the honest provider or the honest client on a job in the block of this height.
[[nodiscard]] std::optional<Duty> provider_duty(const Chain& chain, Work& work);
[[nodiscard]] std::optional<Duty> client_duty(const Chain& chain, Work& work);
/// The claim of an honest provider that has a greater voucher than the ledger knows, beside its other duty.
[[nodiscard]] std::optional<Duty> provider_claim(const Chain& chain, Work& work);
/// Whether a provider that signed this answers no order any more.
[[nodiscard]] inline bool leaves_session(const Operation& operation) {
  return std::holds_alternative<Deliver>(operation) || std::holds_alternative<Answer>(operation) ||
         std::holds_alternative<Settle>(operation);
}

/// Checks the changes of jobs by a transaction: what was signed, who was paid and who was slashed, and that no honest
/// party lost.
void check_jobs(Chain& chain, std::vector<Work>& works, const Step& step, const Transaction& transaction);

[[nodiscard]] inline bool is_final(const Sla<std::int64_t>& sla) {
  return status_in(sla.status, sla_machine().final_statuses);
}
[[nodiscard]] inline bool is_final(const ChannelRecord& record) {
  return status_in(record.channel.status, channel_machine().final_statuses);
}

}  // namespace p2pllm::fuzz
