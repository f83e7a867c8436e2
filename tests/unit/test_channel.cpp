#include <catch2/catch.hpp>
#include <set>

#include "tests/unit/channel_bench.hpp"

using namespace p2pllm;
using namespace p2pllm::parties;
using namespace p2pllm::testing;

namespace {

constexpr std::int64_t final_version = channel_version_final;
using Op = ChannelOperation;

/// A channel that `from` closed at height 1 with these balances; its timeout is 5.
ChannelBench closed_channel(Sender from, const ChannelBalances& balances) {
  ChannelBench bench = open_channel();
  REQUIRE(bench.post_state(from, Op::close, bench.signed_by_both(balances)) == Reason::none);
  return bench;
}

struct OpenCase {
  const char* what;
  std::int64_t height, deposit_a, deposit_b, closing_time, fund_by;
  bool by_a, differ;
  Reason reason;
};

}  // namespace

TEST_CASE("an opening keeps the limits of its terms", "[CHAN-2]") {
  const std::int64_t most = amount_max;
  const OpenCase cases[] = {
      {"as it should be", 5, 10, 10, 4, 8, true, true, Reason::none},
      {"B deposits nothing", 5, 1, 0, 4, 8, true, true, Reason::none},
      {"A deposits nothing", 5, 0, 1, 4, 8, true, true, Reason::none},
      {"nobody deposits", 5, 0, 0, 4, 8, true, true, Reason::terms_out_of_range},
      {"a deposit below 0", 5, -1, 10, 4, 8, true, true, Reason::terms_out_of_range},
      {"all there can be", 5, most - 1, 1, 4, 8, true, true, Reason::none},
      {"more than there can be", 5, most, 1, 4, 8, true, true, Reason::terms_out_of_range},
      {"twice what there can be", 5, most, most, 4, 8, true, true, Reason::terms_out_of_range},
      {"the shortest closing time", 5, 1, 1, 2, 8, true, true, Reason::none},
      {"shorter", 5, 1, 1, 1, 8, true, true, Reason::terms_out_of_range},
      {"the longest closing time", 5, 1, 1, 10, 8, true, true, Reason::none},
      {"longer", 5, 1, 1, 11, 8, true, true, Reason::terms_out_of_range},
      {"a channel with oneself", 5, 1, 1, 4, 8, true, false, Reason::terms_out_of_range},
      {"a stranger opens", 5, 1, 1, 4, 8, false, true, Reason::not_permitted},
      {"fundBy now", 5, 1, 1, 4, 5, true, true, Reason::none},
      {"fundBy past", 5, 1, 1, 4, 4, true, true, Reason::too_late},
      {"the last fundBy", 5, 1, 1, 4, 15, true, true, Reason::none},
      {"a later fundBy", 5, 1, 1, 4, 16, true, true, Reason::too_early},
      {"fundBy beyond all heights", 5, 1, 1, 4, height_max + 1, true, true, Reason::terms_out_of_range},
  };
  Parameters<std::int64_t> p{};
  p.closing_min = 2;
  p.closing_max = 10;
  for (const OpenCase& c : cases) {
    INFO(c.what);
    const auto step = channel_open(no_channel(std::int64_t{0}), p, c.height,
                                   {c.deposit_a, c.deposit_b, c.closing_time, c.fund_by}, {c.by_a, false}, c.differ);
    CHECK(first_failure(step.guards) == c.reason);
    CHECK(step.flow.from_a == c.deposit_a);
  }
}

TEST_CASE("B funds up to fundBy, and after it A's deposit returns", "[CHAN-2]") {
  ChannelBench bench(ideal_signatures());  // fundBy 3
  REQUIRE(bench.open() == Reason::none);
  CHECK(bench.open() == Reason::wrong_status);
  const auto fund = [&](Sender from, std::int64_t height) {
    return first_failure(channel_fund(bench.channel, height, {from == Sender::a, from == Sender::b}).guards);
  };
  CHECK(fund(Sender::a, 2) == Reason::not_permitted);
  CHECK(fund(Sender::stranger, 2) == Reason::not_permitted);
  CHECK(fund(Sender::b, 3) == Reason::none);
  CHECK(fund(Sender::b, 4) == Reason::too_late);
  CHECK(bench.post_state(Sender::a, Op::close, {{0, 10, 10}, {}, {}}) == Reason::wrong_status);
  bench.height = 3;
  CHECK(bench.post(Sender::stranger, {Op::reclaim, {}, {}}) == Reason::too_early);
  bench.height = 4;
  CHECK(bench.post(Sender::stranger, {Op::reclaim, {}, {}}) == Reason::none);
  CHECK(bench.received_a == 10);
  CHECK(bench.received_b == 0);
  CHECK(bench.is(ChannelStatus::settled));
  CHECK(bench.open() == Reason::wrong_status);  // an id is never used again
}

