#include <map>

#include "properties/generators/network.hpp"
#include "properties/property.hpp"
#include "tests/unit/channel_bench.hpp"

namespace p2pllm::properties {
namespace {

using namespace parties;
using testing::ChannelBench;
using testing::Sender;
using Op = ChannelOperation;

struct Crash {};

ChannelBench draw_bench() {
  const std::int64_t a = draw_integer(0, 20), b = draw_integer(a == 0 ? 1 : 0, 20);
  ChannelBench bench(ideal_signatures(), a, b, draw_integer(2, 5));
  bench.open_and_fund();
  return bench;
}

/// A party that may crash at each of its steps, before or after it persists its record.
class Fragile {
 public:
  Fragile(const ChannelBench& bench, ChannelSide side) : bench_(bench), side_(side) { restart(); }

  /// The answer of the step; nothing is sent if the party crashes.
  template <typename Step>
  auto run(bool may_crash, const Step& step) -> decltype(step(std::declval<ChannelParty&>())) {
    const auto fate = may_crash ? draw_integer(0, 9) : 9;
    loses_ = fate == 0;
    try {
      auto answer = step(*party_);
      if (fate == 1) throw Crash{};
      return answer;
    } catch (const Crash&) {
      restart();
      return {};
    }
  }
  [[nodiscard]] const std::optional<ChannelPartyState>& stored() const { return stored_; }

 private:
  void restart() {
    loses_ = false;
    party_.emplace(
        ideal_signatures(), bench_.ledger, bench_.terms, side_, bench_.key(side_),
        [this](const ChannelPartyState& record) {
          if (loses_) throw Crash{};
          stored_ = record;
        },
        stored_);
  }

  const ChannelBench& bench_;
  ChannelSide side_;
  std::optional<ChannelPartyState> stored_;
  bool loses_ = false;
  std::optional<ChannelParty> party_;
};

/// An honest party, and an adversary that is the other party, the network and the strangers.
class Game {
 public:
  Game()
      : bench_(draw_bench()),
        side_(draw_coin() ? ChannelSide::a : ChannelSide::b),
        other_(side_ == ChannelSide::a ? ChannelSide::b : ChannelSide::a),
        honest_(bench_, side_) {
    signed_[0] = held_ = {0, bench_.terms.deposit_a, bench_.terms.deposit_b};
  }

  void play() {
    for (auto left = draw_integer(1, 60); left > 0 && !bench_.is(ChannelStatus::settled); --left) {
      switch (draw_integer(0, 9)) {
        case 0: send([&](ChannelParty& p) { return p.pay(draw_integer(0, 5)); }); break;
        case 1: send([](ChannelParty& p) { return p.resend(); }); break;
        case 2:
          if (draw_integer(0, 5) == 0) send([](ChannelParty& p) { return p.end(); });
          break;
        case 3: act(draw_integer(0, 7) == 0); break;
        case 4: attack_ledger(); break;
        case 5: advance(); break;
        default: attack_party();
      }
    }
    finish();
    check_end();
  }

 private:
  static Sender sender_of(ChannelSide side) { return side == ChannelSide::a ? Sender::a : Sender::b; }
  [[nodiscard]] std::int64_t own(const ChannelBalances& b) const {
    return side_ == ChannelSide::a ? b.balance_a : b.balance_b;
  }

  template <typename Step>
  void send(const Step& step, bool may_crash = true) {
    const auto messages = honest_.run(may_crash, step);
    note();
    for (const ChannelMessage& message : messages) release(message);
  }

  /// Gives the message to the adversary.
  void release(const ChannelMessage& message) {
    const auto& stored = honest_.stored();
    if (const auto* offer = std::get_if<ChannelOffer>(&message)) {
      const auto version = offer->balances.version;
      expect(stored && stored->signed_up_to >= version, "it was persisted before it was sent");
      expect(signed_.contains(version) && signed_.at(version) == offer->balances, "one state is signed of a version");
      expect(offer->signature == bench_.sign(side_, offer->balances), "the signature is right");
      hold();
    }
    if (const auto* revocation = std::get_if<ChannelRevocation>(&message)) {
      expect(stored && stored->own == *revocation, "it was persisted before it was sent");
      expect(revocation->below <= held_.version, "nothing is revoked below what it holds");
      for (const ChannelPost& post : posts_)
        expect(revocation->below <= post.state.balances.version, "nothing is revoked that it signed to post");
      revoked_ = std::max(revoked_, revocation->below);
    }
  }

  /// A state that was persisted as signed counts as signed, even if the party crashed before it sent the signature.
  void note() {
    if (!honest_.stored()) return;
    const auto add = [&](const ChannelBalances& balances) {
      const auto [known, is_new] = signed_.emplace(balances.version, balances);
      expect(known->second == balances, "one state is signed of a version");
      expect(!is_new || balances.version == signed_.rbegin()->first,
             "versions are signed upwards, none after the final one");
    };
    add(honest_.stored()->latest.balances);
    if (honest_.stored()->pending) add(honest_.stored()->pending->balances);
  }

