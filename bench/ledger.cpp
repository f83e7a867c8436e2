#include <fmt/core.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>

#include <memory>
#include <random>

#include "bench/bank.hpp"
#include "bench/figure.hpp"
#include "bench/interleaved.hpp"
#include "bench/ledger_stores.hpp"
#include "bench/ledger_workload.hpp"
#include "bench/recorded_hashes.hpp"
#include "optimized/contracts/engine.hpp"
#include "optimized/contracts/transaction_form.hpp"
#include "reference/contracts/ledger.hpp"

// The fast ledger against its floors in the same process: hashes, signatures and copies that no ledger can do without.
namespace {

using namespace p2pllm;
using namespace p2pllm::contracts;
using bench::at_least;
using bench::at_most;
using bench::Bank;
using bench::no_signatures;
using bench::require_applied;
using bench::seconds_of;
using bench::TransferBlock;
using optimized::DecodedTransaction;
using optimized::Engine;

constexpr std::size_t in_block = bench::transfers_in_block;
constexpr double asked_met = 1.0;

double per_second(std::vector<double> seconds, std::size_t count) {
  return static_cast<double>(count) / bench::median(std::move(seconds));
}

/// Rates are figures of a ratio to the rate asked: 1 meets it.
void rate(const std::string& work, double value, double asked) {
  fmt::print("  {:<64} {:>12.0f} /s\n", work, value);
  bench::figure(work, fmt::format("{:.0f} a second", asked), value / asked, at_least(asked_met));
}

void transfers_without_root(std::size_t accounts) {
  const oneapi::tbb::global_control one_core(oneapi::tbb::global_control::max_allowed_parallelism, 1);
  Bank bank(accounts, no_signatures);
  Engine engine(bank.genesis(), no_signatures, sample_executor());
  std::vector<double> executing, hashing;
  for (int round = 0; round < 21; ++round) {
    const TransferBlock block = bank.block();
    executing.push_back(bench::processor_seconds_of([&] { require_applied(engine.execute(block.decoded)); }));
    hashing.push_back(bench::processor_seconds_of([&] {
      optimized::hash_in_parts(in_block, [&](std::size_t from, std::size_t to, optimized::HashBatch& batch) {
        for (std::size_t k = from; k < to; ++k) optimized::add_id(batch, block.encoded[k]);
        (void)batch.hash();
      });
    }));
    (void)engine.end_block();
    engine.apply();
  }
  rate(fmt::format("transfers, one core, {} accounts, no root", accounts), per_second(executing, in_block), 1e6);
  fmt::print("  {:<64} {:>11.0f} %\n", "of which hashing the ids",
             100 * bench::median(hashing) / bench::median(executing));
}

void transfers_with_root(std::size_t accounts, double asked) {
  Bank bank(accounts, no_signatures);
  Engine engine(bank.genesis(), no_signatures, sample_executor());
  std::vector<double> all, ending;
  for (int round = 0; round < 15; ++round) {
    const TransferBlock block = bank.block();
    double end = 0;
    all.push_back(seconds_of([&] {
      require_applied(engine.execute(block.decoded));
      end = seconds_of([&] { (void)engine.end_block(); });
      engine.apply();
    }));
    ending.push_back(end);
  }
  rate(fmt::format("transfers, a root per 10^4, {} accounts", accounts), per_second(all, in_block), asked);
  fmt::print("  {:<64} {:>11.0f} %\n", "of which the end of the block",
             100 * bench::median(ending) / bench::median(all));
}

/// The blocks of a workload, encoded.
struct WorkloadBlocks {
  explicit WorkloadBlocks(std::int64_t shards) : history(bench::workload(true, shards)), blocks(1) {
    for (const reference::TraceEvent& event : history.events)
      if (const auto* transaction = std::get_if<Transaction>(&event)) blocks.back().push_back(encode(*transaction));
      else blocks.resize(blocks.size() + static_cast<std::size_t>(std::get<reference::EndBlocks>(event).count));
  }
  const bench::WorkloadHistory& history;
  std::vector<std::vector<Bytes>> blocks;
};

/// Runs a workload on the fast ledger. @returns the root at its end
Hash run_workload(const WorkloadBlocks& work) {
  Engine engine(work.history.head.genesis, work.history.head.scheme(), sample_executor());
  for (const auto& block : work.blocks) {
    (void)engine.execute(block);
    (void)engine.end_block();
    engine.apply();
  }
  return engine.root();
}

/// Runs it on the reference, which is one thread.
Hash run_reference(const WorkloadBlocks& work) {
  reference::Ledger ledger(work.history.head.genesis, work.history.head.scheme(), sample_executor());
  for (const auto& block : work.blocks) {
    for (const Bytes& encoded : block) (void)ledger.execute(ByteView(encoded));
    (void)ledger.end_block();
  }
  return ledger.state_root();
}

void mixed_on_one_core() {
  const oneapi::tbb::global_control one_core(oneapi::tbb::global_control::max_allowed_parallelism, 1);
  const WorkloadBlocks work(1);
  std::vector<double> fast, slow, together, as_they_came, one_by_one;
  bench::record_hashes();
  Hash root = run_workload(work), exact{};
  bench::stop_recording();
  for (int round = 0; round < 25; ++round) {
    fast.push_back(bench::processor_seconds_of([&] { root = run_workload(work); }));
    slow.push_back(bench::processor_seconds_of([&] { exact = run_reference(work); }));
    if (root != exact) throw std::runtime_error("the ledgers differ");
    together.push_back(bench::processor_seconds_of(bench::hash_recorded_together));
    as_they_came.push_back(bench::processor_seconds_of(bench::hash_recorded_as_they_came));
    one_by_one.push_back(bench::processor_seconds_of(bench::hash_recorded_one_by_one));
  }
  const double time = bench::median(fast);
  const std::string name = "mixed operations, ideal signatures, one core";
  fmt::print("  {:<64} {:>12.1f}\n", "hashes an operation",
             static_cast<double>(bench::recorded_hashes()) / bench::workload_operations);
  rate(name, bench::workload_operations / time, 20 * 34'000);
  bench::figure(name, "the reference", bench::median(slow) / time, at_least(20));
  bench::figure(name, "the same hashes alone, by OpenSSL", time / bench::median(one_by_one), at_most(2));
  bench::figure(name, "the same hashes alone, as if none needed another", time / bench::median(together), at_most(2));
  fmt::print("  {:<64} {:>12.1f} x\n", "against the same hashes in the same batches",
             time / bench::median(as_they_came));
}

/// The same in each of several shards, which the fast ledger runs at the same time.
void mixed_on_all_cores() {
  constexpr std::int64_t shards = 4;
  const WorkloadBlocks work(shards);
  std::vector<double> fast, slow;
  Hash root{}, exact{};
  for (int round = 0; round < 15; ++round) {
    fast.push_back(seconds_of([&] { root = run_workload(work); }));
    slow.push_back(seconds_of([&] { exact = run_reference(work); }));
    if (root != exact) throw std::runtime_error("the ledgers differ");
  }
  const double time = bench::best_quarter(fast);
  const std::string name = fmt::format("mixed operations in {} shards, ideal signatures, all cores", shards);
  fmt::print("  {:<64} {:>12.0f} /s\n", name, shards * bench::workload_operations / time);
  bench::figure(name, "the reference", bench::best_quarter(slow) / time, at_least(20));
}

void with_ed25519() {
  Bank bank(2000, ed25519());
  Engine engine(bank.genesis(), ed25519(), sample_executor());
  std::vector<double> executing, verifying;
  for (int round = 0; round < 7; ++round) {
    const TransferBlock block = bank.block(4000);
    verifying.push_back(seconds_of([&] {
      oneapi::tbb::parallel_for(std::size_t{0}, block.decoded.size(), [&](std::size_t k) {
        const Transaction& one = block.decoded[k].transaction;
        if (!ed25519().verify(one.sender, optimized::id_of_encoded(block.encoded[k]), one.signature)) std::abort();
      });
    }));
    executing.push_back(seconds_of([&] {
      require_applied(engine.execute(block.encoded));
      (void)engine.end_block();
      engine.apply();
    }));
  }
  fmt::print("  {:<64} {:>12.0f} /s\n", "transfers with Ed25519, all cores", per_second(executing, 4000));
  bench::figure("transfers with Ed25519, all cores", "libsodium's verification alone, all cores",
                bench::median(verifying) / bench::median(executing), at_least(0.9));
}

/// What the fast ledger does beside what stores do that only keep balances.
void against_stores() {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("p2pllm-bench-{}", std::random_device{}());
  std::filesystem::create_directories(folder);
  Bank bank(100'000, no_signatures);
  Engine engine(bank.genesis(), no_signatures, sample_executor());
  std::vector<bench::Store> stores{bench::sqlite_store(folder, bank.ids(), false)};
  if (auto rocks = bench::rocksdb_store(folder, bank.ids(), false)) stores.push_back(*std::move(rocks));
  else fmt::print("  RocksDB is not installed: skipped\n");
  std::vector<double> ours;
  std::vector<std::vector<double>> theirs(stores.size());
  for (int round = 0; round < 9; ++round) {
    const TransferBlock block = bank.block();
    std::vector<bench::PlainTransfer> plain;
    for (const DecodedTransaction& one : block.decoded) {
      const auto& transfer = std::get<Transfer>(one.transaction.operation);
      plain.push_back({one.transaction.sender, transfer.to, transfer.amount});
    }
    ours.push_back(seconds_of([&] {
      require_applied(engine.execute(block.encoded));
      (void)engine.end_block();
      engine.apply();
    }));
    for (std::size_t k = 0; k < stores.size(); ++k) theirs[k].push_back(seconds_of([&] { stores[k].transfer(plain); }));
  }
  for (std::size_t k = 0; k < stores.size(); ++k)
    bench::figure("blocks of 10^4 transfers, encoded, with ids and root", stores[k].name + ", balances alone",
                  bench::median(theirs[k]) / bench::median(ours), at_least(1));
  stores.clear();
  std::filesystem::remove_all(folder);
}

/// The copy of what a block touches: the least that any ledger moves.
void against_copy() {
  Bank bank(100'000, no_signatures);
  Engine engine(bank.genesis(), no_signatures, sample_executor());
  std::vector<std::array<std::uint8_t, 56>> state(100'000), copy(2 * in_block);
  std::vector<double> executing, copying;
  for (int round = 0; round < 9; ++round) {
    const TransferBlock block = bank.block();
    executing.push_back(seconds_of([&] {
      require_applied(engine.execute(block.decoded));
      (void)engine.end_block();
      engine.apply();
    }));
    std::mt19937 random(static_cast<unsigned>(round));
    std::vector<std::size_t> touched(2 * in_block);
    for (std::size_t& place : touched) place = random() % state.size();
    copying.push_back(seconds_of([&] {
      for (std::size_t k = 0; k < touched.size(); ++k) copy[k] = state[touched[k]];
    }));
  }
  fmt::print("  {:<64} {:>12.1f} x\n", "a block of 10^4 transfers against a copy of the accounts it touches",
             bench::median(executing) / bench::median(copying));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string only = argc > 1 ? argv[1] : "";
  if (only == "mixed") return mixed_on_one_core(), mixed_on_all_cores(), 0;
  bench::print_machine();
  transfers_without_root(100'000);
  transfers_with_root(100'000, 300'000);
  transfers_with_root(1'000'000, 240'000);
  mixed_on_one_core();
  mixed_on_all_cores();
  with_ed25519();
  against_stores();
  against_copy();
}
