#include <catch2/catch.hpp>

#include "reference/contracts/replay.hpp"
#include "tests/support/function_executor.hpp"
#include "tests/unit/ledger_world.hpp"

// Bytes that are no state of the model have no next state; a provider that committed to them loses (COMMIT-4, SLA-11).
namespace p2pllm::reference {
namespace {

const Person client = person(1), provider = person(2), validator = person(3);
constexpr LayerRange layers{2, 4};
constexpr Amount stake = 1000;
const Hash model = state_hash(Bytes{42});

/// The step as the header of the sample model describes it, for any bytes.
Bytes next_without_limits(const Bytes& state, unsigned step) {
  Bytes next = state;
  for (std::size_t k = 0; k < state.size(); ++k) {
    const unsigned left = state[(k + state.size() - 1) % state.size()];
    next[k] = static_cast<std::uint8_t>((3U * state[k] + left + step + 2U + model[k % 32]) % 251U);
  }
  return next;
}

/// The final status of a one-step job on this input, whose provider ignores the limits and is challenged.
SlaStatus judged(const Bytes& input) {
  LedgerWorld world(small_genesis({client, provider, validator}));
  REQUIRE(world.send(provider, Register{layers, 1000, 5, stake}).reason == Reason::none);
  const Outcome proposed =
      world.send(client, Propose{provider.id(), layers, model, state_hash(input), 30, 1, 1, 3, 5, 2, 1, 400});
  REQUIRE(proposed.reason == Reason::none);
  const Hash sla = proposed.id;
  REQUIRE(world.send(provider, Accept{sla}).reason == Reason::none);
  const Hash before = state_hash(input), after = state_hash(next_without_limits(input, 1));
  const std::vector<MerkleLeaf> leaves{commitment_leaf({model, 1, 2, 4, before, after})};
  REQUIRE(world.send(provider, Deliver{sla, merkle_root(leaves), after, before, {}}).reason == Reason::none);
  REQUIRE(world.send(client, Challenge{sla, 20}).reason == Reason::none);
  REQUIRE(world.send(provider, Judge{sla, input}).reason == Reason::none);
  CHECK(world.ledger.faults().empty());
  return static_cast<SlaStatus>(world.shard().slas.at(sla).sla.status);
}

TEST_CASE("the sample model has states of 1 to 1024 bytes and no other", "[COMMIT-4]") {
  const auto next = [](const Bytes& state) { return sample_executor().execute(model, layers, 7, state); };
  for (const std::size_t size : {1U, 2U, 33U, 1023U, 1024U}) {
    const Bytes state(size, 200);
    CHECK(next(state) == next_without_limits(state, 7));
  }
  CHECK_FALSE(next({}).has_value());
  CHECK_FALSE(next(Bytes(1025, 200)).has_value());
  CHECK_FALSE(next(Bytes(4096, 200)).has_value());
}

TEST_CASE("the ledger judges a step from the longest and the shortest state by what comes out", "[SLA-11][COMMIT-4]") {
  CHECK(judged(Bytes(1024, 7)) == SlaStatus::settled);
  CHECK(judged(Bytes(1, 7)) == SlaStatus::settled);
}

TEST_CASE("attack: a provider commits to a step from bytes that are no state", "[SLA-11][COMMIT-4]") {
  CHECK(judged(Bytes(1025, 7)) == SlaStatus::breached);
  CHECK(judged(Bytes{}) == SlaStatus::breached);
}

TEST_CASE("an executor is found by its name, and none by another", "[COMMIT-4]") {
  CHECK(find_executor("sample") == &sample_executor());
  for (const char* name : {"", "Sample", "sample ", "sampl", "ideal"}) CHECK(find_executor(name) == nullptr);
}

TEST_CASE("a registered model runs on its own executor, any other on the fallback", "[COMMIT-4]") {
  const testing::FunctionExecutor constant(
      [](const Hash&, const LayerRange&, std::int64_t, ByteView) { return Bytes{9}; });
  const testing::FunctionExecutor refusing(
      [](const Hash&, const LayerRange&, std::int64_t, ByteView) { return std::optional<Bytes>(); });
  ExecutorRegistry registry(sample_executor());
  const Hash other = state_hash(Bytes{43}), none = state_hash(Bytes{44});
  registry.add(other, constant);
  registry.add(none, refusing);
  const Bytes state{1, 2, 3};
  CHECK(registry.execute(other, layers, 1, state) == Bytes{9});
  CHECK(registry.execute(model, layers, 1, state) == next_without_limits(state, 1));
  CHECK_FALSE(registry.execute(none, layers, 1, state).has_value());
  CHECK_FALSE(registry.execute(model, layers, 1, {}).has_value());
}

TEST_CASE("a head that names executors is read back with them", "[LEDGER-8]") {
  TraceHead head;
  head.genesis = {"named", 1, 4, {}, {{}}, {AccountId{}}};
  head.genesis.parameters = {100, 1000, 1, 5, 30, 5, 20, 50, 2, 20, 1, 10, 4096, 1'000'000, 5, 2, 20};
  head.executors[Hash{7}] = "sample";
  const TraceWriter writer(head);
  const auto replay = Replay::start(writer.text(), "t");
  REQUIRE(replay);
  CHECK(replay->head().executors == head.executors);
  CHECK(replay->head_differences().empty());
}

}  // namespace
}  // namespace p2pllm::reference
