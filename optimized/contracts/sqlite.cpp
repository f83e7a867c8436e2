#include "optimized/contracts/sqlite.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <limits>

namespace p2pllm::optimized {
namespace {

sqlite3* handle(const auto& connection) { return static_cast<sqlite3*>(connection.get()); }
sqlite3_stmt* statement(const auto& prepared) { return static_cast<sqlite3_stmt*>(prepared.get()); }

/// A path as the URI of a file that nobody changes.
std::string unchanging_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    constexpr std::string_view digits = "0123456789abcdef";
    if (c == '?' || c == '#' || c == '%') uri += {'%', digits[static_cast<std::size_t>(c) / 16], digits[c % 16]};
    else uri += c;
  }
  return uri + "?immutable=1";
}

std::string with_system_error(std::string rule, int system_error) {
  if (system_error != 0) rule += std::string(": ") + std::strerror(system_error);
  return rule;
}

std::string rule_of(int code, int extended, int system_error, const char* message) {
  switch (code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "another process has it open";
    case SQLITE_FULL: return "the disk is full";
    case SQLITE_READONLY:
    case SQLITE_PERM: return "it cannot be written";
    case SQLITE_CANTOPEN: return with_system_error("it cannot be opened", system_error);
    case SQLITE_NOTADB: return not_a_database;
    case SQLITE_CORRUPT: return "it is damaged";
    case SQLITE_TOOBIG: return "a row is larger than SQLite takes";
    case SQLITE_IOERR:
      return with_system_error(extended == SQLITE_IOERR_FSYNC || extended == SQLITE_IOERR_DIR_FSYNC
                                   ? "the disk did not confirm what was written"
                                   : "reading or writing failed",
                               system_error);
    default: return std::string("SQLite says: ") + message;
  }
}

}  // namespace

void Sqlite::Close::operator()(void* connection) const { sqlite3_close(static_cast<sqlite3*>(connection)); }
void SqliteStatement::Finalize::operator()(void* prepared) const {
  sqlite3_finalize(static_cast<sqlite3_stmt*>(prepared));
}

Result<Sqlite> Sqlite::open(const std::string& path, std::string name, SqliteAccess access, const std::string& vfs) {
  Sqlite opened(std::move(name));
  sqlite3* connection = nullptr;
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (access == SqliteAccess::unchanging) flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
  else flags |= SQLITE_OPEN_READWRITE | (access == SqliteAccess::create ? SQLITE_OPEN_CREATE : 0);
  // A path that begins with "file:" or ":" would mean something else to SQLite.
  const std::string plain = path.starts_with('/') || path.starts_with("./") ? path : "./" + path;
  const int code = sqlite3_open_v2((access == SqliteAccess::unchanging ? unchanging_uri(plain) : plain).c_str(),
                                   &connection, flags, vfs.empty() ? nullptr : vfs.c_str());
  opened.connection_.reset(connection);
  if (code != SQLITE_OK) return tl::unexpected<Fault>(opened.fault());
  // A damaged or hostile file can name no function, and is not believed about the sizes of its cells.
  if (const auto set = opened.run("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON"); !set)
    return tl::unexpected<Fault>(set.error());
  return opened;
}

Fault Sqlite::fault() const {
  const int extended = sqlite3_extended_errcode(handle(connection_));
  return {.clause = "STORE-7",
          .place = name_,
          .value = {},
          .rule = rule_of(extended & 0xff, extended, sqlite3_system_errno(handle(connection_)),
                          sqlite3_errmsg(handle(connection_)))};
}

Result<void> Sqlite::run(const std::string& sql) {
  if (sqlite3_exec(handle(connection_), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return tl::unexpected<Fault>(fault());
}

Result<SqliteStatement> Sqlite::prepare(std::string_view sql) {
  SqliteStatement prepared;
  sqlite3_stmt* made = nullptr;
  const int code = sqlite3_prepare_v3(handle(connection_), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  prepared.statement_.reset(made);
  if (code != SQLITE_OK) return tl::unexpected<Fault>(fault());
  return prepared;
}

Result<SqliteStatement> Sqlite::first_row(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return statement;
  const auto row = statement->step(*this);
  if (!row) return tl::unexpected<Fault>(row.error());
  if (!*row) return bad_input(name_, "a row is missing");
  return statement;
}

Result<std::int64_t> Sqlite::number(std::string_view sql) {
  return first_row(sql).map([](const SqliteStatement& row) { return row.number(0); });
}

Result<std::string> Sqlite::text(std::string_view sql) {
  return first_row(sql).map([](const SqliteStatement& row) {
    const ByteView bytes = row.bytes(0);
    return std::string(bytes.begin(), bytes.end());
  });
}

bool Sqlite::is_read_only() const { return sqlite3_db_readonly(handle(connection_), "main") == 1; }

Result<void> Sqlite::close() {
  if (!connection_) return {};
  const int code = sqlite3_close(handle(connection_));
  if (code != SQLITE_OK) return tl::unexpected<Fault>(fault());
  (void)connection_.release();
  return {};
}

SqliteStatement& SqliteStatement::bind(int place, std::int64_t value) {
  sqlite3_bind_int64(statement(statement_), place, value);
  return *this;
}
SqliteStatement& SqliteStatement::bind(int place, double value) {
  sqlite3_bind_double(statement(statement_), place, value);  // SQLite takes what is not a number as null
  return *this;
}
SqliteStatement& SqliteStatement::bind(int place, ByteView value) {
  sqlite3_bind_blob64(statement(statement_), place, value.data(), value.size(), SQLITE_STATIC);
  return *this;
}
SqliteStatement& SqliteStatement::bind(int place, std::string_view value) {
  sqlite3_bind_text64(statement(statement_), place, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Result<bool> SqliteStatement::step(const Sqlite& connection) {
  const int code = sqlite3_step(statement(statement_));
  if (code == SQLITE_ROW) return true;
  std::optional<Fault> fault;
  if (code != SQLITE_DONE) fault = connection.fault();
  sqlite3_reset(statement(statement_));
  if (fault) return tl::unexpected<Fault>(*std::move(fault));
  return false;
}

void SqliteStatement::reset() { sqlite3_reset(statement(statement_)); }

std::int64_t SqliteStatement::number(int column) const { return sqlite3_column_int64(statement(statement_), column); }

double SqliteStatement::real(int column) const {
  if (sqlite3_column_type(statement(statement_), column) == SQLITE_NULL)
    return std::numeric_limits<double>::quiet_NaN();
  return sqlite3_column_double(statement(statement_), column);
}

ByteView SqliteStatement::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement(statement_), column);
  return {static_cast<const std::uint8_t*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(statement(statement_), column))};
}

}  // namespace p2pllm::optimized
