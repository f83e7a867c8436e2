#include <catch2/catch.hpp>

#include "model/contracts/commitment.hpp"
#include "optimized/contracts/engine.hpp"
#include "reference/contracts/reference_executor.hpp"
#include "tests/unit/two_shards.hpp"

// Histories of the fast ledger beside the reference, which blocks at random seldom have: blocks that are discarded and
// not made again, values of nothing, evidence that is passed on, and steps that do not begin where they should.
namespace p2pllm::optimized {
namespace {

using reference::alice, reference::bob, reference::carol, reference::dave, reference::LedgerWorld, reference::Person;

const Register low{{0, 4}, 1000, 1, 200};

/// Both ledgers, which get the same transactions.
struct Both : LedgerWorld {
  Engine engine{ledger.genesis(), scheme, sample_executor()};

  explicit Both(std::int64_t shards = 1) : LedgerWorld(reference::small_genesis({alice, bob, carol, dave}, shards)) {}

  Outcome send(const Person& who, Operation operation, std::int64_t index = 0) {
    const Transaction made = sign(unsigned_transaction(who, std::move(operation), index), who);
    const Outcome outcome = ledger.execute(made);
    CHECK(engine.execute(made) == outcome);
    return outcome;
  }
  /// To the fast ledger alone, which then forgets it.
  Reason try_alone(const Person& who, Operation operation) {
    return engine.execute(sign(unsigned_transaction(who, std::move(operation)), who)).reason;
  }
  void end_block() {
    const BlockHeader expected = ledger.end_block();
    CHECK((engine.end_block() == expected));
    engine.apply();
    CHECK(engine.root() == ledger.state_root());
  }
  void go_to(Height height) {
    while (ledger.height() < height) end_block();
  }
};

TEST_CASE("objects of a block that was ended and discarded are as before in the next root", "[LEDGER-6][LEDGER-7]") {
  Both both;
  both.end_block();
  REQUIRE(both.try_alone(alice, Transfer{bob.id(), 0, 7}) == Reason::none);
  (void)both.engine.end_block();
  both.engine.discard();
  both.end_block();  // in which nothing touches these accounts
  CHECK(both.engine.shards()[0].accounts.size() == 4);
}

TEST_CASE("a block of round 1000 is valid, and one of a later round is refused at once", "[LEDGER-6][POS-4]") {
  Both both;
  Block block = both.engine.candidate(block_round_max, {}).block;
  both.engine.discard();
  CHECK(both.engine.validate(block));
  both.engine.discard();
  for (const std::int64_t round : {std::int64_t{-1}, block_round_max + 1, amount_max}) {
    block.header.round = round;
    const auto outcomes = both.engine.validate(block);
    REQUIRE_FALSE(outcomes);
    CHECK(outcomes.error().place == "round");
  }
}

TEST_CASE("what a discarded block burned is not in the next root", "[LEDGER-7]") {
  Both both;
  both.send(alice, low);
  const Hash job = both.send(bob, Propose{alice.id(), {0, 4}, {}, {}, {1, 1, 1, 2, 3, 2, 1, 10, 1}}).id;
  REQUIRE(both.send(alice, Accept{job}).reason == Reason::none);
  both.go_to(4);
  REQUIRE(both.try_alone(carol, Timeout{job}) == Reason::none);
  (void)both.engine.end_block();
  CHECK(both.engine.shards()[0].burned == 2);
  both.engine.discard();
  CHECK(both.engine.shards()[0].burned == 0);
  both.end_block();
}

TEST_CASE("stakes that follow on a discarded block replace those of that block in the root", "[LEDGER-7]") {
  Both both;
  REQUIRE(both.try_alone(alice, low) == Reason::none);
  (void)both.engine.end_block();
  both.engine.discard();
  REQUIRE(both.send(bob, low).reason == Reason::none);
  both.end_block();
  CHECK(both.engine.rotation().content().snapshots.back()->stakes.contains(bob.id()));
}

TEST_CASE("a migration that was queued in a block that is discarded moves nobody", "[LEDGER-6][LEDGER-7]") {
  Both both;
  both.send(alice, low), both.send(bob, low);
  both.end_block();
  REQUIRE(both.try_alone(alice, Migrate{{4, 8}}) == Reason::none);
  both.engine.discard();
  both.end_block();
  REQUIRE(both.send(alice, Migrate{{4, 8}}).reason == Reason::none);
  both.end_block();
  CHECK(both.shard().nodes.at(alice.id()).layers == LayerRange{4, 8});  // it would have moved
}

TEST_CASE("a value of nothing makes no account here, and one where it arrives", "[LEDGER-7][SHARD-3]") {
  Both both(2);
  const Person nobody = reference::person(99);
  REQUIRE(both.send(alice, Transfer{nobody.id(), 0, 0}).reason == Reason::none);
  REQUIRE(both.send(alice, Transfer{nobody.id(), 1, 0}).reason == Reason::none);
  both.end_block();
  both.end_block();
  const auto has_account = [&](std::size_t s) {
    const auto& accounts = both.engine.shards()[s].accounts;
    return accounts.find(nobody.id()) != accounts.none;
  };
  CHECK_FALSE(has_account(0));
  CHECK(has_account(1));
}

TEST_CASE("evidence that was used is passed on with the state, from and to the fast ledger", "[REG-5][LEDGER-7]") {
  Both both;
  both.send(alice, low);
  both.go_to(3);
  const Hash first = state_hash(Bytes{1}), second = state_hash(Bytes{2});
  const auto sign = [&](const Hash& header) {
    return both.scheme.sign(alice.keys.secret_key, proposal_id(both.ledger.chain(), 2, 0, header));
  };
  const ReportEquivocation report{alice.id(), 2, 0, first, second, sign(first), sign(second)};
  REQUIRE(both.send(bob, report).reason == Reason::none);
  both.end_block();
  const LedgerExport exact = both.ledger.export_state(), fast = both.engine.export_state();
  REQUIRE(exact.state.shards[0].evidence.size() == 1);
  CHECK((fast.state.shards[0].evidence == exact.state.shards[0].evidence));
  Engine next(both.ledger.genesis(), both.scheme, sample_executor());
  REQUIRE_FALSE(next.import_state(exact));
  CHECK(next.root() == both.ledger.state_root());
  reference::ReferenceExecutor exact_next(both.ledger.genesis(), both.scheme, sample_executor());
  REQUIRE_FALSE(exact_next.import_state(fast));
  CHECK(exact_next.root() == both.engine.root());
}

TEST_CASE("the fast ledger refines no step, and finds a micro-step wrong, that begins at another state",
          "[SLA-11][SLA-15][COMMIT-4]") {
  const Bytes input{1, 2, 3};
  const auto states = contracts::SampleExecutor::micro_states({{}, {0, 4}, 0, 1, 1}, input);
  REQUIRE(states.size() == 3);
  const Hash output = state_hash(states.back());
  for (const bool begins_there : {true, false}) {
    Both both;
    both.send(alice, low);
    const Hash job =
        both.send(bob, Propose{alice.id(), {0, 4}, {}, state_hash(input), {1, 1, 1, 2, 4, 2, 1, 10, 1}}).id;
    REQUIRE(both.send(alice, Accept{job}).reason == Reason::none);
    const Hash before = state_hash(begins_there ? input : Bytes{4});
    const std::vector leaves{commitment_leaf({{}, 1, 0, 4, before, output})};
    REQUIRE(both.send(alice, Deliver{{{job, 1, merkle_root({}), merkle_root(leaves), output, before, {}}, {}, 0, {}}})
                .reason == Reason::none);
    REQUIRE(both.send(bob, Challenge::of_shown(job, 5)).reason == Reason::none);
    const auto micro = parties::micro_steps_of({}, 1, states);
    const Refine right{job, input, merkle_root(micro.leaves), micro.states[1], merkle_proof(micro.leaves, 1)};
    CHECK(both.send(alice, right).reason == (begins_there ? Reason::none : Reason::wrong_opening));
    both.end_block();
  }
  for (const bool begins_there : {true, false}) {
    Both both;
    both.send(alice, low);
    const Hash job =
        both.send(bob, Propose{alice.id(), {0, 4}, {}, state_hash(input), {1, 1, 1, 2, 4, 2, 1, 10, 1}}).id;
    REQUIRE(both.send(alice, Accept{job}).reason == Reason::none);
    const std::vector leaves{commitment_leaf({{}, 1, 0, 4, state_hash(input), output})};
    REQUIRE(
        both.send(alice,
                  Deliver{{{job, 1, merkle_root({}), merkle_root(leaves), output, state_hash(input), {}}, {}, 0, {}}})
            .reason == Reason::none);
    REQUIRE(both.send(bob, Challenge::of_shown(job, 5)).reason == Reason::none);
    auto micro = parties::micro_steps_of({}, 1, states);
    const Hash before = begins_there ? micro.states[1] : Hash{4};
    micro.leaves[1] = micro_step_leaf({}, 1, 2, before, output);
    REQUIRE(
        both.send(alice, Refine{job, input, merkle_root(micro.leaves), before, merkle_proof(micro.leaves, 1)}).reason ==
        Reason::none);
    REQUIRE(both.send(alice, PostMid{job, micro.states[0], micro.states[1], merkle_proof(micro.leaves, 0)}).reason ==
            Reason::none);
    REQUIRE(both.send(bob, Side{job, true}).reason == Reason::none);
    REQUIRE(both.send(alice, Judge{job, states[1]}).reason == Reason::none);
    const auto& slas = both.engine.shards()[0].slas;
    CHECK(slas[slas.find(job)].sla.status ==
          static_cast<std::int64_t>(begins_there ? SlaStatus::settled : SlaStatus::breached));
    both.end_block();
  }
}

}  // namespace
}  // namespace p2pllm::optimized
