#include <catch2/catch.hpp>

#include "model/contracts/step_executor.hpp"
#include "reference/contracts/replay.hpp"
#include "tests/support/function_executor.hpp"

namespace p2pllm::reference {
namespace {

TEST_CASE("a registry runs each model on its executor, and others on the fallback", "[COMMIT-4]") {
  const testing::FunctionExecutor echo([](const Hash&, const LayerRange&, std::int64_t, ByteView state) {
    return std::optional(Bytes(state.begin(), state.end()));
  });
  ExecutorRegistry registry(sample_executor());
  const Hash known{1}, other{2};
  registry.add(known, echo);
  const Bytes state{1, 2, 3};
  const LayerRange layers{0, 4};
  CHECK(registry.execute(known, layers, 1, state) == state);
  CHECK(registry.execute(other, layers, 1, state) == sample_executor().execute(other, layers, 1, state));
  CHECK(registry.execute(other, layers, 1, state) != state);
}

TEST_CASE("executors are found by name", "[LEDGER-8]") {
  CHECK(find_executor("sample") == &sample_executor());
  CHECK(find_executor("another") == nullptr);
  CHECK(find_executor("") == nullptr);
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
