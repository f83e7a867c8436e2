#include "model/contracts/state_proof.hpp"

#include <algorithm>
#include <array>

#include "model/contracts/genesis.hpp"
#include "model/crypto/hash_text.hpp"
#include "model/encoding/cbor.hpp"

namespace p2pllm::contracts {
namespace {

constexpr const char* format = "p2pllm-state-proof/1";

const std::array<ObjectKind, 10> kinds{{{"account", {KeyField::shard, KeyField::id}},
                                        {"node", {KeyField::shard, KeyField::id}},
                                        {"away", {KeyField::shard, KeyField::id}},
                                        {"sla", {KeyField::shard, KeyField::id}},
                                        {"channel", {KeyField::shard, KeyField::id}},
                                        {"evidence", {KeyField::shard, KeyField::id}},
                                        {"burned", {KeyField::shard}},
                                        {"receipt", {KeyField::shard, KeyField::id}},
                                        {"validator", {KeyField::id}},
                                        {"stakes", {KeyField::number}}}};

tl::unexpected<Fault> broken(const char* place, std::string rule) {
  return tl::unexpected<Fault>(Fault{.clause = "LEDGER-10", .place = place, .value = {}, .rule = std::move(rule)});
}

bool is_id(const StateField& field) { return std::holds_alternative<Hash>(field); }

StateKey key_at(const JsonCursor& root) {
  const JsonCursor object = root.member("object"), fields = root.member("key");
  StateKey key{find_object_kind(object.string()), {}};
  if (key.kind == nullptr) object.fail("no object of a state between two blocks is of this kind");
  if (fields.size() != key.kind->key.size())
    fields.fail(std::to_string(key.kind->key.size()) + " key fields are required");
  for (std::size_t k = 0; k < fields.size(); ++k) {
    const JsonCursor field = fields.item(k);
    if (key.kind->key[k] == KeyField::id) key.fields.emplace_back(hash_at(field));
    else
      key.fields.emplace_back(
          static_cast<std::uint64_t>(field.integer(0, amount_max, "a whole number from 0 to 2^62 is required")));
  }
  return key;
}

Json field_json(const StateField& field) {
  if (const auto* id = std::get_if<Hash>(&field)) return to_hex(*id);
  return Json::integer(static_cast<long long>(std::get<std::uint64_t>(field)));
}

}  // namespace

std::span<const ObjectKind> object_kinds() { return kinds; }

const ObjectKind* find_object_kind(std::string_view name) {
  const auto found = std::ranges::find(kinds, name, &ObjectKind::name);
  return found == kinds.end() ? nullptr : &*found;
}

Hash StateKey::hash() const {
  CborWriter out;
  out.array(1 + fields.size()).text(kind->name);
  for (const StateField& field : fields) {
    if (const auto* id = std::get_if<Hash>(&field)) out.bytes(*id);
    else out.number(std::get<std::uint64_t>(field));
  }
  return hash_tagged("p2pllm/1/key", out.view());
}

std::optional<StateRow> read_state_row(ByteView text) {
  const auto row = decode_cbor(text, [](CborReader& in) {
    StateRow read;
    const std::uint64_t items = in.next_array();
    if (items == 0) in.refuse();
    read.key.kind = find_object_kind(in.next_text());
    if (read.key.kind == nullptr) in.refuse();
    for (std::uint64_t k = 1; k < items && !in.failed(); ++k) {
      const StateField field =
          in.peek() == CborType::bytes ? StateField(in.next_bytes_of<32>()) : StateField(in.next_number());
      const bool is_key = k <= read.key.kind->key.size();
      if (is_key && is_id(field) != (read.key.kind->key[k - 1] == KeyField::id)) in.refuse();
      (is_key ? read.key.fields : read.others).push_back(field);
    }
    if (!in.failed() && read.key.fields.size() < read.key.kind->key.size()) in.refuse();
    return read;
  });
  return row ? std::optional(*row) : std::nullopt;
}

Hash root_of(const StateProof& proof) {
  CborWriter out;
  out.array(4 + proof.shards.size()).bytes(proof.chain).number(static_cast<std::uint64_t>(proof.height));
  out.number(static_cast<std::uint64_t>(proof.round)).bytes(proof.rotation);
  for (const Hash& shard : proof.shards) out.bytes(shard);
  return hash_tagged("p2pllm/1/state", out.view());
}

tl::expected<Shown, Fault> shown_by(const StateProof& proof) {
  const bool is_of_shard = proof.key.kind->is_of_shard();
  if (is_of_shard && proof.key.shard() >= std::ssize(proof.shards)) return broken("/key/0", "there is no such shard");
  MapProof way{{}, proof.steps};
  const Hash key = proof.key.hash();
  if (proof.row) {
    const auto row = read_state_row(*proof.row);
    if (!row) return broken("/row", "the encoding of an object of the state is required");
    way.witness = MapEntry{row->key.hash(), merkle_leaf("state", *proof.row)};
  }
  const Hash& root = is_of_shard ? proof.shards[static_cast<std::size_t>(proof.key.shard())] : proof.rotation;
  if (!map_verify(root, key, way))
    return broken("/steps", std::string("they do not lead from the row to the root of ") +
                                (is_of_shard ? "the shard" : "the rotation"));
  return way.shows_presence_of(key) ? Shown::presence : Shown::absence;
}

Result<StateProof> read_state_proof(std::string_view text, const std::string& source) {
  return read_document(text, source, state_proof_bytes_max, [](const JsonCursor& root) {
    root.require_object({"format", "chain", "height", "round", "rotation", "shards", "object", "key", "row", "steps"});
    if (const JsonCursor member = root.member("format"); member.string() != format)
      member.fail(std::string("the format must be \"") + format + '"');
    StateProof proof;
    proof.chain = hash_at(root.member("chain"));
    proof.height = root.member("height").integer(1, amount_max, "a whole number from 1 to 2^62 is required");
    proof.round = root.member("round").integer(0, amount_max, "a whole number from 0 to 2^62 is required");
    proof.rotation = hash_at(root.member("rotation"));
    const JsonCursor shards = root.member("shards"), steps = root.member("steps"), row = root.member("row");
    for (const JsonCursor& shard : shards.items()) proof.shards.push_back(hash_at(shard));
    if (proof.shards.empty() || std::ssize(proof.shards) > shards_max) shards.fail("1 to 64 shards are required");
    proof.key = key_at(root);
    if (!row.value().is_null()) {
      proof.row = from_hex(row.string());
      if (!proof.row) row.fail("lower-case hexadecimal digits, two a byte, are required");
    }
    for (const JsonCursor& step : steps.items()) {
      step.require_object({"bit", "sibling"});
      proof.steps.push_back(
          {static_cast<std::uint8_t>(step.member("bit").integer(0, 255, "a bit of a key, 0 to 255, is required")),
           hash_at(step.member("sibling"))});
    }
    return proof;
  });
}

std::string write_state_proof(const StateProof& proof) {
  Json::Array shards, key, steps;
  for (const Hash& shard : proof.shards) shards.emplace_back(to_hex(shard));
  for (const StateField& field : proof.key.fields) key.push_back(field_json(field));
  for (const MapStep& step : proof.steps)
    steps.emplace_back(Json::Object{{"bit", Json::integer(step.bit)}, {"sibling", to_hex(step.sibling)}});
  return write_json(Json::Object{{"format", format},
                                 {"chain", to_hex(proof.chain)},
                                 {"height", Json::integer(proof.height)},
                                 {"round", Json::integer(proof.round)},
                                 {"rotation", to_hex(proof.rotation)},
                                 {"shards", std::move(shards)},
                                 {"object", std::string(proof.key.kind->name)},
                                 {"key", std::move(key)},
                                 {"row", proof.row ? Json(to_hex(*proof.row)) : Json()},
                                 {"steps", std::move(steps)}});
}

}  // namespace p2pllm::contracts
