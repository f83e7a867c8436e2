#include "tests/support/faulty_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace p2pllm::testing {

namespace {

constexpr std::size_t sector_bytes = 512;
constexpr int path_bytes_max = 512;

struct OpenFile {
  FaultyVfs* disk;
  std::string name;
  std::shared_ptr<void> node;
  bool is_removed_on_close;
};
struct FileHandle {
  sqlite3_file base;
  OpenFile* open;
};

std::uint32_t next_random(std::uint32_t& seed) {
  seed ^= seed << 13U;
  seed ^= seed >> 17U;
  seed ^= seed << 5U;
  return seed;
}

std::size_t sectors_of(std::size_t bytes) { return (bytes + sector_bytes - 1) / sector_bytes; }

}  // namespace

struct FaultyVfsHandle {
  sqlite3_vfs vfs{};
};
struct FaultyVfs::Content {
  Folder written, synced;
};

bool can_happen(DiskFault fault, DiskStep step) {
  switch (fault) {
    case DiskFault::crash:
    case DiskFault::eio: return true;
    case DiskFault::torn_write:
    case DiskFault::short_write:
    case DiskFault::enospc: return step == DiskStep::write;
    case DiskFault::lost_sync: return step == DiskStep::sync;
  }
  return false;
}

/// The calls of SQLite.
struct FaultyVfsCalls {
  static FaultyVfs& disk(sqlite3_vfs* vfs) { return *static_cast<FaultyVfs*>(vfs->pAppData); }
  static OpenFile& of(sqlite3_file* file) { return *reinterpret_cast<FileHandle*>(file)->open; }
  static FaultyVfs::Node& node(sqlite3_file* file) { return *static_cast<FaultyVfs::Node*>(of(file).node.get()); }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    FaultyVfs& self = disk(vfs);
    file->pMethods = nullptr;
    if (self.take(DiskStep::open)) return SQLITE_CANTOPEN;
    const std::string name = path == nullptr ? "temporary" : path;
    auto& entry = self.written_[name];
    if (!entry) {
      if ((flags & SQLITE_OPEN_CREATE) == 0) {
        self.written_.erase(name);
        return SQLITE_CANTOPEN;
      }
      entry = std::make_shared<FaultyVfs::Node>();
    }
    auto* handle = reinterpret_cast<FileHandle*>(file);
    handle->open = new OpenFile{&self, name, entry, (flags & SQLITE_OPEN_DELETEONCLOSE) != 0};
    file->pMethods = methods();
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
  }

  static int close(sqlite3_file* file) {
    const OpenFile& open = of(file);
    if (open.is_removed_on_close) open.disk->written_.erase(open.name);
    delete &open;
    return SQLITE_OK;
  }

  static int read(sqlite3_file* file, void* to, int count, sqlite3_int64 offset) {
    if (of(file).disk->take(DiskStep::read)) return SQLITE_IOERR_READ;
    const Bytes& bytes = node(file).written;
    const auto size = static_cast<std::size_t>(count), at = static_cast<std::size_t>(offset);
    const std::size_t there = at >= bytes.size() ? 0 : std::min(size, bytes.size() - at);
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(std::min(at, bytes.size())), there,
                static_cast<std::uint8_t*>(to));
    std::memset(static_cast<std::uint8_t*>(to) + there, 0, size - there);
    return there == size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }

  static void write_all(FaultyVfs::Node& node, FaultyVfs::Change change) {
    FaultyVfs::change(node.written, change, std::vector<bool>(sectors_of(change.bytes.size()), true));
    node.changes.push_back(std::move(change));
  }

  static int write(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
    FaultyVfs& self = *of(file).disk;
    const auto fault = self.take(DiskStep::write);
    FaultyVfs::Change change{static_cast<std::size_t>(offset), {}, false};
    const auto* bytes = static_cast<const std::uint8_t*>(from);
    change.bytes.assign(bytes, bytes + count);
    if (fault == DiskFault::torn_write) {
      for (std::size_t sector = 0; sector < sectors_of(change.bytes.size()); sector += 2) {
        const std::size_t begin = sector * sector_bytes, end = std::min(begin + sector_bytes, change.bytes.size());
        write_all(node(file), {change.offset + begin, {bytes + begin, bytes + end}, false});
      }
      return SQLITE_IOERR_WRITE;
    }
    const bool is_longer = change.offset + change.bytes.size() > node(file).written.size();
    if (fault == DiskFault::enospc || (self.is_full_ && is_longer)) return SQLITE_FULL;
    if (fault == DiskFault::short_write) {
      change.bytes.resize(change.bytes.size() / 2);
      write_all(node(file), std::move(change));
      return SQLITE_IOERR_WRITE;
    }
    if (fault) return SQLITE_IOERR_WRITE;
    write_all(node(file), std::move(change));
    return SQLITE_OK;
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    if (of(file).disk->take(DiskStep::truncate)) return SQLITE_IOERR_TRUNCATE;
    write_all(node(file), {static_cast<std::size_t>(size), {}, true});
    return SQLITE_OK;
  }

  /// The first sync of a new file also syncs the folder, as SQLite does for its logs and `Store::create` for the file.
  static int sync(sqlite3_file* file, int /*flags*/) {
    FaultyVfs& self = *of(file).disk;
    const auto fault = self.take(DiskStep::sync);
    if (fault && fault != DiskFault::lost_sync) return SQLITE_IOERR_FSYNC;
    FaultyVfs::Node& synced = node(file);
    synced.is_lying = synced.is_lying || fault == DiskFault::lost_sync;
    if (synced.is_lying) return SQLITE_OK;
    synced.synced = synced.written;
    synced.changes.clear();
    if (!std::exchange(synced.is_name_synced, true)) self.synced_ = self.written_;
    return SQLITE_OK;
  }

  static int size(sqlite3_file* file, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(node(file).written.size());
    return of(file).disk->is_stopped_ ? SQLITE_IOERR_FSTAT : SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    FaultyVfs& self = disk(vfs);
    if (self.take(DiskStep::remove)) return SQLITE_IOERR_DELETE;
    if (self.written_.erase(path) == 0) return SQLITE_IOERR_DELETE_NOENT;
    if (sync_folder != 0) self.synced_ = self.written_;
    return SQLITE_OK;
  }

  static int access(sqlite3_vfs* vfs, const char* path, int /*flags*/, int* is_there) {
    const auto found = disk(vfs).written_.find(path);
    *is_there = found != disk(vfs).written_.end() ? 1 : 0;
    return SQLITE_OK;
  }

  static int full_path(sqlite3_vfs* /*vfs*/, const char* path, int bytes, char* to) {
    sqlite3_snprintf(bytes, to, "%s", path);
    return SQLITE_OK;
  }

  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods calls = [] {
      sqlite3_io_methods made{};
      made.iVersion = 1;
      made.xClose = close;
      made.xRead = read;
      made.xWrite = write;
      made.xTruncate = truncate;
      made.xSync = sync;
      made.xFileSize = size;
      made.xLock = made.xUnlock = [](sqlite3_file*, int) { return SQLITE_OK; };
      made.xCheckReservedLock = [](sqlite3_file*, int* is_reserved) {
        *is_reserved = 0;
        return SQLITE_OK;
      };
      made.xFileControl = [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; };
      made.xSectorSize = [](sqlite3_file*) { return 4096; };
      made.xDeviceCharacteristics = [](sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; };
      return made;
    }();
    return &calls;
  }
};

