#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "model/contracts/block_executor.hpp"
#include "optimized/contracts/sqlite.hpp"

// The blocks of one ledger in one file, durable before they are acknowledged (STORE).
namespace p2pllm::optimized {

inline constexpr std::int64_t store_application_id = 0x7032'704c;  ///< "p2pL"
inline constexpr std::int64_t store_format = 2;
inline constexpr std::size_t store_row_bytes_max = 1'000'000'000;  ///< of a block or a snapshot

/// A block as it is stored.
struct StoredBlock {
  contracts::Block block;
  Hash link{};  ///< STORE-2
};

/// A state as it is stored.
struct StoredSnapshot {
  contracts::Height height = 0;  ///< of the last block before it
  contracts::LedgerExport state;
};

/// What a file holds, without its blocks.
struct StoreSummary {
  Hash chain{};
  std::string head;                ///< the first line of the ledger's trace (LEDGER-8)
  contracts::Height height = 0;    ///< of the last block; 0: there is none
  Hash parent{};                   ///< the hash of that block's header, or the chain
  Hash link{};                     ///< of that block, or the chain
  contracts::Height snapshot = 0;  ///< the height of the snapshot; 0: there is none
};

/// One file of blocks (STORE-1). One process at a time has it open. A fault of the disk is final: after it, every call
/// that would write returns the same fault, and the file has to be opened again (STORE-4).
class Store {
 public:
  enum class Access { read, write };

  /// Makes a file without blocks; it is there after the return, whatever happens to the machine.
  /// @param name  the file's name for messages
  /// @param head  the first line of the ledger's trace, kept as it is
  /// @param vfs   the name of a registered VFS; empty for that of the system
  /// @returns nothing; or the fault, also where the file exists
  [[nodiscard]] static Result<void> create(const std::string& path, const std::string& name, const Hash& chain,
                                           std::string_view head, const std::string& vfs = {});
  /// Opens a file and takes it for this process. What a process that was killed had committed is there.
  /// @param name  the file's name for messages
  /// @returns the store; or one line that says what the file is instead, or who has it (STORE-1, STORE-7)
  [[nodiscard]] static Result<Store> open(const std::string& path, std::string name, Access access,
                                          const std::string& vfs = {});

  [[nodiscard]] const StoreSummary& summary() const { return summary_; }
  [[nodiscard]] const std::string& name() const { return connection_.name(); }

  /// Adds blocks after the last one, all of them or none, and returns when they are durable (STORE-4).
  /// @returns nothing; or the fault: then none is acknowledged, and what the file holds is known when it is opened
  /// again
  [[nodiscard]] Result<void> append(std::span<const contracts::Block> blocks);
  /// Replaces the snapshot by the state after the last block (STORE-3).
  [[nodiscard]] Result<void> write_snapshot(const contracts::LedgerExport& state);

  /// The snapshot, with nothing checked but its encoding; nothing where there is none.
  [[nodiscard]] Result<std::optional<StoredSnapshot>> snapshot();
  /// The bytes of the snapshot. @pre there is one
  [[nodiscard]] Result<Bytes> snapshot_bytes();
  /// The block at this height, with nothing checked but its encoding and height. @pre 1 <= height <= the last
  [[nodiscard]] Result<StoredBlock> block_at(contracts::Height height);
  /// Calls `visit` for each block from height `first` on, until it returns a fault. Each block has the height, the
  /// parent and the link that the blocks before it require (STORE-2).
  [[nodiscard]] Result<void> for_each_block(contracts::Height first,
                                            const std::function<std::optional<Fault>(StoredBlock)>& visit);
  /// Closes the file, and so takes all blocks out of the log beside it.
  [[nodiscard]] Result<void> close() { return connection_.close(); }
  /// A fault at a height of this file.
  [[nodiscard]] Fault fault_at(contracts::Height height, const std::string& value, std::string rule) const;

 private:
  explicit Store(Sqlite connection) : connection_(std::move(connection)) {}
  [[nodiscard]] std::optional<Fault> read_identity();
  [[nodiscard]] std::optional<Fault> read_summary();
  [[nodiscard]] Result<void> in_transaction(const std::function<std::optional<Fault>()>& write);

  Sqlite connection_;
  StoreSummary summary_;
  std::optional<Fault> failed_;
};

}  // namespace p2pllm::optimized
