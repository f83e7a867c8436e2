#include <algorithm>

#include "proofs/contracts_sla.hpp"

namespace p2pllm::proofs {
namespace {

using namespace reference;

/// States of every move: if it is possible, the fact about it holds.
template <typename Statement>
SymBool every(const std::vector<SlaMove>& moves, Statement&& statement) {
  SymBool all = implies(moves.front().enabled(), statement(moves.front()));
  for (std::size_t k = 1; k < moves.size(); ++k) all = land(all, implies(moves[k].enabled(), statement(moves[k])));
  return all;
}

/// The moves with one of them changed.
template <typename Change>
std::vector<SlaMove> with_fault(std::vector<SlaMove> moves, SlaOperation operation, Change&& change) {
  change(*std::ranges::find(moves, operation, &SlaMove::operation));
  return moves;
}

SymBool stays_in_table(const SlaMove& move) {
  const auto& row = row_of(move.operation);
  return land(status_in(move.before.status, row.from), status_in(move.step.next.status, row.to));
}

Goal rows_are_respected(Scope& scope) {
  const SlaWorld world(scope);
  const auto faulty = with_fault(world.moves(), SlaOperation::cancel, [&](SlaMove& move) {
    move.step.next.status = as_integer(world.height, SlaStatus::settled);
  });
  return {every(world.moves(), stays_in_table), every(faulty, stays_in_table)};
}

Goal final_states_absorb(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(status_in(world.sla.status, sla_machine().final_statuses));
  const SymBool never = world.truth(false);
  const auto faulty = with_fault(world.moves(), SlaOperation::finalize, [&](SlaMove& move) {
    move.step.guards.front().holds = lor(move.step.guards.front().holds, world.in(SlaStatus::breached));
  });
  const auto none = [&](const SlaMove&) { return never; };
  return {every(world.moves(), none), every(faulty, none)};
}

/// Every operation that relies on the ledger's facts about sender and bytes must check them.
Goal truths_are_asked(Scope& scope, Reason forgotten) {
  const SlaWorld world(scope);
  const auto asked = [&](const SlaMove& move) {
    const auto is = [&](auto... operations) { return (status_set(move.operation) & status_set(operations...)) != 0; };
    const SymBool anyone = world.truth(is(SlaOperation::propose) || row_of(move.operation).sender == "anyone");
    using enum SlaOperation;
    const SymBool opens_nothing =
        world.truth(!is(accept, deliver, publish, post_mid, judge, refine, close, answer, challenge));
    const SymBool shows_nothing_signed = world.truth(!is(deliver, close, answer, challenge, settle, convict));
    const SymBool has_no_voucher = world.truth(!is(deliver, answer, claim));
    const SymBool is_signed = land(lor(shows_nothing_signed, world.is_signed), lor(has_no_voucher, world.is_vouched));
    return land(land(lor(anyone, world.permitted), is_signed), lor(opens_nothing, world.fits));
  };
  const auto faulty = with_fault(world.moves(), SlaOperation::deliver, [&](SlaMove& move) {
    std::erase_if(move.step.guards, [&](const auto& guard) { return guard.reason == forgotten; });
  });
  return {every(world.moves(), asked), every(faulty, asked)};
}

/// A dispute is won by a correct step, or by the other party's silence.
Goal winner_is_right(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  scope.assume(world.in(SlaStatus::disputed));
  const SymBool client_silent = world.sla.turn == world.number(client_turn);
  const auto deserved = [&](const SlaMove& move) {
    const SymBool provider_wins = sla_status_is(move.step.next, SlaStatus::settled);
    if (move.operation == SlaOperation::judge) return iff(provider_wins, world.agrees);
    if (move.operation == SlaOperation::forfeit) return iff(provider_wins, client_silent);
    return lnot(provider_wins);
  };
  const auto faulty = with_fault(world.moves(), SlaOperation::forfeit, [&](SlaMove& move) {
    move.step.next.status = as_integer(world.height, SlaStatus::settled);  // even if the provider was silent
  });
  return {every(world.moves(), deserved), every(faulty, deserved)};
}

Goal form_bounds_terms(Scope& scope) {
  SlaWorld world(scope);
  world.terms.units = scope.integer("units");
  scope.assume(world.constrained());
  const SymBool form = all_hold(sla_terms_form(world.terms, world.parameters));
  return {implies(form, world.well_formed()), implies(form, world.terms.window < world.parameters.window_max)};
}

Goal creation(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  const auto step = sla_propose(sla_empty(world.height), world.terms, world.parameters, world.height);
  auto cheap = step.next;
  cheap.escrow = world.number(0);
  return {implies(all_hold(step.guards), world.invariants(step.next, world.height)),
          implies(all_hold(step.guards), world.invariants(cheap, world.height))};
}

Goal kept_by(Scope& scope, SlaOperation operation, Reason forgotten) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const auto moves = world.moves();
  const SlaMove& move = *std::ranges::find(moves, operation, &SlaMove::operation);
  const SymBool kept = world.invariants(move.step.next, world.height);
  return {implies(move.enabled(), kept), implies(enabled_without(move.step, forgotten), kept)};
}

/// The obligations about moves whose faults are not an omitted guard.
Goal kept_by_all(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const auto kept = [&](const SlaMove& move) { return world.invariants(move.step.next, world.height); };
  const auto faulty =
      with_fault(world.moves(), SlaOperation::finalize, [&](SlaMove& move) { move.step.next.bond = world.sla.bond; });
  return {every(world.moves(), kept), every(faulty, kept)};
}

Goal kept_by_time(Scope& scope) {
  const SlaWorld world(scope);
  const SymInt later = scope.integer("later");
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const SymBool holds = world.invariants(world.sla, later);
  return {implies(world.height <= later, holds), implies(later <= world.height, holds)};
}

Goal value_is_conserved(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const SymInt zero = world.number(0);
  const auto conserved = [&](const SlaMove& move) {
    const auto& flow = move.step.flow;
    const SymBool signs = land(land(zero <= flow.from_client, zero <= flow.from_provider),
                               land(zero <= flow.to_client, zero <= flow.to_provider));
    return land(signs, sla_value(world.sla) + flow.from_client + flow.from_provider ==
                           sla_value(move.step.next) + flow.to_client + flow.to_provider);
  };
  const auto faulty = with_fault(world.moves(), SlaOperation::judge, [&](SlaMove& move) {
    move.step.flow.to_provider = select(zero < move.step.flow.to_provider, world.sla.escrow + world.sla.bond, zero);
  });
  return {every(world.moves(), conserved), every(faulty, conserved)};
}

Goal paid_once(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const SymInt zero = world.number(0);
  const auto once = [&](const SlaMove& move) {
    const SymBool pays = zero < move.step.flow.to_client + move.step.flow.to_provider;
    const SymBool ends = status_in(move.step.next.status, sla_machine().final_statuses);
    return land(implies(pays, ends), implies(ends, sla_value(move.step.next) == zero));
  };
  const auto faulty = with_fault(world.moves(), SlaOperation::publish,
                                 [&](SlaMove& move) { move.step.flow.to_provider = world.sla.escrow; });
  return {every(world.moves(), once), every(faulty, once)};
}

/// The final status determines who holds the value: settled pays what is owed and all bonds to the provider and the
/// rest of the escrow to the client, breached all to the client.
Goal outcome_is_exact(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const SymInt zero = world.number(0), payment = sla_payment(world.terms);
  const auto exact = [&](const SlaMove& move) {
    const auto& flow = move.step.flow;
    const auto ends = [&](SlaStatus status) { return sla_status_is(move.step.next, status); };
    const SymInt bonds = world.terms.bond + world.sla.challenge_bond, all = payment + bonds;
    const SymInt owed = sla_payment(world.terms, move.operation == SlaOperation::settle ? world.named : world.sla.owed);
    const SymBool settled = land(flow.to_provider == owed + bonds, flow.to_client == payment - owed);
    const SymBool breached = land(flow.to_client == all, flow.to_provider == zero);
    const SymBool refunded = land(flow.to_client == payment, flow.to_provider == zero);
    return land(land(implies(ends(SlaStatus::settled), settled), implies(ends(SlaStatus::breached), breached)),
                implies(lor(ends(SlaStatus::cancelled), ends(SlaStatus::expired)), refunded));
  };
  const auto faulty = with_fault(world.moves(), SlaOperation::miss, [&](SlaMove& move) {
    move.step.flow.to_client = world.sla.escrow;
    move.step.flow.to_provider = world.sla.bond;
  });
  return {every(world.moves(), exact), every(faulty, exact)};
}

Goal offences(Scope& scope) {
  const SlaWorld world(scope);
  const SymInt zero = world.number(0), late = world.number(offence_non_delivery), fraud = world.number(offence_fraud);
  const auto proven = [&](const SlaMove& move) {
    const SymBool breached = sla_status_is(move.step.next, SlaStatus::breached);
    const bool convicts = move.operation == SlaOperation::convict;
    const SymBool is_fraud = lor(world.in(SlaStatus::disputed), world.truth(convicts));
    const SymInt expected = select(breached, select(is_fraud, fraud, late), zero);
    return move.step.flow.offence == expected;
  };
  const auto faulty = with_fault(world.moves(), SlaOperation::forfeit, [&](SlaMove& move) {
    move.step.flow.offence = fraud;  // whichever party let the turn pass
  });
  return {every(world.moves(), proven), every(faulty, proven)};
}

/// The value that flows in is the agreed amount, from the party that agreed to it.
Goal inflows_are_agreed(Scope& scope) {
  const SlaWorld world(scope);
  const SymInt zero = world.number(0);
  const auto agreed = [&](const SlaMove& move) {
    const bool proposes = move.operation == SlaOperation::propose;
    const bool accepts = move.operation == SlaOperation::accept;
    const bool challenges = move.operation == SlaOperation::challenge;
    const SymInt client = proposes ? sla_payment(world.terms) : challenges ? world.challenge_bond : zero;
    return land(move.step.flow.from_client == client,
                move.step.flow.from_provider == (accepts ? world.terms.bond : zero));
  };
  const auto faulty = with_fault(world.moves(), SlaOperation::accept, [&](SlaMove& move) {
    move.step.flow.from_client = world.terms.bond;
    move.step.flow.from_provider = zero;
  });
  return {every(world.moves(), agreed), every(faulty, agreed)};
}

/// What the proofs assume of products of a price, or of steps, and units.
Goal some_are_no_more_than_all(Scope& scope) {
  const auto number = [&](const char* name) { return scope.integer(name); };
  const contracts::SlaTerms<SymInt> terms{number("price"), number("all"), number("steps"), number("a"), number("b"),
                                          number("c"),     number("d"),   number("e"),     number("f")};
  const SymInt some = number("some");
  return {products_grow(terms, some), sla_payment(terms, some) <= sla_payment(terms)};
}

/// While an SLA is open, what the client owes and what it is known to have only grow; a dispute forgets the latter.
Goal debt_stays(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const auto stays = [&](const SlaMove& move) {
    const auto& next = move.step.next;
    const SymBool is_disputed = sla_status_is(next, SlaStatus::disputed);
    return implies(sla_is_open(next),
                   land(world.sla.owed <= next.owed, lor(is_disputed, world.sla.acknowledged <= next.acknowledged)));
  };
  const auto faulty = with_fault(world.moves(), SlaOperation::challenge,
                                 [&](SlaMove& move) { move.step.next.owed = move.step.next.shown; });
  return {every(world.moves(), stays), every(faulty, stays)};
}

/// The time that the client was given to examine a delivery is kept, and a publication gives it a whole window.
Goal window_is_kept(Scope& scope) {
  const SlaWorld world(scope);
  const SymInt window_from_now = world.height + world.terms.window;
  const auto kept = [&](const SlaMove& move) {
    const SymBool looks = land(world.in(SlaStatus::delivered), sla_status_is(move.step.next, SlaStatus::delivered));
    const SymInt until = move.step.next.challenge_until;
    const bool shows = move.operation == SlaOperation::publish || move.operation == SlaOperation::answer;
    const SymBool whole = lor(world.truth(!shows), window_from_now <= until);
    return implies(looks, land(world.sla.challenge_until <= until, whole));
  };
  const auto faulty = with_fault(world.moves(), SlaOperation::publish,
                                 [&](SlaMove& move) { move.step.next.challenge_until = window_from_now; });
  return {every(world.moves(), kept), every(faulty, kept)};
}

}  // namespace

