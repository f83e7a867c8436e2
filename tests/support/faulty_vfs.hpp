#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/encoding/bytes.hpp"

// A disk in memory that fails at a chosen step, behind SQLite's interface to the system (STORE-4, STORE-6).
namespace p2pllm::testing {

/// What a program does to a disk. Each is one step of a run.
enum class DiskStep { open, read, write, truncate, sync, remove };
inline constexpr std::size_t disk_step_kinds = 6;

/// What happens at a step.
enum class DiskFault {
  crash,        ///< the machine stops before it
  torn_write,   ///< every second sector of it is written, and the machine stops
  short_write,  ///< its first half is written, and it fails
  lost_sync,    ///< it, and every later one of its file, is reported as done and does nothing
  eio,          ///< it fails and does nothing
  enospc        ///< it, and every later write that makes a file longer, fails for want of space
};
inline constexpr std::size_t disk_fault_kinds = 6;

/// Whether a fault can happen at a step.
[[nodiscard]] bool can_happen(DiskFault fault, DiskStep step);

/// Which writes that were not synced a disk has after the machine stopped.
enum class Kept {
  none,
  all,
  all_but_last,
  last,
  every_second,
  some  ///< of each write some sectors, by a pseudo-random sequence
};
inline constexpr std::size_t kept_kinds = 6;

/// A disk with one folder. Its content as written and as synced differ until a sync.
class FaultyVfs {
 public:
  FaultyVfs();
  ~FaultyVfs();
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;

  static constexpr std::size_t never = static_cast<std::size_t>(-1);

  /// The name under which SQLite knows it.
  [[nodiscard]] const std::string& name() const { return name_; }

  /// Begins to count steps anew.
  /// @param fault    what happens at step `at`, counted from 0; nothing: no fault
  /// @param stop_at  the step before which the machine stops all the same
  void begin(std::optional<DiskFault> fault = {}, std::size_t at = 0, std::size_t stop_at = never);
  /// The steps since `begin`.
  [[nodiscard]] const std::vector<DiskStep>& steps() const { return steps_; }
  /// Whether the fault happened.
  [[nodiscard]] bool is_hit() const { return is_hit_; }
  /// Whether the machine stopped: every step fails until `reboot`.
  [[nodiscard]] bool is_stopped() const { return is_stopped_; }
  /// The machine stops, if it has not, and starts with what was synced and these of the other writes. No fault is
  /// injected any more. @pre no connection is open
  void reboot(Kept kept, std::uint32_t seed);
  /// There is space again, and no fault is injected any more.
  void repair();

  /// A copy of the disk as it was written and synced.
  struct Content;
  [[nodiscard]] std::shared_ptr<const Content> save() const;
  void restore(const Content& content);

 private:
  friend struct FaultyVfsCalls;
  /// A write or a truncation that was not synced.
  struct Change {
    std::size_t offset = 0;
    Bytes bytes;
    bool is_truncation = false;
  };
  struct Node {
    Bytes written, synced;
    std::vector<Change> changes;
    bool is_name_synced = false, is_lying = false;
  };
  using Folder = std::map<std::string, std::shared_ptr<Node>>;

  /// Counts a step. @returns the fault that happens at it
  [[nodiscard]] std::optional<DiskFault> take(DiskStep step);
  static void change(Bytes& bytes, const Change& change, const std::vector<bool>& sectors);
  static void settle(Node& node, Kept kept, std::uint32_t& seed);
  static Folder copy(const Folder& folder);

  std::string name_;
  std::unique_ptr<struct FaultyVfsHandle> handle_;
  Folder written_, synced_;  ///< names; nodes are shared between them
  std::vector<DiskStep> steps_;
  std::optional<DiskFault> fault_;
  std::size_t at_ = 0, stop_at_ = never;
  bool is_hit_ = false, is_stopped_ = false, is_full_ = false;
};

}  // namespace p2pllm::testing