TEST_CASE("a channel holds what its status says, and all of it leaves at once", "[CHAN-3]") {
  ChannelBench bench(ideal_signatures(), 10, 7);
  const auto check = [&bench](ChannelStatus status, std::int64_t held, std::int64_t paid) {
    CAPTURE(static_cast<int>(status));
    CHECK(bench.is(status));
    CHECK(value(bench.channel) == held);
    CHECK(bench.received_a + bench.received_b == paid);
    CHECK((status == ChannelStatus::none || bench.channel.balance_a + bench.channel.balance_b == 17));
  };
  check(ChannelStatus::none, 0, 0);
  REQUIRE(bench.open() == Reason::none);
  check(ChannelStatus::opening, 10, 0);
  REQUIRE(bench.fund() == Reason::none);
  check(ChannelStatus::open, 17, 0);
  CHECK((bench.channel.version == 0 && bench.channel.balance_a == 10 && bench.channel.balance_b == 7));
  REQUIRE(bench.post_state(Sender::a, Op::close, bench.signed_by_both({3, 5, 12})) == Reason::none);
  check(ChannelStatus::closing, 17, 0);
  CHECK(bench.channel.timeout == bench.height + 4);
  CHECK((bench.channel.least_posted_a == 3 && bench.channel.least_posted_b == channel_nothing_posted));
  bench.height = 2;
  REQUIRE(bench.post_state(Sender::stranger, Op::refute, bench.signed_by_both({5, 2, 15})) == Reason::none);
  check(ChannelStatus::closing, 17, 0);
  CHECK((bench.channel.timeout == 5 && bench.channel.version == 5 && bench.channel.least_posted_a == 3));
  bench.height = 5;
  REQUIRE(bench.settle() == Reason::none);
  check(ChannelStatus::settled, 0, 17);
  CHECK(bench.received_a == 2);
}

TEST_CASE("a party closes with a state that both signed or with version 0", "[CHAN-4][CHAN-6]") {
  const ChannelBench open = open_channel();
  struct Case {
    const char* what;
    Sender from;
    ChannelBalances balances;
    bool by_a, by_b;
    Reason reason;
  };
  const Case cases[] = {
      {"version 0 unsigned by A", Sender::a, {0, 10, 10}, false, false, Reason::none},
      {"version 0 unsigned by B", Sender::b, {0, 10, 10}, false, false, Reason::none},
      {"a stranger with version 0", Sender::stranger, {0, 10, 10}, false, false, Reason::not_permitted},
      {"a stranger with a signed state", Sender::stranger, {3, 4, 16}, true, true, Reason::not_permitted},
      {"a signed state", Sender::a, {3, 4, 16}, true, true, Reason::none},
      {"all to one", Sender::b, {3, 0, 20}, true, true, Reason::none},
      {"a final state", Sender::a, {final_version, 4, 16}, true, true, Reason::none},
      {"without A's signature", Sender::a, {3, 4, 16}, false, true, Reason::wrong_state_signature},
      {"without B's signature", Sender::a, {3, 4, 16}, true, false, Reason::wrong_state_signature},
      {"less than the deposits", Sender::a, {3, 4, 15}, true, true, Reason::wrong_balances},
      {"more than the deposits", Sender::a, {3, 4, 17}, true, true, Reason::wrong_balances},
      {"version 0 with other balances", Sender::a, {0, 4, 16}, true, true, Reason::wrong_balances},
  };
  for (const Case& c : cases) {
    INFO(c.what);
    ChannelBench bench = open;
    ChannelSignedBalances state = bench.signed_by_both(c.balances);
    if (!c.by_a) state.signature_a = {};
    if (!c.by_b) state.signature_b = {};
    CHECK(bench.post_state(c.from, Op::close, state) == c.reason);
    if (c.reason != Reason::none) continue;
    CHECK(bench.channel.timeout == 5);
    CHECK(bench.channel.version == c.balances.version);
    CHECK(bench.channel.least_posted_a == (c.from == Sender::a ? c.balances.version : channel_nothing_posted));
    CHECK(bench.channel.least_posted_b == (c.from == Sender::b ? c.balances.version : channel_nothing_posted));
    CHECK(bench.received_a + bench.received_b == 0);
  }
}

