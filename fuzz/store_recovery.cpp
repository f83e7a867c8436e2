#include "fuzz/contracts/program.hpp"
#include "fuzz/law.hpp"
#include "tests/support/faulty_vfs.hpp"
#include "tests/support/store_world.hpp"

// Input: choices of blocks, of faults of the disk and of what is left of unsynced writes. Corpus: each fault at early
// and late steps.

namespace p2pllm::fuzz {
namespace {

using namespace contracts;
using namespace testing;
using optimized::DurableLedger;
using optimized::RecoverFrom;
using optimized::Store;

constexpr const char* path = "a.ledger";
constexpr Height blocks_max = 40;

/// A ledger on a disk that fails, beside the chain that it should hold: its roots are the reference's.
class Run {
 public:
  explicit Run(ByteView input) : program_(input) {
    law(Store::create(path, path, store_chain(), "the head", disk_.name()).has_value(), "STORE-1: a file is made");
  }

  void go() {
    while (!program_.ended() && expected_.export_state().state.height <= blocks_max) {
      const auto fault = static_cast<DiskFault>(program_.choose(disk_fault_kinds));
      const auto step = static_cast<std::size_t>(program_.choose(256)) >> program_.choose(5);
      disk_.begin(program_.rarely(8) ? std::nullopt : std::optional(fault), step);
      extend(program_.between(1, 4));
      const bool lies = fault == DiskFault::lost_sync && disk_.is_hit();
      if (disk_.is_stopped() || lies || program_.rarely(2))
        disk_.reboot(static_cast<Kept>(program_.choose(kept_kinds)), static_cast<std::uint32_t>(program_.choose(256)));
      else disk_.repair();
      if (disk_was_hit_) ++reached["fault " + std::to_string(static_cast<int>(fault))];
      if (lies) return check_prefix();
      check_whole();
    }
    check_everything();
  }

 private:
  Result<DurableLedger> recover(RecoverFrom from) {
    auto store = Store::open(path, path, Store::Access::write, disk_.name());
    if (!store) return tl::unexpected<Fault>(store.error());
    return DurableLedger::recover(*std::move(store), ideal_signatures(), make_reference(),
                                  {.from = from, .snapshot_operations = 7});
  }

  /// Adds blocks until the disk fails. What was acknowledged is what is expected.
  void extend(std::int64_t blocks) {
    auto ledger = recover(RecoverFrom::snapshot);
    for (; ledger && blocks > 0; --blocks) {
      const std::vector<Bytes> transactions = transactions_of(expected_.export_state().state.height);
      (void)expected_.candidate(0, transactions);
      const auto made = ledger->end_block(0, transactions);
      if (!made) {
        expected_.discard();
        may_appear_ = true;  // it may be there, whole, or not at all
        law(made.error().message().starts_with("a.ledger: "), "STORE-7: a fault names the file");
        break;
      }
      acknowledge();
      ++reached["acknowledged"];
      if (!ledger->write_snapshot_if_due()) break;
    }
    disk_was_hit_ = disk_.is_hit();
  }
  void acknowledge() {
    expected_.apply();
    roots_.push_back(expected_.root());
    may_appear_ = false;
  }
  /// A block whose commit failed is found: it is the one that would be made now. It may be found late, if the machine
  /// stopped before the removal of SQLite's log was durable; but never beside another block that was made since.
  void find() {
    (void)expected_.candidate(0, transactions_of(expected_.export_state().state.height));
    acknowledge();
  }

  void check_whole() {
    const auto ledger = recover(RecoverFrom::snapshot);
    law(ledger.has_value(), "STORE-4: a file opens after any fault", ledger ? "" : ledger.error().message());
    auto height = static_cast<std::size_t>(ledger->store().summary().height);
    if (has_planted_fault && height > 2) --height;
    const bool has_appeared = may_appear_ && height == roots_.size() + 1;
    law(height == roots_.size() || has_appeared, "STORE-4: what was acknowledged is there, and nothing else",
        std::to_string(height) + " of " + std::to_string(roots_.size()));
    if (has_appeared) find(), ++reached["a block not acknowledged found whole"];
    law(ledger->executor().root() == expected_.root(), "STORE-5: recovery has the reference's state");
  }
  /// After syncs that were lost: some first blocks, or a report (STORE-6).
  void check_prefix() {
    for (const RecoverFrom from : {RecoverFrom::snapshot, RecoverFrom::nothing}) {
      const auto ledger = recover(from);
      if (!ledger) {
        law(ledger.error().message().starts_with("a.ledger: "), "STORE-7: a fault names the file");
        ++reached["a lost sync reported"];
        return;
      }
      const auto height = static_cast<std::size_t>(ledger->store().summary().height);
      if (may_appear_ && height == roots_.size() + 1) find();
      law(height <= roots_.size(), "STORE-6: no block that was never made");
      law(height == 0 || ledger->executor().root() == roots_[height - 1], "STORE-6: first blocks of the chain");
      ++reached[height < roots_.size() ? "a lost sync lost blocks" : "a lost sync lost nothing"];
    }
  }
  void check_everything() {
    const auto all = recover(RecoverFrom::nothing);
    law(all.has_value(), "STORE-5: every block verifies", all ? "" : all.error().message());
    law(all->executor().root() == expected_.root(), "STORE-5: all blocks have the reference's state");
  }

  Program program_;
  FaultyVfs disk_;
  reference::ReferenceExecutor expected_{store_genesis(), ideal_signatures(), sample_executor()};
  std::vector<Hash> roots_;  ///< after each block
  bool may_appear_ = false;  ///< a block whose commit failed, and none was made since
  bool disk_was_hit_ = false;
};

}  // namespace
}  // namespace p2pllm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t size_max = 256;
  if (size <= size_max) p2pllm::fuzz::Run({data, size}).go();
  return 0;
}
