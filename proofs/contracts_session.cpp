#include "proofs/contracts_sla.hpp"

// What the guards of a session are needed for: each statement is false without one of them.
namespace p2pllm::proofs {
namespace {

using namespace reference;

/// A client that closes does not also end the session: its provider would have no block to answer in.
Goal close_can_be_answered(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const auto moves = world.moves();
  const SlaMove& close = of(moves, SlaOperation::close);
  const auto acknowledged = sla_acknowledge(close.step.next, world.terms, world.permitted);
  const auto finalized = sla_finalize(close.step.next, world.terms, world.height);
  const auto not_both = [&](const SymBool& acknowledges) {
    return implies(close.enabled(), lnot(lor(acknowledges, all_hold(finalized.guards))));
  };
  return {not_both(all_hold(acknowledged.guards)), not_both(enabled_without(acknowledged, Reason::not_delivered))};
}

/// Nobody but the provider takes the client's last word, which may be lower than what it owes.
Goal last_word_is_the_provider_s(Scope& scope) {
  const SlaWorld world(scope);
  const auto step = sla_settle(world.sla, world.terms, world.named, world.permitted, world.is_signed);
  return {implies(all_hold(step.guards), world.permitted),
          implies(enabled_without(step, Reason::not_permitted), world.permitted)};
}

/// A voucher for more than is owed counts until the end, in a dispute too.
Goal voucher_counts(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const auto step = sla_claim(world.sla, world.terms, world.named, world.is_vouched);
  const SymBool is_more = land(world.sla.owed < world.named, world.named <= world.terms.units);
  const SymBool open = lor(world.in(SlaStatus::delivered), world.in(SlaStatus::disputed));
  const auto counts = [&](const SymBool& enabled) {
    return implies(land(land(open, is_more), world.is_vouched), land(enabled, step.next.owed == world.named));
  };
  return {counts(all_hold(step.guards)), counts(land(world.in(SlaStatus::delivered), all_hold(step.guards)))};
}

/// A client that loses a dispute about a right receipt pays no less than one unit more than it owed: it cannot shed the
/// one unit for which there is no voucher yet.
Goal shedding_costs_a_unit(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const auto moves = world.moves();
  const SlaMove& challenge = of(moves, SlaOperation::challenge);
  const Sla<SymInt>& disputed = challenge.step.next;
  const auto lost = settled_for(disputed, world.terms, world.sla.owed);
  const SymInt least = sla_payment(world.terms, world.sla.owed) + world.terms.price + disputed.bond;
  return {implies(challenge.enabled(), least <= lost.to_provider),
          implies(enabled_without(challenge.step, Reason::bond_too_low), least <= lost.to_provider)};
}

/// Whatever a party shows, the client has a whole window to dispute it and, where it lacks some, to demand the first.
Goal what_is_shown_is_looked_at(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const SymInt whole = world.height + world.terms.window;
  SymBool all = world.truth(true), short_of = world.truth(true);
  for (const SlaMove& move : world.moves()) {
    if ((status_set(move.operation) & status_set(SlaOperation::deliver, SlaOperation::close, SlaOperation::answer)) ==
        0)
      continue;
    all = land(all, implies(move.enabled(), whole <= move.step.next.challenge_until));
    short_of = land(short_of, implies(move.enabled(), whole < move.step.next.challenge_until));
  }
  return {all, short_of};
}

}  // namespace

std::vector<Obligation> contracts_session_obligations() {
  const std::string any = "any state that keeps the invariants", all = "all states, terms and units";
  return {
      {"SLA-7", "contracts-sla-7-close-is-answered", "a client that closes ends nothing in the same block", any,
       close_can_be_answered},
      {"SLA-18", "contracts-sla-18-last-word", "the provider alone settles by the client's last word", all,
       last_word_is_the_provider_s},
      {"SLA-18", "contracts-sla-18-voucher-counts", "a voucher for more than is owed counts, in a dispute too", any,
       voucher_counts},
      {"SLA-9", "contracts-sla-9-shedding", "a lost dispute costs at least one unit more than was owed", any,
       shedding_costs_a_unit},
      {"SLA-18", "contracts-sla-18-looked-at", "what a party shows can be looked at for a whole window", any,
       what_is_shown_is_looked_at},
  };
}

}  // namespace p2pllm::proofs
