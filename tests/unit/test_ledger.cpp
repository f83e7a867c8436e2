#include <catch2/catch.hpp>

#include "tests/unit/two_shards.hpp"

namespace p2pllm::reference {
namespace {

TEST_CASE("a genesis that breaks a rule is refused by its name", "[LEDGER-1]") {
  const Genesis good = small_genesis({alice, bob});
  CHECK_FALSE(genesis_fault(good));
  const auto fault = [&good](const auto& change) {
    Genesis genesis = good;
    change(genesis);
    const auto broken = genesis_fault(genesis);
    return broken ? broken->place + ": " + broken->rule : std::string();
  };
  CHECK(fault([](Genesis& g) { g.shards = 0; }) == "shards: 1 to 64 are required");
  CHECK(fault([](Genesis& g) { g.shards = 65; }) == "shards: 1 to 64 are required");
  CHECK(fault([](Genesis& g) { g.layers = 0; }) == "layers: at least one a shard and at most 2^20 are required");
  CHECK(fault([](Genesis& g) { g.balances.emplace_back(); }) == "balances: one list a shard");
  CHECK(fault([](Genesis& g) { g.proposers.clear(); }) == "proposers: at least one is required");
  CHECK(fault([](Genesis& g) { g.proposers = {bob.id(), alice.id(), bob.id()}; }) == "proposers: each is listed once");
  CHECK(fault([](Genesis& g) { g.balances[0][alice.id()] = supply_max - 10'001; }).empty());
  CHECK(fault([](Genesis& g) { g.balances[0][alice.id()] = supply_max - 10'000; }) ==
        "balances: the supply must be below 2^57");
  CHECK(fault([](Genesis& g) { g.balances[0][alice.id()] = -1; }) == "balances: the supply must be below 2^57");
  CHECK(fault([](Genesis& g) { g.parameters.launch_stake = supply_max + 1; }) ==
        "parameters: min_stake < launch_stake <= 2^57 is required");
  CHECK(fault([](Genesis& g) { g.parameters.unbonding = g.parameters.evidence_age_max; }) ==
        "parameters: unbonding > evidence_age_max is required");
  CHECK(fault([](Genesis& g) { g.parameters.turn_max = g.parameters.turn_min = g.parameters.deliver_within_max; }) ==
        "parameters: deliver_within_max > turn_min is required");
}

TEST_CASE("the largest supply and the largest amounts add up within machine integers", "[LEDGER-2]") {
  Genesis genesis = small_genesis({alice, bob, carol, dave});
  genesis.balances[0][alice.id()] = supply_max - 30'001;
  REQUIRE_FALSE(genesis_fault(genesis));
  ++genesis.balances[0][alice.id()];
  CHECK(genesis_fault(genesis).value().rule == "the supply must be below 2^57");
  --genesis.balances[0][alice.id()];
  LedgerWorld world(genesis);
  CHECK(world.ledger.supply() == supply_max - 1);
  CHECK(world.send(bob, Transfer{alice.id(), 0, amount_max}).reason == Reason::not_covered);
  CHECK(world.send(alice, Transfer{bob.id(), 0, supply_max - 30'002}).reason == Reason::none);  // all but the fee
  CHECK(world.balance(bob) == supply_max - 20'003);
  CHECK(world.send(bob, Register{{0, 4}, 1000, amount_max, supply_max - 20'004}).reason == Reason::none);
  CHECK(world.send(bob, TopUp{amount_max}).reason == Reason::fee_not_covered);
  world.fee = amount_max;
  CHECK(world.send(carol, Unbond{}).reason == Reason::fee_not_covered);
  world.go_to(40);  // more turns than a credit may count
  CHECK(world.ledger.faults().empty());
}

TEST_CASE("every parameter constraint can fail, alone", "[LEDGER-1]") {
  using P = Parameters<std::int64_t>;
  const std::vector<std::pair<std::string, void (*)(P&)>> faults{
      {"min_stake", [](P& p) { p.min_stake = 99; }},
      {"launch_stake", [](P& p) { p.launch_stake = p.min_stake; }},
      {"min_fee", [](P& p) { p.min_fee = 0; }},
      {"update_cooldown", [](P& p) { p.update_cooldown = 0; }},
      {"unbonding", [](P& p) { p.unbonding = p.evidence_age_max; }},
      {"evidence_age_max", [](P& p) { p.evidence_age_max = 0; }},
      {"jail", [](P& p) { p.jail = 0; }},
      {"deliver_within_max", [](P& p) { p.deliver_within_max = p.turn_min; }},
      {"window_min", [](P& p) { p.window_min = p.window_max + 1; }},
      {"turn_min", [](P& p) { p.turn_min = 0; }},
      {"steps_max", [](P& p) { p.steps_max = (1 << 20) + 1; }},
      {"price_max", [](P& p) { p.price_max = (std::int64_t{1} << 40) + 1; }},
      {"challenge_bond_min", [](P& p) { p.challenge_bond_min = 0; }},
      {"closing_min", [](P& p) { p.closing_min = 1; }},
      {"times", [](P& p) { p.jail = height_max + 1; }},
  };
  for (const auto& [name, change] : faults) {
    P parameters = small_parameters();
    change(parameters);
    std::vector<std::string> failed;
    for (const auto& constraint : constraints(parameters))
      if (!constraint.holds) failed.emplace_back(constraint.name);
    INFO(name);
    REQUIRE(failed.size() == 1);
    CHECK(failed[0].find(name) != std::string::npos);
  }
  CHECK(constraints(small_parameters()).size() == faults.size());
}

/// Each case makes a transaction wrong before it is included, and names the reason.
TEST_CASE("malformed and refused transactions change nothing", "[LEDGER-3]") {
  struct Case {
    Reason reason;
    void (*change)(Transaction&);
    bool signs_again = true;
  };
  const std::vector<Case> cases{
      {Reason::wrong_chain, [](Transaction& t) { t.chain[0] ^= 1; }},
      {Reason::wrong_shard, [](Transaction& t) { t.shard = 1; }},
      {Reason::wrong_shard, [](Transaction& t) { t.shard = -1; }},
      {Reason::wrong_shard, [](Transaction& t) { std::get<Transfer>(t.operation).to_shard = 1; }},
      {Reason::amount_out_of_range, [](Transaction& t) { t.fee = -1; }},
      {Reason::amount_out_of_range, [](Transaction& t) { t.fee = amount_max + 1; }},
      {Reason::amount_out_of_range, [](Transaction& t) { std::get<Transfer>(t.operation).amount = -5; }},
      {Reason::amount_out_of_range, [](Transaction& t) { t.valid_until = -1; }},
      {Reason::terms_out_of_range,
       [](Transaction& t) {
         t.operation = Register{{3, 3}, 1, 1, 100};
       }},
      {Reason::terms_out_of_range,
       [](Transaction& t) {
         t.operation = Register{{0, 9}, 1, 1, 100};
       }},
      {Reason::terms_out_of_range,
       [](Transaction& t) {
         t.operation = Register{{0, 1}, 0, 1, 100};
       }},
      {Reason::wrong_signature, [](Transaction& t) { t.signature.bytes[0] ^= 1; }, false},
      {Reason::wrong_signature, [](Transaction& t) { t.sender = bob.id(); }},
      {Reason::wrong_signature, [](Transaction& t) { std::get<Transfer>(t.operation).amount += 1; }, false},
      {Reason::wrong_signature, [](Transaction& t) { t.nonce += 1; }, false},
      {Reason::nonce_ahead, [](Transaction& t) { t.nonce += 1; }},
      {Reason::nonce_used, [](Transaction& t) { t.nonce -= 1; }},
      {Reason::past_valid_until, [](Transaction& t) { t.valid_until = 2; }},
      {Reason::fee_too_low, [](Transaction& t) { t.fee = 0; }},
      {Reason::fee_not_covered, [](Transaction& t) { t.fee = 10'000; }},
      {Reason::malformed_encoding,
       [](Transaction& t) {
         t.operation = Publish{{}, Bytes(transaction_bytes_max)};
       }},
  };
  LedgerWorld world = small_world();
  REQUIRE(world.send(alice, Transfer{bob.id(), 0, 1}).reason == Reason::none);
  world.go_to(3);
  for (const Case& one : cases) {
    Transaction transaction = world.unsigned_transaction(alice, Transfer{bob.id(), 0, 7});
    if (!one.signs_again) transaction = world.sign(transaction, alice);
    one.change(transaction);
    if (one.signs_again) transaction = world.sign(transaction, alice);
    const Hash before = world.ledger.state_root();
    INFO(name_of(one.reason));
    CHECK(name_of(world.ledger.execute(transaction).reason) == name_of(one.reason));
    CHECK(world.ledger.state_root() == before);
  }
  const Hash before = world.ledger.state_root();
  Bytes encoded = encode(world.sign(world.unsigned_transaction(alice, Transfer{bob.id(), 0, 7}), alice));
  for (const std::size_t size : {std::size_t{0}, encoded.size() - 1})
    CHECK(world.ledger.execute(ByteView(encoded).first(size)).reason == Reason::malformed_encoding);
  encoded.push_back(0);
  CHECK(world.ledger.execute(encoded).reason == Reason::malformed_encoding);
  CHECK(world.ledger.state_root() == before);
  encoded.pop_back();
  CHECK(world.ledger.execute(encoded).reason == Reason::none);
  CHECK(world.ledger.execute(encoded).reason == Reason::nonce_used);  // replayed
}

TEST_CASE("what fails takes nonce and fee and changes nothing else", "[LEDGER-3]") {
  LedgerWorld world = small_world();
  const Amount had = world.balance(alice), proposer_had = world.balance(dave);
  CHECK(world.send(alice, Transfer{bob.id(), 0, had}).reason == Reason::not_covered);
  CHECK(world.balance(alice) == had - 1);
  CHECK(world.balance(dave) == proposer_had + 1);
  CHECK(world.account(alice).nonce == 1);
  CHECK(world.send(alice, Transfer{bob.id(), 0, had - 2}).reason == Reason::none);  // all but the next fee
  CHECK(world.balance(alice) == 0);
  CHECK(world.send(alice, Unbond{}).reason == Reason::fee_not_covered);
  CHECK(world.ledger.faults().empty());
}

TEST_CASE("migrations are decided at the end of the block, one after the other", "[LEDGER-6]") {
  LedgerWorld world = small_world(2);
  for (const Person& one : {alice, bob, carol})
    REQUIRE(world.send(one, Register{{0, 4}, 1000, 1, 200}, 0).reason == Reason::none);
  CHECK(world.send(alice, Migrate{{0, 3}}).reason == Reason::not_improving);  // a range of another length
  CHECK(world.send(alice, Migrate{{0, 4}}).reason == Reason::not_improving);  // its own range
  CHECK(world.send(bob, Migrate{{4, 8}}).reason == Reason::none);
  CHECK(world.send(alice, Migrate{{1, 5}}).reason == Reason::none);
  CHECK(world.send(alice, Migrate{{4, 8}}).reason == Reason::none);  // her last request, before bob's
  CHECK(world.send(bob, Migrate{{4, 8}}).reason == Reason::none);
  CHECK(world.shard(0).nodes.size() == 3);
  world.ledger.end_block();
  // alice gains (1 < 3); bob would then be one of two in either place, and stays.
  CHECK(world.shard(0).nodes.size() == 2);
  CHECK(world.shard(1).nodes.contains(alice.id()));
  CHECK(world.shard(1).nodes.at(alice.id()).registration.version == 2);
  CHECK(world.ledger.faults().empty());
}

TEST_CASE("Active nodes propose from the next block on, genesis proposers while there are none", "[POS-3][LEDGER-6]") {
  LedgerWorld world = small_world(2);
  CHECK(world.ledger.proposer() == dave.id());
  REQUIRE(world.send(bob, Register{{0, 4}, 1000, 1, 200}, 0).reason == Reason::none);
  CHECK(world.ledger.proposer() == dave.id());
  world.ledger.end_block();
  for (int block = 0; block < 3; ++block, world.ledger.end_block()) CHECK(world.ledger.proposer() == bob.id());
  REQUIRE(world.send(alice, Register{{0, 4}, 1000, 1, 400}, 0).reason == Reason::none);
  REQUIRE(world.send(dave, Register{{4, 8}, 1000, 1, 200}, 1).reason == Reason::none);
  world.ledger.end_block();
  std::map<AccountId, int> turns;
  for (int block = 0; block < 8; ++block, world.ledger.end_block()) ++turns[world.ledger.proposer()];
  CHECK(turns == std::map<AccountId, int>{{alice.id(), 4}, {bob.id(), 2}, {dave.id(), 2}});  // from all shards
  for (const auto& [who, shard] : {std::pair(alice, 0), {bob, 0}, {dave, 1}})
    REQUIRE(world.send(who, Unbond{}, shard).reason == Reason::none);
  world.ledger.end_block();
  CHECK(world.ledger.proposer() == dave.id());  // the genesis proposer again
}

TEST_CASE("attack: the first node that registers does not own the chain", "[POS-3]") {
  LedgerWorld world = small_world();  // the launch stake is 200
  REQUIRE(world.send(bob, Register{{0, 4}, 1000, 1, 150}).reason == Reason::none);
  world.ledger.end_block();
  std::map<AccountId, int> turns;
  for (int block = 0; block < 8; ++block, world.ledger.end_block()) ++turns[world.ledger.proposer()];
  CHECK(turns == std::map<AccountId, int>{{bob.id(), 6}, {dave.id(), 2}});
}

TEST_CASE("attack: who unbonds after each of its turns and comes back has no more of them", "[POS-3][POS-5]") {
  LedgerWorld world = small_world();
  REQUIRE(world.send(alice, Register{{0, 4}, 1000, 1, 600}).reason == Reason::none);
  REQUIRE(world.send(bob, Register{{0, 4}, 1000, 1, 200}).reason == Reason::none);
  world.ledger.end_block();
  int turns = 0, blocks_active = 0;
  while (world.ledger.height() < 100) {
    const bool is_active = world.shard(0).nodes.at(alice.id()).registration.release_at == 0;
    const bool has_turn = world.ledger.proposer() == alice.id();
    REQUIRE((is_active || !has_turn));
    turns += has_turn ? 1 : 0, blocks_active += is_active ? 1 : 0;
    if (has_turn) REQUIRE(world.send(alice, Unbond{}).reason == Reason::none);
    if (!is_active) REQUIRE(world.send(alice, Rebond{}).reason == Reason::none);
    world.ledger.end_block();
  }
  CHECK(4 * turns < 3 * blocks_active + 8);  // its share and less than two turns more
  CHECK(turns > 20);
}

TEST_CASE("who unbonds keeps its priority until it withdraws", "[POS-3][POS-5]") {
  LedgerWorld world = small_world();
  REQUIRE(world.send(alice, Register{{0, 4}, 1000, 1, 600}).reason == Reason::none);
  REQUIRE(world.send(bob, Register{{0, 4}, 1000, 1, 200}).reason == Reason::none);
  world.ledger.end_block();
  REQUIRE(world.ledger.proposer() == alice.id());
  REQUIRE(world.send(alice, Unbond{}).reason == Reason::none);
  world.ledger.end_block();
  const auto priority = [&](const Person& who) { return world.ledger.validators().at(who.id()).priority; };
  CHECK(priority(alice) == -50);  // raised to 600, then paid 800: a debt of a quarter of a turn, now of 200
  CHECK(world.ledger.validators().at(alice.id()).stake == 0);
  world.go_to(world.shard(0).nodes.at(alice.id()).registration.release_at);
  CHECK(priority(alice) == -50);
  REQUIRE(world.send(alice, Withdraw{}).reason == Reason::none);
  world.ledger.end_block();
  CHECK_FALSE(world.ledger.validators().contains(alice.id()));
}

/// A ledger that imported a state in which Bob owes 1 that Alice has; no ledger makes such a state itself.
LedgerWorld world_with_a_debt() {
  LedgerWorld world(small_genesis({alice, bob, carol, dave}));
  LedgerExport state = world.ledger.export_state();
  auto& accounts = state.state.shards[0].accounts;
  accounts.at(alice.id()).balance += accounts.at(bob.id()).balance + 1;
  accounts.at(bob.id()).balance = -1;
  world.ledger.import_state(state);
  return world;
}

TEST_CASE("a ledger in which an invariant is broken says which and executes nothing more", "[LEDGER-5]") {
  LedgerWorld world = world_with_a_debt();
  REQUIRE(world.ledger.faults().empty());
  CHECK(world.send(alice, Transfer{bob.id(), 0, 0}).reason == Reason::none);
  REQUIRE(world.ledger.faults().size() == 1);
  CHECK(world.ledger.faults().front().starts_with("nothing_negative: account "));
  const Hash root = world.ledger.state_root();
  CHECK(world.send(alice, Transfer{bob.id(), 0, 5}).reason == Reason::halted);
  CHECK(world.ledger.state_root() == root);
  CHECK(world.account(alice).nonce == 1);
}

TEST_CASE("a block's end asks every object, also those that no transaction touched", "[LEDGER-5]") {
  LedgerWorld world = world_with_a_debt();
  CHECK(world.send(alice, Transfer{carol.id(), 0, 0}).reason == Reason::none);
  CHECK(world.ledger.faults().empty());
  world.ledger.end_block();
  REQUIRE(world.ledger.faults().size() == 1);
  CHECK(world.send(alice, Transfer{carol.id(), 0, 0}).reason == Reason::halted);
}

TEST_CASE("an account is made by the first amount that is not 0", "[LEDGER-7]") {
  LedgerWorld world = small_world();
  const Person nobody = person(99);
  REQUIRE(world.send(alice, Transfer{nobody.id(), 0, 0}).reason == Reason::none);
  REQUIRE(world.send(alice, ChannelOpen{{alice.id(), nobody.id(), 1, 2, 50, 50, 3}}).reason == Reason::none);
  CHECK_FALSE(world.shard().accounts.contains(nobody.id()));
  REQUIRE(world.send(alice, Transfer{nobody.id(), 0, 1}).reason == Reason::none);
  CHECK(world.balance(nobody) == 1);
}

TEST_CASE("the state's root tells any two different states apart", "[LEDGER-7]") {
  std::set<Hash> roots;
  LedgerWorld world = small_world(2);
  roots.insert(world.ledger.state_root());
  int steps = 1;
  const auto step = [&](const Person& who, const Operation& operation, std::int64_t shard) {
    REQUIRE(world.send(who, operation, shard).reason == Reason::none);
    roots.insert(world.ledger.state_root());
    ++steps;
  };
  step(alice, Transfer{bob.id(), 0, 1}, 0);
  step(alice, Transfer{bob.id(), 1, 1}, 0);
  step(bob, Register{{0, 4}, 9, 1, 150}, 0);
  step(bob, TopUp{5}, 0);
  step(bob, Migrate{{4, 8}}, 0);
  step(alice, ChannelOpen{{alice.id(), bob.id(), 1, 2, 5, 6, 4}}, 0);
  step(bob, ChannelFund{{alice.id(), bob.id(), 1, 2, 5, 6, 4}}, 0);
  CHECK(roots.size() == static_cast<std::size_t>(steps));
}

}  // namespace
}  // namespace p2pllm::reference
