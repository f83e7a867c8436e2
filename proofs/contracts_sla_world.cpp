#include "proofs/contracts_sla.hpp"

namespace p2pllm::proofs {

using namespace reference;
namespace {

using reference::SlaOperation;

contracts::Sla<SymInt> unknown_sla(const Scope& scope) {
  const auto number = [&](const char* name) { return scope.integer(name); };
  return {number("status"),    number("escrow"),   number("bond"), number("challenge_bond"), number("challenge_until"),
          number("demand_by"), number("demanded"), number("left"), number("right"),          number("turn"),
          number("deadline"),  number("refined"),  number("n2")};
}

contracts::SlaTerms<SymInt> unknown_terms(const Scope& scope) {
  const auto number = [&](const char* name) { return scope.integer(name); };
  return {number("price"), number("units"), number("steps_per_unit"), number("accept_by"), number("deliver_by"),
          number("W"),     number("T"),     number("agreed_bond")};
}

contracts::Parameters<SymInt> unknown_parameters(const Scope& scope) {
  const auto number = [&](const char* name) { return scope.integer(name); };
  return {number("min_stake"),
          number("launch_stake"),
          number("min_fee"),
          number("update_cooldown"),
          number("unbonding"),
          number("jail"),
          number("evidence_age_max"),
          number("D_MAX"),
          number("W_MIN"),
          number("W_MAX"),
          number("T_MIN"),
          number("T_MAX"),
          number("N_MAX"),
          number("price_max"),
          number("B"),
          number("closing_min"),
          number("closing_max")};
}

}  // namespace

SlaWorld::SlaWorld(Scope& scope)
    : height(scope.integer("h")),
      challenge_bond(scope.integer("bond_offered")),
      sla(unknown_sla(scope)),
      terms(unknown_terms(scope)),
      parameters(unknown_parameters(scope)),
      permitted(scope.unknown("permitted")),
      unit(scope.integer("unit")),
      micro_steps(scope.integer("micro_steps")),
      fits(scope.unknown("fits")),
      agrees(scope.unknown("agrees")) {
  scope.assume(number(0) <= height);
}

std::vector<SlaMove> SlaWorld::moves() const {
  const SymBool& yes = permitted;
  return {
      {SlaOperation::propose, sla, sla_propose(sla, terms, parameters, height)},
      {SlaOperation::accept, sla, sla_accept(sla, terms, height, yes, fits)},
      {SlaOperation::cancel, sla, sla_cancel(sla, yes)},
      {SlaOperation::expire, sla, sla_expire(sla, terms, height)},
      {SlaOperation::deliver, sla, sla_deliver(sla, terms, height, yes, fits)},
      {SlaOperation::demand, sla, sla_demand(sla, terms, height, yes, unit)},
      {SlaOperation::publish, sla, sla_publish(sla, terms, height, yes, fits)},
      {SlaOperation::miss, sla, sla_miss(sla, height)},
      {SlaOperation::acknowledge, sla, sla_acknowledge(sla, yes)},
      {SlaOperation::finalize, sla, sla_finalize(sla, height)},
      {SlaOperation::timeout, sla, sla_timeout(sla, terms, height)},
      {SlaOperation::challenge, sla, sla_challenge(sla, terms, parameters, height, yes, challenge_bond)},
      {SlaOperation::post_mid, sla, sla_post_mid(sla, terms, height, yes, fits)},
      {SlaOperation::side, sla, sla_side(sla, terms, height, yes, agrees)},
      {SlaOperation::judge, sla, sla_judge(sla, height, yes, fits, agrees)},
      {SlaOperation::forfeit, sla, sla_forfeit(sla, height)},
      {SlaOperation::refine, sla, sla_refine(sla, terms, parameters, height, yes, micro_steps, fits)},
  };
}

SymBool SlaWorld::constrained() const {
  SymBool all = truth(true);
  for (const auto& constraint : reference::constraints(parameters)) all = land(all, constraint.holds);
  return all;
}

SymBool SlaWorld::well_formed() const {
  const SymInt zero = number(0), n = sla_steps(terms);
  const SymBool amounts = land(zero <= sla_payment(terms), zero <= terms.bond);
  const SymBool steps = land(number(1) <= terms.units, land(number(1) <= n, n <= parameters.steps_max));
  const SymBool dates = land(zero <= terms.accept_by, terms.accept_by + terms.turn <= terms.deliver_by);
  const SymBool window = land(parameters.window_min <= terms.window, terms.window <= parameters.window_max);
  const SymBool turn = land(parameters.turn_min <= terms.turn, terms.turn <= parameters.turn_max);
  return land(constrained(), land(land(amounts, steps), land(dates, land(window, turn))));
}

SymBool SlaWorld::invariants(const contracts::Sla<SymInt>& state, const SymInt& at) const {
  SymBool all = truth(true);
  for (const auto& invariant : reference::sla_invariants(state, terms, parameters, at))
    all = land(all, invariant.holds);
  return all;
}

}  // namespace p2pllm::proofs
