#include <array>
#include <bit>
#include <catch2/catch.hpp>
#include <set>

#include "tests/unit/ledger_world.hpp"

namespace p2pllm::reference {
namespace {

const Person alice = person(1), bob = person(2), carol = person(3);

/// Bob registers with 150 and adds 50, in the same block or in the next; in the other, Alice sends 0 to herself.
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
  CHECK(early.balance(alice) == late.balance(alice) + 5);  // a tenth of the 50 more at height 2
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

/// A state with one object of each kind, and the roots of states that differ from it in one place.
struct OneOfEverything : LedgerState {
  std::set<Hash> roots;
  std::size_t states = 0;

  OneOfEverything() {
    chain = {1};
    height = 5;
    round = 2;
    shards.resize(2);
    in_flight = {{Hash{2}, 1, alice.id(), 3}};
    validators = {{alice.id(), {10, -4}}, {bob.id(), {20, 4}}};
    snapshots = {{4, {{alice.id(), 10}}, {}}};
    Shard& shard = shards[0];
    shard.accounts[alice.id()] = {7, 8};
    shard.nodes[bob.id()].layers = {0, 4};
    shard.away = {carol.id()};
    shard.slas[Hash{3}].client = alice.id();
    shard.channels[Hash{4}].a = alice.id();
    shard.evidence = {Hash{5}};
    shard.outgoing = {{Hash{6}, 1, bob.id(), 9}};
    shard.queued_moves = {{bob.id(), {4, 8}}};
    look();
  }
  void look() {
    for (StakeSnapshot& snapshot : snapshots) snapshot.hash = hash_of(snapshot);
    roots.insert(state_root(*this));
    ++states;
  }
  /// Raises each of an object's numbers by one, in turn.
  template <typename T>
  void numbers(T& object) {
    using Array = std::array<std::int64_t, sizeof(T) / sizeof(std::int64_t)>;
    const auto original = std::bit_cast<Array>(object);
    for (std::size_t k = 0; k < original.size(); ++k) {
      Array changed = original;
      ++changed[k];
      object = std::bit_cast<T>(changed);
      look();
    }
    object = std::bit_cast<T>(original);
  }
  template <typename T>
  void put(T& object, const T& other) {
    const T original = std::exchange(object, other);
    look();
    object = original;
  }
};

TEST_CASE("every number, hash and key of a state is in its root", "[LEDGER-7]") {
  OneOfEverything s;
  Shard& shard = s.shards[0];
  const Hash other{99};
  s.put(s.chain, other);
  s.numbers(s.height);
  s.numbers(s.round);
  s.numbers(shard.accounts.at(alice.id()));
  RegisteredNode& node = shard.nodes.at(bob.id());
  s.numbers(node.registration);
  s.numbers(node.layers);
  s.numbers(node.cost_us);
  s.numbers(node.price);
  SlaRecord& job = shard.slas.begin()->second;
  for (Hash* hash : {&job.model, &job.input, &job.root, &job.output, &job.left, &job.right, &job.mid, &job.right_before,
                     &job.mid_before, &job.inputs, &job.shown_inputs, &job.micro_root})
    s.put(*hash, other);
  s.numbers(job.first_position);
  s.put(job.client, carol.id());
  s.put(job.provider, carol.id());
  s.numbers(job.layers);
  s.numbers(job.terms);
  s.numbers(job.sla);
  s.numbers(job.stake_at_accept);
  s.numbers(job.stake_at_receipt);
  ChannelRecord& entry = shard.channels.begin()->second;
  s.put(entry.a, carol.id());
  s.put(entry.b, carol.id());
  s.numbers(entry.channel);
  s.put(shard.away, {});
  s.put(shard.away, {bob.id()});
  s.put(shard.evidence, {other});
  for (Receipt* receipt : {&shard.outgoing.front(), &s.in_flight.front()}) {
    s.put(receipt->id, other);
    s.numbers(receipt->to_shard);
    s.put(receipt->to, carol.id());
    s.numbers(receipt->amount);
  }
  s.put(shard.queued_moves.front().node, alice.id());
  s.numbers(shard.queued_moves.front().layers);
  s.numbers(shard.burned);
  s.numbers(s.validators.at(alice.id()));
  s.numbers(s.validators.at(bob.id()));
  s.validators.at(alice.id()).priority = 4;  // the sign
  s.look();
  s.validators.at(alice.id()).priority = -4;
  s.numbers(s.snapshots.front().height);
  s.numbers(s.snapshots.front().stakes.at(alice.id()));
  s.put(s.snapshots, {});
  std::swap(s.shards[0], s.shards[1]);
  s.look();
  CHECK(s.states == 99);
  CHECK(s.roots.size() == s.states);
}

TEST_CASE("every object of a state has a proof of presence, and every other key one of absence", "[LEDGER-10]") {
  LedgerState state = OneOfEverything();
  state.shards[0].outgoing.clear();  // as between two blocks
  state.shards[0].queued_moves.clear();
  const Hash root = state_root(state);
  const auto shown = [&](const char* kind, std::vector<StateField> fields) {
    const StateProof proof = state_proof(state, {find_object_kind(kind), std::move(fields)});
    CHECK(root_of(proof) == root);
    return shown_by(proof).value();
  };
  constexpr std::uint64_t zero = 0, one = 1;
  const Hash nobody{77};
  CHECK(shown("account", {zero, alice.id().bytes}) == Shown::presence);
  CHECK(shown("account", {one, alice.id().bytes}) == Shown::absence);
  CHECK(shown("account", {zero, bob.id().bytes}) == Shown::absence);
  CHECK(shown("node", {zero, bob.id().bytes}) == Shown::presence);
  CHECK(shown("node", {zero, alice.id().bytes}) == Shown::absence);
  CHECK(shown("away", {zero, carol.id().bytes}) == Shown::presence);
  CHECK(shown("sla", {zero, Hash{3}}) == Shown::presence);
  CHECK(shown("channel", {zero, Hash{4}}) == Shown::presence);
  CHECK(shown("channel", {zero, Hash{3}}) == Shown::absence);
  CHECK(shown("evidence", {zero, Hash{5}}) == Shown::presence);
  CHECK(shown("receipt", {one, Hash{2}}) == Shown::presence);
  CHECK(shown("receipt", {zero, Hash{2}}) == Shown::absence);
  CHECK(shown("burned", {one}) == Shown::presence);
  CHECK(shown("validator", {alice.id().bytes}) == Shown::presence);
  CHECK(shown("validator", {nobody}) == Shown::absence);
  CHECK(shown("stakes", {std::uint64_t{4}}) == Shown::presence);
  CHECK(shown("stakes", {std::uint64_t{5}}) == Shown::absence);
}

TEST_CASE("the row of a proof is the encoding of an object, and shows no other key", "[LEDGER-10]") {
  const OneOfEverything state;
  const StateKey key{find_object_kind("account"), {std::uint64_t{0}, alice.id().bytes}};
  const StateProof good = state_proof(state, key);
  const auto broken = [&](const Bytes& row) {
    StateProof proof = good;
    proof.row = row;
    return shown_by(proof).error().place;
  };
  const auto row = [](const auto& write) {
    CborWriter out;
    write(out);
    return out.take();
  };
  CHECK(read_state_row(*good.row)->others == std::vector<StateField>{std::uint64_t{7}, std::uint64_t{8}});
  CHECK(broken({}) == "/row");
  CHECK(broken(row([](CborWriter& out) { out.array(0); })) == "/row");
  CHECK(broken(row([](CborWriter& out) { out.array(1).text("nothing"); })) == "/row");
  CHECK(broken(row([](CborWriter& out) { out.array(2).text("account").number(0); })) == "/row");
  CHECK(broken(row([](CborWriter& out) { out.array(3).text("account").number(0).number(1); })) == "/row");
  CHECK(broken(row([](CborWriter& out) { out.array(3).text("account").bytes(Hash{}).bytes(Hash{}); })) == "/row");
  CHECK(broken(row([](CborWriter& out) { out.array(3).text("account").number(0).bytes(Bytes(31)); })) == "/row");
  CHECK(broken(row([](CborWriter& out) { out.array(3).text("account").number(0).bytes(Hash{}); })) == "/steps");
  StateProof proof = good;
  proof.key.fields[0] = std::uint64_t{2};
  CHECK(shown_by(proof).error().place == "/key/0");
  proof.key.fields[0] = std::uint64_t{1};  // the other shard has another root
  CHECK(shown_by(proof).error().place == "/steps");
  proof = good;
  proof.row.reset();
  CHECK(shown_by(proof).error().place == "/steps");
}

}  // namespace
}  // namespace p2pllm::reference
