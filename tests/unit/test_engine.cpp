#include <catch2/catch.hpp>
#include <functional>
#include <limits>

#include "optimized/contracts/block_end.hpp"
#include "optimized/contracts/block_invariants.hpp"
#include "optimized/contracts/engine.hpp"
#include "optimized/contracts/sla_rules.hpp"
#include "reference/contracts/reference_executor.hpp"
#include "tests/unit/two_shards.hpp"

// What the fast ledger must notice although its rules never cause it, and the ends of its table. That it is the
// reference's equal is shown by properties (properties/contracts_engine.cpp).
namespace p2pllm::optimized {
namespace {

using reference::alice, reference::bob, reference::carol, reference::dave;

/// Two shards. Alice is registered and serves an Active SLA of Bob and has a proposed one; Bob and Carol have a channel
/// that closes; Carol's stake was lost; Dave is registered in shard 1, and value is on its way to him.
struct World : reference::LedgerWorld {
  Hash active{}, proposed{}, channel{};

  World() : LedgerWorld(reference::small_genesis({alice, bob, carol, dave}, 2)) {
    send(alice, Register{{0, 4}, 1000, 1, 200});
    send(dave, Register{{4, 8}, 1000, 1, 200}, 1);
    const Propose job{alice.id(), {0, 4}, {}, {}, 1, 2, 2, 5, 9, 2, 1, 10, 2};
    active = send(bob, job).id;
    proposed = send(bob, job).id;
    send(alice, Accept{active});
    const ChannelTerms terms{bob.id(), carol.id(), 0, 3, 50, 60, 4};
    send(bob, ChannelOpen{terms});
    send(carol, ChannelFund{terms});
    channel = shard().channels.begin()->first;
    send(bob, ChannelClose{channel, {{0, 50, 60}, {}, {}}});
    ledger.end_block();
    send(bob, Transfer{dave.id(), 1, 7});
    ledger.end_block();
  }
  [[nodiscard]] Engine engine() const { return {ledger.genesis(), scheme, sample_executor()}; }
};

struct StateFault {
  const char* invariant;
  std::function<void(std::vector<Shard>&)> plant;
};

SlaRecord& sla(std::vector<Shard>& shards, const Hash& id) { return shards[0].slas.at(id); }
Registration<std::int64_t>& alice_in(std::vector<Shard>& shards) { return shards[0].nodes.at(alice.id()).registration; }

/// Changes of a sound state, and the invariant that each breaks.
std::vector<StateFault> faults_of(const World& w) {
  using Shards = std::vector<Shard>;
  const auto set = [](auto& status, auto to) { status = static_cast<std::int64_t>(to); };
  return {
      {"conserved", [](Shards& s) { ++s[0].accounts.at(bob.id()).balance; }},
      {"conserved", [](Shards& s) { ++s[1].burned; }},
      {"conserved", [](Shards& s) { --alice_in(s).stake; }},
      {"conserved", [&w](Shards& s) { s[0].channels.erase(w.channel); }},
      {"range", [](Shards& s) { s[0].accounts.at(bob.id()).balance = std::numeric_limits<Amount>::max(); }},
      {"range", [](Shards& s) { s[0].accounts.at(bob.id()).nonce = ~std::uint64_t{0}; }},
      {"range", [](Shards& s) { alice_in(s).updated_at = amount_max; }},
      {"range", [](Shards& s) { s[0].nodes.at(alice.id()).cost_us = 0; }},
      {"range",
       [](Shards& s) {
         s[0].nodes.at(alice.id()).layers = {-1, 3};
       }},
      {"range", [&w](Shards& s) { sla(s, w.active).terms.price = sla(s, w.active).terms.units = amount_max; }},
      {"range", [&w](Shards& s) { s[0].channels.at(w.channel).channel.deposit_b = amount_max; }},
      {"nothing_negative", [](Shards& s) { s[1].burned = -1; }},
      {"nothing_negative", [](Shards& s) { s[0].accounts.at(bob.id()).balance = -1; }},
      {"nothing_negative", [](Shards& s) { alice_in(s).stake = -1; }},
      {"nothing_negative", [&w](Shards& s) { sla(s, w.active).sla.bond = -1; }},
      {"nothing_negative", [&w](Shards& s) { sla(s, w.active).sla.escrow = -1; }},
      {"nothing_negative", [&w](Shards& s) { sla(s, w.active).sla.challenge_bond = -1; }},
      {"nothing_negative", [&w](Shards& s) { s[0].channels.at(w.channel).channel.balance_a = -1; }},
      {"nothing_negative", [&w](Shards& s) { s[0].channels.at(w.channel).channel.balance_b = -1; }},
      {"slas_sound", [&w](Shards& s) { ++sla(s, w.active).sla.challenge_until; }},
      {"slas_sound", [&w](Shards& s) { ++sla(s, w.active).sla.escrow, --s[0].accounts.at(bob.id()).balance; }},
      {"slas_sound", [&w](Shards& s) { sla(s, w.active).sla.demanded = 1; }},
      {"slas_sound", [&w, set](Shards& s) { set(sla(s, w.active).sla.status, SlaStatus::disputed); }},
      {"slas_sound", [&w](Shards& s) { sla(s, w.proposed).sla.status = 9; }},
      {"nothing_stuck",
       [&w, set](Shards& s) {
         set(sla(s, w.active).sla.status, SlaStatus::disputed);
         sla(s, w.active).sla.deadline = Height{1} << 50;
       }},
      {"nothing_stuck", [&w](Shards& s) { s[0].channels.at(w.channel).channel.timeout = Height{1} << 50; }},
      {"ended_hold_nothing", [set](Shards& s) { set(alice_in(s).status, NodeStatus::withdrawn); }},
      {"open_slas_counted", [](Shards& s) { ++alice_in(s).open_slas; }},
      {"open_slas_counted", [&w, set](Shards& s) { set(sla(s, w.proposed).sla.status, SlaStatus::active); }},
      {"nodes_in_their_shard",
       [](Shards& s) {
         s[0].nodes.at(alice.id()).layers = {4, 8};
       }},
      {"registered_once", [](Shards& s) { s[0].away.insert(alice.id()); }},
      {"registered_once",
       [](Shards& s) {
         s[1].nodes[alice.id()] = s[1].nodes.at(dave.id());
         s[1].nodes.at(alice.id()).registration.stake = 0;
         s[0].away.insert(alice.id());
       }},
      {"registered_once",
       [](Shards& s) {  // away from its home, which has no note of it
         s[1].nodes[bob.id()] = s[1].nodes.at(dave.id());
       }},
  };
}

TEST_CASE("the fast ledger refuses a state that breaks an invariant, as the reference does", "[LEDGER-5][LEDGER-7]") {
  const World world;
  REQUIRE(world.ledger.in_flight().size() == 1);
  const LedgerExport good = world.ledger.export_state();
  Engine engine = world.engine();
  REQUIRE_FALSE(engine.import_state(good));
  CHECK(engine.root() == world.ledger.state_root());
  reference::ReferenceExecutor exact(world.ledger.genesis(), world.scheme, sample_executor());
  for (const auto& [invariant, plant] : faults_of(world)) {
    CAPTURE(invariant);
    LedgerExport changed = good;
    plant(changed.state.shards);
    CHECK(exact.import_state(changed));
    const auto fault = engine.import_state(changed);
    REQUIRE(fault);
    CHECK(fault->place == "shards");
    CHECK(engine.root() == world.ledger.state_root());
  }
  const auto refused_at = [&](const std::function<void(LedgerState&)>& change) {
    LedgerExport changed = good;
    change(changed.state);
    const auto fast = engine.import_state(changed), slow = exact.import_state(changed);
    REQUIRE((fast && slow));
    CHECK(engine.root() == world.ledger.state_root());
    return fast->place;
  };
  CHECK(refused_at([](LedgerState& s) { s.chain[0] ^= 1U; }) == "chain");
  CHECK(refused_at([](LedgerState& s) { s.shards.emplace_back(); }) == "shards");
  CHECK(refused_at([](LedgerState& s) { s.height = 0; }) == "height");
  CHECK(refused_at([](LedgerState& s) { s.round = 1; }) == "height");
  CHECK(refused_at([](LedgerState& s) { s.validators.clear(); }) == "validators");
  CHECK(refused_at([](LedgerState& s) { s.snapshots.clear(); }) == "validators");
  CHECK(refused_at([](LedgerState& s) { s.shards[0].queued_moves.push_back({}); }) == "shards");
  CHECK(refused_at([](LedgerState& s) { s.shards[0].outgoing.push_back({}); }) == "shards");
  CHECK(refused_at([](LedgerState& s) { s.in_flight[0].to_shard = 2; }) == "in_flight");
  CHECK(refused_at([](LedgerState& s) { s.height = Height{1} << 50; }) == "shards");
  CHECK(refused_at([](LedgerState& s) { s.validators.begin()->second.priority = amount_max; }) == "shards");
  CHECK(refused_at([](LedgerState& s) {
          for (auto& [id, validator] : s.validators) validator.stake = 0;
        }) == "shards");
  CHECK(refused_at([](LedgerState& s) { s.in_flight[0].amount = -1; }) == "shards");
  CHECK(refused_at([](LedgerState& s) { s.in_flight[0].to_shard = -1; }) == "in_flight");
  CHECK(refused_at([](LedgerState& s) {
          s.in_flight.push_back(s.in_flight[0]);
          s.in_flight[1].amount = 0;
        }) == "in_flight");
}

/// A shard of the world, with nothing in its journals.
struct Sound {
  explicit Sound(const World& world) : genesis(world.ledger.genesis()), height(world.ledger.height()) {
    const TableSeed seed = random_table_seed();
    for (std::int64_t s = 0; s < 2; ++s) {
      shards.emplace_back(s, seed);
      fill(shards.back(), world.ledger.shards()[static_cast<std::size_t>(s)]);
      (void)shards.back().sync();
      shards.back().keep();
    }
  }
  [[nodiscard]] std::vector<std::string> violations() { return violations_of_block(genesis, height, shards, 0); }
  ShardState& first() { return shards[0]; }

