#include <catch2/catch.hpp>

#include "reference/contracts/reference_executor.hpp"
#include "tests/support/lock_step_ledger.hpp"
#include "tests/unit/ledger_world.hpp"

namespace p2pllm::reference {
namespace {

const Person alice = person(1), bob = person(2), carol = person(3);

Genesis genesis() { return small_genesis({alice, bob, carol}); }
ReferenceExecutor fresh() { return {genesis(), ideal_signatures(), sample_executor()}; }

Bytes transfer_of(std::uint64_t nonce, Amount amount) {
  Transaction transaction{
      .chain = chain_id(genesis()), .sender = alice.id(), .nonce = nonce, .valid_until = 9, .fee = 1};
  transaction.operation = Transfer{bob.id(), 0, amount};
  transaction.signature = ideal_signatures().sign(alice.keys.secret_key, transaction_id(transaction));
  return encode(transaction);
}

/// Five transactions: one is applied, one malformed, one refused for its nonce, one fails, and one more is applied.
std::vector<Bytes> mixed() {
  return {transfer_of(0, 5), Bytes{1, 2}, transfer_of(7, 5), transfer_of(1, 20'000), transfer_of(2, 6)};
}

TEST_CASE("a candidate holds the transactions that are included, with every outcome", "[LEDGER-6]") {
  ReferenceExecutor ledger = fresh();
  const Hash before = ledger.root();
  const Candidate made = ledger.candidate(0, mixed());
  REQUIRE(made.outcomes.size() == 5);
  CHECK(made.outcomes[0].reason == Reason::none);
  CHECK(made.outcomes[1].reason == Reason::malformed_encoding);
  CHECK(made.outcomes[2].reason == Reason::nonce_ahead);
  CHECK(made.outcomes[3].reason == Reason::not_covered);
  CHECK(made.outcomes[4].reason == Reason::none);
  CHECK(made.block.transactions.size() == 3);
  CHECK(made.block.header.height == 1);
  CHECK(ledger.root() == before);  // the block is only pending
  ledger.apply();
  CHECK(ledger.root() == made.block.header.state);
  CHECK(ledger.export_state().parent == hash_of(made.block.header));
  CHECK(ledger.export_state().state.height == 2);
}

TEST_CASE("a block that is discarded leaves nothing", "[LEDGER-6]") {
  ReferenceExecutor ledger = fresh();
  const Hash before = ledger.root();
  const Candidate first = ledger.candidate(0, mixed());
  ledger.discard();
  CHECK(ledger.root() == before);
  CHECK(ledger.candidate(0, mixed()).block.header == first.block.header);
}

TEST_CASE("another ledger takes a good block, and refuses one with any member changed by its name", "[LEDGER-6]") {
  ReferenceExecutor proposer = fresh();
  const Block good = proposer.candidate(1, mixed()).block;
  ReferenceExecutor ledger = fresh();
  const Hash before = ledger.root();
  const auto refused_at = [&](const auto& change) {
    Block block = good;
    change(block);
    const auto outcomes = ledger.validate(block);
    REQUIRE_FALSE(outcomes);
    CHECK(outcomes.error().clause == "LEDGER-6");
    CHECK(ledger.root() == before);
    return outcomes.error().place;
  };
  CHECK(refused_at([](Block& b) { b.header.height = 2; }) == "height");
  CHECK(refused_at([](Block& b) { b.header.round = -1; }) == "round");
  CHECK(refused_at([](Block& b) { b.header.round = block_round_max + 1; }) == "round");
  CHECK(refused_at([](Block& b) { b.header.round = amount_max; }) == "round");  // at once
  CHECK(refused_at([](Block& b) { b.header.parent[0] ^= 1; }) == "parent");
  CHECK(refused_at([](Block& b) { b.header.proposer = alice.id(); }) == "proposer");
  CHECK(refused_at([](Block& b) { b.header.transactions[0] ^= 1; }) == "transactions");
  CHECK(refused_at([](Block& b) { b.header.state[0] ^= 1; }) == "state");
  CHECK(refused_at([](Block& b) { b.transactions.pop_back(); }) == "transactions");
  CHECK(refused_at([](Block& b) { b.transactions.insert(b.transactions.begin(), Bytes{9}); }) == "transactions/0");
  CHECK(refused_at([](Block& b) { std::swap(b.transactions[0], b.transactions[2]); }) == "transactions/0");
  const auto outcomes = ledger.validate(good);
  REQUIRE(outcomes);
  CHECK(outcomes->size() == 3);
  ledger.apply();
  CHECK(ledger.root() == good.header.state);
}

TEST_CASE("a ledger goes on from another's state, and refuses what is no state of its chain", "[LEDGER-7]") {
  ReferenceExecutor first = fresh();
  (void)first.candidate(0, mixed());
  first.apply();
  const LedgerExport state = first.export_state();
  ReferenceExecutor second = fresh();
  REQUIRE_FALSE(second.import_state(state));
  CHECK(second.root() == first.root());
  const std::vector<Bytes> next{transfer_of(3, 1)};
  CHECK(second.candidate(0, next).block.header == first.candidate(0, next).block.header);
  const auto refused_at = [&](const auto& change) {
    LedgerExport changed = state;
    change(changed);
    ReferenceExecutor third = fresh();
    const Hash before = third.root();
    const auto fault = third.import_state(changed);
    CHECK(third.root() == before);
    return fault ? fault->place : "taken";
  };
  CHECK(refused_at([](LedgerExport& e) { e.state.chain[0] ^= 1; }) == "chain");
  CHECK(refused_at([](LedgerExport& e) { e.state.shards.emplace_back(); }) == "shards");
  CHECK(refused_at([](LedgerExport& e) { e.state.height = 0; }) == "height");
  CHECK(refused_at([](LedgerExport& e) { e.state.round = 1; }) == "height");
  CHECK(refused_at([](LedgerExport& e) { e.state.validators.clear(); }) == "validators");
  CHECK(refused_at([](LedgerExport& e) { e.state.snapshots.clear(); }) == "validators");
  CHECK(refused_at([](LedgerExport& e) { ++e.state.shards[0].accounts.at(bob.id()).balance; }) == "shards");
}

/// A ledger that gives one transaction another outcome than the reference.
class WrongExecutor : public ReferenceExecutor {
 public:
  using ReferenceExecutor::ReferenceExecutor;
  [[nodiscard]] Candidate candidate(std::int64_t round, std::span<const Bytes> transactions) override {
    Candidate made = ReferenceExecutor::candidate(round, transactions);
    if (!made.outcomes.empty()) made.outcomes.back().reason = Reason::too_late;
    return made;
  }
};

TEST_CASE("two ledgers in lock-step agree, and one that is wrong is found", "[LEDGER-6]") {
  ReferenceExecutor one = fresh(), two = fresh();
  testing::LockStepLedger both(one, two);
  const Candidate made = both.candidate(0, mixed());
  both.apply();
  CHECK(both.root() == made.block.header.state);
  (void)both.candidate(0, {});
  both.discard();
  CHECK(both.faults().empty());
  WrongExecutor wrong(genesis(), ideal_signatures(), sample_executor());
  ReferenceExecutor right = fresh();
  testing::LockStepLedger pair(right, wrong);
  CHECK_THROWS_AS(pair.candidate(0, mixed()), testing::LedgersDiffer);
}

}  // namespace
}  // namespace p2pllm::reference