FaultyVfs::FaultyVfs() : handle_(std::make_unique<FaultyVfsHandle>()) {
  static int made = 0;
  name_ = "faulty-" + std::to_string(++made);
  sqlite3_vfs* usual = sqlite3_vfs_find(nullptr);
  sqlite3_vfs& vfs = handle_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(FileHandle);
  vfs.mxPathname = path_bytes_max;
  vfs.zName = name_.c_str();
  vfs.pAppData = this;
  vfs.xOpen = FaultyVfsCalls::open;
  vfs.xDelete = FaultyVfsCalls::remove;
  vfs.xAccess = FaultyVfsCalls::access;
  vfs.xFullPathname = FaultyVfsCalls::full_path;
  vfs.xRandomness = usual->xRandomness;
  vfs.xSleep = usual->xSleep;
  vfs.xCurrentTime = usual->xCurrentTime;
  vfs.xGetLastError = [](sqlite3_vfs*, int, char*) { return 0; };
  sqlite3_vfs_register(&vfs, 0);
}

FaultyVfs::~FaultyVfs() { sqlite3_vfs_unregister(&handle_->vfs); }

void FaultyVfs::begin(std::optional<DiskFault> fault, std::size_t at, std::size_t stop_at) {
  repair();
  steps_.clear();
  fault_ = fault;
  at_ = at;
  stop_at_ = stop_at;
}

