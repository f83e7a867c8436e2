#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <iostream>

#include "tests/support/faulty_vfs.hpp"
#include "tests/support/store_world.hpp"

// Every step of a run at which a disk can fail, with every fault that can happen there (STORE-4, STORE-6, STORE-7).
namespace p2pllm::optimized {
namespace {

using namespace contracts;
using namespace testing;

constexpr const char* path = "a.ledger";
constexpr std::int64_t snapshot_operations = 7;  // a snapshot after each third block

/// How much of a run is tried.
struct Effort {
  Height blocks;
  Height reopened_after;
  std::size_t kept;  ///< of Kept, the first so many
};

struct Tally {
  std::array<int, disk_fault_kinds> by_fault{};
  std::array<int, disk_step_kinds> by_step{};
  int cases = 0, was_unacknowledged_found = 0, lost = 0, reported = 0;
};

Result<DurableLedger> recover(const FaultyVfs& disk, RecoverFrom from = RecoverFrom::snapshot) {
  auto store = Store::open(path, path, Store::Access::write, disk.name());
  if (!store) return tl::unexpected<Fault>(store.error());
  return DurableLedger::recover(*std::move(store), ideal_signatures(), make_reference(),
                                {.from = from, .snapshot_operations = snapshot_operations});
}

/// Adds blocks up to `last`. @returns the first fault
std::optional<Fault> extend(const FaultyVfs& disk, Height last, Height& acknowledged) {
  auto ledger = recover(disk);
  if (!ledger) return ledger.error();
  for (Height next = ledger->store().summary().height + 1; next <= last; ++next) {
    const auto made = ledger->end_block(0, transactions_of(next));
    if (!made) return made.error();
    acknowledged = next;
    if (const auto written = ledger->write_snapshot_if_due(); !written) return written.error();
  }
  const auto closed = ledger->close();
  return closed ? std::nullopt : std::optional(closed.error());
}

std::optional<Fault> run(const FaultyVfs& disk, const Effort& effort, Height& acknowledged) {
  if (auto fault = extend(disk, effort.reopened_after, acknowledged)) return fault;
  return extend(disk, effort.blocks, acknowledged);
}

class Enumeration {
 public:
  explicit Enumeration(const Effort& effort) : effort_(effort), blocks_(store_blocks(effort.blocks + 1)) {
    REQUIRE(Store::create(path, path, store_chain(), "the head", disk_.name()));
    begun_ = disk_.save();
    Height acknowledged = 0;
    disk_.begin();
    REQUIRE_FALSE(run(disk_, effort_, acknowledged));
    steps_ = disk_.steps();
  }

  [[nodiscard]] const std::vector<DiskStep>& steps() const { return steps_; }
  [[nodiscard]] const Tally& tally() const { return tally_; }

  /// The run meets the fault at the step, and the machine stops then, or so many steps later, or at the end.
  void stop_at(DiskFault fault, std::size_t step, Kept kept, std::size_t later = FaultyVfs::never) {
    Height acknowledged = begin(fault, step, later == FaultyVfs::never ? later : step + later);
    const auto why = run(disk_, effort_, acknowledged);
    count(fault, step);
    require_line(why);
    disk_.reboot(kept, static_cast<std::uint32_t>(step * kept_kinds) + static_cast<std::uint32_t>(kept) + 1);
    if (fault == DiskFault::lost_sync) check_prefix(acknowledged);
    else check_whole(acknowledged);
  }

  /// The run meets the fault at the step, the process ends, and another begins on the same machine.
  void fail_at(DiskFault fault, std::size_t step) {
    Height acknowledged = begin(fault, step);
    const auto why = run(disk_, effort_, acknowledged);
    count(fault, step);
    require_line(why);
    if (why) require_words(fault, steps_[step], why->message());
    disk_.repair();
    check_whole(acknowledged);
  }

 private:
  Height begin(DiskFault fault, std::size_t step, std::size_t stop_at = FaultyVfs::never) {
    disk_.restore(*begun_);
    disk_.begin(fault, step, stop_at);
    return 0;
  }
  void count(DiskFault fault, std::size_t step) {
    ++tally_.cases;
    ++tally_.by_fault[static_cast<std::size_t>(fault)];
    ++tally_.by_step[static_cast<std::size_t>(steps_[step])];
    if (!disk_.is_hit()) FAIL("the fault did not happen");
  }
  /// A fault of the disk is a line that names the file.
  static void require_line(const std::optional<Fault>& why) {
    if (why && !why->message().starts_with("a.ledger: ")) FAIL(why->message());
  }

