#include "apps/p2pllm/simulation/result_file.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "apps/command_line.hpp"
#include "model/crypto/sha256.hpp"
#include "model/encoding/bytes.hpp"

namespace p2pllm::app {
namespace {

using optimized::Sqlite;
using optimized::SqliteAccess;
using optimized::SqliteStatement;

constexpr std::int64_t application_id = 0x7032736d;  // "p2sm"
constexpr std::int64_t format = 3;

/// Names of columns are those of `--csv` where both have them.
constexpr const char* schema = R"(
CREATE TABLE scenario (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, version TEXT NOT NULL, name TEXT NOT NULL,
  UNIQUE (sha256, version));
CREATE TABLE run (scenario INTEGER NOT NULL, seed INTEGER NOT NULL, engine TEXT NOT NULL, digest TEXT NOT NULL,
  last_move INTEGER NOT NULL, PRIMARY KEY (scenario, seed)) WITHOUT ROWID;
CREATE TABLE record (scenario INTEGER NOT NULL, seed INTEGER NOT NULL, step INTEGER NOT NULL, moves INTEGER NOT NULL,
  sole_servers INTEGER NOT NULL, least_load REAL NOT NULL, throughput REAL NOT NULL,
  offered INTEGER, served INTEGER, refused INTEGER, mean_sojourn REAL, p95_sojourn REAL,
  PRIMARY KEY (scenario, seed, step)) WITHOUT ROWID;
CREATE TABLE cell (scenario INTEGER NOT NULL, seed INTEGER NOT NULL, step INTEGER NOT NULL,
  first_layer INTEGER NOT NULL, last_layer INTEGER NOT NULL, nodes INTEGER NOT NULL, mean_price REAL,
  median_price REAL, least_price REAL, greatest_price REAL, load REAL NOT NULL, revenue REAL NOT NULL,
  PRIMARY KEY (scenario, seed, step, first_layer, last_layer)) WITHOUT ROWID;
)";
constexpr const char* states_schema = R"(
CREATE TABLE state (scenario INTEGER NOT NULL, seed INTEGER NOT NULL, engine TEXT NOT NULL, step INTEGER NOT NULL,
  sha256 TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (scenario, seed));
)";

tl::unexpected<Fault> fault_of(const Fault& fault) {
  Fault own = fault;
  own.clause = "SIM-17";
  if (own.rule == optimized::not_a_database) own.rule = "it is no file of results";
  return tl::unexpected<Fault>(own);
}

/// Runs a statement that has no rows.
Result<void> done(SqliteStatement& statement, const Sqlite& connection) {
  const auto row = statement.step(connection);
  if (!row) return fault_of(row.error());
  return {};
}

const char* engine_name(bool is_fast) { return is_fast ? "fast" : "reference"; }

