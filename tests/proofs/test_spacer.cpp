#include <catch2/catch.hpp>

#include "proofs/contracts_channel.hpp"
#include "proofs/spacer.hpp"

using namespace p2pllm;
using namespace p2pllm::proofs;

namespace {

using Answer = ReachableStates::Answer;
using Operation = ChannelOperation;

/// The channel with a height that never falls and a history: the amounts that it locked and paid, the number of its
/// payments, and the greatest version that it accepted.
struct ChannelHistory {
  using Change = std::function<void(Operation, ChannelStep<SymInt>&)>;

  explicit ChannelHistory(const Change& change = [](Operation, ChannelStep<SymInt>&) {})
      : scope(context),
        u(scope),
        zero(u.is(0)),
        states(context, variables(u.channel, u.height, locked, paid, payments, accepted)) {
    const SymBool inputs = conjunction(scope.hypotheses());
    states.add_start(inputs, variables(no_channel(u.height), u.height, zero, zero, zero, zero));
    const SymInt later = scope.integer("later");
    states.add_step(land(u.height <= later, later <= u.is(height_max)),
                    variables(u.channel, later, locked, paid, payments, accepted));
    for (int number = 0; number < 8; ++number) add(static_cast<Operation>(number), inputs, change);
  }

  void add(Operation operation, const SymBool& inputs, const Change& change) {
    ChannelStep<SymInt> step = u.step(operation);
    change(operation, step);
    const SymInt out = step.flow.to_a + step.flow.to_b;
    const bool accepts =
        operation == Operation::close || operation == Operation::refute || operation == Operation::cooperative_close;
    states.add_step(land(inputs, all_hold(step.guards)),
                    variables(step.next, u.height, locked + step.flow.from_a + step.flow.from_b, paid + out,
                              payments + select(zero < out, u.is(1), zero),
                              accepts ? maximum(accepted, u.state.version) : accepted));
  }

  static std::vector<SymInt> variables(const Channel<SymInt>& c, const SymInt& height, const SymInt& in,
                                       const SymInt& out, const SymInt& times, const SymInt& most) {
    return {c.status,    c.deposit_a, c.deposit_b,      c.fund_by,        c.closing_time, c.timeout, c.version,
            c.balance_a, c.balance_b, c.least_posted_a, c.least_posted_b, height,         in,        out,
            times,       most};
  }
  SymBool conjunction(const std::vector<z3::expr>& facts) {
    SymBool all = scope.truth(true);
    for (const z3::expr& fact : facts) all = land(all, SymBool(fact));
    return all;
  }

  /// Whether `bad` is unreachable by an invariant that the ordinary solver confirms.
  bool excludes(const SymBool& bad) const {
    const auto finding = states.query(bad);
    return finding.answer == Answer::unreachable && states.proves(*finding.invariant, bad);
  }

  z3::context context;
  Scope scope;
  UnknownChannel u;
  SymInt locked = scope.integer("locked"), paid = scope.integer("paid"), payments = scope.integer("payments"),
         accepted = scope.integer("accepted"), zero;
  ReachableStates states;
};

}  // namespace

TEST_CASE("a counter is found bounded, and not bounded where a fault is planted", "[prover]") {
  z3::context context;
  const SymInt x(context.int_const("x")), input(context.int_const("input"));
  const auto is = [&](int value) { return integer_like(x, value); };
  ReachableStates states(context, {x});
  states.add_start(is(0) == is(0), {is(0)});
  states.add_step(land(x < is(10), land(is(1) <= input, input <= is(2))), {x + input});
  const SymBool bad = is(11) < x;
  const auto finding = states.query(bad);
  REQUIRE(finding.answer == Answer::unreachable);
  CHECK(states.proves(*finding.invariant, bad));
  CHECK(states.query(is(10) < x).answer == Answer::reachable);
  CHECK_FALSE(states.proves(x < is(7), bad));
  CHECK_FALSE(states.proves(*finding.invariant, x == is(3)));
  CHECK_FALSE(states.proves(is(1) <= x, bad));
}

TEST_CASE("Spacer finds why a channel conserves value, pays once and settles what was accepted", "[CHAN-3][CHAN-8]") {
  const ChannelHistory h;
  CHECK(h.excludes(lnot(h.locked == h.paid + value(h.u.channel))));
  CHECK(h.excludes(h.u.is(1) < h.payments));
  const SymBool settled = h.u.stands_at(h.u.channel, ChannelStatus::settled);
  CHECK(h.excludes(land(settled, h.u.channel.version < h.accepted)));
  CHECK(h.excludes(land(settled, lnot(h.paid == h.locked))));
  CHECK(h.states.query(land(settled, h.u.is(5) < h.u.channel.version)).answer == Answer::reachable);
}

TEST_CASE("Spacer reaches what each planted fault of a channel allows", "[CHAN-3][CHAN-8]") {
  const auto reaches = [](const ChannelHistory::Change& change, const auto& bad) {
    const ChannelHistory h(change);
    return h.states.query(bad(h)).answer == Answer::reachable;
  };
  const auto created = [](const ChannelHistory& h) { return lnot(h.locked == h.paid + value(h.u.channel)); };
  const auto paid_twice = [](const ChannelHistory& h) { return h.u.is(1) < h.payments; };
  const auto outdated = [](const ChannelHistory& h) {
    return land(h.u.stands_at(h.u.channel, ChannelStatus::settled), h.u.channel.version < h.accepted);
  };
  CHECK(reaches(
      [](Operation operation, auto& step) {
        if (operation == Operation::reclaim) step.flow.to_b = step.next.deposit_b;
      },
      created));
  CHECK(reaches(
      [](Operation operation, auto& step) {
        if (operation == Operation::settle) step.next.status = number_of(step.next.status, ChannelStatus::closing);
      },
      paid_twice));
  CHECK(reaches(
      [](Operation operation, auto& step) {
        if (operation == Operation::refute) step.guards.pop_back();  // accepts a state that is not newer
      },
      outdated));
}