  static void require_words(DiskFault fault, DiskStep step, const std::string& message) {
    const char* words = fault == DiskFault::enospc ? "a.ledger: the disk is full"
                        : fault == DiskFault::eio && step == DiskStep::sync
                            ? "a.ledger: the disk did not confirm what was written"
                        : step == DiskStep::open ? "a.ledger: it cannot be opened"
                                                 : "a.ledger: reading or writing failed";
    if (message != words) FAIL(message << " instead of " << words);
  }

  void check_whole(Height acknowledged) {
    {
      const auto ledger = recover(disk_);
      if (!ledger) FAIL(ledger.error().message());
      const Height height = ledger->store().summary().height;
      if (height < acknowledged || height > acknowledged + 1)
        FAIL("acknowledged " << acknowledged << ", found " << height);
      tally_.was_unacknowledged_found += height > acknowledged ? 1 : 0;
      check_root(*ledger);
    }
    Height ignored = 0;
    if (const auto why = extend(disk_, effort_.blocks + 1, ignored)) FAIL(why->message());
    const auto all = recover(disk_, RecoverFrom::nothing);
    if (!all) FAIL(all.error().message());
    if (all->store().summary().height != effort_.blocks + 1) FAIL("it did not go on");
    check_root(*all);
  }

  /// After a sync that was lost: the first blocks of the chain, or a report.
  void check_prefix(Height acknowledged) {
    for (const RecoverFrom from : {RecoverFrom::snapshot, RecoverFrom::nothing}) {
      const auto ledger = recover(disk_, from);
      if (!ledger) {
        require_line(ledger.error());
        ++tally_.reported;
        return;
      }
      check_root(*ledger);
      const Height height = ledger->store().summary().height;
      if (height > acknowledged + 1) FAIL("a block that was never made");
      if (from == RecoverFrom::nothing && height < acknowledged) ++tally_.lost;
    }
  }

  void check_root(const DurableLedger& ledger) {
    const Height height = ledger.store().summary().height;
    if (height == 0) return;
    if (ledger.executor().root() != blocks_[static_cast<std::size_t>(height - 1)].header.state) FAIL("another root");
  }

  Effort effort_;
  std::vector<Block> blocks_;
  FaultyVfs disk_;
  std::shared_ptr<const FaultyVfs::Content> begun_;
  std::vector<DiskStep> steps_;
  Tally tally_;
};

Tally enumerate(const Effort& effort) {
  Enumeration all(effort);
  for (std::size_t step = 0; step < all.steps().size(); ++step)
    for (std::size_t f = 0; f < disk_fault_kinds; ++f) {
      const auto fault = static_cast<DiskFault>(f);
      if (!can_happen(fault, all.steps()[step])) continue;
      for (std::size_t k = 0; k < effort.kept; ++k) all.stop_at(fault, step, static_cast<Kept>(k));
      if (fault == DiskFault::lost_sync)
        for (const std::size_t later : {1, 3, 9, 27})
          for (std::size_t k = 0; k < effort.kept; ++k) all.stop_at(fault, step, static_cast<Kept>(k), later);
      const bool goes_on = fault == DiskFault::eio || fault == DiskFault::enospc || fault == DiskFault::short_write;
      if (goes_on) all.fail_at(fault, step);
    }
  const Tally& tally = all.tally();
  std::cout << "store faults: " << all.steps().size() << " steps, " << tally.cases << " cases: crash "
            << tally.by_fault[0] << ", torn write " << tally.by_fault[1] << ", short write " << tally.by_fault[2]
            << ", lost sync " << tally.by_fault[3] << ", EIO " << tally.by_fault[4] << ", ENOSPC " << tally.by_fault[5]
            << "; a block not acknowledged found whole " << tally.was_unacknowledged_found << ", lost syncs that lost "
            << tally.lost << ", reported " << tally.reported << '\n';
  for (const int hits : tally.by_fault) CHECK(hits > 0);
  for (const int hits : tally.by_step) CHECK(hits > 0);
  CHECK(tally.was_unacknowledged_found > 0);
  CHECK(tally.lost > 0);
  CHECK(tally.reported > 0);
  return tally;
}

TEST_CASE("whatever step a disk fails at, what was acknowledged is there", "[STORE-4][STORE-6][STORE-7]") {
  CHECK(enumerate({.blocks = 24, .reopened_after = 11, .kept = kept_kinds}).cases > 5000);
}

TEST_CASE("whatever step a disk fails at in a long run, what was acknowledged is there",
          "[.slow-store][STORE-4][STORE-6]") {
  CHECK(enumerate({.blocks = 150, .reopened_after = 70, .kept = kept_kinds}).cases > 25'000);
}

}  // namespace
}  // namespace p2pllm::optimized
