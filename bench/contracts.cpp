#include <benchmark/benchmark.h>

#include "bench/ledger_workload.hpp"

namespace {

using namespace p2pllm;
using namespace p2pllm::bench;
using namespace p2pllm::reference;
using ::benchmark::State;

void run(State& state, bool is_ideal, const char* label) {
  const WorkloadHistory& history = workload(is_ideal);
  for (auto _ : state) {
    Ledger ledger(history.head.genesis, history.head.scheme(), sample_executor());
    for (const TraceEvent& event : history.events)
      if (const auto* transaction = std::get_if<Transaction>(&event))
        benchmark::DoNotOptimize(ledger.execute(*transaction));
      else
        for (std::int64_t k = std::get<EndBlocks>(event).count; k > 0; --k)
          benchmark::DoNotOptimize(ledger.end_block());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(workload_operations * state.iterations()));
  state.SetLabel(label);
}
void ledger_5000_operations(State& state) { run(state, true, "against sha256_of_5000_operations"); }
void ledger_5000_operations_ed25519(State& state) { run(state, false, "against ed25519_of_5000_operations"); }

/// Work that no ledger can do without: a hash of each transaction's bytes, and a check of its signature.
void sha256_of_5000_operations(State& state) {
  std::vector<Bytes> encoded;
  for (const TraceEvent& event : workload(true).events)
    if (const auto* transaction = std::get_if<Transaction>(&event)) encoded.push_back(encode(*transaction));
  for (auto _ : state)
    for (const Bytes& bytes : encoded) benchmark::DoNotOptimize(sha256(bytes));
}
void ed25519_of_5000_operations(State& state) {
  struct Signed {
    AccountId sender;
    Hash id;
    Signature signature;
  };
  std::vector<Signed> all;
  for (const TraceEvent& event : workload(false).events)
    if (const auto* transaction = std::get_if<Transaction>(&event))
      all.push_back({transaction->sender, transaction_id(*transaction), transaction->signature});
  for (auto _ : state)
    for (const Signed& one : all)
      if (!ed25519().verify(one.sender, one.id, one.signature)) state.SkipWithError("a false signature");
}
void replay_5000_operations(State& state) {
  for (auto _ : state) {
    Replay replay = Replay::start(workload(true).text, "bench").value();
    while (!replay.is_done()) benchmark::DoNotOptimize(replay.next());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(workload_operations * state.iterations()));
  state.SetLabel("against ledger_5000_operations");
}

BENCHMARK(ledger_5000_operations)->Unit(benchmark::kMillisecond);
BENCHMARK(ledger_5000_operations_ed25519)->Unit(benchmark::kMillisecond);
BENCHMARK(sha256_of_5000_operations)->Unit(benchmark::kMillisecond);
BENCHMARK(ed25519_of_5000_operations)->Unit(benchmark::kMillisecond);
BENCHMARK(replay_5000_operations)->Unit(benchmark::kMillisecond);

}  // namespace
