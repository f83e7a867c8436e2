#include "optimized/contracts/store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "optimized/contracts/block_encoding.hpp"
#include "optimized/contracts/snapshot_encoding.hpp"

namespace p2pllm::optimized {
namespace {

using namespace contracts;

constexpr std::string_view schema =
    "CREATE TABLE ledger (chain BLOB NOT NULL, head TEXT NOT NULL) STRICT;"
    "CREATE TABLE blocks (height INTEGER PRIMARY KEY, link BLOB NOT NULL, block BLOB NOT NULL) STRICT;"
    "CREATE TABLE snapshots (height INTEGER PRIMARY KEY, snapshot BLOB NOT NULL) STRICT";
constexpr std::string_view schema_there =
    "SELECT coalesce(group_concat(sql, ';'), '') FROM (SELECT sql FROM sqlite_schema ORDER BY rowid)";
/// One process, and no shared memory beside the file; a commit is synced; 64 MiB of pages are kept.
const std::string settings =
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA temp_store = "
    "MEMORY";

std::string hex_number(std::int64_t value) {
  Bytes bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
  return "0x" + to_hex(bytes);
}

template <std::size_t N>
bool copy_exactly(ByteView bytes, std::array<std::uint8_t, N>& to) {
  if (bytes.size() != N) return false;
  std::ranges::copy(bytes, to.begin());
  return true;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

/// Makes the name of a new file durable: its folder is synced.
bool sync_folder(const std::string& path) {
  const int folder = open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return false;
  const bool is_synced = fsync(folder) == 0;
  close(folder);
  return is_synced;
}

/// Whether this process may not write the file or make one beside it.
bool is_unwritable(const std::string& path) {
  return access(path.c_str(), W_OK) != 0 || access(folder_of(path).c_str(), W_OK) != 0;
}

/// Whether blocks are in the log beside a file, as a process that was killed leaves them.
bool has_log(const std::string& path) {
  struct stat status {};
  return stat((path + "-wal").c_str(), &status) == 0 && status.st_size > 0;
}

template <typename T>
std::optional<Fault> fault_of(const Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error());
}

}  // namespace

Fault Store::fault_at(Height height, const std::string& value, std::string rule) const {
  return {.clause = "STORE-5",
          .place = name() + ": height " + std::to_string(height),
          .value = value,
          .rule = std::move(rule)};
}

Result<void> Store::create(const std::string& path, const std::string& name, const Hash& chain, std::string_view head,
                           const std::string& vfs) {
  auto opened = Sqlite::open(path, name, SqliteAccess::create, vfs);
  if (!opened) return tl::unexpected<Fault>(opened.error());
  // What a creation that was interrupted leaves is a file without tables, which is as good as none.
  const auto there = opened->run(settings).and_then([&opened] { return opened->text(schema_there); });
  if (!there && there.error().rule != not_a_database) return tl::unexpected<Fault>(there.error());
  if (!there || !there->empty()) return bad_input(name, "it exists already");
  if (opened->is_read_only()) return bad_input(name, "it cannot be written");
  if (const auto set = opened->text("PRAGMA journal_mode = WAL"); !set) return tl::unexpected<Fault>(set.error());
  const auto made = opened->run("BEGIN IMMEDIATE; PRAGMA application_id = " + std::to_string(store_application_id) +
                                "; PRAGMA user_version = " + std::to_string(store_format) + ";" + std::string(schema));
  if (!made) return made;
  auto insert = opened->prepare("INSERT INTO ledger VALUES (?, ?)");
  if (!insert) return tl::unexpected<Fault>(insert.error());
  const auto inserted = insert->bind(1, ByteView(chain)).bind(2, head).step(*opened);
  if (!inserted) return tl::unexpected<Fault>(inserted.error());
  *insert = {};
  if (const auto committed = opened->run("COMMIT"); !committed) return committed;
  if (const auto closed = opened->close(); !closed) return closed;
  if (vfs.empty() && !sync_folder(path)) return bad_input(name, "its folder cannot be synced", std::strerror(errno));
  return {};
}

Result<Store> Store::open(const std::string& path, std::string name, Access access, const std::string& vfs) {
  SqliteAccess how = SqliteAccess::write;
  if (access == Access::read && vfs.empty() && ::access(path.c_str(), R_OK) == 0 && is_unwritable(path)) {
    if (has_log(path))
      return bad_input(name, "blocks are in the log beside it, and it cannot be written: copy both to where it can");
    how = SqliteAccess::unchanging;
  }
  auto opened = Sqlite::open(path, std::move(name), how, vfs);
  if (!opened) return tl::unexpected<Fault>(opened.error());
  Store store(*std::move(opened));
  if (how == SqliteAccess::write && store.connection_.is_read_only())
    return bad_input(store.name(), "it cannot be written");
  if (const auto set = store.connection_.run(settings); !set) return tl::unexpected<Fault>(set.error());
  if (auto fault = store.read_identity()) return tl::unexpected<Fault>(*std::move(fault));
  if (auto fault = store.read_summary()) return tl::unexpected<Fault>(*std::move(fault));
  return store;
}

/// Refuses a file that is no ledger, or one of another format, by a line that names both (STORE-1).
std::optional<Fault> Store::read_identity() {
  const auto wrong = [this](std::string value, std::string rule) {
    return std::optional(
        Fault{.clause = "STORE-1", .place = name(), .value = std::move(value), .rule = std::move(rule)});
  };
  const auto application = connection_.number("PRAGMA application_id");
  if (!application) return application.error();
  if (*application != store_application_id)
    return wrong("application id " + hex_number(*application),
                 "it is no ledger, whose id is " + hex_number(store_application_id));
  const auto format = connection_.number("PRAGMA user_version");
  if (!format) return format.error();
  if (*format != store_format)
    return wrong("format " + std::to_string(*format),
                 "this program reads and writes format " + std::to_string(store_format));
  const auto there = connection_.text(schema_there);
  if (!there) return there.error();
  if (*there != schema) return wrong("its tables", "they are not those of format " + std::to_string(store_format));
  const auto mode = connection_.text("PRAGMA journal_mode");
  if (!mode) return mode.error();
  if (*mode != "wal" && !connection_.is_read_only()) return wrong("journal mode " + *mode, "wal is required");
  auto row = connection_.prepare("SELECT chain, head FROM ledger");
  if (!row) return row.error();
  const auto found = row->step(connection_);
  if (!found) return found.error();
  if (!*found || !copy_exactly(row->bytes(0), summary_.chain)) return wrong("", "its chain is not named");
  const ByteView head = row->bytes(1);
  summary_.head.assign(head.begin(), head.end());
  return std::nullopt;
}

/// Reads the last block. Whether a height between is missing is seen where blocks are read in turn: to count them would
/// take as long as to read them.
std::optional<Fault> Store::read_summary() {
  summary_.parent = summary_.link = summary_.chain;
  const auto last = connection_.number("SELECT coalesce(max(height), 0) FROM blocks");
  if (!last) return last.error();
  const auto first = connection_.number("SELECT coalesce(min(height), 1) FROM blocks");
  if (!first) return first.error();
  const auto snapshot = connection_.number("SELECT coalesce(max(height), 0) FROM snapshots");
  if (!snapshot) return snapshot.error();
  if (*first != 1) return fault_at(1, "", "the block is missing");
  if (*snapshot > *last) return fault_at(*snapshot, "", "the snapshot is of a block that is missing");
  summary_.height = *last;
  summary_.snapshot = *snapshot;
  if (*last == 0) return std::nullopt;
  const auto block = block_at(*last);
  if (!block) return block.error();
  summary_.parent = hash_of(block->block.header);
  summary_.link = block->link;
  return std::nullopt;
}

/// Commits what `write` writes, or nothing of it. The first fault of the disk is kept (STORE-4).
Result<void> Store::in_transaction(const std::function<std::optional<Fault>()>& write) {
  if (failed_) return tl::unexpected<Fault>(*failed_);
  failed_ = fault_of(connection_.run("BEGIN IMMEDIATE"));
  if (!failed_) failed_ = write();
  if (!failed_) failed_ = fault_of(connection_.run("COMMIT"));
  if (!failed_) return {};
  (void)connection_.run("ROLLBACK");
  return tl::unexpected<Fault>(*failed_);
}

Result<void> Store::append(std::span<const Block> blocks) {
  StoreSummary after = summary_;
  const auto written = in_transaction([&]() -> std::optional<Fault> {
    auto insert = connection_.prepare("INSERT INTO blocks VALUES (?, ?, ?)");
    if (!insert) return insert.error();
    for (const Block& block : blocks) {
      if (block.header.height != after.height + 1 || block.header.parent != after.parent)
        return fault_at(block.header.height, "", "a block that continues the last one is required");
      const Bytes bytes = encode(block);
      if (bytes.size() > store_row_bytes_max) return fault_at(block.header.height, "", "the block is too large");
      after.link = store_link(after.link, bytes);
      ++after.height;
      after.parent = hash_of(block.header);
      const auto done = insert->bind(1, after.height).bind(2, ByteView(after.link)).bind(3, bytes).step(connection_);
      if (!done) return done.error();
    }
    return std::nullopt;
  });
  if (written) summary_ = std::move(after);
  return written;
}

Result<void> Store::write_snapshot(const LedgerExport& state) {
  const Height height = state.state.height - 1;
  const Bytes bytes = encode(state);
  if (height != summary_.height || state.parent != summary_.parent)
    return tl::unexpected<Fault>(fault_at(height, "", "the state after the last block is required"));
  if (bytes.size() > store_row_bytes_max) return tl::unexpected<Fault>(fault_at(height, "", "the state is too large"));
  const auto written = in_transaction([&]() -> std::optional<Fault> {
    if (auto fault = fault_of(connection_.run("DELETE FROM snapshots"))) return fault;
    auto insert = connection_.prepare("INSERT INTO snapshots VALUES (?, ?)");
    if (!insert) return insert.error();
    return fault_of(insert->bind(1, height).bind(2, bytes).step(connection_));
  });
  if (written) summary_.snapshot = height;
  return written;
}

Result<Bytes> Store::snapshot_bytes() {
  auto row = connection_.prepare("SELECT snapshot FROM snapshots WHERE height = ?");
  if (!row) return tl::unexpected<Fault>(row.error());
  const auto found = row->bind(1, summary_.snapshot).step(connection_);
  if (!found) return tl::unexpected<Fault>(found.error());
  const ByteView bytes = row->bytes(0);
  return Bytes(bytes.begin(), bytes.end());
}

Result<std::optional<StoredSnapshot>> Store::snapshot() {
  if (summary_.snapshot == 0) return std::optional<StoredSnapshot>();
  const auto bytes = snapshot_bytes();
  if (!bytes) return tl::unexpected<Fault>(bytes.error());
  auto state = decode_snapshot(*bytes);
  if (!state) return tl::unexpected<Fault>(fault_at(summary_.snapshot, "the snapshot", to_string(state.error())));
  return std::optional(StoredSnapshot{summary_.snapshot, *std::move(state)});
}

Result<StoredBlock> Store::block_at(Height height) {
  auto row = connection_.prepare("SELECT link, block FROM blocks WHERE height = ?");
  if (!row) return tl::unexpected<Fault>(row.error());
  const auto found = row->bind(1, height).step(connection_);
  if (!found) return tl::unexpected<Fault>(found.error());
  if (!*found) return tl::unexpected<Fault>(fault_at(height, "", "the block is missing"));
  StoredBlock stored;
  auto block = decode_block(row->bytes(1));
  if (!block) return tl::unexpected<Fault>(fault_at(height, "the block", to_string(block.error())));
  stored.block = *std::move(block);
  if (!copy_exactly(row->bytes(0), stored.link)) return tl::unexpected<Fault>(fault_at(height, "", "its link is gone"));
  return stored;
}

Result<void> Store::for_each_block(Height first, const std::function<std::optional<Fault>(StoredBlock)>& visit) {
  Hash link = summary_.chain, parent = summary_.chain;
  if (first > 1) {
    const auto before = block_at(first - 1);
    if (!before) return tl::unexpected<Fault>(before.error());
    link = before->link;
    parent = hash_of(before->block.header);
  }
  auto rows = connection_.prepare("SELECT height, link, block FROM blocks WHERE height >= ? ORDER BY height");
  if (!rows) return tl::unexpected<Fault>(rows.error());
  rows->bind(1, first);
  for (Height height = first; height <= summary_.height; ++height) {
    const auto found = rows->step(connection_);
    if (!found) return tl::unexpected<Fault>(found.error());
    if (!*found || rows->number(0) != height)
      return tl::unexpected<Fault>(fault_at(height, "", "the block is missing"));
    const ByteView bytes = rows->bytes(2);
    link = store_link(link, bytes);
    if (!std::ranges::equal(link, rows->bytes(1)))
      return tl::unexpected<Fault>(fault_at(height, "", "the block or its link was changed"));
    auto block = decode_block(bytes);
    if (!block) return tl::unexpected<Fault>(fault_at(height, "the block", to_string(block.error())));
    if (block->header.height != height || block->header.parent != parent)
      return tl::unexpected<Fault>(fault_at(height, "", "the block does not continue the one before it"));
    parent = hash_of(block->header);
    if (auto fault = visit({*std::move(block), link})) return tl::unexpected<Fault>(*std::move(fault));
  }
  return {};
}

}  // namespace p2pllm::optimized