std::string sha256_of(const Bytes& bytes) {
  return sha256_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string text_at(const SqliteStatement& row, int column) {
  const ByteView bytes = row.bytes(column);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

Result<ResultFile> ResultFile::open(const std::string& path) {
  const bool is_new = !std::filesystem::exists(path);
  auto opened = Sqlite::open(path, shown_name(path), is_new ? SqliteAccess::create : SqliteAccess::write, "");
  if (!opened) return fault_of(opened.error());
  if (const auto own = opened->run("PRAGMA locking_mode = EXCLUSIVE"); !own) return fault_of(own.error());
  // A file that is empty may be one of which the making was stopped.
  const auto objects = opened->number("SELECT count(*) FROM sqlite_master");
  if (!objects) return fault_of(objects.error());
  if (*objects == 0) {
    const auto made =
        opened->run("BEGIN IMMEDIATE; PRAGMA application_id = " + std::to_string(application_id) +
                    "; PRAGMA user_version = " + std::to_string(format) + ";" + schema + states_schema + "COMMIT");
    if (!made) return fault_of(made.error());
  }
  const auto application = opened->number("PRAGMA application_id");
  if (!application) return fault_of(application.error());
  if (*application != application_id) return bad_input(opened->name(), "it is no file of results");
  auto version = opened->number("PRAGMA user_version");
  if (!version) return fault_of(version.error());
  if (*version == format - 1) {  // a file of that format has all but the states
    const auto made = opened->run("BEGIN IMMEDIATE; PRAGMA user_version = " + std::to_string(format) + ";" +
                                  states_schema + "COMMIT");
    if (!made) return fault_of(made.error());
    version = format;
  }
  if (*version != format)
    return bad_input(opened->name(), "its format is " + std::to_string(*version) + ", and this program reads " +
                                         std::to_string(format));
  // From here on nobody else writes the file.
  if (const auto locked = opened->run("BEGIN IMMEDIATE; COMMIT"); !locked) return fault_of(locked.error());
  return ResultFile(*std::move(opened));
}

Result<std::int64_t> ResultFile::scenario_id(const std::string& scenario_sha256, const std::string& name) {
  auto insert = connection_.prepare("INSERT OR IGNORE INTO scenario (sha256, version, name) VALUES (?, ?, ?)");
  if (!insert) return fault_of(insert.error());
  insert->bind(1, std::string_view(scenario_sha256)).bind(2, std::string_view(P2PLLM_VERSION));
  insert->bind(3, std::string_view(name));
  if (const auto inserted = done(*insert, connection_); !inserted) return tl::unexpected<Fault>(inserted.error());
  auto select = connection_.prepare("SELECT id FROM scenario WHERE sha256 = ? AND version = ?");
  if (!select) return fault_of(select.error());
  select->bind(1, std::string_view(scenario_sha256)).bind(2, std::string_view(P2PLLM_VERSION));
  const auto row = select->step(connection_);
  if (!row) return fault_of(row.error());
  return select->number(0);
}

Result<void> ResultFile::add(const std::string& scenario_sha256, const std::string& name,
                             std::span<const std::pair<std::int64_t, Outcome>> runs) {
  const std::scoped_lock lock(*mutex_);
  if (const auto begun = connection_.run("BEGIN IMMEDIATE"); !begun) return fault_of(begun.error());
  const auto id = scenario_id(scenario_sha256, name);
  if (!id) return tl::unexpected<Fault>(id.error());
  auto run = connection_.prepare("INSERT INTO run VALUES (?, ?, ?, ?, ?)");
  auto record = connection_.prepare("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  auto cell = connection_.prepare("INSERT INTO cell VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  auto state = connection_.prepare("DELETE FROM state WHERE scenario = ? AND seed = ?");
  for (const auto* statement : {&run, &record, &cell, &state})
    if (!*statement) return fault_of(statement->error());
  for (const auto& [seed, outcome] : runs) {
    const std::string digest = to_hex(outcome.digest);
    run->bind(1, *id).bind(2, seed).bind(3, std::string_view(engine_name(outcome.is_fast)));
    run->bind(4, std::string_view(digest)).bind(5, outcome.last_move);
    if (auto added = done(*run, connection_); !added) return added;
    state->bind(1, *id).bind(2, seed);
    if (auto over = done(*state, connection_); !over) return over;
    for (const OutcomeRow& row : outcome.rows) {
      record->bind(1, *id).bind(2, seed).bind(3, row.step).bind(4, row.moves).bind(5, row.sole);
      record->bind(6, row.least_load).bind(7, row.throughput);
      if (row.requests) {
        const OutcomeRequests& all = *row.requests;
        record->bind(8, all.offered).bind(9, all.served).bind(10, all.refused);
        record->bind(11, all.mean_sojourn).bind(12, all.p95_sojourn);
      }
      if (auto added = done(*record, connection_); !added) return added;
      for (const OutcomeCell& of : row.cells) {
        cell->bind(1, *id).bind(2, seed).bind(3, row.step).bind(4, of.range.first).bind(5, of.range.last);
        cell->bind(6, of.nodes).bind(7, of.mean).bind(8, of.median).bind(9, of.least).bind(10, of.greatest);
        cell->bind(11, of.load).bind(12, of.revenue);
        if (auto added = done(*cell, connection_); !added) return added;
      }
    }
  }
  if (const auto committed = connection_.run("COMMIT"); !committed) return fault_of(committed.error());
  return {};
}

Result<void> ResultFile::keep(const std::string& scenario_sha256, const std::string& name, std::int64_t seed,
                              const Part& part) {
  const std::scoped_lock lock(*mutex_);
  if (const auto begun = connection_.run("BEGIN IMMEDIATE"); !begun) return fault_of(begun.error());
  const auto id = scenario_id(scenario_sha256, name);
  if (!id) return tl::unexpected<Fault>(id.error());
  auto state = connection_.prepare("INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?, ?, ?)");
  if (!state) return fault_of(state.error());
  const std::string sha256 = sha256_of(part.state);
  state->bind(1, *id).bind(2, seed).bind(3, std::string_view(engine_name(part.is_fast))).bind(4, part.step);
  state->bind(5, std::string_view(sha256)).bind(6, ByteView(part.state));
  if (auto kept = done(*state, connection_); !kept) return kept;
  if (const auto committed = connection_.run("COMMIT"); !committed) return fault_of(committed.error());
  return {};
}

Result<std::optional<ResultFile::Part>> ResultFile::part(const std::string& scenario_sha256, std::int64_t seed) {
  const std::scoped_lock lock(*mutex_);
  auto rows = connection_.prepare(
      "SELECT engine, step, state.sha256, bytes FROM state JOIN scenario ON scenario.id = scenario "
      "WHERE scenario.sha256 = ? AND version = ? AND seed = ?");
  if (!rows) return fault_of(rows.error());
  rows->bind(1, std::string_view(scenario_sha256)).bind(2, std::string_view(P2PLLM_VERSION)).bind(3, seed);
  const auto row = rows->step(connection_);
  if (!row) return fault_of(row.error());
  if (!*row) return std::nullopt;
  const ByteView bytes = rows->bytes(3);
  Part part{text_at(*rows, 0) == engine_name(true), rows->number(1), Bytes(bytes.begin(), bytes.end())};
  if (sha256_of(part.state) != text_at(*rows, 2))
    return bad_input(connection_.name(), "the state of a run in it is damaged");
  return part;
}

Result<ResultFile> ResultFile::open_existing(const std::string& path) {
  if (!std::filesystem::exists(path)) return bad_input(shown_name(path), "cannot be read: No such file or directory");
  return open(path);
}

Result<std::vector<ResultFile::Kept>> ResultFile::scenarios() {
  auto rows = connection_.prepare("SELECT sha256, version, name FROM scenario ORDER BY id");
  if (!rows) return fault_of(rows.error());
  std::vector<Kept> all;
  for (;;) {
    const auto row = rows->step(connection_);
    if (!row) return fault_of(row.error());
    if (!*row) return all;
    all.push_back({text_at(*rows, 0), text_at(*rows, 1), text_at(*rows, 2)});
  }
}

Result<std::map<std::int64_t, Outcome>> ResultFile::load(const std::string& scenario_sha256, std::int64_t first,
                                                         std::int64_t last, const std::string& version) {
  const auto select = [&](const char* columns, const char* table, const char* order) {
    auto statement = connection_.prepare(std::string("SELECT seed, ") + columns + " FROM " + table +
                                         " JOIN scenario ON scenario.id = scenario WHERE sha256 = ? AND version = ? "
                                         "AND seed BETWEEN ? AND ? ORDER BY " +
                                         order);
    if (statement) {
      statement->bind(1, std::string_view(scenario_sha256)).bind(2, std::string_view(version));
      statement->bind(3, first).bind(4, last);
    }
    return statement;
  };
  auto run = select("engine, digest, last_move", "run", "seed");
  auto record =
      select("step, moves, sole_servers, least_load, throughput, offered, served, refused, mean_sojourn, p95_sojourn",
             "record", "seed, step");
  auto cell = select(
      "step, first_layer, last_layer, nodes, mean_price, median_price, least_price, greatest_price, load, revenue",
      "cell", "seed, step, first_layer, last_layer");
  for (const auto* statement : {&run, &record, &cell})
    if (!*statement) return fault_of(statement->error());
  std::map<std::int64_t, Outcome> outcomes;
  const auto each = [&](SqliteStatement& rows, const auto& read) -> Result<void> {
    for (;;) {
      const auto row = rows.step(connection_);
      if (!row) return fault_of(row.error());
      if (!*row) return {};
      if (!read(outcomes[rows.number(0)], rows)) return bad_input(connection_.name(), "a run in it is damaged");
    }
  };
  const auto runs = each(*run, [](Outcome& outcome, const SqliteStatement& row) {
    const auto digest = from_hex(text_at(row, 2));
    if (!digest || digest->size() != outcome.digest.size()) return false;
    outcome = {{}, text_at(row, 1) == "fast", row.number(3), {}};
    std::ranges::copy(*digest, outcome.digest.begin());
    return true;
  });
  if (!runs) return tl::unexpected<Fault>(runs.error());
  const auto records = each(*record, [](Outcome& outcome, const SqliteStatement& row) {
    outcome.rows.push_back({row.number(1), row.number(2), row.number(3), row.real(4), row.real(5), {}, {}});
    if (!std::isnan(row.real(6)))
      outcome.rows.back().requests =
          OutcomeRequests{row.number(6), row.number(7), row.number(8), row.real(9), row.real(10)};
    return true;
  });
  if (!records) return tl::unexpected<Fault>(records.error());
  const auto cells = each(*cell, [](Outcome& outcome, const SqliteStatement& row) {
    const auto at = std::ranges::find(outcome.rows, row.number(1), &OutcomeRow::step);
    if (at == outcome.rows.end()) return false;
    at->cells.push_back({{row.number(2), row.number(3)},
                         row.number(4),
                         row.real(5),
                         row.real(6),
                         row.real(7),
                         row.real(8),
                         row.real(9),
                         row.real(10)});
    return true;
  });
  if (!cells) return tl::unexpected<Fault>(cells.error());
  return outcomes;
}

}  // namespace p2pllm::app