TEST_CASE("balances below 0 or beyond the deposits are refused though they add up", "[CHAN-4]") {
  const ChannelBench bench = open_channel();
  for (const std::int64_t a : {-1, 21})
    CHECK(first_failure(channel_close(bench.channel, bench.height, {3, a, 20 - a}, {true, false}, true).guards) ==
          Reason::wrong_balances);
}

TEST_CASE("anyone refutes with a newer signed state before the timeout, which stays", "[CHAN-6]") {
  struct Case {
    const char* what;
    std::int64_t height;
    Sender from;
    ChannelBalances balances;
    bool is_signed;
    Reason reason;
  };
  const Case cases[] = {
      {"at once", 1, Sender::b, {4, 5, 15}, true, Reason::none},
      {"in the last block", 4, Sender::b, {4, 5, 15}, true, Reason::none},
      {"at the timeout", 5, Sender::b, {4, 5, 15}, true, Reason::too_late},
      {"by the closer", 2, Sender::a, {4, 5, 15}, true, Reason::none},
      {"by a stranger", 2, Sender::stranger, {4, 5, 15}, true, Reason::none},
      {"with a final state", 2, Sender::b, {final_version, 5, 15}, true, Reason::none},
      {"with the same version", 2, Sender::b, {3, 5, 15}, true, Reason::not_newer},
      {"with an older one", 2, Sender::b, {2, 5, 15}, true, Reason::not_newer},
      {"with version 0", 2, Sender::b, {0, 10, 10}, true, Reason::not_newer},
      {"unsigned", 2, Sender::b, {4, 5, 15}, false, Reason::wrong_state_signature},
      {"with other sums", 2, Sender::b, {4, 5, 16}, true, Reason::wrong_balances},
  };
  for (const Case& c : cases) {
    INFO(c.what);
    ChannelBench bench = closed_channel(Sender::a, {3, 4, 16});
    bench.height = c.height;
    ChannelSignedBalances state = bench.signed_by_both(c.balances);
    if (!c.is_signed) state.signature_b = {};
    CHECK(bench.post_state(c.from, Op::refute, state) == c.reason);
    CHECK(bench.channel.timeout == 5);
    if (c.reason != Reason::none) continue;
    CHECK(bench.channel.least_posted_a == 3);
    CHECK(bench.channel.least_posted_b == (c.from == Sender::b ? c.balances.version : channel_nothing_posted));
    bench.height = 5;
    REQUIRE(bench.settle() == Reason::none);
    CHECK(bench.received_a == 5);
    CHECK(bench.received_b == 15);
  }
  ChannelBench open = open_channel();
  CHECK(open.post_state(Sender::a, Op::refute, open.signed_by_both({4, 5, 15})) == Reason::wrong_status);
}

TEST_CASE("a closing is settled from the timeout on, by anyone, once", "[CHAN-8]") {
  ChannelBench bench = closed_channel(Sender::a, {3, 4, 16});
  bench.height = 4;
  CHECK(bench.settle() == Reason::too_early);
  bench.height = 5;
  CHECK(bench.settle() == Reason::none);
  CHECK(bench.received_a == 4);
  CHECK(bench.received_b == 16);
  for (const Op operation :
       {Op::open, Op::fund, Op::reclaim, Op::cooperative_close, Op::close, Op::refute, Op::punish, Op::settle}) {
    const ChannelPost post{operation, bench.signed_by_both({final_version, 0, 20}), bench.revoke(ChannelSide::a, 9)};
    CHECK(bench.post(Sender::b, post) == Reason::wrong_status);
  }
}

TEST_CASE("a final state of both closes at once while open", "[CHAN-5]") {
  ChannelBench bench = open_channel();
  const auto close = [&](const ChannelSignedBalances& state) {
    return bench.post_state(Sender::stranger, Op::cooperative_close, state);
  };
  CHECK(close(bench.signed_by_both({final_version - 1, 3, 17})) == Reason::not_final);
  ChannelSignedBalances half = bench.signed_by_both({final_version, 3, 17});
  half.signature_a = half.signature_b;
  CHECK(close(half) == Reason::wrong_state_signature);
  CHECK(close(bench.signed_by_both({final_version, 3, 18})) == Reason::wrong_balances);
  const ChannelBench open = bench;
  CHECK(close(bench.signed_by_both({final_version, 3, 17})) == Reason::none);
  CHECK(bench.received_a == 3);
  CHECK(bench.received_b == 17);
  bench = open;
  REQUIRE(bench.post_state(Sender::a, Op::close, {{0, 10, 10}, {}, {}}) == Reason::none);
  CHECK(close(bench.signed_by_both({final_version, 3, 17})) == Reason::wrong_status);
}

