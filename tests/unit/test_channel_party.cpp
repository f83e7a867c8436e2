#include <catch2/catch.hpp>

#include "tests/unit/channel_bench.hpp"

// The honest party of a channel (CHAN-9): its signatures, and its operations on the ledger.
using namespace p2pllm;
using namespace p2pllm::parties;
using namespace p2pllm::testing;

namespace {

constexpr std::int64_t final_version = channel_version_final;
using Op = ChannelOperation;

}  // namespace

TEST_CASE("an old final state closes no channel: there is one final version, and nothing is signed after it",
          "[CHAN-5][CHAN-9]") {
  ChannelBench bench = open_channel();
  std::vector<ChannelPartyState> stored;
  ChannelParty b(ideal_signatures(), bench.ledger, bench.terms, ChannelSide::b, bench.b.secret_key,
                 [&](const ChannelPartyState& record) { stored.push_back(record); });
  CHECK_FALSE(b.act(bench.channel, bench.height, false));
  REQUIRE(b.end().size() == 1);
  CHECK(b.record().signed_up_to == final_version);
  CHECK(b.pay(1).empty());
  CHECK(b.end().empty());
  const ChannelBalances next{1, 5, 15};  // A pays 5, which an honest A would not after the final state
  CHECK(b.receive(ChannelOffer{next, bench.sign(ChannelSide::a, next)}).empty());
  // A state that was agreed to as final earlier, under a lower version, is not final.
  CHECK(bench.post_state(Sender::a, Op::cooperative_close, bench.signed_by_both({7, 20, 0})) == Reason::not_final);
}

TEST_CASE("a signed close that was refused can be replayed, so its signer revokes nothing any more", "[CHAN-9]") {
  ChannelBench bench = open_channel();
  ChannelParty a(ideal_signatures(), bench.ledger, bench.terms, ChannelSide::a, bench.a.secret_key,
                 [](const ChannelPartyState&) {});
  CHECK_FALSE(a.act(bench.channel, bench.height, false));
  const auto refused = a.act(bench.channel, bench.height, true);  // its fee is too low for any block
  REQUIRE(refused);
  CHECK(refused->operation == Op::close);
  CHECK_FALSE(a.act(bench.channel, bench.height, false));
  const ChannelBalances next{2, 15, 5};
  CHECK(a.receive(ChannelOffer{next, bench.sign(ChannelSide::b, next)}).empty());
  CHECK(a.pay(1).empty());
  CHECK_FALSE(a.record().own);
  // B replays it, and nothing that A signed makes A punishable.
  CHECK(bench.post(Sender::a, *refused) == Reason::none);
  CHECK(bench.channel.least_posted_a == 0);
}

TEST_CASE("an honest party agrees to no loss and keeps no forged revocation", "[CHAN-9]") {
  const ChannelBench bench = open_channel();
  ChannelParty a(ideal_signatures(), bench.ledger, bench.terms, ChannelSide::a, bench.a.secret_key,
                 [](const ChannelPartyState&) {});
  CHECK_FALSE(a.act(bench.channel, bench.height, false));
  const ChannelBalances loss{2, 9, 11};
  CHECK(a.receive(ChannelOffer{loss, bench.sign(ChannelSide::b, loss)}).empty());
  CHECK(a.receive(ChannelRevocation{5, {}}).empty());
  CHECK_FALSE(a.record().other);
}

TEST_CASE("what a party does on the ledger follows from what it holds", "[CHAN-9]") {
  ChannelBench bench = open_channel();
  const auto party = [&bench](ChannelSide side) {
    return ChannelParty(ideal_signatures(), bench.ledger, bench.terms, side,
                        side == ChannelSide::a ? bench.a.secret_key : bench.b.secret_key,
                        [](const ChannelPartyState&) {});
  };
  const auto act = [&bench](ChannelParty actor, bool wants_to_close) -> std::optional<Op> {
    const auto post = actor.act(bench.channel, bench.height, wants_to_close);
    return post ? std::optional(post->operation) : std::nullopt;
  };
  ChannelParty a = party(ChannelSide::a), b = party(ChannelSide::b);
  CHECK_FALSE(a.act(bench.channel, bench.height, false));
  CHECK_FALSE(b.act(bench.channel, bench.height, false));
  CHECK(act(a, true) == Op::close);

  const auto payment = a.pay(3);
  REQUIRE(payment.size() == 1);
  const auto agreed = b.receive(payment.front());
  REQUIRE(agreed.size() == 2);  // the state and B's revocation; A's answer is lost
  REQUIRE(a.receive(agreed.front()).size() == 1);
  const ChannelParty paid = b;
  const auto last = b.end();
  REQUIRE(last.size() == 1);
  REQUIRE_FALSE(a.receive(last.front()).empty());
  CHECK(act(a, true) == Op::cooperative_close);  // at once, rather than by a closing
  CHECK(act(a, false) == std::nullopt);

  const Channel<std::int64_t> open = bench.channel;
  bench.height = 2;
  REQUIRE(bench.post_state(Sender::b, Op::close, bench.signed_by_both({0, 10, 10})) == Reason::none);
  CHECK(act(a, false) == Op::refute);  // with the final state: what B posted can still be punished
  CHECK(act(paid, false) == Op::refute);
  CHECK(act(party(ChannelSide::a), false) == std::nullopt);  // A holds nothing newer
  REQUIRE(a.receive(agreed.back()).empty());
  CHECK(act(a, false) == Op::punish);  // B revoked what it posted
  bench.height = 6;
  CHECK(act(a, false) == Op::settle);
  bench.channel = open;
  CHECK(act(party(ChannelSide::b), true) == Op::close);
}

TEST_CASE("A asks for the final state, B proposes it, A agrees; A is asked in vain", "[CHAN-9][CHAN-5]") {
  const ChannelBench bench = open_channel();
  const auto forget = [](const ChannelPartyState&) {};
  ChannelParty a(ideal_signatures(), bench.ledger, bench.terms, ChannelSide::a, bench.a.secret_key, forget);
  ChannelParty b(ideal_signatures(), bench.ledger, bench.terms, ChannelSide::b, bench.b.secret_key, forget);
  CHECK(b.receive(ChannelFarewell{}).empty());  // B has not seen the channel open
  CHECK_FALSE(a.act(bench.channel, bench.height, false));
  CHECK_FALSE(b.act(bench.channel, bench.height, false));
  const auto asked = a.end();
  REQUIRE(asked.size() == 1);
  CHECK(std::holds_alternative<ChannelFarewell>(asked.front()));
  const auto offered = b.receive(asked.front());
  REQUIRE(offered.size() == 1);
  CHECK(std::get<ChannelOffer>(offered.front()).balances.version == final_version);
  REQUIRE(a.receive(offered.front()).size() == 2);
  CHECK(a.record().latest.balances.version == final_version);
  CHECK(a.receive(ChannelFarewell{}).empty());
  ChannelParty other(ideal_signatures(), bench.ledger, bench.terms, ChannelSide::a, bench.a.secret_key, forget);
  CHECK_FALSE(other.act(bench.channel, bench.height, false));
  CHECK(other.receive(ChannelFarewell{}).empty());
}
