#include "fuzz/contracts/jobs.hpp"

#include <algorithm>

#include "model/layers/micro_state.hpp"
#include "reference/contracts/dispute_rules.hpp"

namespace p2pllm::fuzz {
namespace {

StepOfTerms step_of(const SlaRecord& job, std::int64_t step) {
  return {job.model, job.layers, job.first_position, job.terms.steps_per_unit, step};
}
Bytes wrong(Bytes state) {
  state.front() = static_cast<std::uint8_t>((state.front() + 1U) % 251U);
  return state;
}
std::size_t place_of(std::int64_t number) { return static_cast<std::size_t>(number); }

/// The micro-states of a step from the state before it. Where the step ends wrongly, they go wrong somewhere within.
std::vector<Bytes> micro_states_of(const SlaRecord& job, const Commitment& said, std::int64_t step) {
  std::vector<Bytes> states = SampleExecutor::micro_states(step_of(job, step), said.states.at(place_of(step - 1)));
  if (state_hash(states.back()) != said.after.at(place_of(step - 1)))
    for (std::size_t k = 1 + place_of(step) * 7 % (states.size() - 1); k < states.size(); ++k)
      states[k] = wrong(states[k]);
  return states;
}
parties::MicroSteps micro_steps_of(const SlaRecord& job, const Commitment& said, std::int64_t step) {
  std::vector<Hash> hashes;
  for (const Bytes& state : micro_states_of(job, said, step)) hashes.push_back(micro_state_hash(state));
  hashes.back() = said.after.at(place_of(step - 1));
  return parties::micro_steps_of(job.model, step, std::move(hashes));
}

}  // namespace

Commitment commitment_of(const SlaRecord& job, const Bytes& input, std::int64_t way, std::int64_t step) {
  Commitment result;
  const std::int64_t steps = sla_steps(job.terms);
  const auto count = static_cast<std::size_t>(steps);
  result.states.reserve(count + 1), result.leaves.reserve(count);
  result.before.reserve(count), result.after.reserve(count);
  result.states.push_back(input);
  for (std::int64_t j = 1; j <= steps; ++j) {
    const bool is_here = way != 0 && j == step;
    const Bytes& right_begin = result.states.back();
    const Bytes wrong_begin = is_here && way == 2 ? wrong(right_begin) : Bytes();
    const Bytes& begin = wrong_begin.empty() ? right_begin : wrong_begin;
    Bytes right_end = SampleExecutor::micro_states(step_of(job, j), begin).back();
    const Bytes wrong_end = is_here && way != 2 ? wrong(right_end) : Bytes();
    const Bytes& end = wrong_end.empty() ? right_end : wrong_end;
    result.before.push_back(state_hash(begin));
    result.after.push_back(state_hash(end));
    result.leaves.push_back(
        commitment_leaf({job.model, static_cast<std::uint64_t>(j), static_cast<std::uint64_t>(job.layers.first),
                         static_cast<std::uint64_t>(job.layers.last), result.before.back(), result.after.back()}));
    result.states.push_back(is_here && way == 1 ? wrong_end : std::move(right_end));
  }
  return result;
}

ShownUnits shown_of(const SlaRecord& job, const Hash& sla, const Commitment& commitment, std::int64_t units) {
  const auto leaves = std::span(commitment.leaves).first(place_of(sla_steps(job.terms, units)));
  const std::size_t last = leaves.size() - 1;
  return {sla,
          units,
          job.inputs,
          merkle_root(leaves),
          commitment.after[last],
          commitment.before[last],
          merkle_proof(leaves, last)};
}

Deliver delivery_of(const SlaRecord& job, const Hash& sla, const Commitment& commitment) {
  return {{shown_of(job, sla, commitment, job.terms.first_units), {}, 0, {}}};
}

PostMid opening_of(const SlaRecord& job, const Hash& sla, const Commitment& commitment) {
  const auto mid = place_of(std::max<std::int64_t>(dispute_mid(job.sla), 1)) - 1;
  if (!is_refined(job.sla)) {
    const std::int64_t shown = std::clamp<std::int64_t>(
        sla_steps(job.terms, job.sla.shown), static_cast<std::int64_t>(mid) + 1, std::ssize(commitment.leaves));
    return {sla, commitment.before.at(mid), commitment.after.at(mid),
            merkle_proof(std::span(commitment.leaves).first(place_of(shown)), mid)};
  }
  const parties::MicroSteps micro = micro_steps_of(job, commitment, job.sla.refined);
  return {sla, micro.states.at(mid), micro.states.at(mid + 1), merkle_proof(micro.leaves, mid)};
}

Refine refinement_of(const SlaRecord& job, const Hash& sla, const Commitment& commitment) {
  const std::int64_t step = std::max<std::int64_t>(job.sla.right, 1);
  const std::int64_t within = std::min(step, sla_steps(job.terms));
  const parties::MicroSteps micro = micro_steps_of(job, commitment, within);
  const std::size_t last = micro.leaves.size() - 1;
  return {sla, commitment.states.at(place_of(within - 1)), merkle_root(micro.leaves), micro.states[last],
          merkle_proof(micro.leaves, last)};
}

Judge judge_of(const SlaRecord& job, const Hash& sla, const Commitment& commitment) {
  if (!is_refined(job.sla)) return {sla, commitment.states.at(place_of(job.sla.left))};
  return {sla, micro_states_of(job, commitment, job.sla.refined).at(place_of(job.sla.left))};
}

namespace {

const Commitment& right_version(Work& work, const SlaRecord& job) {
  if (work.versions.empty()) work.versions.push_back(commitment_of(job, work.input, 0, 0));
  return work.versions.front();
}

SlaStatus status_of(const SlaRecord& job) { return static_cast<SlaStatus>(job.sla.status); }

bool serves(const Chain& chain, const Work& work, const SlaRecord& job) {
  const RegisteredNode* node = chain.node(work.shard, job.provider);
  return node != nullptr && status_is(node->registration.status, NodeStatus::active) &&
         node->layers.first <= job.layers.first && job.layers.last <= node->layers.last;
}

}  // namespace

std::optional<Duty> provider_duty(const Chain& chain, Work& work) {
  constexpr Amount bond_max = 1000;
  const SlaRecord& job = chain.sla(work.shard, work.id);
  const Height h = chain.height();
  switch (status_of(job)) {
    case SlaStatus::proposed:
      if (work.input.empty() || h > job.terms.accept_by || job.terms.bond > bond_max || !serves(chain, work, job))
        return std::nullopt;
      return Duty{Accept{work.id}};
    case SlaStatus::active: return Duty{delivery_of(job, work.id, right_version(work, job)), job.terms.deliver_by};
    case SlaStatus::delivered:
      if (demand_is_pending(job.sla))
        return Duty{Publish{work.id, right_version(work, job).states.at(place_of(sla_steps(job.terms, job.sla.shown)))},
                    job.sla.demand_by};
      if (h >= job.sla.challenge_until) return Duty{Finalize{work.id}};
      return std::nullopt;
    case SlaStatus::disputed:
      if (is_on_turn(job.sla, client_turn))
        return h > job.sla.deadline ? std::optional(Duty{Forfeit{work.id}}) : std::nullopt;
      if (one_step_left(job.sla) && is_refined(job.sla))
        return Duty{judge_of(job, work.id, right_version(work, job)), job.sla.deadline};
      if (one_step_left(job.sla)) return Duty{refinement_of(job, work.id, right_version(work, job)), job.sla.deadline};
      return Duty{opening_of(job, work.id, right_version(work, job)), job.sla.deadline};
    default: return std::nullopt;
  }
}

std::optional<Duty> client_duty(const Chain& chain, Work& work) {
  const SlaRecord& job = chain.sla(work.shard, work.id);
  const Height h = chain.height();
  const Commitment& right = right_version(work, job);
  switch (status_of(job)) {
    case SlaStatus::proposed: return h > job.terms.accept_by ? std::optional(Duty{Expire{work.id}}) : std::nullopt;
    case SlaStatus::active: return h > job.terms.deliver_by ? std::optional(Duty{Timeout{work.id}}) : std::nullopt;
    case SlaStatus::delivered:
      if (demand_is_pending(job.sla)) return h > job.sla.demand_by ? std::optional(Duty{Miss{work.id}}) : std::nullopt;
      if (work.wants_bytes && job.sla.demanded == 0)
        return Duty{Demand{work.id, job.sla.shown}, job.sla.challenge_until - 1};
      if (job.output == right.after.back()) return Duty{Acknowledge{work.id}};
      return Duty{Challenge::of_shown(work.id, std::max(chain.parameters().challenge_bond_min, job.terms.price)),
                  job.sla.challenge_until - 1};
    case SlaStatus::disputed:
      if (is_on_turn(job.sla, provider_turn))
        return h > job.sla.deadline ? std::optional(Duty{Forfeit{work.id}}) : std::nullopt;
      return Duty{Side{work.id, job.mid == opening_of(job, work.id, right).after}, job.sla.deadline};
    default: return std::nullopt;
  }
}

namespace {

bool is_honest(const Chain& chain, const AccountId& id) {
  for (std::size_t k = 0; k < 2; ++k)
    if (chain.id_of(k) == id) return true;
  return false;
}

/// Checks that the provider's stake answers for a breach (REG-4).
void check_slash(Chain& chain, const Step& step, const Transaction& transaction, const SlaRecord& was) {
  const RegisteredNode* now = chain.node(transaction.shard, was.provider);
  const RegisteredNode* before = chain.node_before(step, transaction.shard, was.provider);
  if (now == nullptr || before == nullptr) return;
  const auto& old = before->registration;
  const auto& slashed = now->registration;
  const bool is_fraud = status_of(was) == SlaStatus::disputed;
  if (is_fraud)
    must(slashed.status == static_cast<std::int64_t>(NodeStatus::tombstoned) && slashed.stake == 0,
         "REG-4: a fraud costs all stake");
  else must(old.stake == 0 || was.stake_at_accept == 0 || slashed.stake < old.stake, "REG-4: non-delivery costs stake");
  must(slashed.status != static_cast<std::int64_t>(NodeStatus::active), "REG-4: who failed is active no more");
  must(is_fraud || old.stake - slashed.stake <= std::max<Amount>(1, was.stake_at_accept / 100) ||
           was.stake_at_accept < chain.parameters().min_stake || status_is(old.status, NodeStatus::tombstoned),
       "REG-4: non-delivery costs 1 % of what was staked");
  chain.tally().note(is_fraud ? Event::slashed_for_fraud : Event::slashed_for_non_delivery);
}

void check_end(Chain& chain, Work& work, const Step& step, const Transaction& transaction, const SlaRecord& was,
               const SlaRecord& job) {
  bool settled = status_of(job) == SlaStatus::settled;
  if (chain.is_faulty(Focus::disputes) && status_of(was) == SlaStatus::disputed) settled = !settled;
  const Amount held = was.sla.escrow + was.sla.bond + was.sla.challenge_bond;
  const bool was_accepted = sla_is_open(was.sla);
  if (job.client != job.provider) {
    const Amount client = Chain::gain(step, transaction, job.client);
    const Amount provider = Chain::gain(step, transaction, job.provider);
    must(settled ? provider == held && client == 0 : provider == 0 && client >= held,
         "SLA-8: everything goes to one party");
  }
  if (is_honest(chain, job.provider) && was_accepted) must(settled, "SLA-13: an honest provider is paid");
  if (is_honest(chain, job.client) && settled) {
    must(job.output == right_version(work, job).after.back(), "SLA-13: an honest client pays for right outputs alone");
    must(!work.wants_bytes || work.was_published, "SLA-13: an honest client pays for outputs that it has");
  }
  if (status_of(job) == SlaStatus::breached) check_slash(chain, step, transaction, was);
  const auto& operation = transaction.operation;
  if (std::holds_alternative<Judge>(operation)) chain.tally().note(settled ? Event::judged_right : Event::judged_wrong);
  if (std::holds_alternative<Forfeit>(operation))
    chain.tally().note(settled ? Event::forfeited_by_client : Event::forfeited_by_provider);
  if (is_honest(chain, job.client) || is_honest(chain, job.provider))
    if (status_of(was) == SlaStatus::disputed) chain.tally().note(Event::honest_dispute_ended);
}

}  // namespace

void check_jobs(Chain& chain, std::vector<Work>& works, const Step& step, const Transaction& transaction) {
  const auto& operation = transaction.operation;
  for (const auto& changed : step.slas) {
    if (!changed.was_there) continue;
    const auto work = std::ranges::find_if(
        works, [&](const Work& one) { return one.shard == transaction.shard && one.id == changed.key; });
    must(work != works.end(), "SLA-1: every SLA was proposed");
    if (const auto* publish = std::get_if<Publish>(&operation); publish && publish->sla == work->id) {
      must(state_hash(publish->output) == changed.now->output, "SLA-6: what is published is what was delivered");
      work->was_published = true;
    }
    if (!is_final(changed.before.sla) && is_final(changed.now->sla))
      check_end(chain, *work, step, transaction, changed.before, *changed.now);
  }
  const auto may_take = [&operation] {
    return std::holds_alternative<Withdraw>(operation) || std::holds_alternative<Timeout>(operation) ||
           std::holds_alternative<Miss>(operation) || std::holds_alternative<Judge>(operation) ||
           std::holds_alternative<Forfeit>(operation) || std::holds_alternative<ReportEquivocation>(operation);
  };
  for (const auto& changed : step.nodes) {
    const auto& after = changed.now->registration;
    must(!changed.was_there || after.stake >= changed.before.registration.stake || may_take(),
         "REG-3: stake leaves by withdrawal and slashes alone");
    if (is_honest(chain, changed.key))
      must(!status_is(after.status, NodeStatus::jailed, NodeStatus::tombstoned),
           "REG-4: an honest node is never punished");
  }
  if (std::holds_alternative<Withdraw>(operation)) {
    const RegisteredNode* before = chain.node_before(step, transaction.shard, transaction.sender);
    must(before != nullptr && Chain::gain(step, transaction, transaction.sender) == before->registration.stake,
         "REG-3: the stake returns");
  }
  if (const auto* report = std::get_if<ReportEquivocation>(&operation)) {
    const RegisteredNode* node = chain.node(transaction.shard, report->offender);
    must(node == nullptr || (node->registration.stake == 0 &&
                             node->registration.status == static_cast<std::int64_t>(NodeStatus::tombstoned)),
         "REG-5: an equivocation costs all stake");
  }
}

}  // namespace p2pllm::fuzz
