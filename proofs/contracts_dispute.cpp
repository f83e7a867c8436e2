#include <algorithm>
#include <array>

#include "proofs/contracts_sla.hpp"

namespace p2pllm::proofs {
namespace {

using namespace reference;

SymBool some_enabled(const SlaWorld& world, const std::vector<SlaOperation>& operations) {
  const auto moves = world.moves();
  SymBool some = world.truth(false);
  for (const SlaOperation operation : operations) some = lor(some, of(moves, operation).enabled());
  return some;
}

/// The same SLA, seen at another height and with other truth values.
SlaWorld at(SlaWorld world, const SymInt& height, const Sla<SymInt>& state) {
  world.height = height;
  world.sla = state;
  world.permitted = world.fits = world.is_signed = world.is_vouched = world.truth(true);
  world.challenge_bond = maximum(world.parameters.challenge_bond_min, world.terms.price);
  world.unit = state.shown;
  world.micro_steps = world.number(1);
  world.named = maximum(world.terms.first_units, state.shown);
  world.had = world.number(0);
  return world;
}

constexpr std::array conflicts{
    std::pair{SlaOperation::accept, SlaOperation::expire},
    std::pair{SlaOperation::deliver, SlaOperation::timeout},
    std::pair{SlaOperation::demand, SlaOperation::finalize},
    std::pair{SlaOperation::challenge, SlaOperation::finalize},
    std::pair{SlaOperation::publish, SlaOperation::miss},
    std::pair{SlaOperation::publish, SlaOperation::finalize},
    std::pair{SlaOperation::miss, SlaOperation::finalize},
    std::pair{SlaOperation::challenge, SlaOperation::publish},
    std::pair{SlaOperation::challenge, SlaOperation::miss},
    std::pair{SlaOperation::post_mid, SlaOperation::forfeit},
    std::pair{SlaOperation::side, SlaOperation::forfeit},
    std::pair{SlaOperation::judge, SlaOperation::forfeit},
    std::pair{SlaOperation::post_mid, SlaOperation::side},
    std::pair{SlaOperation::post_mid, SlaOperation::judge},
    std::pair{SlaOperation::judge, SlaOperation::side},
    std::pair{SlaOperation::refine, SlaOperation::forfeit},
    std::pair{SlaOperation::refine, SlaOperation::post_mid},
    std::pair{SlaOperation::refine, SlaOperation::side},
    std::pair{SlaOperation::refine, SlaOperation::judge},
    std::pair{SlaOperation::answer, SlaOperation::finalize},
    std::pair{SlaOperation::answer, SlaOperation::publish},
    std::pair{SlaOperation::answer, SlaOperation::miss},
    std::pair{SlaOperation::answer, SlaOperation::acknowledge},
    std::pair{SlaOperation::close, SlaOperation::timeout},
    std::pair{SlaOperation::challenge, SlaOperation::timeout},
};

Goal exclusive(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const auto moves = world.moves();
  SymBool none = world.truth(true);
  for (const auto& [one, other] : conflicts)
    none = land(none, lnot(land(of(moves, one).enabled(), of(moves, other).enabled())));
  const auto early =
      sla_finalize(world.sla, world.terms, world.height + world.number(1));  // settled in the window's last block
  return {none, lnot(land(of(moves, SlaOperation::challenge).enabled(), all_hold(early.guards)))};
}

/// Without any party's help: anyone may send these.
const std::vector<SlaOperation> closings{SlaOperation::expire, SlaOperation::timeout, SlaOperation::miss,
                                         SlaOperation::finalize, SlaOperation::forfeit};

Goal closable(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  scope.assume(world.number(0) < sla_closable_from(world.sla, world.terms));
  const SymBool due = sla_closable_from(world.sla, world.terms) <= world.height;
  const auto without_miss = [&] {
    auto some = closings;
    std::erase(some, SlaOperation::miss);
    return some;
  }();
  return {iff(due, some_enabled(world, closings)), iff(due, some_enabled(world, without_miss))};
}

/// Halving takes no negative time.
Goal halvings_take_time(Scope& scope) {
  const SymInt width = scope.integer("w"), each = scope.integer("t"), zero = integer_like(width, 0);
  const SymBool least = zero <= halvings_time(width, each);
  scope.assume(width <= integer_like(width, 1 << 20));
  return {implies(zero <= each, least), least};
}

Goal holds_something_iff_closable(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const SymInt zero = world.number(0), two_turns = world.terms.turn + world.terms.turn;
  for (const SymInt& width : {sla_steps(world.terms), world.parameters.steps_max, world.sla.right - world.sla.left})
    scope.assume(zero <= halvings_time(width, two_turns));  // contracts-sla-10-halvings-take-time
  const SymBool empty = status_in(world.sla.status, sla_machine().final_statuses | status_set(SlaStatus::none));
  const SymInt from = sla_closable_from(world.sla, world.terms),
               by = sla_ends_by(world.sla, world.terms, world.parameters);
  const SymBool stated = land(iff(empty, from == zero), land(from <= by, implies(empty, by == zero)));
  return {stated, land(stated, implies(lnot(empty), from < by))};
}

/// Until anyone can end it, the party to move can do so, whatever the others did, if it acts by its last block.
Goal honest_moves_are_possible(Scope& scope) {
  const SlaWorld unknown(scope);
  scope.assume(unknown.well_formed());
  scope.assume(unknown.invariants(unknown.sla, unknown.height));
  const SlaWorld world = at(unknown, unknown.height, unknown.sla);
  const SymBool in_time = world.height < sla_closable_from(world.sla, world.terms);
  const SymBool pending = demand_is_pending(world.sla);
  const auto can = [&](const std::vector<SlaOperation>& operations) { return some_enabled(world, operations); };
  const auto when = [&](const SymBool& condition, const SymBool& then) {
    return implies(land(in_time, condition), then);
  };
  const SymBool delivered = world.in(SlaStatus::delivered), disputed = world.in(SlaStatus::disputed);
  const SymBool before = land(when(world.in(SlaStatus::proposed), can({SlaOperation::accept})),
                              when(world.in(SlaStatus::active), can({SlaOperation::deliver})));
  const SymBool after = land(when(land(delivered, pending), can({SlaOperation::publish})),
                             when(land(delivered, lnot(pending)), can({SlaOperation::challenge})));
  const SymBool in_dispute =
      when(disputed, can({SlaOperation::post_mid, SlaOperation::side, SlaOperation::judge, SlaOperation::refine}));
  return {land(before, land(after, in_dispute)),
          when(disputed, can({SlaOperation::post_mid, SlaOperation::side, SlaOperation::judge}))};
}

/// In the block after a delivery or publication, which is when the client sees it, the client can challenge.
Goal client_sees_before_it_is_late(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const SymInt next_block = world.height + world.number(1);
  const auto moves = world.moves();
  const auto can_challenge = [&](SlaOperation operation) {
    const SlaMove& move = of(moves, operation);
    return implies(move.enabled(), some_enabled(at(world, next_block, move.step.next), {SlaOperation::challenge}));
  };
  const auto can_demand = [&](const SlaMove& move) {
    const SymBool lacks_some = move.step.next.acknowledged < move.step.next.shown;
    return implies(land(move.enabled(), lacks_some),
                   some_enabled(at(world, next_block, move.step.next), {SlaOperation::demand}));
  };
  SlaMove hasty = of(moves, SlaOperation::deliver);
  hasty.step.next.challenge_until = next_block;  // W = 1
  const SymBool challenges = land(land(can_challenge(SlaOperation::deliver), can_challenge(SlaOperation::publish)),
                                  land(can_challenge(SlaOperation::close), can_challenge(SlaOperation::answer)));
  return {
      land(challenges, land(can_demand(of(moves, SlaOperation::deliver)), can_demand(of(moves, SlaOperation::close)))),
      can_demand(hasty)};
}

/// In the block after a move by the other party, the answer is possible.
Goal turns_can_be_answered(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const SymInt next_block = world.height + world.number(1);
  const auto moves = world.moves();
  const auto answered = [&](const SlaMove& move, const std::vector<SlaOperation>& answers) {
    return implies(move.enabled(), some_enabled(at(world, next_block, move.step.next), answers));
  };
  const std::vector<SlaOperation> provider{SlaOperation::post_mid, SlaOperation::judge, SlaOperation::refine};
  SlaMove idle = of(moves, SlaOperation::side);
  idle.step.next.deadline = world.sla.deadline;  // a turn that resets nothing
  const SymBool disputes = land(
      land(answered(of(moves, SlaOperation::challenge), provider), answered(of(moves, SlaOperation::side), provider)),
      answered(of(moves, SlaOperation::refine), {SlaOperation::post_mid, SlaOperation::judge}));
  return {land(land(disputes, answered(of(moves, SlaOperation::post_mid), {SlaOperation::side})),
               answered(of(moves, SlaOperation::demand), {SlaOperation::publish})),
          answered(idle, provider)};
}

/// The disputed interval after a side is taken: it is never empty, and never more than the greater half.
Goal interval_halves(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const auto moves = world.moves();
  const SlaMove& side = of(moves, SlaOperation::side);
  const SymInt one = world.number(1), width = world.sla.right - world.sla.left;
  const auto halved = [&](const Sla<SymInt>& next) {
    const SymInt now = next.right - next.left;
    return implies(side.enabled(), land(land(one <= now, now < width), now <= div_floor(width + one, 2)));
  };
  Sla<SymInt> stuck = side.step.next;
  stuck.left = world.sla.left;  // agreement is not recorded
  return {halved(side.step.next), halved(stuck)};
}

/// One halving fewer remains: ceil(log2 ceil(width / 2)) = ceil(log2 width) - 1, times the time of one.
Goal halvings_fall_by_one(Scope& scope) {
  const SymInt width = scope.integer("w"), each = scope.integer("t"), one = integer_like(width, 1);
  scope.assume(land(one < width, width <= integer_like(width, 1 << 20)));
  scope.assume(one <= each);
  const auto after = [&](const SymInt& left) { return halvings_time(left, each) + each; };
  const SymInt before = halvings_time(width, each);
  return {after(div_floor(width + one, 2)) == before, after(div_floor(width, 2)) == before};
}

/// No move of any party postpones the end.
Goal end_is_not_put_off(Scope& scope, SlaOperation operation) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const auto moves = world.moves();
  const SlaMove& move = of(moves, operation);
  const SymInt end = sla_ends_by(world.sla, world.terms, world.parameters);
  const auto later = [&](const Sla<SymInt>& next) {
    return implies(move.enabled(), sla_ends_by(next, world.terms, world.parameters) <= end);
  };
  Sla<SymInt> slow = move.step.next;
  const SymInt turn = world.terms.turn + world.terms.window;
  using enum SlaOperation;
  const bool delivers = (status_set(operation) & status_set(deliver, publish, close, answer)) != 0;
  (operation == SlaOperation::demand ? slow.demand_by
   : delivers                        ? slow.challenge_until
                                     : slow.deadline) = world.height + turn + turn;
  return {later(move.step.next), later(slow)};
}

/// Every other operation ends the SLA or leaves its end unchanged.
Goal end_is_kept(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const SymInt end = sla_ends_by(world.sla, world.terms, world.parameters), zero = world.number(0);
  SymBool kept = world.truth(true), ended = world.truth(true);
  for (const SlaMove& move : world.moves()) {
    const SymInt after = sla_ends_by(move.step.next, world.terms, world.parameters);
    if (move.operation == SlaOperation::accept || move.operation == SlaOperation::claim) {
      kept = land(kept, implies(move.enabled(), after == end));
      ended = land(ended, implies(move.enabled(), after == zero));
    } else if (status_set(move.operation) &
               status_set(SlaOperation::cancel, SlaOperation::expire, SlaOperation::miss, SlaOperation::acknowledge,
                          SlaOperation::finalize, SlaOperation::timeout, SlaOperation::judge, SlaOperation::forfeit,
                          SlaOperation::settle, SlaOperation::convict)) {
      kept = land(kept, implies(move.enabled(), after == zero));
      ended = land(ended, implies(move.enabled(), after == zero));
    }
  }
  return {kept, ended};
}

Goal dispute_is_short(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const auto moves = world.moves();
  const SlaMove& challenge = of(moves, SlaOperation::challenge);
  const SymInt turn = world.terms.turn;
  const SymInt rounds = halvings_time(sla_steps(world.terms, world.named), turn + turn) +
                        halvings_time(world.parameters.steps_max, turn + turn);
  const auto within = [&](const SymInt& blocks) {
    return implies(challenge.enabled(),
                   sla_ends_by(challenge.step.next, world.terms, world.parameters) == world.height + blocks);
  };
  return {within(rounds + turn + turn + world.number(1)), within(rounds + turn + world.number(1))};
}

/// From proposal to end, whatever any party does, the money is locked for a known time.
Goal life_is_bounded(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  const auto& p = world.parameters;
  const auto proposal = sla_propose(sla_empty(world.height), world.terms, p, world.height);
  const SymInt end = sla_ends_by(proposal.next, world.terms, p);
  const SymInt turns = world.number(83) * p.turn_max, window = p.window_max;
  const auto within = [&](const SymInt& blocks) {
    return implies(all_hold(proposal.guards), end < world.height + blocks);
  };
  return {within(p.deliver_within_max + window + window + window + turns),
          within(p.deliver_within_max + window + window + turns)};
}

/// Whichever party decides when an acceptance is included, T blocks are left for the delivery.
Goal acceptance_leaves_a_turn(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(all_hold(sla_terms_form(world.terms, world.parameters)));
  const auto moves = world.moves();
  const auto left = [&](const SymInt& blocks) {
    return implies(of(moves, SlaOperation::accept).enabled(), world.height + blocks <= world.terms.deliver_by);
  };
  return {left(world.terms.turn), left(world.terms.turn + world.number(1))};
}

/// A client that sides with the truth preserves this: the state at the left is right, and the state at the right is
/// wrong.
Goal truth_is_kept(Scope& scope) {
  const SlaWorld world(scope);
  scope.assume(world.well_formed());
  scope.assume(world.invariants(world.sla, world.height));
  const SymBool left_right = scope.unknown("left_is_right"), right_right = scope.unknown("right_is_right"),
                mid_right = scope.unknown("mid_is_right");
  scope.assume(land(left_right, lnot(right_right)));
  const SymInt mid = dispute_mid(world.sla);
  scope.assume(world.sla.left < mid);
  scope.assume(mid < world.sla.right);
  const auto is_right = [&](const SymInt& point) {  // for the three points that the parties have seen
    return lor(lor(land(point == world.sla.left, left_right), land(point == mid, mid_right)),
               land(point == world.sla.right, right_right));
  };
  const auto kept = [&](const SymBool& agrees) {
    const auto side = sla_side(world.sla, world.terms, world.height, world.truth(true), agrees);
    return implies(all_hold(side.guards), land(is_right(side.next.left), lnot(is_right(side.next.right))));
  };
  return {kept(mid_right), kept(lnot(mid_right))};
}

}  // namespace

