#include "optimized/contracts/snapshot_encoding.hpp"

#include <limits>

#include "model/assert.hpp"
#include "model/contracts/field_encoding.hpp"

// Each collection is one array of the fields of all its objects, key first, so that an object costs its fields alone.
namespace p2pllm::optimized {
namespace {

using namespace contracts;

constexpr auto number_most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

template <typename Record>
void write_fields(CborWriter& out, const Record& record) {
  Record::fields(record, [&out](std::string_view, const auto& value) { encode_field(out, value); });
}

template <typename Key, typename Record>
void write_map(CborWriter& out, const std::map<Key, Record>& map) {
  out.array(map.size() * (1 + item_count_of_fields(Record{})));
  for (const auto& [key, record] : map) {
    encode_field(out, key);
    write_fields(out, record);
  }
}

template <typename Key>
void write_set(CborWriter& out, const std::set<Key>& keys) {
  out.array(keys.size());
  for (const Key& key : keys) encode_field(out, key);
}

void write_stakes(CborWriter& out, const std::map<AccountId, Amount>& stakes) {
  out.array(2 * stakes.size());
  for (const auto& [id, stake] : stakes) {
    encode_field(out, id);
    encode_field(out, stake);
  }
}

void write_shard(CborWriter& out, const Shard& shard) {
  P2PLLM_ASSERT(shard.outgoing.empty() && shard.queued_moves.empty());
  out.array(7);
  write_map(out, shard.accounts);
  write_map(out, shard.nodes);
  write_set(out, shard.away);
  write_map(out, shard.slas);
  write_map(out, shard.channels);
  write_set(out, shard.evidence);
  encode_field(out, shard.burned);
}

void write_rotation(CborWriter& out, const Validators& validators) {
  out.array(4 * validators.size());
  for (const auto& [id, validator] : validators) {
    const bool is_debt = validator.priority < 0;
    encode_field(out, id);
    encode_field(out, validator.stake);
    encode_field(out, is_debt);
    encode_field(out, is_debt ? -validator.priority : validator.priority);
  }
}

/// Reads items in the order in which they were written; keys must rise.
class Reader {
 public:
  explicit Reader(CborReader& in) : in_(in) {}

  void read(std::int64_t& value) { value = static_cast<std::int64_t>(in_.next_number(number_most)); }
  void read(std::uint64_t& value) { value = in_.next_number(); }
  void read(bool& value) { value = in_.next_boolean(); }
  void read(Hash& value) { value = in_.next_bytes_of<32>(); }
  void read(PublicKey& value) { value.bytes = in_.next_bytes_of<32>(); }
  void read(LayerRange& value) {
    read(value.first);
    read(value.last);
  }
  template <typename Record>
  void read_fields(Record& record) {
    Record::fields(record, [this](std::string_view, auto& value) { read(value); });
  }

  /// Calls `read_one` for each object of an array in which an object takes `items` items.
  void read_objects(std::uint64_t items, const auto& read_one) {
    const std::uint64_t count = in_.next_array();
    if (count % items != 0) in_.refuse();
    for (std::uint64_t k = 0; k < count && !in_.failed(); k += items) read_one();
  }
  template <typename Key, typename Value>
  void read_map(std::map<Key, Value>& map, std::uint64_t items, const auto& read_value) {
    read_objects(items, [&] {
      Key key{};
      read(key);
      if (!map.empty() && !(map.rbegin()->first < key)) in_.refuse();
      read_value(map.emplace_hint(map.end(), key, Value{})->second);
    });
  }
  template <typename Key, typename Record>
  void read_map(std::map<Key, Record>& map) {
    read_map(map, 1 + item_count_of_fields(Record{}), [this](Record& record) { read_fields(record); });
  }
  template <typename Key>
  void read_set(std::set<Key>& keys) {
    read_objects(1, [&] {
      Key key{};
      read(key);
      if (!keys.empty() && !(*keys.rbegin() < key)) in_.refuse();
      keys.insert(keys.end(), key);
    });
  }
  void read_stakes(std::map<AccountId, Amount>& stakes) {
    read_map(stakes, 2, [this](Amount& stake) { read(stake); });
  }
  void read_shard(Shard& shard) {
    in_.next_array(7);
    read_map(shard.accounts);
    read_map(shard.nodes);
    read_set(shard.away);
    read_map(shard.slas);
    read_map(shard.channels);
    read_set(shard.evidence);
    read(shard.burned);
  }
  void read_rotation(Validators& validators) {
    read_map(validators, 4, [this](Validator<std::int64_t>& validator) {
      bool is_debt = false;
      read(validator.stake);
      read(is_debt);
      read(validator.priority);
      if (is_debt && validator.priority == 0) in_.refuse();
      if (is_debt) validator.priority = -validator.priority;
    });
  }

 private:
  CborReader& in_;
};

}  // namespace

Bytes encode(const LedgerExport& from) {
  const LedgerState& state = from.state;
  CborWriter out;
  out.array(9).text("snapshot").bytes(from.parent).bytes(state.chain);
  encode_field(out, state.height);
  encode_field(out, state.round);
  out.array(state.shards.size());
  for (const Shard& shard : state.shards) write_shard(out, shard);
  out.array(item_count_of_fields(Receipt{}) * state.in_flight.size());
  for (const Receipt& receipt : state.in_flight) write_fields(out, receipt);
  write_rotation(out, state.validators);
  out.array(2 * state.snapshots.size());
  for (const StakeSnapshot& snapshot : state.snapshots) {
    encode_field(out, snapshot.height);
    write_stakes(out, snapshot.stakes);
  }
  return out.take();
}

CborResult<LedgerExport> decode_snapshot(ByteView bytes) {
  return decode_cbor(bytes, [](CborReader& in) {
    LedgerExport read;
    LedgerState& state = read.state;
    Reader reader(in);
    in.next_array(9);
    if (in.next_text() != "snapshot") in.refuse();
    reader.read(read.parent);
    reader.read(state.chain);
    reader.read(state.height);
    reader.read(state.round);
    reader.read_objects(1, [&] { reader.read_shard(state.shards.emplace_back()); });
    reader.read_objects(item_count_of_fields(Receipt{}), [&] { reader.read_fields(state.in_flight.emplace_back()); });
    reader.read_rotation(state.validators);
    reader.read_objects(2, [&] {
      StakeSnapshot& snapshot = state.snapshots.emplace_back();
      reader.read(snapshot.height);
      reader.read_stakes(snapshot.stakes);
      snapshot.hash = hash_of(snapshot);
    });
    return read;
  });
}

}  // namespace p2pllm::optimized
