#pragma once

#include <stdexcept>

#include "parties/channel_party.hpp"

// A ledger of one channel for tests: it checks the signatures, runs the rules, and counts what the parties receive.
namespace p2pllm::testing {

using namespace parties;

inline KeyPair key_of(const SignatureScheme& scheme, std::uint8_t number) {
  KeySeed seed{};
  seed[0] = number;
  return scheme.key_of_seed(seed);
}

enum class Sender { a, b, stranger };

struct ChannelBench {
  explicit ChannelBench(const SignatureScheme& signatures, std::int64_t deposit_a = 10, std::int64_t deposit_b = 10,
                        std::int64_t closing_time = 4)
      : scheme(&signatures), a(key_of(signatures, 1)), b(key_of(signatures, 2)) {
    ledger[0] = 7;
    terms.a = a.public_key;
    terms.b = b.public_key;
    terms.closing_time = closing_time;
    terms.deposit_a = deposit_a;
    terms.deposit_b = deposit_b;
    terms.fund_by = 3;
    parameters.closing_min = 2;
    parameters.closing_max = 10;
  }

  [[nodiscard]] ChannelPlace place() const { return {ledger, channel_id(ledger, terms)}; }
  [[nodiscard]] const SecretKey& key(ChannelSide side) const {
    return side == ChannelSide::a ? a.secret_key : b.secret_key;
  }
  [[nodiscard]] Signature sign(ChannelSide side, const ChannelBalances& balances) const {
    return scheme->sign(key(side), channel_state_message(place(), balances));
  }
  [[nodiscard]] ChannelSignedBalances signed_by_both(const ChannelBalances& balances) const {
    return {balances, sign(ChannelSide::a, balances), sign(ChannelSide::b, balances)};
  }
  [[nodiscard]] ChannelRevocation revoke(ChannelSide side, std::int64_t below) const {
    return {below, scheme->sign(key(side), channel_revocation_message(place(), below))};
  }

  Reason open() {
    return apply(channel_open(channel, parameters, height, numbers_of(terms), {true, false}, terms.a != terms.b));
  }
  Reason fund() { return apply(channel_fund(channel, height, {false, true})); }
  void open_and_fund() {
    if (open() != Reason::none || fund() != Reason::none) throw std::logic_error("the channel does not open");
  }

  Reason post(Sender from, const ChannelPost& what) {
    const ChannelSender<std::int64_t> sender{from == Sender::a, from == Sender::b};
    const ChannelBalances& state = what.state.balances;
    const bool signatures = both_signed(*scheme, ledger, terms, what.state);
    switch (what.operation) {
      case ChannelOperation::open: return open();
      case ChannelOperation::fund: return fund();
      case ChannelOperation::reclaim: return apply(channel_reclaim(channel, height));
      case ChannelOperation::cooperative_close:
        return apply(channel_cooperative_close(channel, height, state, signatures));
      case ChannelOperation::close: return apply(channel_close(channel, height, state, sender, signatures));
      case ChannelOperation::refute: return apply(channel_refute(channel, height, state, sender, signatures));
      case ChannelOperation::punish: {
        const PublicKey& other = from == Sender::a ? terms.b : terms.a;
        const Hash message = channel_revocation_message(place(), what.revocation.below);
        return apply(channel_punish(channel, height, what.revocation.below, sender,
                                    scheme->verify(other, message, what.revocation.signature)));
      }
      case ChannelOperation::settle: return apply(channel_settle(channel, height));
    }
    throw std::logic_error("no such operation");
  }
  Reason post_state(Sender from, ChannelOperation operation, const ChannelSignedBalances& state) {
    return post(from, {operation, state, {}});
  }
  Reason punish(Sender from, const ChannelRevocation& revocation) {
    return post(from, {ChannelOperation::punish, {}, revocation});
  }
  Reason settle() { return post(Sender::stranger, {ChannelOperation::settle, {}, {}}); }

  [[nodiscard]] bool is(ChannelStatus status) const { return channel.status == static_cast<std::int64_t>(status); }

  const SignatureScheme* scheme;
  KeyPair a, b;
  Hash ledger{};
  ChannelTerms terms;
  Parameters<std::int64_t> parameters{};
  Channel<std::int64_t> channel = no_channel(std::int64_t{0});
  std::int64_t height = 1;
  std::int64_t received_a = 0, received_b = 0;

 private:
  Reason apply(const ChannelStep<std::int64_t>& step) {
    const Reason reason = first_failure(step.guards);
    if (reason != Reason::none) return reason;
    channel = step.next;
    received_a += step.flow.to_a;
    received_b += step.flow.to_b;
    return reason;
  }
};

/// A channel with deposits of 10 each and a closing time of 4, opened and funded at height 1.
inline ChannelBench open_channel() {
  ChannelBench bench(ideal_signatures());
  bench.open_and_fund();
  return bench;
}

}  // namespace p2pllm::testing
