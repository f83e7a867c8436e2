#include "optimized/contracts/shard_state.hpp"

#include <algorithm>
#include <random>

#include "optimized/contracts/hash_batch.hpp"
#include "optimized/contracts/state_row.hpp"

namespace p2pllm::optimized {
namespace {

constexpr std::string_view key_tag = "p2pllm/1/key", leaf_tag = "p2pllm/1/leaf/state";

/// What the key of an object in its map is the hash of (LEDGER-7).
template <typename Key>
StateRow key_row(std::string_view kind, std::int64_t shard, const Key& key) {
  return StateRow(3, kind).add(shard).add(key);
}

template <typename Key, typename Value>
StateRow leaf_row(std::string_view kind, std::int64_t shard, const Key& key, const Value& value) {
  static const std::uint64_t items = 3 + item_count_of_fields(value);
  return StateRow(items, kind).add(shard).add(key).add_fields(value);
}

}  // namespace

TableSeed random_table_seed() {
  static const TableSeed drawn = [] {
    std::random_device device;
    TableSeed seed{};
    for (std::uint64_t& word : seed) word = std::uint64_t{device()} << 32U | device();
    return seed;
  }();
  return drawn;
}

ShardState::ShardState(std::int64_t number, const TableSeed& seed)
    : accounts(seed),
      nodes(seed),
      away(seed),
      slas(seed),
      channels(seed),
      evidence(seed),
      arriving(seed),
      number_(number) {
  burned_entry_ = map_.insert(hash_tagged(key_tag, StateRow(2, "burned").add(number_).bytes()), {burned_leaf()});
}

Hash ShardState::burned_leaf() const {
  return hash_tagged(leaf_tag, StateRow(3, "burned").add(number_).add(burned).bytes());
}

/// Calls `visit(kind, table, change, made[k])` for the k-th row that the block changed, from `from` to before `to`, the
/// tables' journals being one after the other; not for rows that are no longer there.
void ShardState::for_each_row(std::size_t from, std::size_t to, std::span<RowHashes> made, const auto& visit) {
  std::size_t before = 0;
  for_each_table([&](std::string_view kind, auto& table) {
    const auto& changes = table.changes();
    for (std::size_t k = std::max(from, before); k < std::min(to, before + changes.size()); ++k)
      if (const auto& change = changes[k - before]; table.holds(change.place)) visit(kind, table, change, made[k]);
    before += changes.size();
  });
}

std::size_t ShardState::changed_rows() const {
  std::size_t rows = 0;
  for_each_table([&rows](std::string_view, const auto& table) { rows += table.changes().size(); });
  return rows;
}

/// Hashes of rows are independent of each other, so those of all tables are made together.
void ShardState::hash_rows() {
  const std::size_t rows = changed_rows();
  row_hashes_.assign(rows, {});
  const std::span<RowHashes> made = row_hashes_;
  hash_in_parts(rows, [&](std::size_t from, std::size_t to, HashBatch& batch) {
    for_each_row(from, to, made, [&](std::string_view kind, auto& table, const auto& change, const RowHashes&) {
      const auto& key = table.key(change.place);
      batch.add(leaf_tag, leaf_row(kind, number_, key, table[change.place]).bytes());
      if (!change.was_there) batch.add(key_tag, key_row(kind, number_, key).bytes());
    });
    auto next = batch.hash().begin();
    for_each_row(from, to, made, [&](std::string_view, auto&, const auto& change, RowHashes& row) {
      row.leaf = *next++;
      if (!change.was_there) row.key = *next++;
    });
  });
}

/// The map's changes are made in the order of the journal.
template <typename Table>
void ShardState::sync_table(Table& table, std::span<const RowHashes> made) {
  auto& changes = table.changes();
  for (std::size_t k = 0; k < changes.size(); ++k) {
    auto& change = changes[k];
    StateMap::Entry& entry = table.entry(change.place);
    if (change.was_there) change.leaf_before = map_.leaf(entry);
    if (!table.holds(change.place)) {
      if (change.was_there) map_.erase(entry);
    } else if (change.was_there) {
      map_.update(entry, {made[k].leaf});
    } else {
      entry = map_.insert(made[k].key, {made[k].leaf});
    }
  }
}

template <typename Table>
void ShardState::unsync_table(std::string_view kind, Table& table) {
  auto& changes = table.changes();
  for (auto at = changes.rbegin(); at != changes.rend(); ++at) {
    const auto& change = *at;
    StateMap::Entry& entry = table.entry(change.place);
    const bool is_there = table.holds(change.place);
    if (is_there && change.was_there) map_.update(entry, {change.leaf_before});
    else if (is_there) map_.erase(entry);
    else if (change.was_there)
      entry = map_.insert(hash_tagged(key_tag, key_row(kind, number_, table.key(change.place)).bytes()),
                          {change.leaf_before});
  }
}

Hash ShardState::sync() {
  P2PLLM_ASSERT(!is_synced_);
  hash_rows();
  std::size_t before = 0;
  for_each_table([&](std::string_view, auto& table) {
    const std::size_t rows = table.changes().size();
    sync_table(table, std::span(row_hashes_).subspan(before, rows));
    before += rows;
  });
  if (burned != burned_before_) map_.update(burned_entry_, {burned_leaf()});
  is_synced_ = true;
  return map_.root();
}

void ShardState::keep() {
  P2PLLM_ASSERT(is_synced_);
  for_each_table([](std::string_view, auto& table) { table.keep(); });
  burned_before_ = burned;
  is_synced_ = false;
}

void ShardState::restore() {
  const bool has_burned = burned != burned_before_;
  burned = burned_before_;
  if (is_synced_) {
    for_each_table([this](std::string_view kind, auto& table) { unsync_table(kind, table); });
    if (has_burned) map_.update(burned_entry_, {burned_leaf()});
  }
  for_each_table([](std::string_view, auto& table) { table.restore(); });
  outgoing.clear();
  queued_moves.clear();
  is_synced_ = false;
}

namespace {

template <typename Table, typename Put>
void for_each_object(const Table& table, const Put& put) {
  for (typename Table::Place place = 0; place < table.places(); ++place)
    if (table.holds(place)) put(table.key(place), table[place]);
}

}  // namespace

Shard shard_of(const ShardState& state) {
  Shard shard;
  const auto copy = [](const auto& table, auto& map) {
    for_each_object(table, [&map](const auto& key, const auto& value) { map.emplace(key, value); });
  };
  const auto mark = [](const auto& table, auto& set) {
    for_each_object(table, [&set](const auto& key, const Mark&) { set.insert(key); });
  };
  copy(state.accounts, shard.accounts);
  copy(state.nodes, shard.nodes);
  mark(state.away, shard.away);
  copy(state.slas, shard.slas);
  copy(state.channels, shard.channels);
  mark(state.evidence, shard.evidence);
  shard.outgoing = state.outgoing;
  shard.queued_moves = state.queued_moves;
  shard.burned = state.burned;
  return shard;
}

void fill(ShardState& state, const Shard& from) {
  for (const auto& [id, account] : from.accounts) state.accounts.insert(id, account);
  for (const auto& [id, node] : from.nodes) state.nodes.insert(id, node);
  for (const AccountId& id : from.away) state.away.insert(id);
  for (const auto& [id, sla] : from.slas) state.slas.insert(id, sla);
  for (const auto& [id, channel] : from.channels) state.channels.insert(id, channel);
  for (const Hash& id : from.evidence) state.evidence.insert(id);
  state.burned = from.burned;
}

}  // namespace p2pllm::optimized
