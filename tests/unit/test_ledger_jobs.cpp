#include <catch2/catch.hpp>

#include "reference/contracts/dispute_rules.hpp"
#include "tests/support/function_executor.hpp"
#include "tests/unit/ledger_world.hpp"

namespace p2pllm::reference {

using namespace parties;
namespace {

const Person client = person(1), provider = person(2), stranger = person(3), validator = person(4);
constexpr LayerRange layers{0, 4};
constexpr std::int64_t steps = 7;
constexpr Amount price = 30, bond = 400, stake = 1000, challenge_bond = 20;
const Bytes input{1, 2, 3, 4};
const Hash model = state_hash(Bytes{42});

/// A job of seven steps, and a provider that computes it correctly, or wrongly from one step on.
struct SlaWorld : LedgerWorld {
  Hash sla{};
  Computation truth = compute(sample_executor(), model, layers, input, steps);
  Computation claimed = truth;

  explicit SlaWorld(const StepExecutor& step = sample_executor())
      : LedgerWorld(small_genesis({client, provider, stranger, validator}), ideal_signatures(), step) {
    REQUIRE(send(provider, Register{layers, 1000, 5, stake}).reason == Reason::none);
    propose();
    REQUIRE(send(provider, Accept{sla}).reason == Reason::none);
  }
  void propose() {
    const Height now = ledger.height();
    const Outcome outcome = send(client, Propose{provider.id(), layers, model, state_hash(input), price, steps, 1,
                                                 now + 2, now + 4, 2, 1, bond});
    REQUIRE(outcome.reason == Reason::none);
    sla = outcome.id;
  }
  [[nodiscard]] const SlaRecord& job() const { return shard().slas.at(sla); }
  [[nodiscard]] SlaStatus status() const { return static_cast<SlaStatus>(job().sla.status); }
  [[nodiscard]] const Registration<std::int64_t>& node() const { return shard().nodes.at(provider.id()).registration; }
  [[nodiscard]] NodeStatus node_status() const { return static_cast<NodeStatus>(node().status); }

  /// From step `first_wrong` on, each state that the provider claims has a wrong first byte.
  void go_wrong(std::int64_t first_wrong) {
    claimed.leaves.clear();
    for (std::int64_t j = 1; j <= steps; ++j) {
      if (j >= first_wrong) claimed.states[static_cast<std::size_t>(j)].front() ^= 0xff;
      claimed.leaves.push_back(leaf(j));
    }
  }
  [[nodiscard]] Hash claimed_hash(std::int64_t j) const {
    return state_hash(claimed.states[static_cast<std::size_t>(j)]);
  }
  [[nodiscard]] MerkleLeaf leaf(std::int64_t j) const {
    return commitment_leaf({model, static_cast<std::uint64_t>(j), 0, 4, claimed_hash(j - 1), claimed_hash(j)});
  }
  [[nodiscard]] MerkleProof opening(std::int64_t j) const {
    return merkle_proof(claimed.leaves, static_cast<std::uint64_t>(j - 1));
  }
  [[nodiscard]] Deliver delivery() const {
    return {sla, merkle_root(claimed.leaves), claimed_hash(steps), claimed_hash(steps - 1), opening(steps)};
  }
  /// Both parties play the dispute until one step is left. The client knows the truth.
  void bisect() {
    REQUIRE(send(client, Challenge{sla, challenge_bond}).reason == Reason::none);
    while (job().sla.right > job().sla.left + 1) {
      const std::int64_t mid = dispute_mid(job().sla);
      REQUIRE(send(provider, PostMid{sla, claimed_hash(mid - 1), claimed_hash(mid), opening(mid)}).reason ==
              Reason::none);
      const bool agrees = job().mid == state_hash(truth.states[static_cast<std::size_t>(mid)]);
      REQUIRE(send(client, Side{sla, agrees}).reason == Reason::none);
    }
  }
  [[nodiscard]] Judge witness() const { return {sla, claimed.states[static_cast<std::size_t>(job().sla.left)]}; }
};

/// A person's balance without the fees that it paid, one for each transaction. Those of block 1 went to the validator,
/// later ones to the provider, the only node, as long as it is Active.
Amount without_fees(const SlaWorld& world, const Person& who) {
  return world.balance(who) + static_cast<Amount>(world.account(who).nonce);
}

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
        .send(client,
              Propose{provider.id(), layers, model, state_hash(input), price, steps, 1, accept_by, 5, 2, turn, bond})
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
  const Propose job{provider.id(), layers, model, state_hash(input), price, steps, 1, 3, 5, 2, 1, bond};
  expect(Reason::none, client, job);
  expect(Reason::fee_not_covered, client, job);
  const Hash sla = world.shard().slas.begin()->first;
  expect(Reason::not_covered, provider, Accept{sla});  // a fee short of the bond
  expect(Reason::none, stranger, Transfer{provider.id(), 0, 2});
  expect(Reason::none, provider, Accept{sla});
  CHECK(world.balance(provider) == 0);
  expect(Reason::none, stranger, Transfer{provider.id(), 0, 1});
  const Computation work = compute(sample_executor(), model, layers, input, steps);
  const std::size_t n = work.leaves.size();
  expect(Reason::none, provider,
         Deliver{sla, merkle_root(work.leaves), state_hash(work.states[n]), state_hash(work.states[n - 1]),
                 merkle_proof(work.leaves, n - 1)});
  expect(Reason::none, stranger, Transfer{client.id(), 0, challenge_bond});
  expect(Reason::not_covered, client, Challenge{sla, challenge_bond});
  expect(Reason::none, stranger, Transfer{client.id(), 0, 2});
  expect(Reason::none, client, Challenge{sla, challenge_bond});
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
    d = {world.sla, merkle_root(fewer), world.claimed_hash(4), world.claimed_hash(3), merkle_proof(fewer, 3)};
  }));
  CHECK(world.send(stranger, world.delivery()).reason == Reason::not_permitted);
  CHECK(world.send(provider, world.delivery()).reason == Reason::none);
}

