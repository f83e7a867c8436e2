#pragma once

#include "tests/unit/sla_step.hpp"

// States of one small SLA, by what was done to it.
namespace p2pllm::sla_states {

using namespace reference;

using I = std::int64_t;
using Op = SlaOperation;
using St = SlaStatus;

inline const Parameters<I> parameters{100, 200, 1, 1, 50, 5, 40, 20, 2, 6, 1, 4, 16, 1000, 3, 2, 5};
inline const SlaTerms<I> terms{7, 2, 4, 5, 9, 3, 2, 40, 2};  // n = 8 steps, payment 14

inline SlaStep<I> step(const Sla<I>& sla, Op operation, I height, const SlaInputs& in = {}) {
  return sla_step(operation, sla, terms, parameters, height, in);
}

inline I number(St status) { return static_cast<I>(status); }
inline Sla<I> empty(St status) { return sla_empty(I{0}, status); }
inline Sla<I> proposed() { return {number(St::proposed), 14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}; }
inline Sla<I> active() { return {number(St::active), 14, 40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}; }
inline Sla<I> delivered(I until, I demand_by = 0, I demanded = 0) {
  return {number(St::delivered), 14, 40, 0, until, demand_by, demanded, 0, 0, 0, 0, 0, 0, provider_turn, 2, 2, 0};
}
inline Sla<I> disputed(I left, I right, I turn, I deadline, I refined = 0, I micro_steps = 0) {
  return {number(St::disputed), 14, 40, 7, 0, 0, 0, left, right, turn, deadline, refined, micro_steps, 0, 2, 2, 0};
}

/// A dispute about the micro-steps of step 4, of which there are five.
inline Sla<I> micro_steps(I left, I right, I turn) { return disputed(left, right, turn, 7, 4, 5); }

}  // namespace p2pllm::sla_states