std::vector<Obligation> contracts_sla_obligations() {
  const auto kept = [](SlaOperation operation, Reason forgotten) {
    return [=](Scope& scope) { return kept_by(scope, operation, forgotten); };
  };
  const std::string all = "all states, terms, parameters and heights", any = "any state that keeps the invariants";
  return {
      {"SLA-1", "contracts-sla-1-rows", "every step goes from and to the statuses of its row", all, rows_are_respected},
      {"SLA-1", "contracts-sla-1-final-states-absorb", "nothing moves a final state", all, final_states_absorb},
      {"SLA-1", "contracts-sla-1-senders", "none but propose and closings happen without the sender's right to it", all,
       [](Scope& scope) { return truths_are_asked(scope, Reason::not_permitted); }},
      {"SLA-5", "contracts-sla-5-openings",
       "nothing is accepted, shown, published, posted, disputed or judged that does not fit or is not signed", all,
       [](Scope& scope) { return truths_are_asked(scope, Reason::wrong_opening); }},
      {"SLA-11", "contracts-sla-11-winner", "a dispute is won by a right step or by the other's silence, and not else",
       any, winner_is_right},
      {"SLA-2", "contracts-sla-2-form",
       "terms in form have 1 to steps_max steps, a payment, and times within the parameters", all, form_bounds_terms},
      {"SLA-3", "contracts-sla-3-created", "a proposal keeps the invariants", all, creation},
      {"SLA-3", "contracts-sla-3-kept", "every step keeps the invariants", any, kept_by_all},
      {"SLA-3", "contracts-sla-3-kept-by-challenge", "a challenge keeps the invariants, for its bond is asked", any,
       kept(SlaOperation::challenge, Reason::bond_too_low)},
      {"SLA-3", "contracts-sla-3-kept-by-post-mid", "a posting keeps left < mid < right, for one step is not halved",
       any, kept(SlaOperation::post_mid, Reason::not_adjacent)},
      {"SLA-15", "contracts-sla-15-kept-by-refine",
       "a refinement keeps the invariants, for it has 1 .. N_MAX micro-steps", any,
       kept(SlaOperation::refine, Reason::wrong_opening)},
      {"SLA-3", "contracts-sla-3-kept-by-side", "taking a side keeps left < right, for it is the client's turn", any,
       kept(SlaOperation::side, Reason::not_on_turn)},
      {"SLA-3", "contracts-sla-3-kept-by-deliver", "a delivery keeps the invariants, for nothing is delivered twice",
       any, kept(SlaOperation::deliver, Reason::wrong_status)},
      {"SLA-3", "contracts-sla-3-kept-by-close", "a close keeps the invariants, for it names units of the session", any,
       kept(SlaOperation::close, Reason::no_such_unit)},
      {"SLA-3", "contracts-sla-3-kept-by-claim", "a claim keeps the invariants, for it is of units of the session", any,
       kept(SlaOperation::claim, Reason::no_such_unit)},
      {"SLA-3", "contracts-sla-3-kept-by-time", "the invariants hold on when blocks pass", any, kept_by_time},
      {"SLA-6", "contracts-sla-6-window-kept", "nothing shortens the window; a publication or an answer gives it whole",
       all, window_is_kept},
      {"SLA-8", "contracts-sla-8-products", "some of all units cost no more, and have no more steps, than all",
       "all prices and counts", [](Scope& scope) { return some_are_no_more_than_all(scope); }},
      {"SLA-8", "contracts-sla-8-debt-stays",
       "nothing but a settlement or a breach lowers what is owed or acknowledged", any, debt_stays},
      {"SLA-8", "contracts-sla-8-conserved", "every step conserves value, and no flow is negative", any,
       value_is_conserved},
      {"SLA-8", "contracts-sla-8-paid-once", "who pays out ends the SLA and leaves nothing in it", any, paid_once},
      {"SLA-8", "contracts-sla-8-outcome-is-exact",
       "the end pays what is owed and the bonds to the provider, or all to the client: which, its status says", any,
       outcome_is_exact},
      {"SLA-8", "contracts-sla-8-offences",
       "an offence is proved iff the SLA is breached; fraud iff disputed or convicted", all, offences},
      {"SLA-8", "contracts-sla-8-inflows", "nobody pays but what it agreed to, when it agreed", all,
       inflows_are_agreed},
  };
}

}  // namespace p2pllm::proofs