  Genesis genesis;
  Height height;
  std::vector<ShardState> shards;
};

struct BlockFault {
  const char* invariant;
  std::function<void(ShardState&)> plant;
};

TEST_CASE("whatever a block breaks is found in its journals", "[LEDGER-5]") {
  const World w;
  const auto account = [](ShardState& s, const reference::Person& who) -> Account& {
    return s.accounts.change(s.accounts.find(who.id()));
  };
  const auto node = [](ShardState& s) -> Registration<std::int64_t>& {
    return s.nodes.change(s.nodes.find(alice.id())).registration;
  };
  const auto job = [](ShardState& s, const Hash& id) -> SlaRecord& { return s.slas.change(s.slas.find(id)); };
  const auto line = [&w](ShardState& s) -> Channel<std::int64_t>& {
    return s.channels.change(s.channels.find(w.channel)).channel;
  };
  const std::vector<BlockFault> faults{
      {"conserved", [&](ShardState& s) { ++account(s, bob).balance; }},
      {"conserved", [&](ShardState& s) { ++s.burned; }},
      {"conserved",
       [&](ShardState& s) {
         s.arriving.insert({}, {bob.id(), 1});
       }},
      {"nothing_negative",
       [&](ShardState& s) { account(s, alice).balance -= 20'000, account(s, bob).balance += 20'000; }},
      {"nothing_negative", [&](ShardState& s) { s.burned = -1; }},
      {"nothing_negative", [&](ShardState& s) { s.accounts.erase(s.accounts.find(bob.id())); }},
      {"versions_rise", [&](ShardState& s) { --node(s).version; }},
      {"versions_rise", [&](ShardState& s) { --line(s).version; }},
      {"open_slas_counted", [&](ShardState& s) { ++node(s).open_slas; }},
      {"open_slas_counted", [&](ShardState& s) { job(s, w.active).sla.status = 5, job(s, w.active).sla.escrow = 0; }},
      {"terms_immutable", [&](ShardState& s) { ++job(s, w.active).terms.deliver_by; }},
      {"terms_immutable", [&](ShardState& s) { job(s, w.active).client = carol.id(); }},
      {"terms_immutable", [&](ShardState& s) { ++line(s).closing_time; }},
      {"terms_immutable", [&](ShardState& s) { s.slas.erase(s.slas.find(w.proposed)); }},
      {"final_absorbs", [&](ShardState& s) { s.channels.erase(s.channels.find(w.channel)); }},
      {"slas_sound", [&](ShardState& s) { job(s, w.active).sla.left = 1; }},
      {"nothing_stuck",
       [&](ShardState& s) {
         job(s, w.active).sla.status = static_cast<std::int64_t>(SlaStatus::disputed);
         job(s, w.active).sla.deadline = Height{1} << 50;
       }},
      {"nothing_stuck", [&](ShardState& s) { line(s).timeout = Height{1} << 50; }},
      {"registered_once", [&](ShardState& s) { s.nodes.insert(carol.id(), {}), s.away.insert(carol.id()); }},
  };
  REQUIRE(Sound(w).violations().empty());
  for (const auto& [invariant, plant] : faults) {
    CAPTURE(invariant);
    Sound sound(w);
    plant(sound.first());
    const auto found = sound.violations();
    CHECK(std::any_of(found.begin(), found.end(), [&](const auto& f) { return f.starts_with(invariant); }));
    for (ShardState& shard : sound.shards) shard.restore();
    CHECK(sound.violations().empty());
  }
}

TEST_CASE("what has ended does not begin again, in whatever block", "[LEDGER-5]") {
  const World w;
  Sound sound(w);
  ShardState& shard = sound.first();
  (void)end(shard.slas.change(shard.slas.find(w.proposed)).sla, SlaStatus::cancelled);
  shard.channels.change(shard.channels.find(w.channel)).channel.status =
      static_cast<std::int64_t>(ChannelStatus::settled);
  auto& registration = shard.nodes.change(shard.nodes.find(alice.id())).registration;
  registration.status = static_cast<std::int64_t>(NodeStatus::tombstoned);
  registration.stake = 0;
  shard.evidence.insert({});
  (void)shard.sync();
  shard.keep();
  const auto found = [&](const std::function<void()>& change) {
    change();
    std::string all;
    for (const std::string& one : sound.violations()) all += one.substr(0, one.find(':')) + " ";
    shard.restore();
    return all;
  };
  CHECK(found([] {}).empty());
  CHECK(found([&] { shard.slas.change(shard.slas.find(w.proposed)).sla.status = 8; }) == "final_absorbs ");
  CHECK(found([&] { shard.channels.change(shard.channels.find(w.channel)).channel.status = 0; }) == "final_absorbs ");
  CHECK(found([&] { shard.nodes.change(shard.nodes.find(alice.id())).registration.status = 2; }) == "final_absorbs ");
  CHECK(found([&] { shard.evidence.erase(shard.evidence.find({})); }) == "evidence_kept ");
}

TEST_CASE("a second registration of a key is found, and one of which its home has no note", "[LEDGER-5][SHARD-4]") {
  const World w;
  Sound sound(w);
  RegisteredNode high;
  high.layers = {4, 8};
  const auto found = [&](const reference::Person& who, bool is_noted) {
    sound.shards[1].nodes.insert(who.id(), high);
    if (is_noted) sound.first().away.insert(who.id());
    std::string all;
    for (const std::string& one : sound.violations()) all += one.substr(0, one.find(':')) + " ";
    for (ShardState& shard : sound.shards) shard.restore();
    return all;
  };
  CHECK(found(bob, true).empty());
  CHECK(found(bob, false) == "registered_once ");
  CHECK(found(alice, true) == "registered_once ");  // in shard 0 already
}

TEST_CASE("the fast ledger finds a form wrong where the reference does, at every edge", "[LEDGER-2][LEDGER-3]") {
  World world;
  Engine engine = world.engine();
  REQUIRE_FALSE(engine.import_state(world.ledger.export_state()));
  const auto outcome_of = [&](const std::function<void(Transaction&)>& change, Operation operation) {
    Transaction made = world.unsigned_transaction(bob, std::move(operation));
    change(made);
    made = world.sign(made, bob);
    const Outcome fast = engine.execute(made), slow = world.ledger.execute(made);
    CHECK(fast == slow);
    const bool can_be_encoded = made.fee >= 0 && made.valid_until >= 0 && made.shard >= 0;
    if (consequence_of(fast.reason) == Consequence::malformed && can_be_encoded)
      CHECK(engine.execute(ByteView(encode(made))) == world.ledger.execute(ByteView(encode(made))));
    return fast.reason;
  };
  const auto of = [&](Operation operation) { return outcome_of([](Transaction&) {}, std::move(operation)); };
  const auto envelope = [&](const std::function<void(Transaction&)>& change) { return outcome_of(change, Unbond{}); };
  CHECK(of(Register{{0, 1}, 0, 1, 200}) == Reason::terms_out_of_range);
  CHECK(of(Register{{0, 8}, 1, 1, 200}) == Reason::none);
  CHECK(of(Register{{0, 9}, 1, 1, 200}) == Reason::terms_out_of_range);
  CHECK(of(Register{{3, 3}, 1, 1, 200}) == Reason::terms_out_of_range);
  CHECK(of(Register{{-1, 3}, 1, 1, 200}) == Reason::amount_out_of_range);
  CHECK(of(Migrate{{7, 9}}) == Reason::terms_out_of_range);
  CHECK(of(Transfer{alice.id(), 2, 1}) == Reason::wrong_shard);
  CHECK(of(Transfer{alice.id(), 1, 1}) == Reason::none);
  CHECK(of(Transfer{alice.id(), 1, amount_max}) == Reason::not_covered);
  CHECK(of(Transfer{alice.id(), 1, amount_max + 1}) == Reason::amount_out_of_range);
  CHECK(of(Transfer{alice.id(), 1, -1}) == Reason::amount_out_of_range);
  CHECK(of(Publish{world.active, Bytes(65'000)}) == Reason::wrong_status);
  CHECK(of(Publish{world.active, Bytes(66'000)}) == Reason::malformed_encoding);
  CHECK(of(Propose{alice.id(), {0, 4}, {}, {}, {1001, 2, 2, 5, 9, 2, 1, 10, 2}}) == Reason::terms_out_of_range);
  CHECK(of(Propose{alice.id(), {4, 9}, {}, {}, {1, 2, 2, 5, 9, 2, 1, 10, 2}}) == Reason::terms_out_of_range);
  CHECK(of(ChannelOpen{{bob.id(), bob.id(), 0, 3, 50, 60, 4}}) == Reason::terms_out_of_range);
  CHECK(envelope([](Transaction& t) { t.chain[0] ^= 1U; }) == Reason::wrong_chain);
  CHECK(envelope([](Transaction& t) { t.shard = 2; }) == Reason::wrong_shard);
  CHECK(envelope([](Transaction& t) { t.shard = -1; }) == Reason::wrong_shard);
  CHECK(envelope([](Transaction& t) { t.nonce = std::uint64_t{amount_max}; }) == Reason::nonce_ahead);
  CHECK(envelope([](Transaction& t) { t.nonce = std::uint64_t{amount_max} + 1; }) == Reason::amount_out_of_range);
  CHECK(envelope([](Transaction& t) { t.fee = amount_max; }) == Reason::fee_not_covered);
  CHECK(envelope([](Transaction& t) { t.fee = amount_max + 1; }) == Reason::amount_out_of_range);
  CHECK(envelope([](Transaction& t) { t.fee = -1; }) == Reason::amount_out_of_range);
  CHECK(envelope([](Transaction& t) { t.valid_until = amount_max; }) == Reason::none);
  CHECK(envelope([](Transaction& t) { t.valid_until = -1; }) == Reason::amount_out_of_range);
  CHECK(engine.execute(ByteView()) == world.ledger.execute(ByteView()));
}

TEST_CASE("the root of a list of transactions is that of its leaves, for every number of them",
          "[COMMIT-5][LEDGER-6]") {
  std::vector<Hash> ids;
  std::vector<MerkleLeaf> leaves;
  for (std::uint16_t k = 0; k < 700; ++k) {
    CHECK((root_of_transactions(ids) == merkle_root(leaves)));
    Hash id{};
    id[0] = static_cast<std::uint8_t>(k);
    id[1] = static_cast<std::uint8_t>(k >> 8U);
    ids.push_back(id);
    leaves.push_back(merkle_leaf("transaction", id));
  }
}

}  // namespace
}  // namespace p2pllm::optimized