  /// Finds the greatest version under which the party received the other's signature and released its own.
  void hold() {
    for (const auto& [version, balances] : signed_)
      if (version > held_.version && received_.contains(version) && received_.at(version) == balances) held_ = balances;
  }

  void act(bool wants_to_close, bool may_be_refused = true) {
    const auto& least = other_ == ChannelSide::a ? bench_.channel.least_posted_a : bench_.channel.least_posted_b;
    const bool in_time = bench_.is(ChannelStatus::closing) && bench_.height < bench_.channel.timeout;
    cheated_ = cheated_ || (in_time && least < cheater_revoked_);  // and this party sees it in time
    has_acted_ = has_acted_ || bench_.is(ChannelStatus::closing);
    const auto post =
        honest_.run(false, [&](ChannelParty& p) { return p.act(bench_.channel, bench_.height, wants_to_close); });
    if (!post) return;
    expect(post->operation == Op::punish || post->operation == Op::settle || honest_.stored()->has_posted,
           "a posting is persisted first");
    posts_.push_back(*post);
    if (post->operation == Op::close && may_be_refused && draw_coin())
      return;  // refused: the adversary may replay it at any time
    const Reason reason = bench_.post(sender_of(side_), *post);
    expect(reason == Reason::none, "what an honest party posts takes effect, not " + std::string(name_of(reason)));
    by_agreement_ = by_agreement_ || post->operation == Op::cooperative_close;
  }

  void advance() {
    const bool ends = bench_.is(ChannelStatus::closing) && bench_.height + 1 == bench_.channel.timeout;
    if (ends && !has_acted_) act(false);
    ++bench_.height;
  }

  ChannelBalances draw_state() {
    const auto total = bench_.terms.deposit_a + bench_.terms.deposit_b;
    ChannelBalances state = draw_coin()        ? signed_.rbegin()->second
                            : honest_.stored() ? honest_.stored()->latest.balances
                                               : held_;
    if (draw_integer(0, 3) == 0) return state;
    state.version = draw_integer(0, 19) == 0 ? channel_version_final : state.version + draw_integer(-2, 3);
    state.version = std::min(state.version, channel_version_final);
    const auto shift = draw_integer(-3, 3);
    state.balance_a = std::clamp<std::int64_t>(state.balance_a + shift, 0, total);
    state.balance_b = total - state.balance_a + (draw_integer(0, 15) == 0 ? 1 : 0);
    return state;
  }

  void attack_party() {
    const ChannelBalances state = draw_state();
    if (state.version < 0) return;
    ChannelMessage message = ChannelFarewell{};
    switch (draw_integer(0, 9)) {
      case 0: message = ChannelOffer{state, bench_.sign(side_, state)}; break;  // the party's own signature
      case 1:
      case 2: {
        const auto below = std::clamp<std::int64_t>(state.version, 0, amount_max);
        message = bench_.revoke(draw_integer(0, 5) == 0 ? side_ : other_, below);
        break;
      }
      case 3:
        if (draw_integer(0, 3) == 0) break;
        [[fallthrough]];
      default: message = ChannelOffer{state, bench_.sign(other_, state)};
    }
    bool done = false;
    const auto answers = honest_.run(true, [&](ChannelParty& p) {
      auto messages = p.receive(message);
      done = true;
      return messages;
    });
    const auto* revocation = std::get_if<ChannelRevocation>(&message);
    if (done && revocation && *revocation == bench_.revoke(other_, revocation->below) && honest_.stored())
      cheater_revoked_ = std::max(cheater_revoked_, honest_.stored()->other ? honest_.stored()->other->below : 0);
    note();
    const bool is_signed = signed_.contains(state.version) && signed_.at(state.version) == state;
    const auto* offer = std::get_if<ChannelOffer>(&message);
    if (offer && offer->signature == bench_.sign(other_, offer->balances) && is_signed &&
        (done || honest_.stored()->latest.balances == state))
      received_[state.version] = state;
    hold();
    for (const ChannelMessage& answer : answers) release(answer);
    reach("a state is agreed to", held_.version > 0);
    reach("a proposal of its own is agreed to", !answers.empty() && !std::holds_alternative<ChannelOffer>(answers[0]));
  }

