#include "proofs/contracts_channel.hpp"

// The payment channel (CHAN-1 .. CHAN-3, CHAN-8): the conditions that each operation preserves, over all integers.
namespace p2pllm::proofs {
namespace {

using Step = ChannelStep<SymInt>;
using Operation = ChannelOperation;

Goal rows_are_obeyed(Scope& scope) {
  const UnknownChannel u(scope);
  const auto obeys = [&](bool swapped) {
    return u.every([&](Operation operation, const Step& taken) {
      const Transition& row = row_of(operation);
      return land(status_in(u.channel.status, row.from), status_in(taken.next.status, swapped ? row.from : row.to));
    });
  };
  return {obeys(false), obeys(true)};
}

Goal settled_absorbs(Scope& scope) {
  const UnknownChannel u(scope);
  const auto none_from = [&](ChannelStatus status) {
    return implies(u.stands_at(u.channel, status), u.every([&](Operation, const Step&) { return u.is(1) < u.is(0); }));
  };
  return {none_from(ChannelStatus::settled), none_from(ChannelStatus::none)};
}

Goal stays_sound(Scope& scope) {
  const UnknownChannel u(scope);
  assume_sound(scope, u);
  const auto keeps = [&](bool without_sum) {
    return u.every([&](Operation operation, const Step& taken) {
      Channel<SymInt> next = taken.next;
      // The planted fault: a refutation that does not check B's balance.
      if (without_sum && operation == Operation::refute) next.balance_b = next.balance_b + u.is(1);
      return sound(u, next, u.height);
    });
  };
  return {keeps(false), keeps(true)};
}

Goal begins_sound(Scope& scope) {
  const UnknownChannel u(scope);
  const Channel<SymInt> none = no_channel(u.height);
  Channel<SymInt> faulty = none;
  faulty.status = u.is(static_cast<int>(ChannelStatus::closing));
  return {sound(u, none, u.height), sound(u, faulty, u.height)};
}

Goal value_is_conserved(Scope& scope) {
  const UnknownChannel u(scope);
  assume_sound(scope, u);
  const auto conserves = [&](bool pays_twice) {
    return u.every([&](Operation operation, const Step& taken) {
      const auto& flow = taken.flow;
      const SymInt in = flow.from_a + flow.from_b;
      SymInt out = flow.to_a + flow.to_b;
      if (pays_twice && operation == Operation::reclaim) out = out + u.channel.deposit_b;
      const SymInt zero = u.is(0);
      const SymBool natural =
          land(land(zero <= flow.from_a, zero <= flow.from_b), land(zero <= flow.to_a, zero <= flow.to_b));
      return land(natural, value(u.channel) + in == value(taken.next) + out);
    });
  };
  return {conserves(false), conserves(true)};
}

Goal pays_once_and_all(Scope& scope) {
  const UnknownChannel u(scope);
  assume_sound(scope, u);
  const auto pays = [&](const SymInt& due) {
    return u.every([&](Operation, const Step& taken) {
      const SymBool ends = u.stands_at(taken.next, ChannelStatus::settled);
      const SymInt paid = taken.flow.to_a + taken.flow.to_b;
      return land(implies(lnot(ends), paid == u.is(0)), implies(ends, paid == due));
    });
  };
  const SymInt both = u.channel.deposit_a + u.channel.deposit_b;
  return {pays(select(u.stands_at(u.channel, ChannelStatus::opening), u.channel.deposit_a, both)), pays(both)};
}

Goal reclaim_pays_a(Scope& scope) {
  const UnknownChannel u(scope);
  assume_sound(scope, u);
  scope.assume(u.enabled(Operation::reclaim));
  const auto& flow = u.step(Operation::reclaim).flow;
  const SymBool to_a = land(flow.to_a == u.channel.deposit_a, flow.to_b == u.is(0));
  return {to_a, land(to_a, u.is(1) <= flow.to_a)};
}

Goal terms_are_immutable(Scope& scope) {
  const UnknownChannel u(scope);
  const auto keeps = [&](std::int64_t first) {
    return u.every([&](Operation operation, const Step& taken) {
      const auto &c = u.channel, &n = taken.next;
      const SymBool same = land(land(n.deposit_a == c.deposit_a, n.deposit_b == c.deposit_b),
                                land(n.closing_time == c.closing_time, n.fund_by == c.fund_by));
      return lor(same, u.is(static_cast<std::int64_t>(operation)) < u.is(first));
    });
  };
  return {keeps(1), keeps(0)};
}

Goal settled_version_covers_accepted(Scope& scope) {
  const UnknownChannel u = closing_channel(scope);
  // Some version that was accepted before: posted, and by induction not above the channel's.
  const SymInt accepted = scope.integer("accepted");
  scope.assume(accepted <= u.channel.version);
  const auto covers = [&](bool with_new) {
    return u.every([&](Operation operation, const Step& taken) {
      const SymBool pays_posted =
          land(taken.flow.to_a == taken.next.balance_a, taken.flow.to_b == taken.next.balance_b);
      const SymBool is_settle =
          u.is(operation == Operation::settle || operation == Operation::cooperative_close ? 1 : 0) == u.is(1);
      const SymInt least = with_new ? u.state.version : accepted;
      return land(least <= taken.next.version, implies(is_settle, pays_posted));
    });
  };
  return {covers(false), covers(true)};
}

Goal settle_excludes_the_rest(Scope& scope) {
  const UnknownChannel u = closing_channel(scope);
  const SymBool others =
      u.some_enabled({Operation::refute, Operation::punish, Operation::cooperative_close, Operation::close});
  // The planted fault: settled one block early.
  const SymBool early = u.channel.timeout <= u.height + u.is(1);
  return {lnot(land(u.enabled(Operation::settle), others)), lnot(land(early, others))};
}

Goal fund_excludes_reclaim(Scope& scope) {
  const UnknownChannel u(scope);
  assume_sound(scope, u);
  const SymBool from_then = land(u.stands_at(u.channel, ChannelStatus::opening), u.channel.fund_by <= u.height);
  return {lnot(land(u.enabled(Operation::fund), u.enabled(Operation::reclaim))),
          lnot(land(u.enabled(Operation::fund), from_then))};
}

Goal nothing_is_stuck(Scope& scope) {
  const UnknownChannel u(scope);
  assume_sound(scope, u);
  // Version 0 needs no signature and is always available.
  scope.assume(land(u.state.version == u.is(0),
                    land(u.state.balance_a == u.channel.deposit_a, u.state.balance_b == u.channel.deposit_b)));
  const SymBool party = lor(u.sender.is_a, u.sender.is_b);
  const auto& c = u.channel;
  const auto ends = [&](const SymInt& due) {
    return land(
        land(implies(u.stands_at(c, ChannelStatus::opening), lor(u.height <= c.fund_by, u.enabled(Operation::reclaim))),
             implies(land(u.stands_at(c, ChannelStatus::open), party), u.enabled(Operation::close))),
        implies(land(u.stands_at(c, ChannelStatus::closing), due <= u.height), u.enabled(Operation::settle)));
  };
  return {ends(c.timeout), ends(c.timeout - u.is(1))};
}

Goal ends_are_bounded(Scope& scope) {
  const UnknownChannel u(scope);
  assume_sound(scope, u);
  const auto bounded = [&](const SymInt& most) {
    const Step opened = u.step(Operation::open), closed = u.step(Operation::close);
    return land(implies(all_hold(opened.guards), opened.next.fund_by <= u.height + most),
                implies(all_hold(closed.guards), closed.next.timeout <= u.height + most));
  };
  return {bounded(u.p.closing_max), bounded(u.p.closing_min)};
}

Goal machine_integers_suffice(Scope& scope) {
  const UnknownChannel u(scope);
  assume_sound(scope, u);
  const auto fits = [&](const SymInt& most) {
    const SymInt least = u.is(0) - most, zero = u.is(0);
    const SymInt deposits = u.channel.deposit_a + u.channel.deposit_b;
    const SymBool exists = lnot(u.stands_at(u.channel, ChannelStatus::none));
    const SymBool terms = land(within(least, u.is(amount_max) - u.terms.deposit_b, most),
                               within(least, u.is(1) - u.terms.deposit_a, most));
    return land(
        land(terms, within(zero, u.height + u.p.closing_max, most)),
        implies(exists, land(land(within(zero, deposits, most), within(least, deposits - u.state.balance_a, most)),
                             within(zero, u.height + u.channel.closing_time, most))));
  };
  return {fits(u.is(amount_max)), fits(u.is(amount_max - 2))};
}

}  // namespace

std::vector<Obligation> contracts_channel_obligations() {
  const std::string all = "all operations, over all integers";
  std::vector<Obligation> obligations{
      {"CHAN-1", "contracts-chan-1-rows-are-obeyed", "An operation leads from a status of its row to one of its row.",
       all, rows_are_obeyed},
      {"CHAN-1", "contracts-chan-1-settled-absorbs", "No operation leaves a settled channel.", all, settled_absorbs},
      {"CHAN-3", "contracts-chan-3-begins-sound", "A channel that does not exist is sound.", all, begins_sound},
      {"CHAN-3", "contracts-chan-3-stays-sound",
       "Every operation keeps a channel sound: balances natural, adding up to the deposits, postings within versions, "
       "a timeout at most a closing time away.",
       all, stays_sound},
      {"CHAN-3", "contracts-chan-3-value-is-conserved",
       "What a channel holds and what enters is what it then holds and what leaves; no flow is negative.", all,
       value_is_conserved},
      {"CHAN-3", "contracts-chan-3-pays-once-and-all", "Only a step to Settled pays, and it pays all that was locked.",
       all, pays_once_and_all},
      {"CHAN-2", "contracts-chan-2-reclaim-pays-a", "What is reclaimed is A's deposit, and goes to A.", all,
       reclaim_pays_a},
      {"CHAN-2", "contracts-chan-2-terms-are-immutable",
       "No operation but the opening changes deposits, closing time or fundBy.", all, terms_are_immutable},
      {"CHAN-2", "contracts-chan-2-fund-excludes-reclaim", "B can fund or anyone reclaim, never both at one height.",
       all, fund_excludes_reclaim},
      {"CHAN-8", "contracts-chan-8-settled-covers-accepted",
       "The version settled is at least every version accepted before, and its balances are paid.", all,
       settled_version_covers_accepted},
      {"CHAN-8", "contracts-chan-8-settle-excludes-the-rest",
       "A closing can be settled or changed, never both at one height.", all, settle_excludes_the_rest},
      {"CHAN-8", "contracts-chan-8-nothing-is-stuck",
       "After fundBy anyone can reclaim, from the timeout on anyone can settle, and each party alone can close an open "
       "channel.",
       all, nothing_is_stuck},
      {"CHAN-8", "contracts-chan-8-ends-are-bounded",
       "A deadline is at most the longest closing time away when it is set.", all, ends_are_bounded},
      {"CHAN-3", "contracts-chan-3-no-overflow", "No sum or difference in the rules exceeds 2^62.", all,
       machine_integers_suffice},
  };
  for (Obligation& obligation : contracts_channel_closing_obligations()) obligations.push_back(std::move(obligation));
  return obligations;
}

}  // namespace p2pllm::proofs