void FaultyVfs::repair() {
  fault_.reset();
  stop_at_ = never;
  is_hit_ = is_full_ = false;
}

std::optional<DiskFault> FaultyVfs::take(DiskStep step) {
  is_stopped_ = is_stopped_ || steps_.size() >= stop_at_;
  if (is_stopped_) return DiskFault::crash;
  steps_.push_back(step);
  if (!fault_ || is_hit_ || steps_.size() - 1 < at_ || !can_happen(*fault_, step)) return std::nullopt;
  is_hit_ = true;
  is_stopped_ = fault_ == DiskFault::crash || fault_ == DiskFault::torn_write;
  is_full_ = fault_ == DiskFault::enospc;
  return fault_;
}

void FaultyVfs::change(Bytes& bytes, const Change& change, const std::vector<bool>& sectors) {
  if (change.is_truncation) return bytes.resize(change.offset);
  for (std::size_t sector = 0; sector < sectors.size(); ++sector) {
    if (!sectors[sector]) continue;
    const std::size_t begin = sector * sector_bytes, end = std::min(begin + sector_bytes, change.bytes.size());
    if (bytes.size() < change.offset + end) bytes.resize(change.offset + end);
    std::copy(change.bytes.begin() + static_cast<std::ptrdiff_t>(begin),
              change.bytes.begin() + static_cast<std::ptrdiff_t>(end),
              bytes.begin() + static_cast<std::ptrdiff_t>(change.offset + begin));
  }
}

void FaultyVfs::settle(Node& node, Kept kept, std::uint32_t& seed) {
  const std::size_t count = node.changes.size();
  for (std::size_t k = 0; k < count; ++k) {
    const bool is_kept = kept == Kept::all || kept == Kept::some || (kept == Kept::all_but_last && k + 1 < count) ||
                         (kept == Kept::last && k + 1 == count) || (kept == Kept::every_second && k % 2 == 0);
    std::vector<bool> sectors(sectors_of(node.changes[k].bytes.size()), is_kept);
    if (kept == Kept::some)
      for (std::size_t s = 0; s < sectors.size(); ++s) sectors[s] = next_random(seed) % 3 != 0;
    const bool is_truncated = is_kept && (kept != Kept::some || next_random(seed) % 2 == 0);
    if (!node.changes[k].is_truncation || is_truncated) change(node.synced, node.changes[k], sectors);
  }
  node.written = node.synced;
  node.changes.clear();
  node.is_lying = false;
}

void FaultyVfs::reboot(Kept kept, std::uint32_t seed) {
  // Names that were made or removed without a sync of the folder: all of them or none.
  const bool are_names_kept = kept == Kept::all || (kept == Kept::some && next_random(seed) % 2 == 0);
  Folder names = are_names_kept ? written_ : synced_;
  for (auto& [name, node] : names) settle(*node, kept, seed);
  written_ = synced_ = std::move(names);
  is_stopped_ = false;
  begin();
}

FaultyVfs::Folder FaultyVfs::copy(const Folder& folder) {
  Folder copied;
  for (const auto& [name, node] : folder) copied[name] = std::make_shared<Node>(*node);
  return copied;
}

std::shared_ptr<const FaultyVfs::Content> FaultyVfs::save() const {
  return std::make_shared<Content>(Content{copy(written_), copy(synced_)});
}

void FaultyVfs::restore(const Content& content) {
  // After a clean end, names and nodes are the same in both folders.
  written_ = copy(content.written);
  synced_ = written_;
  is_stopped_ = false;
  begin();
}

}  // namespace p2pllm::testing