std::vector<Obligation> contracts_dispute_obligations() {
  const auto put_off = [](SlaOperation operation) {
    return [=](Scope& scope) { return end_is_not_put_off(scope, operation); };
  };
  const std::string any = "any state that keeps the invariants, up to 2^20 steps";
  return {
      {"SLA-7", "contracts-sla-7-exclusive", "of twenty-five pairs of conflicting moves, never are both possible", any,
       exclusive},
      {"SLA-12", "contracts-sla-12-closable", "anyone can end an SLA exactly from its closable height on", any,
       closable},
      {"SLA-12", "contracts-sla-12-nothing-stuck", "what holds funds is closable, no later than its end", any,
       holds_something_iff_closable},
      {"SLA-12", "contracts-sla-12-end-kept", "accepting, claiming and ending put no end off", any, end_is_kept},
      {"SLA-12", "contracts-sla-12-deliver", "a delivery puts no end off", any, put_off(SlaOperation::deliver)},
      {"SLA-12", "contracts-sla-12-demand", "a demand puts no end off", any, put_off(SlaOperation::demand)},
      {"SLA-12", "contracts-sla-12-publish", "a publication puts no end off", any, put_off(SlaOperation::publish)},
      {"SLA-12", "contracts-sla-12-close", "a close puts no end off", any, put_off(SlaOperation::close)},
      {"SLA-12", "contracts-sla-12-answer", "an answer puts no end off", any, put_off(SlaOperation::answer)},
      {"SLA-12", "contracts-sla-12-challenge", "a challenge puts no end off", any, put_off(SlaOperation::challenge)},
      {"SLA-12", "contracts-sla-12-post-mid", "a posting puts no end off", any, put_off(SlaOperation::post_mid)},
      {"SLA-12", "contracts-sla-12-side", "a side taken puts no end off", any, put_off(SlaOperation::side)},
      {"SLA-12", "contracts-sla-12-refine", "a refinement puts no end off", any, put_off(SlaOperation::refine)},
      {"SLA-12", "contracts-sla-12-dispute",
       "a dispute of n steps ends within (2 ceil(log2 n) + 2 ceil(log2 N_MAX) + 2) T + 1 blocks", any,
       dispute_is_short},
      {"SLA-12", "contracts-sla-12-life", "an SLA ends within D_MAX + 3 W_MAX + 83 T_MAX blocks of its proposal", any,
       life_is_bounded},
      {"SLA-10", "contracts-sla-10-halves", "a side taken leaves at least one step and at most half, rounded up", any,
       interval_halves},
      {"SLA-10", "contracts-sla-10-halvings-take-time", "halving an interval takes no negative time", "w <= 2^20",
       halvings_take_time},
      {"SLA-10", "contracts-sla-10-one-halving-less", "half of an interval, rounded up, needs one halving less",
       "1 < w <= 2^20", halvings_fall_by_one},
      {"SLA-13", "contracts-sla-13-truth-is-kept",
       "who sides with the truth keeps a right state left, a wrong one right", any, truth_is_kept},
      {"SLA-14", "contracts-sla-14-moves", "until anyone can end it, who is to move can move", any,
       honest_moves_are_possible},
      {"SLA-14", "contracts-sla-14-client-sees",
       "in the block after a delivery, close, answer or publication it can be challenged", any,
       client_sees_before_it_is_late},
      {"SLA-14", "contracts-sla-14-turns", "in the block after a turn it can be answered", any, turns_can_be_answered},
      {"SLA-14", "contracts-sla-14-acceptance", "whenever a provider accepts, T blocks are left to deliver in",
       "any terms of the form", acceptance_leaves_a_turn},
  };
}

}  // namespace p2pllm::proofs
