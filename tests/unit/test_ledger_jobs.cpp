#include <catch2/catch.hpp>

#include "tests/unit/sla_world.hpp"

namespace p2pllm::reference {
namespace {

TEST_CASE("a job that is delivered and not challenged is paid", "[SLA-7][LEDGER-4]") {
  SlaWorld world;
  CHECK(without_fees(world, client) == 10'000 - price * steps);
  CHECK(without_fees(world, provider) == 10'000 - stake - bond);
  REQUIRE(world.send(provider, world.delivery()).reason == Reason::none);
  CHECK(world.send(stranger, Finalize{world.sla}).reason == Reason::too_early);
  world.go_to(3);
  REQUIRE(world.send(stranger, Finalize{world.sla}).reason == Reason::none);
  CHECK(world.status() == SlaStatus::settled);
  CHECK(without_fees(world, provider) == 10'000 - stake + price * steps + 1);
  CHECK(world.node().open_slas == 0);
  CHECK(world.send(stranger, Finalize{world.sla}).reason == Reason::wrong_status);
  CHECK(world.ledger.faults().empty());
}

TEST_CASE("attack: an acceptance that is held back leaves too few blocks to deliver in", "[SLA-2][SLA-14]") {
  SlaWorld world;
  const auto propose = [&world](Height accept_by, std::int64_t turn) {
    return world
        .send(client, Propose{provider.id(), layers, model, state_hash(input), price, steps, 1, accept_by, 5, 2, turn,
                              bond, steps})
        .reason;
  };
  CHECK(propose(4, 2) == Reason::terms_out_of_range);  // blocks 4 and 5 could have cost the bond
  CHECK(propose(3, 2) == Reason::none);
  CHECK(propose(4, 1) == Reason::none);
}

TEST_CASE("what an operation takes from an account must be there after the fee", "[LEDGER-4]") {
  Genesis genesis = small_genesis({client, provider, stranger, validator});
  genesis.balances[0][client.id()] = price * steps + 1;
  genesis.balances[0][provider.id()] = stake + bond + 3;
  LedgerWorld world(genesis);
  const auto expect = [&world](Reason reason, const Person& who, const Operation& operation) {
    CHECK(world.send(who, operation).reason == reason);
  };
  expect(Reason::not_covered, provider, Register{layers, 1000, 5, stake + bond + 3});
  expect(Reason::none, provider, Register{layers, 1000, 5, stake});
  expect(Reason::not_covered, provider, TopUp{bond + 1});
  const Propose job{provider.id(), layers, model, state_hash(input), price, steps, 1, 3, 5, 2, 1, bond, steps};
  expect(Reason::none, client, job);
  expect(Reason::fee_not_covered, client, job);
  const Hash sla = world.shard().slas.begin()->first;
  expect(Reason::not_covered, provider, Accept{sla});  // a fee short of the bond
  expect(Reason::none, stranger, Transfer{provider.id(), 0, 2});
  expect(Reason::none, provider, Accept{sla});
  CHECK(world.balance(provider) == 0);
  expect(Reason::none, stranger, Transfer{provider.id(), 0, 1});
  expect(Reason::none, provider, delivery(sla, world.shard().slas.at(sla), compute(model, layers, input, steps)));
  expect(Reason::none, stranger, Transfer{client.id(), 0, challenge_bond});
  expect(Reason::not_covered, client, Challenge::of_shown(sla, challenge_bond));
  expect(Reason::none, stranger, Transfer{client.id(), 0, 2});
  expect(Reason::none, client, Challenge::of_shown(sla, challenge_bond));
  CHECK(world.balance(client) == 0);
  CHECK(world.ledger.faults().empty());
}

TEST_CASE("a delivery opens the last step of the terms' computation, and its state is the output",
          "[SLA-5][COMMIT-4]") {
  SlaWorld world;
  const auto refused = [&world](const auto& change) {
    Deliver delivery = world.delivery();
    change(delivery);
    return world.send(provider, delivery).reason == Reason::wrong_opening;
  };
  CHECK(refused([](Deliver& d) { d.output[0] ^= 1; }));  // a correct root, another output
  CHECK(refused([](Deliver& d) { d.root[0] ^= 1; }));
  CHECK(refused([](Deliver& d) { d.before[0] ^= 1; }));
  CHECK(refused([](Deliver& d) { d.proof.pop_back(); }));
  const std::vector<MerkleLeaf> fewer(world.claimed.leaves.begin(), world.claimed.leaves.begin() + 4);
  CHECK(refused([&](Deliver& d) {  // a provider that chooses fewer steps than the terms say
    d.root = merkle_root(fewer), d.output = world.claimed_hash(4), d.before = world.claimed_hash(3);
    d.proof = merkle_proof(fewer, 3);
  }));
  CHECK(world.send(stranger, world.delivery()).reason == Reason::not_permitted);
  CHECK(world.send(provider, world.delivery()).reason == Reason::none);
}

TEST_CASE("an output that is withheld costs the provider bond and one percent of its stake",
          "[LEDGER-4][SLA-6][REG-4][POS-3][POS-5]") {
  SlaWorld world;
  REQUIRE(world.send(provider, world.delivery()).reason == Reason::none);
  CHECK(world.send(client, Demand{world.sla, steps + 1}).reason == Reason::no_such_unit);
  REQUIRE(world.send(client, Demand{world.sla, steps}).reason == Reason::none);
  CHECK(world.send(client, Challenge::of_shown(world.sla, challenge_bond)).reason == Reason::demand_pending);
  CHECK(world.send(provider, Publish{world.sla, input}).reason == Reason::wrong_opening);
  CHECK(world.send(provider, Publish{world.sla, world.claimed.states.back(), {1}}).reason == Reason::wrong_opening);
  CHECK(world.send(provider, Publish{world.sla, world.claimed.states.back(), {}, {Hash{}}}).reason ==
        Reason::wrong_opening);
  world.go_to(3);
  REQUIRE(world.send(stranger, Miss{world.sla}).reason == Reason::none);
  CHECK(world.status() == SlaStatus::breached);
  CHECK(without_fees(world, client) == 10'000 + bond);
  CHECK(without_fees(world, provider) == 10'000 - stake - bond + 1);
  CHECK(world.node().stake == stake - 10);
  CHECK(without_fees(world, stranger) == 10'001);  // a tenth of the slash
  CHECK(world.shard().burned == 9);
  CHECK(world.node_status() == NodeStatus::jailed);
  world.ledger.end_block();
  CHECK(world.ledger.validators().at(provider.id()).stake == 0);  // it keeps its place, and proposes nothing
  CHECK(world.ledger.proposer() == validator.id());
  CHECK(world.ledger.faults().empty());
}

TEST_CASE("a node that reports its own failure gains nothing by it", "[LEDGER-4][SLA-8][REG-4]") {
  SlaWorld world;
  world.go_to(6);
  REQUIRE(world.send(provider, Timeout{world.sla}).reason == Reason::none);
  CHECK(world.shard().burned == 10);
  CHECK(without_fees(world, provider) == 10'000 - stake - bond + 1);
}

/// Two proposals of one height, signed by the provider.
ReportEquivocation equivocation(const LedgerWorld& world, Height height) {
  const Hash first = state_hash(Bytes{1}), second = state_hash(Bytes{2});
  const auto sign = [&](const Hash& header) {
    return world.scheme.sign(provider.keys.secret_key, proposal_id(world.ledger.chain(), height, 0, header));
  };
  return {provider.id(), height, 0, first, second, sign(first), sign(second)};
}

TEST_CASE("stake cannot be sheltered in the bond of a confederate's SLA", "[LEDGER-4][REG-3][SLA-4]") {
  // The offender equivocates, lets a confederate's job fail at once, and is still slashed of its whole stake.
  SlaWorld world;
  world.go_to(2);  // from here on the node is in the set of validators
  world.go_to(6);
  REQUIRE(world.send(client, Timeout{world.sla}).reason == Reason::none);
  const Amount left = world.node().stake;
  CHECK(left == stake - 10);
  REQUIRE(world.send(stranger, equivocation(world, 5)).reason == Reason::none);
  CHECK(world.node_status() == NodeStatus::tombstoned);
  CHECK(without_fees(world, stranger) == 10'000 + left / 10);
  CHECK(world.ledger.faults().empty());
}

TEST_CASE("evidence counts once, in time, and only of two signed proposals of a validator", "[REG-5][LEDGER-3]") {
  SlaWorld world;
  CHECK(world.send(stranger, equivocation(world, 1)).reason == Reason::no_offence);  // not yet in the set
  world.go_to(3);
  const ReportEquivocation good = equivocation(world, 2);
  const auto reason = [&world, &good](const auto& change) {
    ReportEquivocation evidence = good;
    change(evidence);
    return world.send(stranger, evidence).reason;
  };
  CHECK(reason([](ReportEquivocation& e) { e.second = e.first, e.second_signature = e.first_signature; }) ==
        Reason::no_offence);
  CHECK(reason([](ReportEquivocation& e) { e.second_signature.bytes[0] ^= 1; }) == Reason::no_offence);
  CHECK(reason([](ReportEquivocation& e) { e.round = 1; }) == Reason::no_offence);
  CHECK(reason([](ReportEquivocation& e) { e.height = 3; }) == Reason::no_offence);
  CHECK(reason([](ReportEquivocation& e) { e.offender = client.id(); }) == Reason::unknown_object);
  world.go_to(6);  // 2 + 4: the last height at which it counts
  REQUIRE(world.send(stranger, good).reason == Reason::none);
  CHECK(world.send(stranger, good).reason == Reason::wrong_status);
  CHECK(world.ledger.faults().empty());
}

TEST_CASE("evidence of an age beyond the limit counts for nothing", "[REG-5]") {
  SlaWorld world;
  world.go_to(7);
  const Reason reason = world.send(stranger, equivocation(world, 2)).reason;
  CHECK((reason == Reason::evidence_too_old || reason == Reason::no_offence));
  CHECK(world.node().stake == stake);
}

TEST_CASE("who unbonds answers for what it did until its stake is free", "[REG-3][REG-5]") {
  SlaWorld world;
  REQUIRE(world.send(client, Acknowledge{world.sla}).reason == Reason::wrong_status);
  REQUIRE(world.send(provider, world.delivery()).reason == Reason::none);
  REQUIRE(world.send(client, Acknowledge{world.sla}).reason == Reason::none);
  world.go_to(3);
  REQUIRE(world.send(provider, Unbond{}).reason == Reason::none);
  const ReportEquivocation evidence = equivocation(world, 3);
  world.go_to(7);
  CHECK(world.send(provider, Withdraw{}).reason == Reason::too_early);
  REQUIRE(world.send(stranger, evidence).reason == Reason::none);  // withdrawal races the slash, and loses
  world.go_to(20);
  CHECK(world.send(provider, Withdraw{}).reason == Reason::wrong_status);
  CHECK(world.node().stake == 0);
}

TEST_CASE("a channel of the same terms in another shard is another channel", "[CHAN-2][SHARD-1]") {
  LedgerWorld world(small_genesis({client, provider}, 2));
  const ChannelTerms terms{client.id(), provider.id(), 1, 2, 50, 50, 3};
  for (const std::int64_t shard : {0, 1}) {
    REQUIRE(world.send(client, ChannelOpen{terms}, shard).reason == Reason::none);
    REQUIRE(world.send(provider, ChannelFund{terms}, shard).reason == Reason::none);
    CHECK(world.send(client, ChannelOpen{terms}, shard).reason == Reason::object_exists);
  }
  CHECK(world.shard(0).channels.begin()->first != world.shard(1).channels.begin()->first);
}

}  // namespace
}  // namespace p2pllm::reference
