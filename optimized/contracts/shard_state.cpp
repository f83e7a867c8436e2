#include "optimized/contracts/shard_state.hpp"

#include <random>

#include "optimized/contracts/for_all.hpp"
#include "optimized/contracts/state_row.hpp"

namespace p2pllm::optimized {
namespace {

/// The key of an object in its map (LEDGER-7).
template <typename Key>
Hash key_hash(std::string_view kind, std::int64_t shard, const Key& key) {
  return hash_tagged("p2pllm/1/key", StateRow(3, kind).add(shard).add(key).bytes());
}

template <typename Key, typename Value>
Hash leaf_hash(std::string_view kind, std::int64_t shard, const Key& key, const Value& value) {
  static const std::uint64_t items = 3 + item_count_of_fields(value);
  return merkle_leaf("state", StateRow(items, kind).add(shard).add(key).add_fields(value).bytes()).hash;
}

}  // namespace

TableSeed random_table_seed() {
  std::random_device device;
  TableSeed seed{};
  for (std::uint64_t& word : seed) word = std::uint64_t{device()} << 32U | device();
  return seed;
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
  burned_entry_ = map_.insert(hash_tagged("p2pllm/1/key", StateRow(2, "burned").add(number_).bytes()), {burned_leaf()});
}

Hash ShardState::burned_leaf() const {
  return merkle_leaf("state", StateRow(3, "burned").add(number_).add(burned).bytes()).hash;
}

/// Hashes are independent of each other; the map's changes are made in the order of the journal.
template <typename Table>
void ShardState::sync_table(std::string_view kind, Table& table) {
  auto& changes = table.changes();
  struct Hashes {
    Hash key{}, leaf{};
  };
  std::vector<Hashes> made(changes.size());
  for_all(changes.size(), [&](std::size_t k) {
    const auto& change = changes[k];
    if (!table.holds(change.place)) return;
    made[k].leaf = leaf_hash(kind, number_, table.key(change.place), table[change.place]);
    if (!change.was_there) made[k].key = key_hash(kind, number_, table.key(change.place));
  });
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
      entry = map_.insert(key_hash(kind, number_, table.key(change.place)), {change.leaf_before});
  }
}

Hash ShardState::sync() {
  P2PLLM_ASSERT(!is_synced_);
  for_each_table([this](std::string_view kind, auto& table) { sync_table(kind, table); });
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
