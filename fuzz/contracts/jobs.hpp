#pragma once

#include "fuzz/contracts/chain.hpp"
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
  bool has_ended = false;  ///< as the honest parties saw when a block ended
};

/// The computation of a job, which goes wrong at a step in one of several ways.
/// @param way  0: never. 1: from a step on. 2: a step begins with another state than the one before ended with.
///   3: a step ends with a wrong state, and the next continues from the right one
[[nodiscard]] Commitment commitment_of(const SlaRecord& job, const Bytes& input, std::int64_t way, std::int64_t step);
/// The first units of a job, or all: of which the leaves are those of a commitment.
[[nodiscard]] ShownUnits shown_of(const SlaRecord& job, const Hash& sla, const Commitment& commitment,
                                  std::int64_t units);
[[nodiscard]] Deliver delivery_of(const SlaRecord& job, const Hash& sla, const Commitment& commitment);
/// The opening of the middle of a disputed interval, of steps or micro-steps, or of the first one.
[[nodiscard]] PostMid opening_of(const SlaRecord& job, const Hash& sla, const Commitment& commitment);
/// The micro-steps of the step that ends at `right`.
[[nodiscard]] Refine refinement_of(const SlaRecord& job, const Hash& sla, const Commitment& commitment);
/// The state, or micro-state, at `left`.
[[nodiscard]] Judge judge_of(const SlaRecord& job, const Hash& sla, const Commitment& commitment);

/// The operation of the honest provider or the honest client on a job in the block of this height.
[[nodiscard]] std::optional<Duty> provider_duty(const Chain& chain, Work& work);
[[nodiscard]] std::optional<Duty> client_duty(const Chain& chain, Work& work);

/// Checks the changes of jobs by a transaction: who was paid and who was slashed, and that no honest party lost.
void check_jobs(Chain& chain, std::vector<Work>& works, const Step& step, const Transaction& transaction);

[[nodiscard]] inline bool is_final(const Sla<std::int64_t>& sla) {
  return status_in(sla.status, sla_machine().final_statuses);
}
[[nodiscard]] inline bool is_final(const ChannelRecord& record) {
  return status_in(record.channel.status, channel_machine().final_statuses);
}

}  // namespace p2pllm::fuzz
