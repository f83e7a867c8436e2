#pragma once

#include "reference/contracts/channel_machine.hpp"
#include "reference/contracts/parameter_rules.hpp"

// The bidirectional payment channel (CHAN-1 .. CHAN-9). Both parties lock a deposit and sign new balances off the
// ledger. Either may close alone with a state that both signed: for `closing_time` blocks anyone can show a newer one,
// and a party that posts a version after signing that it never will loses everything.
namespace p2pllm::reference {

template <Integer N>
struct ChannelFlow {
  N from_a, from_b, to_a, to_b;
};

template <Integer N>
using ChannelStep = Step<N, Channel<N>, ChannelFlow<N>>;

/// The sender of an operation: A, B, or another account. It is never both, because the parties differ.
template <Integer N>
struct ChannelSender {
  Truth<N> is_a, is_b;
};

template <Integer N>
[[nodiscard]] N number_of(const N& like, ChannelStatus status) {
  return integer_like(like, static_cast<std::int64_t>(status));
}

/// A channel that does not exist yet.
template <Integer N>
[[nodiscard]] Channel<N> no_channel(const N& like) {
  const N zero = integer_like(like, 0), nothing = integer_like(like, channel_nothing_posted);
  return {.status = zero,
          .deposit_a = zero,
          .deposit_b = zero,
          .fund_by = zero,
          .closing_time = zero,
          .timeout = zero,
          .version = zero,
          .balance_a = zero,
          .balance_b = zero,
          .least_posted_a = nothing,
          .least_posted_b = nothing};
}

/// The value that the channel holds, which is part of the supply.
template <Integer N>
[[nodiscard]] N value(const Channel<N>& channel) {
  const N zero = integer_like(channel.status, 0);
  const auto is = [&](ChannelStatus status) { return channel.status == number_of(channel.status, status); };
  return select(
      is(ChannelStatus::opening), channel.deposit_a,
      select(lor(is(ChannelStatus::open), is(ChannelStatus::closing)), channel.deposit_a + channel.deposit_b, zero));
}

/// Whether terms are within the genesis parameters, whatever the state (CHAN-2). Amounts in [0, 2^62].
template <Integer N>
[[nodiscard]] Truth<N> terms_in_range(const ChannelTermNumbers<N>& terms, const Parameters<N>& p,
                                      const Truth<N>& parties_differ) {
  const auto is = [&](std::int64_t number) { return integer_like(terms.deposit_a, number); };
  const auto in = [](const N& least, const N& number, const N& most) { return land(least <= number, number <= most); };
  const Truth<N> amounts = land(in(is(0), terms.deposit_a, is(amount_max)), in(is(0), terms.deposit_b, is(amount_max)));
  // The sum of two amounts may exceed machine integers; a difference does not.
  const Truth<N> sum =
      land(terms.deposit_a <= is(amount_max) - terms.deposit_b, is(1) - terms.deposit_a <= terms.deposit_b);
  const Truth<N> times =
      land(in(p.closing_min, terms.closing_time, p.closing_max), in(is(0), terms.fund_by, is(height_max)));
  return land(land(amounts, sum), land(times, parties_differ));
}

/// Whether balances add up to the deposits (CHAN-4); the balances of version 0 must be the deposits.
template <Integer N>
[[nodiscard]] Truth<N> balances_fit(const Channel<N>& channel, const ChannelBalanceNumbers<N>& state) {
  const N zero = integer_like(channel.status, 0), deposits = channel.deposit_a + channel.deposit_b;
  const Truth<N> fits =
      land(land(zero <= state.balance_a, state.balance_a <= deposits), state.balance_b == deposits - state.balance_a);
  return land(fits, lor(lnot(state.version == zero), state.balance_a == channel.deposit_a));
}

template <Integer N>
[[nodiscard]] Truth<N> is_final(const ChannelBalanceNumbers<N>& state) {
  return state.version == integer_like(state.version, channel_version_final);
}

/// A opens and locks its deposit (CHAN-2). The sender must be A; B's deposit is locked by `channel_fund`.
template <Integer N>
[[nodiscard]] ChannelStep<N> channel_open(const Channel<N>& channel, const Parameters<N>& p, const N& height,
                                          const ChannelTermNumbers<N>& terms, const ChannelSender<N>& sender,
                                          const Truth<N>& parties_differ) {
  const N zero = integer_like(height, 0), nothing = integer_like(height, channel_nothing_posted);
  return {{status_guard(row_of(ChannelOperation::open), channel.status),
           {Reason::terms_out_of_range, terms_in_range(terms, p, parties_differ)},
           {Reason::not_permitted, sender.is_a},
           {Reason::too_late, height <= terms.fund_by},
           {Reason::too_early, terms.fund_by <= height + p.closing_max}},
          {.status = number_of(height, ChannelStatus::opening),
           .deposit_a = terms.deposit_a,
           .deposit_b = terms.deposit_b,
           .fund_by = terms.fund_by,
           .closing_time = terms.closing_time,
           .timeout = zero,
           .version = zero,
           .balance_a = terms.deposit_a,
           .balance_b = terms.deposit_b,
           .least_posted_a = nothing,
           .least_posted_b = nothing},
          {terms.deposit_a, zero, zero, zero}};
}

/// B locks its deposit (CHAN-2). From now on both parties are bound.
template <Integer N>
[[nodiscard]] ChannelStep<N> channel_fund(const Channel<N>& channel, const N& height, const ChannelSender<N>& sender) {
  const N zero = integer_like(height, 0);
  Channel<N> next = channel;
  next.status = number_of(height, ChannelStatus::open);
  return {{status_guard(row_of(ChannelOperation::fund), channel.status),
           {Reason::not_permitted, sender.is_b},
           {Reason::too_late, height <= channel.fund_by}},
          next,
          {zero, channel.deposit_b, zero, zero}};
}

/// A's deposit returns if B did not fund in time (CHAN-2); anyone may request it.
template <Integer N>
[[nodiscard]] ChannelStep<N> channel_reclaim(const Channel<N>& channel, const N& height) {
  const N zero = integer_like(height, 0);
  Channel<N> next = channel;
  next.status = number_of(height, ChannelStatus::settled);
  return {
      {status_guard(row_of(ChannelOperation::reclaim), channel.status), {Reason::too_early, channel.fund_by < height}},
      next,
      {zero, zero, channel.deposit_a, zero}};
}

/// The `channel` with a state posted by the sender.
template <Integer N>
[[nodiscard]] Channel<N> with_posted(const Channel<N>& channel, const ChannelBalanceNumbers<N>& state,
                                     const ChannelSender<N>& sender) {
  Channel<N> next = channel;
  next.version = state.version;
  next.balance_a = state.balance_a;
  next.balance_b = state.balance_b;
  next.least_posted_a = select(sender.is_a, minimum(channel.least_posted_a, state.version), channel.least_posted_a);
  next.least_posted_b = select(sender.is_b, minimum(channel.least_posted_b, state.version), channel.least_posted_b);
  return next;
}

/// Both parties agreed to end: a final state that both signed is paid at once (CHAN-5). Anyone may show it while the
/// channel is open. During a closing it counts as a refutation, so that a posting of a revoked state can still be
/// punished.
template <Integer N>
[[nodiscard]] ChannelStep<N> channel_cooperative_close(const Channel<N>& channel, const N& height,
                                                       const ChannelBalanceNumbers<N>& state,
                                                       const Truth<N>& both_signed) {
  const N zero = integer_like(height, 0);
  Channel<N> next = channel;
  next.status = number_of(height, ChannelStatus::settled);
  next.version = state.version;
  next.balance_a = state.balance_a;
  next.balance_b = state.balance_b;
  return {{status_guard(row_of(ChannelOperation::cooperative_close), channel.status),
           {Reason::not_final, is_final(state)},
           {Reason::wrong_state_signature, both_signed},
           {Reason::wrong_balances, balances_fit(channel, state)}},
          next,
          {zero, zero, state.balance_a, state.balance_b}};
}

/// A party closes alone, with a state that both signed or with version 0 (CHAN-6).
template <Integer N>
[[nodiscard]] ChannelStep<N> channel_close(const Channel<N>& channel, const N& height,
                                           const ChannelBalanceNumbers<N>& state, const ChannelSender<N>& sender,
                                           const Truth<N>& both_signed) {
  const N zero = integer_like(height, 0);
  Channel<N> next = with_posted(channel, state, sender);
  next.status = number_of(height, ChannelStatus::closing);
  next.timeout = height + channel.closing_time;
  return {{status_guard(row_of(ChannelOperation::close), channel.status),
           {Reason::not_permitted, lor(sender.is_a, sender.is_b)},
           {Reason::wrong_state_signature, lor(both_signed, state.version == zero)},
           {Reason::wrong_balances, balances_fit(channel, state)}},
          next,
          {zero, zero, zero, zero}};
}

/// Anyone shows a newer state that both signed, before the timeout, which is unchanged (CHAN-6).
template <Integer N>
[[nodiscard]] ChannelStep<N> channel_refute(const Channel<N>& channel, const N& height,
                                            const ChannelBalanceNumbers<N>& state, const ChannelSender<N>& sender,
                                            const Truth<N>& both_signed) {
  const N zero = integer_like(height, 0);
  return {{status_guard(row_of(ChannelOperation::refute), channel.status),
           {Reason::too_late, height < channel.timeout},
           {Reason::wrong_state_signature, both_signed},
           {Reason::wrong_balances, balances_fit(channel, state)},
           {Reason::not_newer, channel.version < state.version}},
          with_posted(channel, state, sender),
          {zero, zero, zero, zero}};
}

/// A party shows that the other posted a version below the one under which it had promised never to post. The party
/// that shows it receives everything (CHAN-7).
/// @param revoked_below   the version of the revocation "I post no version below this one"
/// @param signed_by_other  the other party signed that revocation for this channel
template <Integer N>
[[nodiscard]] ChannelStep<N> channel_punish(const Channel<N>& channel, const N& height, const N& revoked_below,
                                            const ChannelSender<N>& sender, const Truth<N>& signed_by_other) {
  const N zero = integer_like(height, 0), all = channel.deposit_a + channel.deposit_b;
  const N least_posted = select(sender.is_a, channel.least_posted_b, channel.least_posted_a);
  Channel<N> next = channel;
  next.status = number_of(height, ChannelStatus::settled);
  return {{status_guard(row_of(ChannelOperation::punish), channel.status),
           {Reason::too_late, height < channel.timeout},
           {Reason::not_permitted, lor(sender.is_a, sender.is_b)},
           {Reason::wrong_state_signature, signed_by_other},
           {Reason::not_posted, least_posted < revoked_below}},
          next,
          {zero, zero, select(sender.is_a, all, zero), select(sender.is_a, zero, all)}};
}

/// From the timeout on, anyone can have the state that was posted last paid out (CHAN-8).
template <Integer N>
[[nodiscard]] ChannelStep<N> channel_settle(const Channel<N>& channel, const N& height) {
  const N zero = integer_like(height, 0);
  Channel<N> next = channel;
  next.status = number_of(height, ChannelStatus::settled);
  return {
      {status_guard(row_of(ChannelOperation::settle), channel.status), {Reason::too_early, channel.timeout <= height}},
      next,
      {zero, zero, channel.balance_a, channel.balance_b}};
}

}  // namespace p2pllm::reference
