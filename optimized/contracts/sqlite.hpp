#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "model/encoding/bytes.hpp"
#include "model/result.hpp"

// A thin layer over SQLite: connections and statements that close themselves, and failures as values.
namespace p2pllm::optimized {

/// The rule that a file breaks which SQLite cannot read.
inline constexpr const char* not_a_database = "it is no ledger";

/// How a connection opens its file.
enum class SqliteAccess {
  create,     ///< the file must not exist
  write,      ///< the file must exist
  unchanging  ///< nobody writes the file while it is open; no lock is taken, and nothing is written
};

class SqliteStatement;

/// A connection to one file. A message of a failure begins with the file's name.
class Sqlite {
 public:
  /// @param name  the file's name for messages
  /// @param vfs   the name of a registered VFS; empty for that of the system
  [[nodiscard]] static Result<Sqlite> open(const std::string& path, std::string name, SqliteAccess access,
                                           const std::string& vfs);

  /// Runs statements that have no rows of interest.
  [[nodiscard]] Result<void> run(const std::string& sql);
  [[nodiscard]] Result<SqliteStatement> prepare(std::string_view sql);
  /// The first number of the first row.
  /// @returns  or a fault, also where there is no row
  [[nodiscard]] Result<std::int64_t> number(std::string_view sql);
  /// The text of the first row's first column.
  /// @returns  or a fault, also where there is no row
  [[nodiscard]] Result<std::string> text(std::string_view sql);
  /// Whether the file can be read only.
  [[nodiscard]] bool is_read_only() const;
  /// The last failure as a value, in the words of a person who has to act on it (STORE-7).
  [[nodiscard]] Fault fault() const;
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Closes the file. Without a call, destruction does the same and reports nothing.
  [[nodiscard]] Result<void> close();

 private:
  friend class SqliteStatement;
  struct Close {
    void operator()(void* connection) const;
  };
  explicit Sqlite(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] Result<SqliteStatement> first_row(std::string_view sql);

  std::unique_ptr<void, Close> connection_;  ///< a sqlite3
  std::string name_;
};

/// A prepared statement. It must not outlive its connection, which must not move meanwhile from under its user.
class SqliteStatement {
 public:
  SqliteStatement& bind(int place, std::int64_t value);
  SqliteStatement& bind(int place, double value);    ///< null if it is not a number
  SqliteStatement& bind(int place, ByteView value);  ///< the bytes must outlive the next `step`
  SqliteStatement& bind(int place, std::string_view value);
  /// Goes to the next row.
  /// @returns whether there is one; at the end, and after a fault, the statement can be bound and run again
  [[nodiscard]] Result<bool> step(const Sqlite& connection);
  /// Forgets the rows that are left.
  void reset();

  [[nodiscard]] std::int64_t number(int column) const;
  /// A number; not a number where the column is null.
  [[nodiscard]] double real(int column) const;
  /// The bytes of a blob or a text, until the next `step`.
  [[nodiscard]] ByteView bytes(int column) const;

 private:
  friend class Sqlite;
  struct Finalize {
    void operator()(void* statement) const;
  };
  std::unique_ptr<void, Finalize> statement_;  ///< a sqlite3_stmt
};

}  // namespace p2pllm::optimized
