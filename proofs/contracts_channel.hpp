#pragma once

#include <functional>

#include "proofs/obligation.hpp"
#include "reference/contracts/channel_rules.hpp"

// A payment channel with unknown numbers, and the results of its operations.
namespace p2pllm::proofs {

using namespace reference;

[[nodiscard]] inline SymBool within(const SymInt& least, const SymInt& number, const SymInt& most) {
  return land(least <= number, number <= most);
}

/// Any channel, and any inputs in the range of their encoding, at any height.
struct UnknownChannel {
  explicit UnknownChannel(Scope& scope)
      : height(scope.integer("h")),
        p{of(scope, "min_stake"),  of(scope, "launch_stake"), of(scope, "min_fee"),      of(scope, "cooldown"),
          of(scope, "unbonding"),  of(scope, "jail"),         of(scope, "evidence_age"), of(scope, "deliver_max"),
          of(scope, "window_min"), of(scope, "window_max"),   of(scope, "turn_min"),     of(scope, "turn_max"),
          of(scope, "steps_max"),  of(scope, "price_max"),    of(scope, "bond_min"),     of(scope, "closing_min"),
          of(scope, "closing_max")},
        channel{of(scope, "status"),         of(scope, "deposit_a"),     of(scope, "deposit_b"),
                of(scope, "fund_by"),        of(scope, "closing_time"),  of(scope, "timeout"),
                of(scope, "version"),        of(scope, "balance_a"),     of(scope, "balance_b"),
                of(scope, "least_posted_a"), of(scope, "least_posted_b")},
        terms{of(scope, "terms_a"), of(scope, "terms_b"), of(scope, "terms_closing"), of(scope, "terms_fund_by")},
        state{of(scope, "state_version"), of(scope, "state_a"), of(scope, "state_b")},
        revoked_below(of(scope, "revoked_below")),
        sender{scope.unknown("sender_is_a"), scope.unknown("sender_is_b")},
        signature(scope.unknown("signed")),
        differ(scope.unknown("parties_differ")) {
    for (const SymInt& amount : {terms.deposit_a, terms.deposit_b, terms.closing_time, terms.fund_by, state.version,
                                 state.balance_a, state.balance_b, revoked_below})
      scope.assume(within(is(0), amount, is(amount_max)));
    scope.assume(within(is(0), height, is(height_max)));
    scope.assume(lnot(land(sender.is_a, sender.is_b)));
    scope.assume(land(is(2) <= p.closing_min, land(p.closing_min <= p.closing_max, p.closing_max <= is(height_max))));
  }
  static SymInt of(Scope& scope, const char* name) { return scope.integer(name); }
  [[nodiscard]] SymInt is(std::int64_t number) const { return integer_like(height, number); }
  [[nodiscard]] SymBool stands_at(const Channel<SymInt>& c, ChannelStatus status) const {
    return c.status == number_of(c.status, status);
  }

  [[nodiscard]] ChannelStep<SymInt> step(ChannelOperation operation) const {
    switch (operation) {
      case ChannelOperation::open: return channel_open(channel, p, height, terms, sender, differ);
      case ChannelOperation::fund: return channel_fund(channel, height, sender);
      case ChannelOperation::reclaim: return channel_reclaim(channel, height);
      case ChannelOperation::cooperative_close: return channel_cooperative_close(channel, height, state, signature);
      case ChannelOperation::close: return channel_close(channel, height, state, sender, signature);
      case ChannelOperation::refute: return channel_refute(channel, height, state, sender, signature);
      case ChannelOperation::punish: return channel_punish(channel, height, revoked_below, sender, signature);
      case ChannelOperation::settle: return channel_settle(channel, height);
    }
    throw std::logic_error("no such operation");
  }
  [[nodiscard]] SymBool enabled(ChannelOperation operation) const { return all_hold(step(operation).guards); }
  /// States `fact` of every operation that is enabled.
  [[nodiscard]] SymBool every(const std::function<SymBool(ChannelOperation, const ChannelStep<SymInt>&)>& fact) const {
    SymBool all = is(0) == is(0);
    for (int number = 0; number < 8; ++number) {
      const auto operation = static_cast<ChannelOperation>(number);
      const ChannelStep<SymInt> taken = step(operation);
      all = land(all, implies(all_hold(taken.guards), fact(operation, taken)));
    }
    return all;
  }
  [[nodiscard]] SymBool some_enabled(std::initializer_list<ChannelOperation> operations) const {
    SymBool some = is(0) < is(0);
    for (const ChannelOperation operation : operations) some = lor(some, enabled(operation));
    return some;
  }

  SymInt height;
  Parameters<SymInt> p;
  Channel<SymInt> channel;
  ChannelTermNumbers<SymInt> terms;
  ChannelBalanceNumbers<SymInt> state;
  SymInt revoked_below;
  ChannelSender<SymInt> sender;
  SymBool signature, differ;
};

/// The conditions that hold for a channel at all times (CHAN-3). `height_seen`: some height at or after the last step.
[[nodiscard]] inline SymBool sound(const UnknownChannel& u, const Channel<SymInt>& c, const SymInt& height_seen) {
  const SymInt zero = u.is(0), nothing = u.is(channel_nothing_posted);
  const SymBool exists = lnot(u.stands_at(c, ChannelStatus::none));
  const SymInt deposits = c.deposit_a + c.deposit_b;
  const SymBool amounts = land(land(zero <= c.deposit_a, zero <= c.deposit_b), deposits <= u.is(amount_max));
  const SymBool balances = land(land(zero <= c.balance_a, zero <= c.balance_b), c.balance_a + c.balance_b == deposits);
  const SymBool times = within(u.p.closing_min, c.closing_time, u.p.closing_max);
  const SymBool unposted = land(land(c.version == zero, c.balance_a == c.deposit_a),
                                land(c.least_posted_a == nothing, c.least_posted_b == nothing));
  const SymBool posted = land(land(within(zero, c.version, u.is(channel_version_final)),
                                   lor(c.least_posted_a <= c.version, c.least_posted_b <= c.version)),
                              land(within(zero, c.least_posted_a, nothing), within(zero, c.least_posted_b, nothing)));
  const SymBool early = lor(u.stands_at(c, ChannelStatus::opening), u.stands_at(c, ChannelStatus::open));
  const SymBool closing = u.stands_at(c, ChannelStatus::closing);
  return land(within(zero, c.status, u.is(4)),
              implies(exists, land(land(land(amounts, balances), times),
                                   land(implies(early, unposted),
                                        implies(closing, land(posted, c.timeout <= height_seen + c.closing_time))))));
}

inline void assume_sound(Scope& scope, const UnknownChannel& u) { scope.assume(sound(u, u.channel, u.height)); }

/// A channel that is closing, in a sound state.
[[nodiscard]] inline UnknownChannel closing_channel(Scope& scope) {
  UnknownChannel u(scope);
  assume_sound(scope, u);
  scope.assume(u.stands_at(u.channel, ChannelStatus::closing));
  return u;
}

/// The obligations about closings, appended to those about channels.
[[nodiscard]] std::vector<Obligation> contracts_channel_closing_obligations();

}  // namespace p2pllm::proofs
