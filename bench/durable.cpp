#include <fmt/core.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "bench/bank.hpp"
#include "bench/figure.hpp"
#include "bench/interleaved.hpp"
#include "optimized/contracts/durable_ledger.hpp"

// The durable ledger against the same ledger that keeps nothing, and its recovery.
namespace {

using namespace p2pllm;
using namespace p2pllm::contracts;
using bench::Bank;
using bench::no_signatures;
using optimized::DurableLedger;
using optimized::Store;

/// Of the disk that the benchmark is called on.
const std::filesystem::path folder =
    std::filesystem::current_path() / fmt::format("p2pllm-bench-durable-{}", ::getpid());

optimized::MakeExecutor maker(const Genesis& genesis) {
  return [&genesis](const SignatureScheme& signatures) {
    return std::make_unique<optimized::Engine>(genesis, signatures, sample_executor());
  };
}

template <typename T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().place + ": " + result.error().rule);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

DurableLedger recovered(const std::filesystem::path& file, const Genesis& genesis, std::int64_t snapshot_operations) {
  optimized::RecoveryOptions options;
  options.snapshot_operations = snapshot_operations;
  return value_of(DurableLedger::recover(value_of(Store::open(file, "bench", Store::Access::write)), no_signatures,
                                         maker(genesis), std::move(options)));
}

void durable_against_not() {
  Bank bank(100'000, no_signatures);
  const auto file = folder / "blocks.sqlite";
  value_of(Store::create(file, "bench", chain_id(bank.genesis()), "{}"));
  DurableLedger durable = recovered(file, bank.genesis(), std::int64_t{1} << 40);
  optimized::Engine plain(bank.genesis(), no_signatures, sample_executor());
  std::vector<double> with, without;
  for (int round = 0; round < 25; ++round) {
    const bench::TransferBlock block = bank.block();
    with.push_back(
        bench::seconds_of([&] { bench::require_applied(value_of(durable.end_block(0, block.encoded)).outcomes); }));
    without.push_back(bench::seconds_of([&] {
      bench::require_applied(plain.candidate(0, block.encoded).outcomes);
      plain.apply();
    }));
    if (durable.executor().root() != plain.root()) throw std::runtime_error("the ledgers differ");
  }
  fmt::print("  {:<64} {:>12.0f} /s\n", "durable transfers, a synced commit per block of 10^4",
             bench::transfers_in_block / bench::median(with));
  bench::figure("durable transfers, a synced commit per block of 10^4", "the same, not durable",
                bench::median(with) / bench::median(without), bench::at_most(1.5));
}

/// A chain of 10^7 transfers whose snapshot is at nine tenths.
void recovery() {
  constexpr int blocks = 1000, after_snapshot = 100;
  Bank bank(100'000, no_signatures);
  const auto file = folder / "chain.sqlite";
  value_of(Store::create(file, "bench", chain_id(bank.genesis()), "{}"));
  Hash root{};
  {
    DurableLedger ledger = recovered(file, bank.genesis(), std::int64_t{1} << 40);
    std::vector<double> unused;
    for (int height = 1; height <= blocks; ++height) {
      const bench::TransferBlock block = bank.block();
      Candidate made = ledger.candidate(0, block.encoded);
      ledger.stage(std::move(made.block));
      if (ledger.staged() == 20) value_of(ledger.commit(20));
      if (height == blocks - after_snapshot) {
        value_of(ledger.close());
        ledger = recovered(file, bank.genesis(), 1);
        value_of(ledger.write_snapshot_if_due());
        value_of(ledger.close());
        ledger = recovered(file, bank.genesis(), std::int64_t{1} << 40);
      }
    }
    root = ledger.executor().root();
    value_of(ledger.close());
  }
  double found = 0;
  for (int round = 0; round < 3; ++round) {
    const double seconds = bench::seconds_of([&] {
      DurableLedger ledger = recovered(file, bank.genesis(), std::int64_t{1} << 40);
      if (ledger.executor().root() != root) throw std::runtime_error("another root after recovery");
    });
    found = round == 0 ? seconds : std::min(found, seconds);
  }
  fmt::print("  {:<64} {:>12.2f} s\n", "recovery of 10^7 transfers from a snapshot and 10 % of the blocks", found);
  bench::figure("recovery of 10^7 transfers from a snapshot and 10 % of the blocks", "ten seconds", found / 10,
                bench::at_most(1));
}

}  // namespace

int main() {
  bench::print_machine();
  std::filesystem::create_directories(folder);
  durable_against_not();
  recovery();
  std::filesystem::remove_all(folder);
}
