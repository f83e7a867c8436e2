#include <catch2/catch.hpp>

#include "tests/unit/ledger_world.hpp"

namespace p2pllm::contracts {
namespace {

const Person alice = person(1), bob = person(2), carol = person(3);

/// Bob registers with 150 and adds 50, in the same block or in the next; Alice sends nothing in the other.
LedgerWorld history(bool is_late) {
  LedgerWorld world(small_genesis({alice, bob, carol}));
  const auto add = [&world] { world.send(bob, TopUp{50}); };
  const auto send = [&world] { world.send(alice, Transfer{alice.id(), 0, 0}); };
  world.send(bob, Register{{0, 4}, 1000, 1, 150});
  is_late ? send() : add();
  world.ledger.end_block();
  is_late ? add() : send();
  world.ledger.end_block();
  return world;
}

TEST_CASE("states that treat evidence differently have different roots", "[LEDGER-7]") {
  LedgerWorld early = history(false), late = history(true);
  REQUIRE(early.balance(bob) == late.balance(bob));
  REQUIRE(early.balance(carol) == late.balance(carol));
  CHECK(early.ledger.state_root() != late.ledger.state_root());
  Hash one{}, two{};
  two[0] = 1;
  for (LedgerWorld* world : {&early, &late}) {
    const auto proposal = [&](const Hash& header) {
      return world->scheme.sign(bob.keys.secret_key, proposal_id(world->ledger.chain(), 2, 0, header));
    };
    REQUIRE(world->send(alice, ReportEquivocation{bob.id(), 2, 0, one, two, proposal(one), proposal(two)}).reason ==
            Reason::none);
  }
  CHECK(early.balance(alice) == late.balance(alice) + 5);  // a tenth of what he had at height 2
}

TEST_CASE("the root tells chains and rounds apart", "[LEDGER-7]") {
  Genesis other = small_genesis({alice, bob});
  LedgerWorld world(other);
  other.name = "another";
  CHECK(LedgerWorld(other).ledger.state_root() != world.ledger.state_root());
  const Hash before = world.ledger.state_root();
  world.ledger.skip_to(1);
  CHECK(world.ledger.state_root() != before);
}

}  // namespace
}  // namespace p2pllm::contracts
