#include <catch2/catch.hpp>
#include <functional>

#include "reference/contracts/footprint.hpp"
#include "tests/unit/ledger_world.hpp"

namespace p2pllm::reference {
namespace {

const Person alice = person(1), bob = person(2), carol = person(3);

/// Bob serves two SLAs of Alice, of which one is Active; Alice and Carol have a channel; Carol proposes.
struct World : LedgerWorld {
  Hash proposed{}, active{}, channel{};

  World() : LedgerWorld(small_genesis({alice, bob, carol})) {
    send(bob, Register{{0, 4}, 1000, 1, 200});
    const Propose job{bob.id(), {0, 4}, {}, {}, 1, 2, 2, 5, 9, 2, 1, 10, 2};
    active = send(alice, job).id;
    proposed = send(alice, job).id;
    send(bob, Accept{active});
    send(alice, ChannelOpen{{alice.id(), carol.id(), 0, 3, 50, 60, 4}});
    channel = shard().channels.begin()->first;
  }
  [[nodiscard]] BlockContext block() const {
    return {ledger.genesis(), ledger.state(), ledger.proposer(), scheme, sample_executor()};
  }
};

Shard footprint_of(const World& world, const Person& who, Operation operation) {
  const Transaction transaction = world.sign(world.unsigned_transaction(who, std::move(operation)), who);
  const BlockContext block = world.block();
  const auto form = check_form(transaction, block);
  REQUIRE(form);
  return footprint(world.shard(), *form, block);
}

std::set<AccountId> accounts_of(const Shard& part) {
  std::set<AccountId> ids;
  for (const auto& [id, account] : part.accounts) ids.insert(id);
  return ids;
}

TEST_CASE("a transaction has what it names, its parties and the proposer, and nothing else", "[LEDGER-5]") {
  const World world;
  REQUIRE(world.ledger.faults().empty());
  REQUIRE(world.ledger.proposer() == carol.id());
  const Shard accept = footprint_of(world, bob, Accept{world.proposed});
  CHECK(accounts_of(accept) == std::set{alice.id(), bob.id(), carol.id()});
  CHECK((accept.slas.size() == 1 && accept.slas.contains(world.proposed) && accept.nodes.size() == 1));
  CHECK(accept.channels.empty());
  const Shard update = footprint_of(world, bob, Update{3});
  CHECK(accounts_of(update) == std::set{bob.id(), carol.id()});
  CHECK((update.slas.empty() && update.nodes.contains(bob.id())));
  const Shard fund = footprint_of(world, carol, ChannelFund{{alice.id(), carol.id(), 0, 3, 50, 60, 4}});
  CHECK((fund.channels.contains(world.channel) && accounts_of(fund) == std::set{alice.id(), carol.id()}));
  CHECK(footprint_of(world, carol, ChannelReclaim{world.channel}).accounts.size() == 2);
  CHECK(footprint_of(world, alice, Transfer{bob.id(), 0, 1}).accounts.size() == 3);
}

TEST_CASE("whatever a transaction breaks is found in what it touched", "[LEDGER-5]") {
  const World world;
  struct Fault {
    const char* name;
    void (*plant)(const World&, Shard&);
  };
  const Fault faults[] = {
      {"conserved", [](const World&, Shard& s) { ++s.accounts.at(alice.id()).balance; }},
      {"conserved", [](const World& w, Shard& s) { --s.slas.at(w.active).sla.escrow; }},
      {"conserved",
       [](const World&, Shard& s) {
         s.outgoing.push_back({{}, 0, {}, 1});
       }},
      {"conserved", [](const World&, Shard& s) { ++s.burned; }},
      {"nothing_negative",
       [](const World&, Shard& s) {
         s.accounts.at(alice.id()).balance -= 20'000;
         s.accounts.at(bob.id()).balance += 20'000;
       }},
      {"nothing_stuck",
       [](const World& w, Shard& s) {
         s.slas.at(w.active).sla.status = static_cast<std::int64_t>(SlaStatus::disputed);
         s.slas.at(w.active).sla.right = 4;
         s.slas.at(w.active).sla.deadline = Height{1} << 50;
       }},
      {"disputes_shrink",
       [](const World& w, Shard& s) {
         s.slas.at(w.active).sla.status = static_cast<std::int64_t>(SlaStatus::disputed);
       }},
      {"ended_hold_nothing",
       [](const World& w, Shard& s) {
         s.slas.at(w.active).sla.status = static_cast<std::int64_t>(SlaStatus::settled);
       }},
      {"open_slas_counted", [](const World&, Shard& s) { ++s.nodes.at(bob.id()).registration.open_slas; }},
      {"open_slas_counted",
       [](const World& w, Shard& s) {
         s.slas.at(w.proposed).sla.status = static_cast<std::int64_t>(SlaStatus::active);
       }},
      {"terms_immutable", [](const World& w, Shard& s) { ++s.slas.at(w.active).terms.deliver_by; }},
      {"terms_immutable", [](const World& w, Shard& s) { ++s.channels.at(w.channel).channel.closing_time; }},
      {"versions_rise", [](const World&, Shard& s) { --s.nodes.at(bob.id()).registration.version; }},
      {"versions_rise", [](const World& w, Shard& s) { --s.channels.at(w.channel).channel.version; }},
      {"registered_once", [](const World&, Shard& s) { s.away.insert(bob.id()); }},
      {"final_absorbs", [](const World& w, Shard& s) { s.channels.erase(w.channel); }},
  };
  const BlockContext block = world.block();
  CHECK(violations_of_change(block, 0, world.shard(), world.shard()).empty());
  for (const auto& [name, plant] : faults) {
    CAPTURE(name);
    Shard after = world.shard();
    plant(world, after);
    const auto found = violations_of_change(block, 0, world.shard(), after);
    CHECK(std::any_of(found.begin(), found.end(), [name = name](const auto& f) { return f.starts_with(name); }));
  }
  Shard ended = world.shard();
  ended.nodes.at(bob.id()).registration.status = static_cast<std::int64_t>(NodeStatus::tombstoned);
  CHECK(violations_of_step(ended, ended).empty());
  CHECK(violations_of_step(ended, world.shard()).size() == 1);
  ended = world.shard();
  ended.slas.at(world.active).sla.status = static_cast<std::int64_t>(SlaStatus::breached);
  CHECK(violations_of_step(ended, world.shard()).size() == 1);
  Shard moved = world.shard();
  CHECK(violations_of_change(block, 1, moved, moved).size() == 2);  // shard 1 serves no such layers and is not the home
}

/// A whole state, as the invariants see it.
struct State {
  Genesis genesis;
  std::vector<Shard> shards;
  std::vector<Receipt> in_flight;
  Amount supply = 0;
};

struct StateFault {
  const char* name;
  std::function<void(State&)> plant;
};

/// For every invariant at least one change of a sound state that breaks it.
std::vector<StateFault> state_faults(const World& world) {
  SlaRecord disputed = world.shard().slas.at(world.active);
  disputed.sla.status = static_cast<std::int64_t>(SlaStatus::disputed);
  return {
      {"conserved", [](State& s) { ++s.supply; }},
      {"nothing_negative", [](State& s) { s.shards[1].burned = -1; }},
      {"nothing_negative", [](State& s) { s.shards[0].accounts.at(alice.id()).balance = -1; }},
      {"nothing_negative", [](State& s) { s.shards[0].nodes.at(bob.id()).registration.stake = -1; }},
      {"nothing_negative", [&world](State& s) { s.shards[0].slas.at(world.active).sla.escrow = -1; }},
      {"nothing_negative", [&world](State& s) { s.shards[0].slas.at(world.active).sla.bond = -1; }},
      {"nothing_negative", [&world](State& s) { s.shards[0].slas.at(world.active).sla.challenge_bond = -1; }},
      {"nothing_negative", [&world](State& s) { s.shards[0].channels.at(world.channel).channel.balance_a = -1; }},
      {"nothing_negative", [&world](State& s) { s.shards[0].channels.at(world.channel).channel.balance_b = -1; }},
      {"nothing_stuck",
       [&world, disputed](State& s) {
         s.shards[0].slas.at(world.active) = disputed;
         s.shards[0].slas.at(world.active).sla.deadline = Height{1} << 50;
       }},
      {"disputes_shrink", [&world, disputed](State& s) { s.shards[0].slas.at(world.active) = disputed; }},
      {"ended_hold_nothing",
       [](State& s) {
         s.shards[0].nodes.at(bob.id()).registration.status = static_cast<std::int64_t>(NodeStatus::withdrawn);
       }},
      {"slas_sound", [&world](State& s) { ++s.shards[0].slas.at(world.active).sla.challenge_until; }},
      {"open_slas_counted", [](State& s) { ++s.shards[0].nodes.at(bob.id()).registration.open_slas; }},
      {"nodes_in_their_shard",
       [](State& s) {
         s.shards[0].nodes.at(bob.id()).layers = {4, 8};
       }},
      {"registered_once",
       [&world](State& s) {
         s.shards[1].nodes[bob.id()] = world.shard().nodes.at(bob.id());
         s.shards[1].nodes.at(bob.id()).layers = {4, 8};
       }},
      {"registered_once",
       [&world](State& s) {  // away from its home, which has no note of it
         const auto home = static_cast<std::size_t>(home_of(s.genesis, bob.id()));
         RegisteredNode moved = world.shard().nodes.at(bob.id());
         moved.layers = home == 0 ? LayerRange{4, 8} : LayerRange{0, 4};
         s.shards[0].nodes.clear();
         s.shards[1 - home].nodes[bob.id()] = moved;
         s.shards[home].away.clear();
       }},
      {"receipts_once",
       [](State& s) {
         s.in_flight = {{{1}, 0, alice.id(), 0}, {{1}, 1, alice.id(), 0}};
       }},
  };
}

TEST_CASE("every invariant of the whole state fails in a state made to break it", "[LEDGER-5]") {
  const World world;
  State good{world.ledger.genesis(), {world.shard(), {}}, {}, world.ledger.supply()};
  good.genesis.shards = 2;
  const auto home = static_cast<std::size_t>(home_of(good.genesis, bob.id()));
  if (home == 1) good.shards[1].away.insert(bob.id());
  const auto found = [](const State& s) { return violations({s.genesis, 1, s.shards, s.in_flight, s.supply}); };
  CHECK(found(good).empty());
  std::set<std::string_view> broken;
  for (const auto& [name, plant] : state_faults(world)) {
    CAPTURE(name);
    State state = good;
    plant(state);
    const auto all = found(state);
    CHECK(std::any_of(all.begin(), all.end(), [name = name](const auto& f) { return f.starts_with(name); }));
    broken.insert(name);
  }
  for (const Invariant& invariant : invariants()) CHECK(broken.contains(invariant.name));

  Shard before = world.shard(), after = before;
  before.evidence.insert(Hash{1});
  CHECK(violations_of_step(before, after) == std::vector<std::string>{"evidence_kept"});
  after.evidence.insert(Hash{2});
  CHECK(violations_of_step(before, after) == std::vector<std::string>{"evidence_kept"});
}

TEST_CASE("two registrations of a key are found, wherever they are", "[LEDGER-5][SHARD-4]") {
  const World world;
  Genesis genesis = world.ledger.genesis();
  genesis.shards = 3;
  const LayerRange of_shard[] = {{0, 2}, {3, 5}, {6, 8}};
  const auto home = static_cast<std::size_t>(home_of(genesis, bob.id()));
  const auto found = [&](const std::vector<std::size_t>& places, bool is_noted) {
    std::vector<Shard> shards(3);
    for (const std::size_t s : places) {
      shards[s].nodes[bob.id()] = RegisteredNode{};
      shards[s].nodes[bob.id()].layers = of_shard[s];
    }
    if (is_noted) shards[home].away.insert(bob.id());
    return violations({genesis, 1, shards, {}, 0}).size();
  };
  const std::size_t one = (home + 1) % 3, other = (home + 2) % 3;
  CHECK(found({home}, false) == 0);
  CHECK(found({one}, true) == 0);
  CHECK(found({}, false) == 0);
  CHECK(found({home}, true) == 1);
  CHECK(found({one}, false) == 1);
  CHECK(found({home, one}, false) == 1);
  CHECK(found({home, one}, true) == 1);
  CHECK(found({one, other}, true) == 1);
}

TEST_CASE("what comes back replaces nothing that was not taken", "[LEDGER-5]") {
  const World world;
  const Shard before = footprint_of(world, bob, Update{3});
  Shard whole = world.shard(), after = before;
  after.accounts.at(bob.id()).balance = 7;
  after.accounts[person(9).id()].balance = 1;  // made by this transaction
  after.burned = 5;
  CHECK(put_back(before, after, whole).empty());
  CHECK((whole.accounts.at(bob.id()).balance == 7 && whole.accounts.at(person(9).id()).balance == 1));
  CHECK((whole.burned == 5 && whole.accounts.at(alice.id()).balance == world.balance(alice)));
  after = before;
  after.accounts[alice.id()].balance = 1;
  CHECK(put_back(before, after, whole).size() == 1);
}

}  // namespace
}  // namespace p2pllm::reference
