#include <catch2/catch.hpp>

#include "tests/unit/two_shards.hpp"

namespace p2pllm::reference {
namespace {

TEST_CASE("value for another shard arrives once, a block later", "[SHARD-3]") {
  LedgerWorld world = small_world(2);
  const Person eve = person(9);
  REQUIRE(world.send(alice, Transfer{eve.id(), 1, 500}).reason == Reason::none);
  CHECK(world.balance(eve, 1) == 0);
  world.ledger.end_block();
  CHECK(world.ledger.in_flight().size() == 1);
  CHECK(world.balance(eve, 1) == 0);
  world.ledger.end_block();
  CHECK(world.balance(eve, 1) == 500);
  CHECK(world.ledger.in_flight().empty());
  world.go_to(9);
  CHECK(world.balance(eve, 1) == 500);
  CHECK(world.ledger.faults().empty());
}

TEST_CASE("a node registers in the shard of its first layer, and in no other", "[SHARD-1]") {
  LedgerWorld world = small_world(2);
  CHECK(world.send(bob, Register{{4, 6}, 10, 1, 200}, 0).reason == Reason::wrong_place);
  CHECK(world.send(dave, Register{{3, 6}, 10, 1, 200}, 1).reason == Reason::wrong_place);
  CHECK(world.send(dave, Register{{4, 6}, 10, 1, 200}, 1).reason == Reason::none);
  CHECK(world.send(bob, Register{{3, 6}, 10, 1, 200}, 0).reason == Reason::none);
}

TEST_CASE("a key's home is the first byte of its tagged hash, modulo the shards", "[SHARD-4]") {
  Genesis genesis = small_genesis({alice});
  const auto home = [&genesis](std::uint8_t filling, std::int64_t shards) {
    AccountId id{};
    id.bytes.fill(filling);
    genesis.shards = shards;
    return home_of(genesis, id);
  };
  // The first bytes, computed by another program: 211, 107, 157, 217.
  CHECK((home(0, 1) == 0 && home(0, 3) == 1 && home(0, 64) == 19));
  CHECK((home(1, 1) == 0 && home(1, 3) == 2 && home(1, 64) == 43));
  CHECK((home(2, 1) == 0 && home(2, 3) == 1 && home(2, 64) == 29));
  CHECK((home(255, 1) == 0 && home(255, 3) == 1 && home(255, 64) == 25));
}

TEST_CASE("attack: one key registered twice, to be punished or rewarded twice", "[SHARD-4]") {
  LedgerWorld world = small_world(2);
  const Register low{{0, 4}, 1000, 1, 200}, high{{4, 8}, 1000, 1, 200};
  CHECK(world.send(alice, high, 1).reason == Reason::wrong_place);  // not her home
  for (const Person& one : {alice, bob, carol}) REQUIRE(world.send(one, low, 0).reason == Reason::none);
  CHECK(world.send(alice, high, 1).reason == Reason::wrong_place);
  REQUIRE(world.send(alice, Migrate{{4, 8}}, 0).reason == Reason::none);
  world.ledger.end_block();
  REQUIRE(world.shard(1).nodes.contains(alice.id()));
  CHECK(world.shard(0).away == std::set{alice.id()});
  CHECK(world.send(alice, low, 0).reason == Reason::wrong_place);  // at her home, but registered elsewhere
  CHECK(world.send(alice, TopUp{1}, 1).reason == Reason::none);

  // She withdrew there: her registration stays there, and she can return there, with her version going on.
  REQUIRE(world.send(alice, Unbond{}, 1).reason == Reason::none);
  world.go_to(8);
  REQUIRE(world.send(alice, Withdraw{}, 1).reason == Reason::none);
  CHECK(world.send(alice, low, 0).reason == Reason::wrong_place);
  CHECK(world.send(alice, high, 1).reason == Reason::none);
  CHECK(world.shard(1).nodes.at(alice.id()).registration.version == 3);

  // She is home again: the mark is gone, and she may leave again.
  REQUIRE(world.send(dave, high, 1).reason == Reason::none);
  REQUIRE(world.send(bob, Unbond{}, 0).reason == Reason::none);
  REQUIRE(world.send(carol, Unbond{}, 0).reason == Reason::none);
  REQUIRE(world.send(alice, Migrate{{0, 4}}, 1).reason == Reason::none);
  world.ledger.end_block();
  CHECK((world.shard(0).nodes.contains(alice.id()) && !world.shard(1).nodes.contains(alice.id())));
  CHECK(world.shard(0).away.empty());
  CHECK(world.send(alice, high, 1).reason == Reason::wrong_place);
  CHECK(world.ledger.faults().empty());
}

TEST_CASE("a node that accepts a job after it asked to leave the shard stays", "[LEDGER-6][SHARD-1]") {
  LedgerWorld world = small_world(2);
  for (const Person& one : {alice, bob, carol})
    REQUIRE(world.send(one, Register{{0, 4}, 1000, 1, 200}, 0).reason == Reason::none);
  const Hash sla = world.send(dave, Propose{alice.id(), {0, 4}, {}, {}, 1, 1, 1, 3, 5, 2, 1, 10, 1}, 0).id;
  REQUIRE(world.send(alice, Migrate{{4, 8}}, 0).reason == Reason::none);
  REQUIRE(world.send(alice, Accept{sla}, 0).reason == Reason::none);
  CHECK(world.send(alice, Migrate{{4, 8}}, 0).reason == Reason::open_slas);
  CHECK(world.send(alice, Migrate{{1, 5}}, 0).reason == Reason::none);  // within the shard
  world.ledger.end_block();
  CHECK(world.shard(0).nodes.at(alice.id()).layers == LayerRange{1, 5});
  CHECK(world.ledger.faults().empty());
}

TEST_CASE("orders that keep each shard's own give one state", "[SHARD-2]") {
  const auto run = [](const std::vector<int>& order) {
    LedgerWorld world = small_world(2);
    std::vector<std::vector<Operation>> queues{{Transfer{bob.id(), 0, 5}, Transfer{bob.id(), 1, 7}, TopUp{1}},
                                               {Register{{4, 5}, 9, 1, 150}, Unbond{}, Transfer{carol.id(), 0, 2}}};
    for (const int shard : order) {
      auto& queue = queues[static_cast<std::size_t>(shard)];
      (void)world.send(alice, queue.front(), shard);
      queue.erase(queue.begin());
    }
    world.go_to(4);
    return world.ledger.state_root();
  };
  std::vector<int> order{0, 0, 0, 1, 1, 1};
  const Hash expected = run(order);
  int orders = 0;
  do {
    CHECK(run(order) == expected);
    ++orders;
  } while (std::ranges::next_permutation(order).found);
  CHECK(orders == 20);
}

}  // namespace
}  // namespace p2pllm::reference
