#include "bench/ledger_stores.hpp"

#include <sqlite3.h>

#include <cstring>
#include <memory>
#include <stdexcept>
#include <unordered_map>

#ifdef P2PLLM_ROCKSDB
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#endif

namespace p2pllm::bench {
namespace {

using contracts::AccountId;
using contracts::Amount;

constexpr Amount balance_at_first = 1'000'000'000;

class Sqlite {
 public:
  Sqlite(const std::filesystem::path& file, std::span<const AccountId> accounts, bool is_synced) {
    require(sqlite3_open(file.c_str(), &db_) == SQLITE_OK);
    run("PRAGMA journal_mode=WAL");
    run(is_synced ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=OFF");
    run("CREATE TABLE accounts (id BLOB PRIMARY KEY, balance INTEGER NOT NULL, nonce INTEGER NOT NULL) WITHOUT ROWID");
    take_ = prepared("UPDATE accounts SET balance = balance - ?2, nonce = nonce + 1 WHERE id = ?1 AND balance >= ?2");
    give_ = prepared("UPDATE accounts SET balance = balance + ?2 WHERE id = ?1");
    sqlite3_stmt* insert = prepared("INSERT INTO accounts VALUES (?1, ?2, 0)");
    run("BEGIN");
    for (const AccountId& id : accounts) step(insert, id, balance_at_first);
    run("COMMIT");
    sqlite3_finalize(insert);
  }
  ~Sqlite() {
    sqlite3_finalize(take_);
    sqlite3_finalize(give_);
    sqlite3_close(db_);
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  void transfer(std::span<const PlainTransfer> batch) {
    run("BEGIN");
    for (const PlainTransfer& one : batch) {
      step(take_, one.from, one.amount);
      step(give_, one.to, one.amount);
    }
    run("COMMIT");
  }

 private:
  static void require(bool done) {
    if (!done) throw std::runtime_error("SQLite fails");
  }
  void run(const char* sql) { require(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK); }
  sqlite3_stmt* prepared(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    require(sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) == SQLITE_OK);
    return statement;
  }
  void step(sqlite3_stmt* statement, const AccountId& id, Amount amount) {
    sqlite3_bind_blob(statement, 1, id.bytes.data(), static_cast<int>(id.bytes.size()), SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, amount);
    require(sqlite3_step(statement) == SQLITE_DONE && sqlite3_changes(db_) == 1);
    sqlite3_reset(statement);
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* take_ = nullptr;
  sqlite3_stmt* give_ = nullptr;
};

}  // namespace

Store sqlite_store(const std::filesystem::path& folder, std::span<const AccountId> accounts, bool is_synced) {
  auto store =
      std::make_shared<Sqlite>(folder / (is_synced ? "synced.sqlite" : "unsynced.sqlite"), accounts, is_synced);
  return {is_synced ? "SQLite, synced" : "SQLite, not synced",
          [store](std::span<const PlainTransfer> batch) { store->transfer(batch); }};
}

#ifdef P2PLLM_ROCKSDB
namespace {

/// A balance and a nonce under each id; a batch reads what it changes, and writes it at once.
class Rocks {
 public:
  Rocks(const std::filesystem::path& folder, std::span<const AccountId> accounts, bool is_synced) {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    require(rocksdb::DB::Open(options, folder.string(), &db));
    db_.reset(db);
    rocksdb::WriteBatch batch;
    for (const AccountId& id : accounts) batch.Put(slice(id), text({balance_at_first, 0}));
    require(db_->Write({}, &batch));
    write_.sync = is_synced;
  }
  void transfer(std::span<const PlainTransfer> transfers) {
    std::unordered_map<std::string, Record> changed;
    for (const PlainTransfer& one : transfers) {
      Record& from = record(changed, one.from);
      if (from.balance < one.amount) throw std::runtime_error("not covered");
      from.balance -= one.amount;
      ++from.nonce;
      record(changed, one.to).balance += one.amount;
    }
    rocksdb::WriteBatch batch;
    for (const auto& [id, now] : changed) batch.Put(id, text(now));
    require(db_->Write(write_, &batch));
  }

 private:
  struct Record {
    Amount balance = 0;
    std::int64_t nonce = 0;
  };
  static void require(const rocksdb::Status& status) {
    if (!status.ok()) throw std::runtime_error(status.ToString());
  }
  static rocksdb::Slice slice(const AccountId& id) {
    return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
  }
  static std::string text(const Record& record) { return {reinterpret_cast<const char*>(&record), sizeof record}; }
  Record& record(std::unordered_map<std::string, Record>& changed, const AccountId& id) {
    const auto [place, is_new] = changed.try_emplace(slice(id).ToString());
    if (!is_new) return place->second;
    std::string value;
    require(db_->Get({}, slice(id), &value));
    std::memcpy(&place->second, value.data(), sizeof(Record));
    return place->second;
  }

  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::WriteOptions write_;
};

}  // namespace

std::optional<Store> rocksdb_store(const std::filesystem::path& folder, std::span<const AccountId> accounts,
                                   bool is_synced) {
  auto store = std::make_shared<Rocks>(folder / (is_synced ? "synced.rocks" : "unsynced.rocks"), accounts, is_synced);
  return Store{is_synced ? "RocksDB, synced" : "RocksDB, not synced",
               [store](std::span<const PlainTransfer> batch) { store->transfer(batch); }};
}
#else
std::optional<Store> rocksdb_store(const std::filesystem::path&, std::span<const AccountId>, bool) { return {}; }
#endif

}  // namespace p2pllm::bench