TEST_CASE("a final state shown in a closing excuses nothing that was posted", "[CHAN-5][CHAN-7]") {
  ChannelBench bench = closed_channel(Sender::b, {2, 2, 18});  // B revoked below 4, and both signed a final state
  const ChannelSignedBalances last = bench.signed_by_both({final_version, 18, 2});
  CHECK(bench.post_state(Sender::b, Op::cooperative_close, last) == Reason::wrong_status);
  bench.height = 2;
  REQUIRE(bench.post_state(Sender::b, Op::refute, last) == Reason::none);
  CHECK(bench.punish(Sender::a, bench.revoke(ChannelSide::b, 4)) == Reason::none);
  CHECK(bench.received_a == 20);
}

TEST_CASE("who posts what it revoked loses everything", "[CHAN-7]") {
  struct Case {
    const char* what;
    std::int64_t height, below;
    Sender from;
    ChannelSide revoker;
    Reason reason;
  };
  const Case cases[] = {
      {"B posted 3 and revoked below 4", 2, 4, Sender::a, ChannelSide::b, Reason::none},
      {"in the last block", 4, 4, Sender::a, ChannelSide::b, Reason::none},
      {"at the timeout", 5, 4, Sender::a, ChannelSide::b, Reason::too_late},
      {"revoked below 3 is not 3", 2, 3, Sender::a, ChannelSide::b, Reason::not_posted},
      {"A's revocation says nothing of B", 2, 4, Sender::a, ChannelSide::a, Reason::wrong_state_signature},
      {"A posted nothing", 2, 4, Sender::b, ChannelSide::a, Reason::not_posted},
      {"A posted nothing, all revoked", 2, final_version, Sender::b, ChannelSide::a, Reason::not_posted},
      {"a stranger", 2, 4, Sender::stranger, ChannelSide::b, Reason::not_permitted},
  };
  for (const Case& c : cases) {
    INFO(c.what);
    ChannelBench bench = closed_channel(Sender::b, {3, 4, 16});
    bench.height = c.height;
    CHECK(bench.punish(c.from, bench.revoke(c.revoker, c.below)) == c.reason);
    CHECK(bench.received_a == (c.reason == Reason::none ? 20 : 0));
    CHECK(bench.received_b == 0);
  }
}

// ---- mistakes seen elsewhere ----

TEST_CASE("a cheater that refutes itself, by itself or through a stranger, is punished all the same", "[CHAN-7]") {
  for (const Sender by : {Sender::b, Sender::stranger}) {
    ChannelBench bench = closed_channel(Sender::b, {2, 1, 19});
    REQUIRE(bench.post_state(by, Op::refute, bench.signed_by_both({9, 15, 5})) == Reason::none);
    CHECK(bench.punish(Sender::a, bench.revoke(ChannelSide::b, 9)) == Reason::none);
    CHECK(bench.received_a == 20);
  }
}

TEST_CASE("what a stranger posts counts against nobody", "[CHAN-7]") {
  for (const bool by_a : {true, false}) {
    const Sender closer = by_a ? Sender::a : Sender::b, other = by_a ? Sender::b : Sender::a;
    ChannelBench bench = closed_channel(closer, {1, 9, 11});
    bench.height = 2;
    REQUIRE(bench.post_state(Sender::stranger, Op::refute, bench.signed_by_both({3, 8, 12})) == Reason::none);
    CHECK(bench.punish(closer, bench.revoke(by_a ? ChannelSide::b : ChannelSide::a, 5)) == Reason::not_posted);
    CHECK(bench.punish(other, bench.revoke(by_a ? ChannelSide::a : ChannelSide::b, 5)) == Reason::none);
  }
}

TEST_CASE("a closer that crashed and posted an old state that it never revoked is refuted, not punished", "[CHAN-7]") {
  ChannelBench bench = closed_channel(Sender::b, {8, 1, 19});
  CHECK(bench.punish(Sender::a, bench.revoke(ChannelSide::b, 8)) == Reason::not_posted);
  CHECK(bench.post_state(Sender::a, Op::refute, bench.signed_by_both({9, 15, 5})) == Reason::none);
  CHECK(bench.punish(Sender::a, bench.revoke(ChannelSide::b, 8)) == Reason::not_posted);
}

// ---- signed messages ----

