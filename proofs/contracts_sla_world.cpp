#include "proofs/contracts_sla.hpp"

#include <algorithm>

namespace p2pllm::proofs {

using namespace reference;
namespace {

using reference::SlaOperation;

contracts::Sla<SymInt> unknown_sla(const Scope& scope) {
  const auto number = [&](const char* name) { return scope.integer(name); };
  return {
      number("status"),    number("escrow"),      number("bond"), number("challenge_bond"), number("challenge_until"),
      number("demand_by"), number("demanded"),    number("left"), number("right"),          number("turn"),
      number("deadline"),  number("refined"),     number("n2"),   number("shown_by"),       number("shown"),
      number("owed"),      number("acknowledged")};
}

contracts::SlaTerms<SymInt> unknown_terms(const Scope& scope) {
  const auto number = [&](const char* name) { return scope.integer(name); };
  return {number("price"), number("units"), number("steps_per_unit"), number("accept_by"), number("deliver_by"),
          number("W"),     number("T"),     number("agreed_bond"),    number("first")};
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

const SlaMove& of(const std::vector<SlaMove>& moves, SlaOperation operation) {
  return *std::ranges::find(moves, operation, &SlaMove::operation);
}

SymBool enabled_without(const SlaStep<SymInt>& step, Reason forgotten) {
  std::vector<Guard<SymInt>> guards;
  for (const auto& guard : step.guards)
    if (guard.reason != forgotten) guards.push_back(guard);
  return all_hold(guards);
}

SymBool products_grow(const contracts::SlaTerms<SymInt>& terms, const SymInt& units) {
  const SymInt zero = integer_like(units, 0), one = integer_like(units, 1);
  const SymInt payment = sla_payment(terms, units), steps = sla_steps(terms, units);
  const SymBool pays = implies(land(zero <= terms.price, land(zero <= units, units <= terms.units)),
                               land(zero <= payment, payment <= sla_payment(terms)));
  const SymBool runs = implies(land(one <= terms.steps_per_unit, land(one <= units, units <= terms.units)),
                               land(one <= steps, steps <= sla_steps(terms)));
  return land(pays, runs);
}

SlaWorld::SlaWorld(Scope& scope)
    : height(scope.integer("h")),
      challenge_bond(scope.integer("bond_offered")),
      sla(unknown_sla(scope)),
      terms(unknown_terms(scope)),
      parameters(unknown_parameters(scope)),
      permitted(scope.unknown("permitted")),
      unit(scope.integer("unit")),
      micro_steps(scope.integer("micro_steps")),
      named(scope.integer("units_named")),
      had(scope.integer("units_had")),
      fits(scope.unknown("fits")),
      agrees(scope.unknown("agrees")),
      is_signed(scope.unknown("is_signed")),
      is_vouched(scope.unknown("is_vouched")) {
  scope.assume(number(0) <= height);
  for (const SymInt& units : {sla.shown, sla.owed, named})
    scope.assume(products_grow(terms, units));  // contracts-sla-8-products
}

std::vector<SlaMove> SlaWorld::moves() const {
  const SymBool& yes = permitted;
  const SlaShown<SymInt> shown{named, had};
  const SlaShownFacts<SymInt> facts{is_signed, is_vouched, fits};
  return {
      {SlaOperation::propose, sla, sla_propose(sla, terms, parameters, height)},
      {SlaOperation::accept, sla, sla_accept(sla, terms, height, yes, fits)},
      {SlaOperation::cancel, sla, sla_cancel(sla, yes)},
      {SlaOperation::expire, sla, sla_expire(sla, terms, height)},
      {SlaOperation::deliver, sla, sla_deliver(sla, terms, height, yes, shown, facts)},
      {SlaOperation::demand, sla, sla_demand(sla, terms, height, yes, unit)},
      {SlaOperation::publish, sla, sla_publish(sla, terms, height, yes, fits)},
      {SlaOperation::miss, sla, sla_miss(sla, height)},
      {SlaOperation::acknowledge, sla, sla_acknowledge(sla, terms, yes)},
      {SlaOperation::finalize, sla, sla_finalize(sla, terms, height)},
      {SlaOperation::timeout, sla, sla_timeout(sla, terms, height)},
      {SlaOperation::challenge, sla,
       sla_challenge(sla, terms, parameters, height, yes, named, challenge_bond, is_signed, fits)},
      {SlaOperation::post_mid, sla, sla_post_mid(sla, terms, height, yes, fits)},
      {SlaOperation::side, sla, sla_side(sla, terms, height, yes, agrees)},
      {SlaOperation::judge, sla, sla_judge(sla, terms, height, yes, fits, agrees)},
      {SlaOperation::forfeit, sla, sla_forfeit(sla, terms, height)},
      {SlaOperation::refine, sla, sla_refine(sla, terms, parameters, height, yes, micro_steps, fits)},
      {SlaOperation::close, sla, sla_close(sla, terms, height, yes, shown, is_signed, fits)},
      {SlaOperation::answer, sla, sla_answer(sla, terms, height, yes, shown, facts)},
      {SlaOperation::claim, sla, sla_claim(sla, terms, named, is_vouched)},
      {SlaOperation::settle, sla, sla_settle(sla, terms, named, yes, is_signed)},
      {SlaOperation::convict, sla, sla_convict(sla, agrees, is_signed)},
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
  const SymBool units = land(number(1) <= terms.first_units, terms.first_units <= terms.units);
  const SymBool steps = land(units, land(number(1) <= n, n <= parameters.steps_max));
  const SymBool factors = land(number(0) <= terms.price, number(1) <= terms.steps_per_unit);
  const SymBool dates = land(zero <= terms.accept_by, terms.accept_by + terms.turn <= terms.deliver_by);
  const SymBool window = land(parameters.window_min <= terms.window, terms.window <= parameters.window_max);
  const SymBool turn = land(parameters.turn_min <= terms.turn, terms.turn <= parameters.turn_max);
  return land(constrained(), land(land(amounts, land(factors, steps)), land(dates, land(window, turn))));
}

SymBool SlaWorld::invariants(const contracts::Sla<SymInt>& state, const SymInt& at) const {
  SymBool all = truth(true);
  for (const auto& invariant : reference::sla_invariants(state, terms, parameters, at))
    all = land(all, invariant.holds);
  return all;
}

}  // namespace p2pllm::proofs
