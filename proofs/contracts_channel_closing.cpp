#include "proofs/contracts_channel.hpp"

// Closing a payment channel (CHAN-5 .. CHAN-7): which party can post, refute and punish which states, over all
// integers.
namespace p2pllm::proofs {
namespace {

using Step = ChannelStep<SymInt>;
using Operation = ChannelOperation;

Goal versions_rise(Scope& scope) {
  const UnknownChannel u = closing_channel(scope);
  const auto rises = [&](std::int64_t by) {
    return u.every([&](Operation, const Step& taken) {
      return implies(u.stands_at(taken.next, ChannelStatus::closing),
                     u.channel.version + u.is(by) <= taken.next.version);
    });
  };
  return {rises(1), rises(2)};
}

Goal timeout_stays(Scope& scope) {
  const UnknownChannel u = closing_channel(scope);
  const auto stays = [&](const SymInt& at) {
    return u.every([&](Operation, const Step& taken) { return taken.next.timeout == at; });
  };
  return {stays(u.channel.timeout), stays(u.height + u.channel.closing_time)};
}

Goal last_accepted_is_posted(Scope& scope) {
  const UnknownChannel u(scope);
  assume_sound(scope, u);
  const auto posts = [&](Operation operation, const SymInt& version) {
    return implies(u.enabled(operation), u.step(operation).next.version == version);
  };
  return {land(posts(Operation::close, u.state.version), posts(Operation::refute, u.state.version)),
          posts(Operation::refute, u.channel.version)};
}

/// A channel that was closed at some height, seen later with any later postings.
struct Watched {
  explicit Watched(Scope& scope) : u(closing_channel(scope)), closed_at(scope.integer("closed_at")) {
    scope.assume(land(within(u.is(0), closed_at, u.height), u.channel.timeout == closed_at + u.channel.closing_time));
    scope.assume(land(u.signature, balances_fit(u.channel, u.state)));
    scope.assume(u.channel.version < u.state.version);
  }
  UnknownChannel u;
  SymInt closed_at;
};

Goal refutation_is_possible(Scope& scope) {
  const Watched w(scope);
  const SymBool can = w.u.enabled(Operation::refute);
  const SymBool in_window = w.u.height < w.closed_at + w.u.channel.closing_time;
  return {implies(in_window, can), implies(w.u.height <= w.closed_at + w.u.channel.closing_time, can)};
}

Goal next_block_is_in_time(Scope& scope) {
  const Watched w(scope);
  scope.assume(w.u.height == w.closed_at + w.u.is(1));
  // The planted fault: the least closing time of 1 that "an old state is settled before it can be refuted" allowed.
  const SymBool with_one = w.u.height < w.closed_at + w.u.is(1);
  return {w.u.enabled(Operation::refute), with_one};
}

Goal window_of_one_block_is_none(Scope& scope) {
  const UnknownChannel u(scope);
  const SymInt closed_at = scope.integer("closed_at"), timeout = closed_at + u.is(1);
  scope.assume(closed_at < u.height);
  UnknownChannel later = u;
  later.channel.status = u.is(static_cast<int>(ChannelStatus::closing));
  later.channel.timeout = timeout;
  return {lnot(later.some_enabled({Operation::refute, Operation::punish})),
          lnot(later.some_enabled({Operation::settle}))};
}

Goal punishment_needs_a_posting(Scope& scope) {
  const UnknownChannel u = closing_channel(scope);
  const SymInt nothing = u.is(channel_nothing_posted);
  const SymBool b_posted = u.channel.least_posted_b < nothing, a_posted = u.channel.least_posted_a < nothing;
  const SymBool punished = u.enabled(Operation::punish);
  const SymBool revoked =
      land(u.signature, select(u.sender.is_a, u.channel.least_posted_b, u.channel.least_posted_a) < u.revoked_below);
  return {implies(punished, land(revoked, land(implies(u.sender.is_a, b_posted), implies(u.sender.is_b, a_posted)))),
          implies(punished, land(a_posted, b_posted))};
}

Goal only_own_postings_count(Scope& scope) {
  const UnknownChannel u(scope);
  assume_sound(scope, u);
  const auto counts = [&](const SymBool& excused) {
    return u.every([&](Operation, const Step& taken) {
      const SymBool changed = lnot(taken.next.least_posted_a == u.channel.least_posted_a);
      return implies(changed, lor(excused, land(taken.next.least_posted_a == u.state.version,
                                                u.state.version < u.channel.least_posted_a)));
    });
  };
  const SymBool a_sends = u.every([&](Operation operation, const Step& taken) {
    const SymBool opens = u.is(static_cast<std::int64_t>(operation)) == u.is(0);
    return implies(lnot(taken.next.least_posted_a == u.channel.least_posted_a), lor(opens, u.sender.is_a));
  });
  const SymBool opens = u.stands_at(u.channel, ChannelStatus::none);
  return {land(counts(opens), a_sends), land(counts(opens), u.every([&](Operation, const Step& taken) {
            return taken.next.least_posted_a == u.channel.least_posted_a;
          }))};
}

Goal honest_is_never_punished(Scope& scope) {
  const UnknownChannel u(scope);
  assume_sound(scope, u);
  // A signed no revocation above `promised` and posts no version below it: every step preserves this, and it is enough.
  const SymInt promised = scope.integer("promised");
  scope.assume(land(u.is(0) <= promised, promised <= u.channel.least_posted_a));
  scope.assume(implies(u.sender.is_a, promised <= u.state.version));
  scope.assume(promised <= u.is(channel_version_final));
  const SymBool kept = u.every([&](Operation, const Step& taken) { return promised <= taken.next.least_posted_a; });
  const SymBool by_b = land(u.enabled(Operation::punish), u.sender.is_b);
  const SymBool unpunished = implies(by_b, promised < u.revoked_below);
  return {land(kept, unpunished), lnot(by_b)};
}

Goal cheater_cannot_refute_itself_out(Scope& scope) {
  const UnknownChannel u = closing_channel(scope);
  // B posted a version below its revocation. Whichever party refutes, A can still punish until the timeout.
  const SymInt revoked = scope.integer("b_revoked_below");
  scope.assume(land(u.channel.least_posted_b < revoked, u.enabled(Operation::refute)));
  UnknownChannel after = u;
  after.channel = u.step(Operation::refute).next;
  const auto punishable = [&](const SymInt& height, const SymInt& posted) {
    Channel<SymInt> channel = after.channel;
    channel.least_posted_b = posted;
    const ChannelSender<SymInt> a{scope.truth(true), scope.truth(false)};
    return all_hold(channel_punish(channel, height, revoked, a, scope.truth(true)).guards);
  };
  const SymInt height = scope.integer("h_later");
  scope.assume(land(u.height <= height, height < u.channel.timeout));
  // The planted fault: a party's last posting is recorded instead of its least.
  return {punishable(height, after.channel.least_posted_b),
          punishable(height, select(u.sender.is_b, u.state.version, after.channel.least_posted_b))};
}

Goal punishment_pays_the_punisher(Scope& scope) {
  const UnknownChannel u = closing_channel(scope);
  scope.assume(u.enabled(Operation::punish));
  const auto& flow = u.step(Operation::punish).flow;
  const SymInt all = u.channel.deposit_a + u.channel.deposit_b;
  const SymBool right = land(implies(u.sender.is_a, land(flow.to_a == all, flow.to_b == u.is(0))),
                             implies(u.sender.is_b, land(flow.to_b == all, flow.to_a == u.is(0))));
  return {right, flow.to_a == all};
}

Goal strangers_do_not_close(Scope& scope) {
  const UnknownChannel u(scope);
  const SymBool party = lor(u.sender.is_a, u.sender.is_b);
  const SymBool closes = u.some_enabled({Operation::close, Operation::punish});
  return {implies(closes, party), implies(closes, land(party, u.signature))};
}

Goal unsigned_states_are_refused(Scope& scope) {
  const UnknownChannel u(scope);
  assume_sound(scope, u);
  scope.assume(lnot(u.signature));
  const SymBool first = land(u.state.version == u.is(0), u.state.balance_a == u.channel.deposit_a);
  const SymBool others = u.some_enabled({Operation::refute, Operation::cooperative_close, Operation::punish});
  return {land(lnot(others), implies(u.enabled(Operation::close), first)), lnot(u.some_enabled({Operation::close}))};
}

Goal final_state_is_the_highest(Scope& scope) {
  const UnknownChannel u(scope);
  assume_sound(scope, u);
  auto guards = u.step(Operation::cooperative_close).guards;
  // No party posted anything that would justify it.
  const SymInt nothing = u.is(channel_nothing_posted);
  const SymBool is_first = land(u.channel.least_posted_a == nothing, u.channel.least_posted_b == nothing);
  const SymBool is_highest = land(u.state.version == u.is(channel_version_final), u.channel.version < u.state.version);
  const auto covers = [&] { return implies(all_hold(guards), land(is_highest, is_first)); };
  const SymBool holds = covers();
  std::erase_if(guards, [](const auto& guard) { return guard.reason == Reason::wrong_status; });  // in a closing, too
  return {holds, covers()};
}

}  // namespace

std::vector<Obligation> contracts_channel_closing_obligations() {
  const std::string all = "all operations, over all integers";
  return {
      {"CHAN-6", "contracts-chan-6-versions-rise", "While closing, each posting is of a higher version.", all,
       versions_rise},
      {"CHAN-6", "contracts-chan-6-timeout-stays", "No operation moves the timeout of a closing.", all, timeout_stays},
      {"CHAN-6", "contracts-chan-6-last-accepted-is-posted", "A closing or refutation posts the version that it shows.",
       all, last_accepted_is_posted},
      {"CHAN-6", "contracts-chan-6-refutation-is-possible",
       "Whoever holds a newer signed state can show it at every height from the closing to before the timeout, "
       "whatever others posted.",
       all, refutation_is_possible},
      {"CHAN-6", "contracts-chan-6-next-block-is-in-time",
       "With a closing time of at least 2 that includes the block after the closing.", "closing_min >= 2",
       next_block_is_in_time},
      {"CHAN-6", "contracts-chan-6-one-block-is-none",
       "With a closing time of 1 nobody who has seen the closing can refute or punish.", "closing_min = 1",
       window_of_one_block_is_none},
      {"CHAN-7", "contracts-chan-7-needs-a-posting",
       "Who is punished itself posted a version below one under which it signed to post none.", all,
       punishment_needs_a_posting},
      {"CHAN-7", "contracts-chan-7-own-postings-alone",
       "The least version posted by A changes by A's own postings alone, and downwards.", all, only_own_postings_count},
      {"CHAN-7", "contracts-chan-7-honest-is-unpunished",
       "Who posts nothing below what it promised is punished only by a revocation beyond its promise.", all,
       honest_is_never_punished},
      {"CHAN-7", "contracts-chan-7-no-escape",
       "A cheater that is refuted, by itself or another, can still be punished.", all,
       cheater_cannot_refute_itself_out},
      {"CHAN-7", "contracts-chan-7-pays-the-punisher", "Punishment pays both deposits to its sender.", all,
       punishment_pays_the_punisher},
      {"CHAN-6", "contracts-chan-6-no-strangers", "Only a party closes or punishes.", all, strangers_do_not_close},
      {"CHAN-6", "contracts-chan-6-no-unsigned-states",
       "Without signatures nothing is accepted but version 0 by a party, with the deposits.", all,
       unsigned_states_are_refused},
      {"CHAN-5", "contracts-chan-5-final-is-highest",
       "What closes by agreement is above every version, and nothing was posted.", all, final_state_is_the_highest},
  };
}

}  // namespace p2pllm::proofs