TEST_CASE("an output that is withheld costs the provider bond and one percent of its stake",
          "[LEDGER-4][SLA-6][REG-4][POS-3][POS-5]") {
  SlaWorld world;
  REQUIRE(world.send(provider, world.delivery()).reason == Reason::none);
  REQUIRE(world.send(client, Demand{world.sla}).reason == Reason::none);
  CHECK(world.send(client, Challenge{world.sla, challenge_bond}).reason == Reason::demand_pending);
  CHECK(world.send(provider, Publish{world.sla, input}).reason == Reason::wrong_opening);
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

TEST_CASE("whoever goes wrong at any step is caught there and loses its stake", "[LEDGER-4][SLA-10][SLA-11][REG-4]") {
  for (std::int64_t wrong = 1; wrong <= steps; ++wrong) {
    SlaWorld world;
    world.go_wrong(wrong);
    REQUIRE(world.send(provider, world.delivery()).reason == Reason::none);
    world.bisect();
    INFO("wrong from step " << wrong << " on");
    CHECK(world.job().sla.right == wrong);
    CHECK(world.send(provider, Judge{world.sla, input}).reason ==
          (world.job().sla.left == 0 ? Reason::none : Reason::wrong_witness));
    if (world.status() == SlaStatus::disputed) REQUIRE(world.send(provider, world.witness()).reason == Reason::none);
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
  const Computation tail = compute(sample_executor(), model, layers, other, 1);
  const Bytes sixth = *sample_executor().execute(model, layers, 6, other),
              seventh = *sample_executor().execute(model, layers, 7, sixth);
  std::vector<MerkleLeaf> leaves(world.truth.leaves.begin(), world.truth.leaves.begin() + 5);
  leaves.push_back(commitment_leaf({model, 6, 0, 4, state_hash(other), state_hash(sixth)}));
  leaves.push_back(commitment_leaf({model, 7, 0, 4, state_hash(sixth), state_hash(seventh)}));
  REQUIRE(world
              .send(provider, Deliver{world.sla, merkle_root(leaves), state_hash(seventh), state_hash(sixth),
                                      merkle_proof(leaves, 6)})
              .reason == Reason::none);
  REQUIRE(world.send(client, Challenge{world.sla, challenge_bond}).reason == Reason::none);
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
  CHECK(world.job().sla.right == 6);
  REQUIRE(world.send(provider, Judge{world.sla, world.truth.states[5]}).reason == Reason::none);
  CHECK(world.status() == SlaStatus::breached);
  CHECK(tail.states.size() == 2);
}

TEST_CASE("a step is executed once, for the provider that owes it, and for nobody's fee before", "[LEDGER-4][SLA-11]") {
  int executed = 0;
  const testing::FunctionExecutor counting(
      [&executed](const Hash& id, const LayerRange& range, std::int64_t j, ByteView state) {
        ++executed;
        return sample_executor().execute(id, range, j, state);
      });
  SlaWorld world(counting);
  const auto refused = [&](const Person& who, Judge judge, Reason reason) {
    CHECK(world.send(who, std::move(judge)).reason == reason);
  };
  refused(provider, {world.sla, input}, Reason::wrong_status);
  REQUIRE(world.send(provider, world.delivery()).reason == Reason::none);
  refused(stranger, {world.sla, input}, Reason::wrong_status);
  REQUIRE(world.send(client, Challenge{world.sla, challenge_bond}).reason == Reason::none);
  refused(provider, {world.sla, input}, Reason::not_adjacent);
  REQUIRE(
      world.send(provider, PostMid{world.sla, world.claimed_hash(2), world.claimed_hash(3), world.opening(3)}).reason ==
      Reason::none);
  REQUIRE(world.send(client, Side{world.sla, false}).reason == Reason::none);
  REQUIRE(
      world.send(provider, PostMid{world.sla, world.claimed_hash(0), world.claimed_hash(1), world.opening(1)}).reason ==
      Reason::none);
  REQUIRE(world.send(client, Side{world.sla, false}).reason == Reason::none);
  refused(client, {world.sla, input}, Reason::not_permitted);
  refused(provider, {world.sla, world.truth.states[1]}, Reason::wrong_witness);
  CHECK(executed == 0);
  REQUIRE(world.send(provider, world.witness()).reason == Reason::none);
  CHECK(executed == 1);
  CHECK(world.status() == SlaStatus::settled);
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
