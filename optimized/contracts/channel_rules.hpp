#pragma once

#include "model/contracts/channel.hpp"
#include "model/contracts/parameters.hpp"
#include "optimized/contracts/ruling.hpp"

// The rules of the fast ledger for payment channels (CHAN-1 .. CHAN-8).
namespace p2pllm::optimized {

template <Integer N>
void set_status(Channel<N>& channel, ChannelStatus status) {
  channel.status = integer_like(channel.status, static_cast<std::int64_t>(status));
}
template <Integer N>
[[nodiscard]] N deposits_of(const Channel<N>& channel) {
  return channel.deposit_a + channel.deposit_b;
}

/// Whether terms are within the limits of the genesis (CHAN-2).
template <Integer N>
[[nodiscard]] Truth<N> terms_fit(const ChannelTermNumbers<N>& terms, const Parameters<N>& p,
                                 const Truth<N>& parties_differ) {
  const N zero = integer_like(terms.fund_by, 0), most = integer_like(zero, amount_max);
  const Truth<N> each = land(is_within(zero, terms.deposit_a, most), is_within(zero, terms.deposit_b, most));
  const Truth<N> is_some = lor(zero < terms.deposit_a, zero < terms.deposit_b);
  // What A leaves of the most; a sum could exceed machine integers.
  const Truth<N> together = terms.deposit_b <= most - terms.deposit_a;
  const Truth<N> times = land(is_within(p.closing_min, terms.closing_time, p.closing_max),
                              is_within(zero, terms.fund_by, integer_like(zero, height_max)));
  return land(parties_differ, land(times, land(each, land(is_some, together))));
}

/// Whether balances divide the deposits, as they were at version 0 (CHAN-4).
template <Integer N>
[[nodiscard]] Truth<N> balances_divide(const Channel<N>& channel, const ChannelBalanceNumbers<N>& shown) {
  const N zero = integer_like(shown.version, 0), all = deposits_of(channel);
  const Truth<N> divide = land(is_within(zero, shown.balance_a, all), all - shown.balance_a == shown.balance_b);
  return land(divide, lor(zero < shown.version, shown.balance_a == channel.deposit_a));
}

/// CHAN-2. The channel does not exist yet, and its terms fit.
template <Integer N>
[[nodiscard]] N reason_open(const ChannelTermNumbers<N>& terms, const Parameters<N>& p, const N& height,
                            const Truth<N>& is_a) {
  return FirstReason<N>(height)
      .require(is_a, Reason::not_permitted)
      .require(lnot(terms.fund_by < height), Reason::too_late)
      .require(terms.fund_by - p.closing_max <= height, Reason::too_early)
      .code();
}
/// CHAN-2. A pays its deposit.
template <Integer N>
[[nodiscard]] Channel<N> opened(const ChannelTermNumbers<N>& terms) {
  const N zero = integer_like(terms.fund_by, 0), nothing = integer_like(zero, channel_nothing_posted);
  Channel<N> channel{zero,
                     terms.deposit_a,
                     terms.deposit_b,
                     terms.fund_by,
                     terms.closing_time,
                     zero,
                     zero,
                     terms.deposit_a,
                     terms.deposit_b,
                     nothing,
                     nothing};
  set_status(channel, ChannelStatus::opening);
  return channel;
}

/// CHAN-2. Afterwards the status is open, and B has paid its deposit.
template <Integer N>
[[nodiscard]] N reason_fund(const Channel<N>& channel, const N& height, const Truth<N>& is_b) {
  return FirstReason<N>(height)
      .require(is_one_of(channel.status, ChannelStatus::opening), Reason::wrong_status)
      .require(is_b, Reason::not_permitted)
      .require(lnot(channel.fund_by < height), Reason::too_late)
      .code();
}
/// CHAN-2. Afterwards the status is settled, and A has its deposit.
template <Integer N>
[[nodiscard]] N reason_reclaim(const Channel<N>& channel, const N& height) {
  return FirstReason<N>(height)
      .require(is_one_of(channel.status, ChannelStatus::opening), Reason::wrong_status)
      .require(channel.fund_by < height, Reason::too_early)
      .code();
}

/// CHAN-5. Afterwards the status is settled, and the balances shown are paid.
template <Integer N>
[[nodiscard]] N reason_cooperative_close(const Channel<N>& channel, const ChannelBalanceNumbers<N>& shown,
                                         const Truth<N>& both_signed) {
  return FirstReason<N>(channel.status)
      .require(is_one_of(channel.status, ChannelStatus::open), Reason::wrong_status)
      .require(shown.version == integer_like(shown.version, channel_version_final), Reason::not_final)
      .require(both_signed, Reason::wrong_state_signature)
      .require(balances_divide(channel, shown), Reason::wrong_balances)
      .code();
}
template <Integer N>
void show(Channel<N>& channel, const ChannelBalanceNumbers<N>& shown) {
  channel.version = shown.version;
  channel.balance_a = shown.balance_a;
  channel.balance_b = shown.balance_b;
}

/// CHAN-6.
template <Integer N>
[[nodiscard]] N reason_close(const Channel<N>& channel, const ChannelBalanceNumbers<N>& shown, const Truth<N>& is_party,
                             const Truth<N>& both_signed) {
  return FirstReason<N>(channel.status)
      .require(is_one_of(channel.status, ChannelStatus::open), Reason::wrong_status)
      .require(is_party, Reason::not_permitted)
      .require(lor(shown.version == integer_like(shown.version, 0), both_signed), Reason::wrong_state_signature)
      .require(balances_divide(channel, shown), Reason::wrong_balances)
      .code();
}
/// Records what a sender posts: the least version of each party, for punishments (CHAN-6, CHAN-7).
template <Integer N>
void post(Channel<N>& channel, const ChannelBalanceNumbers<N>& shown, const Truth<N>& is_a, const Truth<N>& is_b) {
  const auto lower = [&shown](const N& least, const Truth<N>& is_poster) {
    return select(land(is_poster, shown.version < least), shown.version, least);
  };
  show(channel, shown);
  channel.least_posted_a = lower(channel.least_posted_a, is_a);
  channel.least_posted_b = lower(channel.least_posted_b, is_b);
}
/// CHAN-6. The state shown was posted.
template <Integer N>
void close(Channel<N>& channel, const N& height) {
  set_status(channel, ChannelStatus::closing);
  channel.timeout = channel.closing_time + height;
}

/// CHAN-6. Afterwards the state shown is posted.
template <Integer N>
[[nodiscard]] N reason_refute(const Channel<N>& channel, const N& height, const ChannelBalanceNumbers<N>& shown,
                              const Truth<N>& both_signed) {
  return FirstReason<N>(height)
      .require(is_one_of(channel.status, ChannelStatus::closing), Reason::wrong_status)
      .require(height < channel.timeout, Reason::too_late)
      .require(both_signed, Reason::wrong_state_signature)
      .require(balances_divide(channel, shown), Reason::wrong_balances)
      .require(channel.version < shown.version, Reason::not_newer)
      .code();
}

/// CHAN-7. Afterwards the status is settled, and the sender has both deposits.
/// @param revoked_below    the other party promised to post no version below this one
/// @param signed_by_other  and signed it
template <Integer N>
[[nodiscard]] N reason_punish(const Channel<N>& channel, const N& height, const N& revoked_below, const Truth<N>& is_a,
                              const Truth<N>& is_b, const Truth<N>& signed_by_other) {
  const N least_of_other = select(is_a, channel.least_posted_b, channel.least_posted_a);
  return FirstReason<N>(height)
      .require(is_one_of(channel.status, ChannelStatus::closing), Reason::wrong_status)
      .require(height < channel.timeout, Reason::too_late)
      .require(lor(is_a, is_b), Reason::not_permitted)
      .require(signed_by_other, Reason::wrong_state_signature)
      .require(least_of_other < revoked_below, Reason::not_posted)
      .code();
}

/// CHAN-8. Afterwards the status is settled, and the balances posted last are paid.
template <Integer N>
[[nodiscard]] N reason_settle(const Channel<N>& channel, const N& height) {
  return FirstReason<N>(height)
      .require(is_one_of(channel.status, ChannelStatus::closing), Reason::wrong_status)
      .require(lnot(height < channel.timeout), Reason::too_early)
      .code();
}

}  // namespace p2pllm::optimized
