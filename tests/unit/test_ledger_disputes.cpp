#include <catch2/catch.hpp>

#include "tests/unit/sla_world.hpp"

// Disputes on the ledger, down to one micro-step.
namespace p2pllm::reference {
namespace {

TEST_CASE("whoever goes wrong at any micro-step is caught there and loses its stake",
          "[LEDGER-4][SLA-10][SLA-11][SLA-15][REG-4]") {
  for (const auto& [wrong, micro] : all_micro_steps()) {
    SlaWorld world;
    world.go_wrong(wrong, static_cast<std::size_t>(micro));
    REQUIRE(world.send(provider, world.delivery()).reason == Reason::none);
    world.challenge();
    INFO("wrong from micro-step " << micro << " of step " << wrong << " on");
    CHECK(world.job().sla.right == wrong);
    const Refine refinement = world.refinement();
    CHECK(world.send(provider, Judge{world.sla, refinement.state}).reason == Reason::not_refined);
    REQUIRE(world.send(provider, refinement).reason == Reason::none);
    CHECK(world.job().sla.refined == wrong);
    world.halve();
    CHECK(world.job().sla.right == micro);
    CHECK(world.send(provider, Judge{world.sla, {9, 9, 9}}).reason == Reason::wrong_witness);
    CHECK(world.send(provider, Judge{world.sla, world.witness().state, {1}}).reason == Reason::wrong_witness);
    REQUIRE(world.send(provider, world.witness()).reason == Reason::none);
    CHECK(world.status() == SlaStatus::breached);
    CHECK(world.node_status() == NodeStatus::tombstoned);
    CHECK(world.node().stake == 0);
    CHECK(without_fees(world, client) == 10'000 + bond + stake / 10);
    CHECK(world.shard().burned == stake - stake / 10);
    CHECK(world.ledger.faults().empty());
  }
}

TEST_CASE("whoever computed right wins every dispute, and the bond of who challenged", "[LEDGER-4][SLA-11]") {
  for (const bool answers : {true, false}) {
    SlaWorld world;
    REQUIRE(world.send(provider, world.delivery()).reason == Reason::none);
    world.bisect();
    if (answers) {
      REQUIRE(world.send(provider, world.witness()).reason == Reason::none);
      CHECK(world.status() == SlaStatus::settled);
      CHECK(without_fees(world, provider) == 10'000 - stake + price * steps + challenge_bond);
      CHECK(world.node().stake == stake);
    } else {  // and a provider that lets its turn pass loses all the same
      world.go_to(3);
      REQUIRE(world.send(stranger, Forfeit{world.sla}).reason == Reason::none);
      CHECK(world.status() == SlaStatus::breached);
      CHECK(without_fees(world, client) == 10'000 + bond + stake / 10);
      CHECK(without_fees(world, stranger) == 10'000);  // the challenger counts as the reporter
    }
    CHECK(world.ledger.faults().empty());
  }
}

TEST_CASE("a step that does not begin where its neighbour ended is wrong", "[LEDGER-4][SLA-11][COMMIT-4]") {
  // Each leaf is a right step by itself, but the sixth does not begin with the state with which the fifth ends.
  SlaWorld world;
  Bytes other = world.truth.states[5];
  other.front() ^= 0x55;
  const auto after = [](std::int64_t step, const Bytes& state) {
    return SampleExecutor::micro_states({model, layers, 0, 1, step}, state).back();
  };
  const Bytes sixth = after(6, other), seventh = after(7, sixth);
  std::vector<MerkleLeaf> leaves(world.truth.leaves.begin(), world.truth.leaves.begin() + 5);
  leaves.push_back(commitment_leaf({model, 6, 0, 4, state_hash(other), state_hash(sixth)}));
  leaves.push_back(commitment_leaf({model, 7, 0, 4, state_hash(sixth), state_hash(seventh)}));
  REQUIRE(world
              .send(provider, Deliver{{{world.sla, steps, merkle_root({}), merkle_root(leaves), state_hash(seventh),
                                        state_hash(sixth), merkle_proof(leaves, 6)},
                                       {},
                                       0,
                                       {}}})
              .reason == Reason::none);
  REQUIRE(world.send(client, Challenge::of_shown(world.sla, challenge_bond)).reason == Reason::none);
  const auto state = [&](std::int64_t j) {
    return j == 6 ? state_hash(sixth) : state_hash(world.truth.states[static_cast<std::size_t>(j)]);
  };
  while (world.job().sla.right > world.job().sla.left + 1) {
    const std::int64_t mid = dispute_mid(world.job().sla);
    const Hash before = mid == 6 ? state_hash(other) : state(mid - 1);
    REQUIRE(world
                .send(provider,
                      PostMid{world.sla, before, state(mid), merkle_proof(leaves, static_cast<std::uint64_t>(mid - 1))})
                .reason == Reason::none);
    REQUIRE(world.send(client, Side{world.sla, mid < 6}).reason == Reason::none);
  }
  // Neither beginning can be refined, so the provider's turn passes.
  CHECK(world.job().sla.right == 6);
  for (const Bytes& begin : {world.truth.states[5], other}) {
    const auto states = SampleExecutor::micro_states({model, layers, 0, 1, 6}, begin);
    const MicroSteps micro = micro_steps_of(model, 6, states);
    const std::size_t last = micro.leaves.size() - 1;
    CHECK(world
              .send(provider, Refine{world.sla, begin, merkle_root(micro.leaves), micro.states[last],
                                     merkle_proof(micro.leaves, last)})
              .reason == Reason::wrong_opening);
  }
}

TEST_CASE("a micro-step that does not begin where its neighbour ended is wrong", "[SLA-11][SLA-15]") {
  SlaWorld world;  // step 5 has three micro-steps
  Bytes end = world.truth.states[5];
  end.front() ^= 0x55;
  for (std::size_t j = 5; j <= steps; ++j) world.claimed.states[j] = j == 5 ? end : world.truth.states[j];
  world.claimed.leaves.clear();
  for (std::int64_t j = 1; j <= steps; ++j) world.claimed.leaves.push_back(world.leaf(j));
  world.claimed.micro_states[4].back() = end;
  world.go_to(1);
  REQUIRE(world.send(provider, world.delivery()).reason == Reason::none);
  REQUIRE(world.send(client, Challenge::of_shown(world.sla, challenge_bond)).reason == Reason::none);
  while (!one_step_left(world.job().sla)) {
    const std::int64_t mid = dispute_mid(world.job().sla);
    REQUIRE(world.send(provider, turn_of_provider(world.job(), world.sla, world.claimed)).reason == Reason::none);
    REQUIRE(world.send(client, Side{world.sla, mid < 5}).reason == Reason::none);
  }
  REQUIRE(world.job().sla.right == 5);
  // The last leaf begins at a micro-state that no other leaf ends with.
  MicroSteps micro = micro_steps_of(model, 5, world.claimed.micro_states[4]);
  const Hash other = state_hash(Bytes{7});
  micro.leaves[2] = micro_step_leaf(model, 5, 3, other, state_hash(end));
  REQUIRE(world
              .send(provider, Refine{world.sla, world.truth.states[4], merkle_root(micro.leaves), other,
                                     merkle_proof(micro.leaves, 2)})
              .reason == Reason::none);
  while (!one_step_left(world.job().sla)) {
    const auto mid = static_cast<std::size_t>(dispute_mid(world.job().sla));
    REQUIRE(world
                .send(provider,
                      PostMid{world.sla, micro.states[mid - 1], micro.states[mid], merkle_proof(micro.leaves, mid - 1)})
                .reason == Reason::none);
    REQUIRE(world.send(client, turn_of_client(world.job(), world.sla, world.truth)).reason == Reason::none);
  }
  REQUIRE(world.job().sla.right == 3);
  REQUIRE(world.send(provider, Judge{world.sla, world.truth.micro_states[4][2]}).reason == Reason::none);
  CHECK(world.status() == SlaStatus::breached);
}

TEST_CASE("a refinement shows what the disputed step begins at, and all its micro-steps", "[SLA-15]") {
  SlaWorld world;
  world.go_wrong(5, 2);
  REQUIRE(world.send(provider, world.delivery()).reason == Reason::none);
  CHECK(world.send(provider, Refine{world.sla, input, {}, {}, {}}).reason == Reason::wrong_status);
  REQUIRE(world.send(client, Challenge::of_shown(world.sla, challenge_bond)).reason == Reason::none);
  CHECK(world.send(provider, Refine{world.sla, input, {}, {}, {}}).reason == Reason::not_adjacent);
  world.halve();
  const Refine good = world.refinement();
  const auto refused = [&](const auto& change) {
    Refine changed = good;
    change(changed);
    return world.send(provider, changed).reason == Reason::wrong_opening;
  };
  CHECK(refused([](Refine& r) { r.state[0] ^= 1U; }));
  CHECK(refused([](Refine& r) { r.root[0] ^= 1U; }));
  CHECK(refused([](Refine& r) { r.before[0] ^= 1U; }));
  CHECK(refused([](Refine& r) { r.proof.pop_back(); }));
  CHECK(refused([](Refine& r) { r.manifest = {1}; }));
  CHECK(refused([](Refine& r) { r.row[0] = 1; }));
  CHECK(refused([](Refine& r) { r.row_proof.emplace_back(); }));
  // Attack: a provider that chooses the number of micro-steps. Step 5 has three.
  const auto& states = world.claimed.micro_states[4];
  REQUIRE(states.size() == 4);
  for (const std::size_t count : {1U, 2U, 4U}) {
    std::vector<Bytes> other(states.begin(),
                             states.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(count, 3)));
    if (count == 4) other.push_back(states[2]);
    other.push_back(states[3]);
    const MicroSteps micro = micro_steps_of(model, 5, other);
    CHECK(refused([&](Refine& r) {
      r.root = merkle_root(micro.leaves);
      r.before = micro.states[count - 1];
      r.proof = merkle_proof(micro.leaves, count - 1);
    }));
  }
  // Attack: micro-steps of another step, of another model, or that end elsewhere.
  for (const auto& [id, step, end] :
       {std::tuple(model, std::int64_t{4}, states[3]), {Hash{7}, 5, states[3]}, {model, 5, world.truth.states[5]}}) {
    std::vector<Bytes> other = states;
    other.back() = end;
    const MicroSteps micro = micro_steps_of(id, step, other);
    CHECK(refused([&](Refine& r) { r.root = merkle_root(micro.leaves), r.proof = merkle_proof(micro.leaves, 2); }));
  }
  CHECK(world.send(client, good).reason == Reason::not_permitted);
  CHECK(world.send(provider, good).reason == Reason::none);
  CHECK(world.send(provider, good).reason == Reason::already_refined);
}

TEST_CASE("a step is executed once, for the provider that owes it, and for nobody's fee before", "[LEDGER-4][SLA-11]") {
  const testing::CountingExecutor counting;
  SlaWorld world(counting);
  const auto refused = [&](const Person& who, Judge judge, Reason reason) {
    CHECK(world.send(who, std::move(judge)).reason == reason);
  };
  refused(provider, {world.sla, input}, Reason::wrong_status);
  REQUIRE(world.send(provider, world.delivery()).reason == Reason::none);
  refused(stranger, {world.sla, input}, Reason::wrong_status);
  REQUIRE(world.send(client, Challenge::of_shown(world.sla, challenge_bond)).reason == Reason::none);
  refused(provider, {world.sla, input}, Reason::not_refined);
  REQUIRE(
      world.send(provider, PostMid{world.sla, world.claimed_hash(2), world.claimed_hash(3), world.opening(3)}).reason ==
      Reason::none);
  REQUIRE(world.send(client, Side{world.sla, false}).reason == Reason::none);
  REQUIRE(
      world.send(provider, PostMid{world.sla, world.claimed_hash(0), world.claimed_hash(1), world.opening(1)}).reason ==
      Reason::none);
  REQUIRE(world.send(client, Side{world.sla, false}).reason == Reason::none);
  const Refine refinement = world.refinement();
  CHECK(world.send(client, refinement).reason == Reason::not_permitted);
  CHECK(counting.started == 0);
  REQUIRE(world.send(provider, refinement).reason == Reason::none);  // step 1 has two micro-steps
  CHECK(counting.started == 1);
  refused(provider, {world.sla, input}, Reason::not_adjacent);
  world.halve();
  refused(client, world.witness(), Reason::not_permitted);
  refused(provider, {world.sla, world.truth.states[3]}, Reason::wrong_witness);
  CHECK(counting.judged == 0);
  REQUIRE(world.send(provider, world.witness()).reason == Reason::none);
  CHECK(counting.judged == 1);
  CHECK(world.status() == SlaStatus::settled);
}
}  // namespace
}  // namespace p2pllm::reference
