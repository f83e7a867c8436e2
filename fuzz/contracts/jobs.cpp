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

bool begins_alike(const Commitment& one, const Commitment& other, std::int64_t steps) {
  const auto first = [steps](const std::vector<Hash>& hashes) { return std::span(hashes).first(place_of(steps)); };
  return std::ranges::equal(first(one.before), first(other.before)) &&
         std::ranges::equal(first(one.after), first(other.after));
}

bool is_chain(const Commitment& one, const Hash& input, std::int64_t steps) {
  bool holds = one.before.front() == input;
  for (std::size_t j = 1; j < place_of(steps); ++j) holds = holds && one.before[j] == one.after[j - 1];
  return holds;
}

const Commitment& right_version(Work& work, const SlaRecord& job) {
  if (work.versions.empty()) work.versions.push_back(commitment_of(job, work.input, 0, 0));
  return work.versions.front();
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

}  // namespace p2pllm::fuzz