  void attack_ledger() {
    const Sender from = draw_integer(0, 2) == 0 ? Sender::stranger : sender_of(other_);
    if (!posts_.empty() && draw_coin()) {
      (void)bench_.post(
          sender_of(side_),
          posts_[static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(posts_.size()) - 1))]);
      return;
    }
    auto known = signed_.begin();
    std::advance(known, draw_integer(0, static_cast<std::int64_t>(signed_.size()) - 1));
    const ChannelSignedBalances state = bench_.signed_by_both(known->second);
    const Op operation =
        draw_one_of<Op>({Op::close, Op::refute, Op::cooperative_close, Op::settle, Op::punish, Op::reclaim});
    const Reason reason = bench_.post(from, {operation, state, {revoked_, bench_.revoke(side_, revoked_).signature}});
    if (reason != Reason::none) return;
    expect(operation != Op::punish, "an honest party is never punished");
    by_agreement_ = by_agreement_ || operation == Op::cooperative_close;
    reach("an old state is posted", operation == Op::close && known->first < held_.version);
  }

  void finish() {
    for (int blocks = 0; !bench_.is(ChannelStatus::settled); ++blocks) {
      expect(blocks <= 5 + 1, "it ends in bounded time");
      act(true, false);
      if (!bench_.is(ChannelStatus::settled)) advance();
    }
  }

  void check_end() {
    const auto total = bench_.terms.deposit_a + bench_.terms.deposit_b;
    expect_equal(bench_.received_a + bench_.received_b, total, "everything is paid out");
    const auto received = side_ == ChannelSide::a ? bench_.received_a : bench_.received_b;
    std::int64_t due = own(held_);
    for (const auto& [version, balances] : signed_)
      if (version > held_.version) due = std::min(due, own(balances));
    expect(received >= due, "received " + shown(received) + ", due " + shown(due));
    if (cheated_) expect_equal(received, total, "a cheater loses everything");
    reach("a cheater is punished", cheated_ && received == total);
    reach("closed by agreement", by_agreement_);
    reach("a payment is made", received != (side_ == ChannelSide::a ? bench_.terms.deposit_a : bench_.terms.deposit_b));
  }

  ChannelBench bench_;
  ChannelSide side_, other_;
  Fragile honest_;
  std::map<std::int64_t, ChannelBalances> signed_;    // by the honest party, and known to the adversary
  std::map<std::int64_t, ChannelBalances> received_;  // under which the honest party took the other's signature
  ChannelBalances held_;
  std::vector<ChannelPost> posts_;
  std::int64_t revoked_ = 0, cheater_revoked_ = 0;
  bool has_acted_ = false, cheated_ = false, by_agreement_ = false;
};

PROPERTY("an honest party of a channel is paid what it is due, whatever the other does and whenever it crashes",
         "[CHAN-9][CHAN-7][CHAN-6][CHAN-4]", 5000) {
  Game().play();
}

PROPERTY("two honest parties agree again after crashes and lost messages", "[CHAN-9]", 1000) {
  ChannelBench bench = draw_bench();
  Fragile a(bench, ChannelSide::a), b(bench, ChannelSide::b);
  const auto see = [&](ChannelParty& p) { return p.act(bench.channel, bench.height, false); };
  const auto deliver = [&](Fragile& from, Fragile& to, std::vector<ChannelMessage> messages, bool is_reliable) {
    Fragile* receivers[] = {&to, &from};
    for (int turn = 0; !messages.empty(); ++turn) {
      std::vector<ChannelMessage> answers;
      for (const ChannelMessage& message : messages) {
        if (!is_reliable && draw_integer(0, 4) == 0) continue;
        receivers[turn % 2]->run(false, see);
        for (ChannelMessage& answer :
             receivers[turn % 2]->run(!is_reliable, [&](ChannelParty& p) { return p.receive(message); }))
          answers.push_back(std::move(answer));
      }
      messages = std::move(answers);
    }
  };
  for (auto left = draw_integer(1, 20); left > 0; --left) {
    const bool by_a = draw_coin();
    Fragile &from = by_a ? a : b, &to = by_a ? b : a;
    from.run(false, see);
    const bool ends = draw_integer(0, 15) == 0;
    const auto amount = draw_integer(0, 5);
    deliver(from, to, from.run(true, [&](ChannelParty& p) { return ends ? p.end() : p.pay(amount); }), false);
  }
  for (int round = 0; round < 2; ++round) {
    deliver(a, b, a.run(false, [](ChannelParty& p) { return p.resend(); }), true);
    deliver(b, a, b.run(false, [](ChannelParty& p) { return p.resend(); }), true);
  }
  const auto latest = [](const Fragile& party) {
    return party.stored() ? party.stored()->latest : ChannelSignedBalances{};
  };
  expect(latest(a).balances.version == latest(b).balances.version, "they hold the same version");
  reach("several versions", latest(a).balances.version > 4);
  reach("a final version", latest(a).balances.version == channel_version_final);
  if (latest(a).balances.version == 0) return;
  expect(latest(a) == latest(b), "they hold the same state");
  expect(!a.stored()->pending && !b.stored()->pending, "no proposal is left");
  expect(a.stored()->other == b.stored()->own && b.stored()->other == a.stored()->own, "and each other's revocation");
}

}  // namespace
}  // namespace p2pllm::properties