TEST_CASE("a signature of a channel is for one chain, channel, type and content", "[CHAN-4]") {
  const ChannelBench bench(ideal_signatures());
  std::set<Hash> messages;
  int count = 0;
  const auto add = [&](const Hash& hash) {
    messages.insert(hash);
    ++count;
  };
  ChannelPlace other_chain = bench.place(), other_channel = bench.place();
  other_chain.ledger[31] ^= 1;
  other_channel.channel[31] ^= 1;
  for (const ChannelPlace& place : {bench.place(), other_chain, other_channel}) {
    for (const ChannelBalances& balances :
         {ChannelBalances{1, 2, 3}, {2, 2, 3}, {1, 3, 3}, {1, 2, 4}, {1, 3, 2}, {0, 0, 0}})
      add(channel_state_message(place, balances));
    for (const std::int64_t version : {0, 1, 2}) add(channel_revocation_message(place, version));
  }
  CHECK(messages.size() == static_cast<std::size_t>(count));
  CHECK(count == 27);
}

TEST_CASE("an id names every term of its channel", "[CHAN-2]") {
  const ChannelBench bench(ideal_signatures());
  std::vector<ChannelTerms> all(9, bench.terms);
  all[1].a.bytes[3] ^= 1;
  all[2].b.bytes[3] ^= 1;
  all[3].nonce = 1;
  all[4].closing_time += 1;
  all[5].deposit_a += 1;
  all[6].deposit_b += 1;
  all[7].fund_by += 1;
  std::swap(all[8].a, all[8].b);
  Hash elsewhere = bench.ledger;
  elsewhere[3] ^= 1;
  std::set<Hash> ids{channel_id(elsewhere, bench.terms)};
  for (const ChannelTerms& terms : all) ids.insert(channel_id(bench.ledger, terms));
  CHECK(ids.size() == all.size() + 1);
}

TEST_CASE("numbers of a channel outside their limits have no message", "[CHAN-4]") {
  const ChannelBench bench(ideal_signatures());
  CHECK_NOTHROW(channel_state_message(bench.place(), {amount_max, 0, amount_max}));
  for (const ChannelBalances& balances : {ChannelBalances{-1, 0, 0}, {0, -1, 0}, {0, 0, amount_max + 1}})
    CHECK_THROWS_AS(channel_state_message(bench.place(), balances), std::invalid_argument);
  CHECK_THROWS_AS(channel_revocation_message(bench.place(), amount_max + 1), std::invalid_argument);
  ChannelTerms terms = bench.terms;
  terms.deposit_b = -1;
  CHECK_THROWS_AS(channel_id(bench.ledger, terms), std::invalid_argument);
}

TEST_CASE("a state of another channel, chain or type is refused on the ledger", "[CHAN-4]") {
  ChannelBench bench(ed25519());
  bench.open_and_fund();
  const ChannelBalances balances{3, 4, 16};
  ChannelBench foreign(ed25519());
  const auto refused = [&] {
    ChannelBench copy = bench;
    return copy.post_state(Sender::a, Op::close, foreign.signed_by_both(balances)) == Reason::wrong_state_signature;
  };
  CHECK_FALSE(refused());
  foreign.terms.nonce = 1;
  CHECK(refused());
  foreign.terms = bench.terms;
  foreign.ledger[0] ^= 1;
  CHECK(refused());
  // A revocation is not a state, nor a state a revocation.
  ChannelSignedBalances state = bench.signed_by_both(balances);
  state.signature_b = bench.revoke(ChannelSide::b, 3).signature;
  CHECK(bench.post_state(Sender::a, Op::close, state) == Reason::wrong_state_signature);
  REQUIRE(bench.post_state(Sender::b, Op::close, bench.signed_by_both(balances)) == Reason::none);
  CHECK(bench.punish(Sender::a, {4, bench.sign(ChannelSide::b, balances)}) == Reason::wrong_state_signature);
  CHECK(bench.punish(Sender::a, bench.revoke(ChannelSide::b, 4)) == Reason::none);
}

TEST_CASE("the table of the channel", "[CHAN-1]") {
  const Machine& machine = channel_machine();
  CHECK(machine.statuses.size() == 5);
  CHECK(machine.statuses[static_cast<std::size_t>(ChannelStatus::closing)] == "closing");
  CHECK(machine.final_statuses == status_set(ChannelStatus::settled));
  REQUIRE(machine.transitions.size() == 8);
  CHECK(row_of(Op::open).operation == "open");
  CHECK(row_of(Op::fund).operation == "fund");
  CHECK(row_of(Op::reclaim).operation == "reclaim");
  CHECK(row_of(Op::cooperative_close).operation == "cooperative_close");
  CHECK(row_of(Op::close).operation == "close");
  CHECK(row_of(Op::refute).operation == "refute");
  CHECK(row_of(Op::punish).operation == "punish");
  CHECK(row_of(Op::settle).operation == "settle");
}
