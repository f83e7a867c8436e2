#include "reference/contracts/state_root.hpp"

#include <algorithm>
#include <tuple>

#include "model/assert.hpp"
#include "model/contracts/field_encoding.hpp"
#include "model/crypto/merkle_map.hpp"

namespace p2pllm::reference {
namespace {

/// The entries of one map. The row of an object begins with its kind and key fields, which are hashed for its key.
class Entries {
 public:
  /// @param other_fields  what follows in the row
  template <typename... KeyField, typename... Field>
  void add(std::string_view kind, const std::tuple<KeyField...>& key_fields, const Field&... other_fields) {
    const Row key = begun(kind, key_fields);
    Row row = key;
    (row.add(other_fields), ...);
    put(key, row);
  }
  /// @param record  its fields follow in the row
  template <typename... KeyField, typename Record>
  void add_record(std::string_view kind, const std::tuple<KeyField...>& key_fields, const Record& record) {
    const Row key = begun(kind, key_fields);
    put(key, Row(key).add_fields(record));
  }
  [[nodiscard]] Hash root() const { return map_root(entries_); }
  [[nodiscard]] MapProof proof(const Hash& key) const { return map_proof(entries_, key); }
  /// The row of the object with this key. @pre there is one
  [[nodiscard]] const Bytes& row_of(const Hash& key) const {
    return rows_[static_cast<std::size_t>(std::ranges::find(entries_, key, &MapEntry::key) - entries_.begin())];
  }

 private:
  template <typename... KeyField>
  static Row begun(std::string_view kind, const std::tuple<KeyField...>& key_fields) {
    Row row(kind);
    std::apply([&row](const auto&... field) { (row.add(field), ...); }, key_fields);
    return row;
  }
  void put(Row key, Row row) {
    rows_.push_back(row.take());
    entries_.push_back({hash_tagged("p2pllm/1/key", key.take()), merkle_leaf("state", rows_.back())});
  }

  std::vector<MapEntry> entries_;
  std::vector<Bytes> rows_;  ///< of the entries
};

Entries entries_of_shard(const LedgerState& state, std::int64_t number) {
  const Shard& shard = state.shards[static_cast<std::size_t>(number)];
  Entries entries;
  for (const auto& [id, account] : shard.accounts) entries.add_record("account", std::tuple(number, id), account);
  for (const auto& [id, node] : shard.nodes) entries.add_record("node", std::tuple(number, id), node);
  for (const AccountId& id : shard.away) entries.add("away", std::tuple(number, id));
  for (const auto& [id, sla] : shard.slas) entries.add_record("sla", std::tuple(number, id), sla);
  for (const auto& [id, channel] : shard.channels) entries.add_record("channel", std::tuple(number, id), channel);
  for (const Hash& id : shard.evidence) entries.add("evidence", std::tuple(number, id));
  for (const Receipt& sent : shard.outgoing)
    entries.add("outgoing", std::tuple(number, sent.id), sent.to_shard, sent.to, sent.amount);
  for (std::int64_t place = 0; const QueuedMove& move : shard.queued_moves)
    entries.add_record("migration", std::tuple(number, place++), move);
  entries.add("burned", std::tuple(number), shard.burned);
  for (const Receipt& receipt : state.in_flight)
    if (receipt.to_shard == number) entries.add("receipt", std::tuple(number, receipt.id), receipt.to, receipt.amount);
  return entries;
}

Entries entries_of_rotation(const LedgerState& state) {
  Entries entries;
  for (const auto& [id, validator] : state.validators) {  // the sign is separate, as a priority may be below 0
    const std::int64_t sign = validator.priority < 0 ? 1 : 0;
    const std::int64_t size = validator.priority < 0 ? -validator.priority : validator.priority;
    entries.add("validator", std::tuple(id), validator.stake, sign, size);
  }
  for (const StakeSnapshot& snapshot : state.snapshots)
    entries.add("stakes", std::tuple(snapshot.height), snapshot.hash);
  return entries;
}

}  // namespace

Hash state_root(const LedgerState& state) {
  CborWriter out;
  out.array(4 + state.shards.size()).bytes(state.chain);
  encode_field(out, state.height);
  encode_field(out, state.round);
  out.bytes(entries_of_rotation(state).root());
  for (std::int64_t s = 0; s < std::ssize(state.shards); ++s) out.bytes(entries_of_shard(state, s).root());
  return hash_tagged("p2pllm/1/state", out.view());
}

StateProof state_proof(const LedgerState& state, const StateKey& key) {
  P2PLLM_ASSERT(!key.kind->is_of_shard() || key.shard() < std::ssize(state.shards));
  StateProof proof{state.chain, state.height, state.round, entries_of_rotation(state).root(), {}, key, {}, {}};
  for (std::int64_t s = 0; s < std::ssize(state.shards); ++s) proof.shards.push_back(entries_of_shard(state, s).root());
  const Entries entries = key.kind->is_of_shard() ? entries_of_shard(state, key.shard()) : entries_of_rotation(state);
  MapProof way = entries.proof(key.hash());
  if (way.witness) proof.row = entries.row_of(way.witness->key);
  proof.steps = std::move(way.steps);
  return proof;
}

}  // namespace p2pllm::reference
