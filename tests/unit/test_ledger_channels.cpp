#include <catch2/catch.hpp>
#include <functional>

#include "model/contracts/channel_message.hpp"
#include "reference/contracts/channel_machine.hpp"
#include "tests/unit/ledger_world.hpp"

// Payment channels on the ledger: the signatures, the channel and shard that they are for, and the payments.
namespace p2pllm::reference {
namespace {

const Person alice = person(1), bob = person(2), carol = person(3), dave = person(4);

/// A channel of alice (50) and bob (60) in a shard of two, closing time 2; dave proposes the blocks.
struct ChannelWorld : LedgerWorld {
  std::int64_t home;
  ChannelTerms terms{alice.id(), bob.id(), 7, 2, 50, 60, 3};
  Hash id{};

  explicit ChannelWorld(std::int64_t shard_index = 1)
      : LedgerWorld(small_genesis({alice, bob, carol, dave}, 2)), home(shard_index) {
    REQUIRE(run(alice, ChannelOpen{terms}) == Reason::none);
    id = shard(home).channels.begin()->first;
  }
  Reason run(const Person& who, const Operation& operation) { return send(who, operation, home).reason; }
  void fund() { REQUIRE(run(bob, ChannelFund{terms}) == Reason::none); }

  [[nodiscard]] ChannelPlace place(std::int64_t shard_index) const {
    CborWriter out;
    out.array(2).bytes(ledger.chain()).number(static_cast<std::uint64_t>(shard_index));
    return {hash_tagged("p2pllm/1/shard", out.take()), id};
  }
  [[nodiscard]] ChannelSignedBalances state(std::int64_t version, Amount a, Amount b) const {
    const Hash message = channel_state_message(place(home), {version, a, b});
    return {version, a, b, scheme.sign(alice.keys.secret_key, message), scheme.sign(bob.keys.secret_key, message)};
  }
  [[nodiscard]] Signature revocation(const Person& who, std::int64_t below, std::int64_t shard_index) const {
    return scheme.sign(who.keys.secret_key, channel_revocation_message(place(shard_index), below));
  }
  /// The amount that the channel paid to a person who began with 10,000 and paid fees of 1.
  [[nodiscard]] Amount paid(const Person& who, Amount deposit) const {
    return balance(who, home) + static_cast<Amount>(account(who, home).nonce) + deposit - 10'000;
  }
};

TEST_CASE("what a channel pays on the ledger, and to whom", "[LEDGER-4]") {
  struct Case {
    const char* what;
    std::function<void(ChannelWorld&)> play;
    Amount to_alice, to_bob;
  };
  const auto must = [](Reason reason) { REQUIRE(reason == Reason::none); };
  const Case cases[] = {
      {"reclaimed", [&](ChannelWorld& w) { w.go_to(4), must(w.run(carol, ChannelReclaim{w.id})); }, 50, 0},
      {"ended by both",
       [&](ChannelWorld& w) {
         w.fund();
         must(w.run(carol, ChannelCooperativeClose{w.id, w.state(channel_version_final, 15, 95)}));
       },
       15, 95},
      {"closed by alice with the deposits",
       [&](ChannelWorld& w) {
         w.fund();
         must(w.run(alice, ChannelClose{w.id, {0, 50, 60, {}, {}}}));
         w.go_to(3), must(w.run(carol, ChannelSettle{w.id}));
       },
       50, 60},
      {"closed by bob with a state",
       [&](ChannelWorld& w) {
         w.fund();
         must(w.run(bob, ChannelClose{w.id, w.state(4, 20, 90)}));
         w.go_to(3), must(w.run(bob, ChannelSettle{w.id}));
       },
       20, 90},
      {"refuted by a stranger",
       [&](ChannelWorld& w) {
         w.fund();
         must(w.run(bob, ChannelClose{w.id, w.state(4, 20, 90)}));
         must(w.run(carol, ChannelRefute{w.id, w.state(5, 70, 40)}));
         w.go_to(3), must(w.run(bob, ChannelSettle{w.id}));
       },
       70, 40},
      {"alice punished",
       [&](ChannelWorld& w) {
         w.fund();
         must(w.run(alice, ChannelClose{w.id, w.state(1, 50, 60)}));
         must(w.run(bob, ChannelPunish{w.id, 2, w.revocation(alice, 2, w.home)}));
       },
       0, 110},
      {"bob punished",
       [&](ChannelWorld& w) {
         w.fund();
         must(w.run(bob, ChannelClose{w.id, w.state(1, 50, 60)}));
         must(w.run(alice, ChannelPunish{w.id, 2, w.revocation(bob, 2, w.home)}));
       },
       110, 0},
  };
  for (const std::int64_t home : {0, 1})
    for (const Case& c : cases) {
      INFO(c.what << " in shard " << home);
      ChannelWorld world(home);
      c.play(world);
      const Channel<std::int64_t>& channel = world.shard(home).channels.at(world.id).channel;
      CHECK(status_is(channel.status, ChannelStatus::settled));
      CHECK(world.paid(alice, 50) == c.to_alice);
      const bool is_funded = c.to_alice + c.to_bob > 50;
      CHECK(world.paid(bob, is_funded ? 60 : 0) == c.to_bob);
      CHECK(world.run(alice, ChannelOpen{world.terms}) == Reason::object_exists);  // an id is never used again
      CHECK(world.ledger.faults().empty());
    }
}

TEST_CASE("what nobody signed for this channel of this shard counts for nothing", "[LEDGER-4][CHAN-4]") {
  ChannelWorld world;
  world.fund();
  const ChannelSignedBalances good = world.state(4, 20, 90);
  ChannelSignedBalances other = good, half = good;
  const Hash elsewhere = channel_state_message(world.place(0), {4, 20, 90});
  other.signature_a = world.scheme.sign(alice.keys.secret_key, elsewhere);
  half.signature_a = half.signature_b;
  CHECK(world.run(bob, ChannelClose{world.id, other}) == Reason::wrong_state_signature);
  CHECK(world.run(bob, ChannelClose{world.id, half}) == Reason::wrong_state_signature);
  half = good;
  half.signature_b = half.signature_a;
  CHECK(world.run(bob, ChannelClose{world.id, half}) == Reason::wrong_state_signature);
  CHECK(world.run(carol, ChannelClose{world.id, good}) == Reason::not_permitted);
  REQUIRE(world.run(bob, ChannelClose{world.id, good}) == Reason::none);
  CHECK(world.run(alice, ChannelRefute{world.id, good}) == Reason::not_newer);
  const auto punish = [&](const Person& who, const Signature& revocation, std::int64_t below = 5) {
    return world.run(who, ChannelPunish{world.id, below, revocation});
  };
  CHECK(punish(alice, world.revocation(alice, 5, 1)) == Reason::wrong_state_signature);  // her own
  CHECK(punish(alice, world.revocation(bob, 5, 0)) == Reason::wrong_state_signature);    // of another shard
  CHECK(punish(alice, world.revocation(bob, 5, 1), 6) == Reason::wrong_state_signature);
  CHECK(punish(carol, world.revocation(bob, 5, 1)) == Reason::not_permitted);
  CHECK(punish(bob, world.revocation(alice, 5, 1)) == Reason::not_posted);     // she posted nothing
  CHECK(punish(alice, world.revocation(bob, 4, 1), 4) == Reason::not_posted);  // what he posted is not below 4
  CHECK(punish(alice, world.revocation(bob, 5, 1)) == Reason::none);
  CHECK(world.run(alice, ChannelSettle{Hash{9}}) == Reason::unknown_object);
  CHECK(world.ledger.faults().empty());
}

TEST_CASE("a deposit must be covered, by who opens and by who funds", "[LEDGER-4]") {
  ChannelWorld world;
  ChannelTerms dear{alice.id(), bob.id(), 8, 2, 10'000, 1, 3};
  CHECK(world.run(alice, ChannelOpen{dear}) == Reason::not_covered);
  dear = {alice.id(), bob.id(), 9, 2, 1, 10'000, 3};
  CHECK(world.run(bob, ChannelOpen{dear}) == Reason::not_permitted);
  REQUIRE(world.run(alice, ChannelOpen{dear}) == Reason::none);
  CHECK(world.run(bob, ChannelFund{dear}) == Reason::not_covered);
  CHECK(world.run(carol, ChannelFund{dear}) == Reason::not_permitted);
  CHECK(world.run(bob, ChannelFund{{alice.id(), bob.id(), 10, 2, 1, 1, 3}}) == Reason::unknown_object);
}

}  // namespace
}  // namespace p2pllm::reference
