#include "parties/computation.hpp"

#include "model/layers/micro_state.hpp"
#include "reference/contracts/dispute_rules.hpp"

namespace p2pllm::parties {
namespace {

using namespace reference;

std::size_t place_of(std::int64_t number) { return static_cast<std::size_t>(number); }

MicroSteps of_step(const ComputedSteps& work, std::int64_t step) {
  return micro_steps_of(work.model, step, work.micro_states.at(place_of(step - 1)));
}

}  // namespace

MicroSteps micro_steps_of(const Hash& model, std::int64_t step, std::vector<Hash> states) {
  MicroSteps result{std::move(states), {}};
  for (std::size_t k = 1; k < result.states.size(); ++k)
    result.leaves.push_back(
        micro_step_leaf(model, step, static_cast<std::int64_t>(k), result.states[k - 1], result.states[k]));
  return result;
}

MicroSteps micro_steps_of(const Hash& model, std::int64_t step, const std::vector<Bytes>& bytes) {
  std::vector<Hash> states;
  for (const Bytes& state : bytes) states.push_back(micro_state_hash(state));
  states.back() = state_hash(bytes.back());
  return micro_steps_of(model, step, std::move(states));
}

ComputedSteps compute(const StepFunction& step, const Hash& model, const LayerRange& layers, Bytes input,
                      std::int64_t steps) {
  ComputedSteps result{model, {std::move(input)}, {}, {}};
  for (std::int64_t j = 1; j <= steps; ++j) {
    const auto& states = result.micro_states.emplace_back(step({model, layers, 0, 1, j}, result.states.back()));
    result.leaves.push_back(commitment_leaf(
        {model, static_cast<std::uint64_t>(j), static_cast<std::uint64_t>(layers.first),
         static_cast<std::uint64_t>(layers.last), state_hash(result.states.back()), state_hash(states.back())}));
    result.states.push_back(states.back());
  }
  return result;
}

ComputedSteps compute(const Hash& model, const LayerRange& layers, Bytes input, std::int64_t steps) {
  return compute(SampleExecutor::micro_states, model, layers, std::move(input), steps);
}

ShownUnits shown_units(const Hash& sla, const OrderedUnits& ordered, std::int64_t steps_per_unit,
                       const ComputedSteps& work) {
  const std::size_t n = place_of(ordered.units * steps_per_unit);
  const auto leaves = std::span(work.leaves).first(n);
  return {sla,
          ordered.units,
          ordered.inputs,
          merkle_root(leaves),
          state_hash(work.states.at(n)),
          state_hash(work.states.at(n - 1)),
          merkle_proof(leaves, n - 1)};
}

Deliver delivery(const Hash& sla, const SlaRecord& job, const ComputedSteps& work) {
  return {{shown_units(sla, {job.terms.first_units, job.inputs}, job.terms.steps_per_unit, work), {}, 0, {}}};
}

Operation turn_of_provider(const SlaRecord& job, const Hash& sla, const ComputedSteps& work) {
  const std::size_t mid = place_of(dispute_mid(job.sla)), left = place_of(job.sla.left);
  if (!is_refined(job.sla)) {
    const auto leaves = std::span(work.leaves).first(place_of(sla_steps(job.terms, job.sla.shown)));
    if (!one_step_left(job.sla))
      return PostMid{sla, state_hash(work.states.at(mid - 1)), state_hash(work.states.at(mid)),
                     merkle_proof(leaves, mid - 1)};
    const MicroSteps micro = of_step(work, job.sla.right);
    const std::size_t last = micro.leaves.size() - 1;
    return Refine{sla, work.states.at(left), merkle_root(micro.leaves), micro.states[last],
                  merkle_proof(micro.leaves, last)};
  }
  if (one_step_left(job.sla)) return Judge{sla, work.micro_states.at(place_of(job.sla.refined - 1)).at(left)};
  const MicroSteps micro = of_step(work, job.sla.refined);
  return PostMid{sla, micro.states.at(mid - 1), micro.states.at(mid), merkle_proof(micro.leaves, mid - 1)};
}

Side turn_of_client(const SlaRecord& job, const Hash& sla, const ComputedSteps& truth) {
  const std::size_t mid = place_of(dispute_mid(job.sla));
  const Hash right = is_refined(job.sla)
                         ? micro_state_hash(truth.micro_states.at(place_of(job.sla.refined - 1)).at(mid))
                         : state_hash(truth.states.at(mid));
  return {sla, job.mid == right};
}

}  // namespace p2pllm::parties
