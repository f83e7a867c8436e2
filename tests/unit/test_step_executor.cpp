#include <catch2/catch.hpp>

#include "model/layers/micro_state.hpp"
#include "reference/contracts/replay.hpp"
#include "tests/support/counting_executor.hpp"
#include "tests/unit/ledger_world.hpp"

// Bytes that are no state of the model have no next state; a provider that committed to them loses (COMMIT-4, SLA-11).
namespace p2pllm::reference {
namespace {

const Person client = person(1), provider = person(2), validator = person(3);
constexpr LayerRange layers{2, 4};
constexpr Amount stake = 1000;
const Hash model = state_hash(Bytes{42});

/// The micro-step as the header of the sample model describes it, for any bytes.
Bytes next_without_limits(const Bytes& state, unsigned step, unsigned micro) {
  Bytes next = state;
  for (std::size_t k = 0; k < state.size(); ++k) {
    const unsigned left = state[(k + state.size() - 1) % state.size()];
    next[k] = static_cast<std::uint8_t>((3U * state[k] + left + step + 2U + micro + model[k % 32]) % 251U);
  }
  return next;
}

/// A one-step job on this input, whose provider ignores the limits and is challenged: what came of the refinement, and
/// the final status, if the job has ended.
std::pair<Reason, SlaStatus> judged(const Bytes& input) {
  LedgerWorld world(small_genesis({client, provider, validator}));
  REQUIRE(world.send(provider, contracts::Register{layers, 1000, 5, stake}).reason == Reason::none);
  const Outcome proposed =
      world.send(client, Propose{provider.id(), layers, model, state_hash(input), 30, 1, 1, 3, 5, 2, 1, 400, 1});
  REQUIRE(proposed.reason == Reason::none);
  const Hash sla = proposed.id;
  REQUIRE(world.send(provider, Accept{sla}).reason == Reason::none);
  const Bytes middle = next_without_limits(input, 1, 1), end = next_without_limits(middle, 1, 2);
  const Hash before = state_hash(input), after = state_hash(end);
  const std::vector<MerkleLeaf> leaves{commitment_leaf({model, 1, 2, 4, before, after})};
  REQUIRE(world.send(provider, Deliver{{{sla, 1, merkle_root({}), merkle_root(leaves), after, before, {}}, {}, 0, {}}})
              .reason == Reason::none);
  REQUIRE(world.send(client, Challenge::of_shown(sla, 30)).reason == Reason::none);
  const auto micro = parties::micro_steps_of(model, 1, std::vector<Bytes>{input, middle, end});
  const Reason refined =
      world
          .send(provider, Refine{sla, input, merkle_root(micro.leaves), micro.states[1], merkle_proof(micro.leaves, 1)})
          .reason;
  if (refined == Reason::none) {
    REQUIRE(
        world.send(provider, PostMid{sla, micro.states[0], micro.states[1], merkle_proof(micro.leaves, 0)}).reason ==
        Reason::none);
    REQUIRE(world.send(client, Side{sla, input.size() % 2 == 0}).reason == Reason::none);
    REQUIRE(world.send(provider, Judge{sla, input.size() % 2 == 0 ? middle : input}).reason == Reason::none);
  }
  CHECK(world.ledger.faults().empty());
  return {refined, static_cast<SlaStatus>(world.shard().slas.at(sla).sla.status)};
}

TEST_CASE("the sample model has states of 1 to 1024 bytes and no other", "[COMMIT-4]") {
  const StepOfTerms step{model, layers, 0, 1, 7};
  const auto next = [&](const Bytes& state) { return SampleExecutor::execute(step, 2, state); };
  for (const std::size_t size : {1U, 2U, 33U, 1023U, 1024U}) {
    const Bytes state(size, 200);
    CHECK(next(state) == next_without_limits(state, 7, 2));
    const auto states = SampleExecutor::micro_states(step, state);  // 1 + 7 mod 3 micro-steps
    REQUIRE(states.size() == 3);
    CHECK(states[1] == next_without_limits(state, 7, 1));
    CHECK(states[2] == next_without_limits(states[1], 7, 2));
    CHECK(sample_executor().start(step, {}, state, nullptr) == StepStart{2, micro_state_hash(state)});
    const auto judged = [&](std::int64_t micro, const Bytes& before, const Hash& after, const Bytes& witness) {
      return sample_executor().judge(step, micro, before, after, witness);
    };
    CHECK(judged(1, state, micro_state_hash(states[1]), {}) == Judgement::right);
    CHECK(judged(1, state, state_hash(states[1]), {}) == Judgement::wrong);
    CHECK(judged(2, states[1], state_hash(states[2]), {}) == Judgement::right);
    CHECK(judged(2, states[1], micro_state_hash(states[2]), {}) == Judgement::wrong);
    CHECK(judged(2, states[1], state_hash(states[2]), {0}) == Judgement::unfit);
    CHECK(judged(2, {}, state_hash(states[2]), {}) == Judgement::unfit);
  }
  const Hash row{};
  CHECK_FALSE(sample_executor().start(step, {}, Bytes{1}, &row));
  CHECK_FALSE(sample_executor().start(step, Bytes{1}, Bytes{1}, nullptr));
  for (const std::size_t size : {0U, 1025U, 4096U}) {
    CHECK_FALSE(next(Bytes(size, 200)).has_value());
    CHECK_FALSE(sample_executor().start(step, {}, Bytes(size, 200), nullptr));
  }
}

TEST_CASE("the ledger judges a step from the longest and the shortest state by what comes out", "[SLA-11][COMMIT-4]") {
  CHECK(judged(Bytes(1024, 7)) == std::pair(Reason::none, SlaStatus::settled));
  CHECK(judged(Bytes(1, 7)) == std::pair(Reason::none, SlaStatus::settled));
}

TEST_CASE("attack: a provider commits to a step from bytes that are no state", "[SLA-11][COMMIT-4]") {
  // Such a step cannot be refined, so that the provider's turn passes.
  CHECK(judged(Bytes(1025, 7)) == std::pair(Reason::wrong_opening, SlaStatus::disputed));
  CHECK(judged(Bytes{}) == std::pair(Reason::wrong_opening, SlaStatus::disputed));
}

TEST_CASE("an executor is found by its name, and none by another", "[COMMIT-4]") {
  CHECK(find_executor("sample") == &sample_executor());
  CHECK(dynamic_cast<const LayersExecutor*>(find_executor("layers")) != nullptr);
  for (const char* name : {"", "Sample", "sample ", "sampl", "ideal"}) CHECK(find_executor(name) == nullptr);
}

TEST_CASE("a registered model runs on its own executor, any other on that of all others", "[COMMIT-4]") {
  const testing::CountingExecutor counting;
  const Hash other = state_hash(Bytes{43}), by_layers = state_hash(Bytes{44});
  ExecutorRegistry registry(sample_executor());
  registry.add(other, counting);
  registry.add(by_layers, *find_executor("layers"));
  const Bytes state{1, 2, 3};
  const StepOfTerms of_model{model, layers, 0, 1, 7}, of_other{other, layers, 0, 1, 7},
      in_layers{by_layers, layers, 0, 1, 7};
  CHECK(registry.start(of_model, {}, state, nullptr) == StepStart{2, micro_state_hash(state)});
  CHECK(counting.started == 0);
  CHECK(registry.start(of_other, {}, state, nullptr) == StepStart{2, micro_state_hash(state)});
  CHECK(registry.judge(of_other, 2, state, {}, {}) == Judgement::wrong);
  CHECK(counting.started == 1);
  CHECK(counting.judged == 1);
  CHECK_FALSE(registry.start(in_layers, {}, state, nullptr));
  CHECK(registry.judge(in_layers, 1, state, {}, {}) == Judgement::unfit);
  CHECK(registry.shows(of_model, state, 1, {}, {}));
  CHECK_FALSE(registry.shows(in_layers, state, 1, {}, {}));
}

TEST_CASE("a head that names executors is read back with them", "[LEDGER-8]") {
  TraceHead head;
  head.genesis = {"named", 1, 4, {}, {{}}, {AccountId{}}};
  head.genesis.parameters = {100, 1000, 1, 5, 30, 5, 20, 50, 2, 20, 1, 10, 4096, 1'000'000, 5, 2, 20};
  head.executors[Hash{7}] = "sample";
  head.executor_of_others = "layers";
  const TraceWriter writer(head);
  const auto replay = Replay::start(writer.text(), "t");
  REQUIRE(replay);
  CHECK(replay->head().executors == head.executors);
  CHECK(replay->head().executor_of_others == "layers");
  const auto executor = head.executor();
  const StepOfTerms of_seven{Hash{7}, layers, 0, 1, 7}, of_other{model, layers, 0, 1, 7};
  CHECK(executor->start(of_seven, {}, Bytes{1}, nullptr));
  CHECK_FALSE(executor->start(of_other, {}, Bytes{1}, nullptr));
  CHECK(replay->head_differences().empty());
}

}  // namespace
}  // namespace p2pllm::reference
