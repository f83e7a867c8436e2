#include "apps/p2pllm/view/ledger_objects.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "reference/contracts/channel_machine.hpp"
#include "reference/contracts/registration_machine.hpp"
#include "reference/contracts/sla_machine.hpp"

namespace p2pllm::app {

using namespace reference;

std::string short_id(ByteView bytes) { return to_hex(bytes.first(4)); }

std::string name_of_account(const AccountId& id, const Names& names) {
  const auto found = names.find(id);
  return found == names.end() ? short_id(id.bytes) : found->second;
}

namespace {

/// Collects the fields of a record as people read them, with the status first.
class FieldsForPeople {
 public:
  /// @param machine  the machine of the record's status; null if it has none
  FieldsForPeople(const Machine* machine, const Names& names) : machine_(machine), names_(names) {}

  void operator()(std::string_view name, std::int64_t value) { add(name, shown(name, value)); }
  void operator()(std::string_view name, std::uint64_t value) {
    add(name, Json::integer(static_cast<long long>(value)));
  }
  void operator()(std::string_view name, const AccountId& value) { add(name, name_of_account(value, names_)); }
  void operator()(std::string_view name, const Hash& value) {
    add(name, value == Hash{} ? Json() : Json(to_hex(value)));
  }
  void operator()(std::string_view name, const LayerRange& value) { add(name, to_string(value)); }

  [[nodiscard]] Json::Object take() { return std::move(fields_); }

 private:
  void add(std::string_view name, Json value) {
    const auto place = name == "status" ? fields_.begin() : fields_.end();
    fields_.emplace(place, std::string(name), std::move(value));
  }
  [[nodiscard]] Json shown(std::string_view name, std::int64_t value) const {
    constexpr const char* turns[] = {"", "provider", "client"};
    if (name == "status") return std::string(machine_->statuses[static_cast<std::size_t>(value)]);
    if (name == "turn" || name == "shown_by") return turns[value];
    if (name.starts_with("least_posted") && value == channel_nothing_posted) return {};
    return Json::integer(value);
  }

  const Machine* machine_;
  const Names& names_;
  Json::Object fields_;
};

/// Collects the objects of a ledger.
class Collector {
 public:
  Collector(const Ledger& ledger, const Names& names) : names_(names), is_sharded_(ledger.shards().size() > 1) {}

  void add_shard(std::int64_t s, const Shard& shard) {
    for (const auto& [id, account] : shard.accounts) add_record("account", s, id, account);
    for (const auto& [id, node] : shard.nodes) add_record("registration", s, id, node, &registration_machine());
    for (const auto& [id, record] : shard.slas) add_record("sla", s, id, record, &sla_machine());
    for (const auto& [id, record] : shard.channels) add_record("channel", s, id, record, &channel_machine());
    for (const AccountId& id : shard.away) add("away", s, id.bytes, who(id), {});
    for (const Hash& id : shard.evidence) add("evidence", s, id, short_id(id), {});
    for (const Receipt& receipt : shard.outgoing) add_receipt(s, receipt, "sent");
    for (const QueuedMove& move : shard.queued_moves)
      add("migration", s, move.node.bytes, who(move.node), {{"to", to_string(move.layers)}});
    if (shard.burned != 0) add("burned", s, {}, "", {{"amount", Json::integer(shard.burned)}});
  }
  void add_receipt(std::int64_t s, const Receipt& receipt, const char* status) {
    add("receipt", s, receipt.id, short_id(receipt.id),
        {{"status", status},
         {"to_shard", Json::integer(receipt.to_shard)},
         {"to", who(receipt.to)},
         {"amount", Json::integer(receipt.amount)}});
  }
  LedgerObjects take() { return std::move(objects_); }

 private:
  [[nodiscard]] std::string who(const AccountId& id) const { return name_of_account(id, names_); }

  template <typename Record>
  void add_record(const char* kind, std::int64_t s, const AccountId& id, const Record& record,
                  const Machine* machine = nullptr) {
    add(kind, s, id.bytes, who(id), fields_of(record, machine));
  }
  template <typename Record>
  void add_record(const char* kind, std::int64_t s, const Hash& id, const Record& record, const Machine* machine) {
    add(kind, s, id, short_id(id), fields_of(record, machine));
  }
  void add(std::string kind, std::int64_t shard, ByteView id, const std::string& shown, Json::Object fields) {
    std::string label = kind + (shown.empty() ? "" : " " + shown);
    if (is_sharded_) label += fmt::format(" of shard {}", shard);
    std::string hex = to_hex(id), key = fmt::format("{} {:02} {}", kind, shard, hex);
    objects_.emplace(std::move(key),
                     LedgerObject{std::move(kind), shard, std::move(hex), std::move(label), std::move(fields)});
  }
  template <typename Record>
  [[nodiscard]] Json::Object fields_of(const Record& record, const Machine* machine) const {
    FieldsForPeople fields(machine, names_);
    Record::fields(record, fields);
    return fields.take();
  }

  const Names& names_;
  bool is_sharded_;
  LedgerObjects objects_;
};

/// The value of a field in a line of text; long hashes are shortened.
std::string value_text(const Json& value) {
  if (const auto* text = value.as_string()) return text->size() == 64 ? text->substr(0, 8) : *text;
  return value.is_null() ? "none" : write_json_line(value);
}

bool says_something(const Json& value) {
  const auto* number = value.as_number();
  const auto* text = value.as_string();
  return !value.is_null() && !(number != nullptr && number->text == "0") && !(text != nullptr && text->empty());
}

}  // namespace

LedgerObjects objects_of(const Ledger& ledger, const Names& names) {
  Collector collector(ledger, names);
  for (std::size_t s = 0; s < ledger.shards().size(); ++s)
    collector.add_shard(static_cast<std::int64_t>(s), ledger.shards()[s]);
  for (const Receipt& receipt : ledger.in_flight()) collector.add_receipt(receipt.to_shard, receipt, "in flight");
  LedgerObjects objects = collector.take();
  objects.emplace("chain", LedgerObject{"chain",
                                        0,
                                        to_hex(ledger.chain()),
                                        "chain",
                                        {{"height", Json::integer(ledger.height())},
                                         {"proposer", name_of_account(ledger.proposer(), names)}}});
  return objects;
}

std::vector<std::string> changed(const LedgerObjects& before, const LedgerObjects& after) {
  std::vector<std::string> keys;
  for (const auto& [key, object] : before)
    if (const auto now = after.find(key);
        now == after.end() || write_json_line(now->second.fields) != write_json_line(object.fields))
      keys.push_back(key);
  for (const auto& [key, object] : after)
    if (!before.contains(key)) keys.push_back(key);
  return keys;
}

std::vector<std::string> named(const TraceEvent& event, const LedgerObjects& before, const LedgerObjects& after) {
  std::set<std::string> ids;
  const auto note = [&ids](std::string_view, const auto& value) {
    using Value = std::remove_cvref_t<decltype(value)>;
    if constexpr (std::is_same_v<Value, Hash>) ids.insert(to_hex(value));
    else if constexpr (std::is_same_v<Value, PublicKey>) ids.insert(to_hex(value.bytes));
  };
  const auto note_transaction = [&](const Transaction& transaction) {
    note("", transaction.sender);
    std::visit([&note]<typename Op>(const Op& op) { Op::fields(op, note); }, transaction.operation);
  };
  if (const auto* transaction = std::get_if<Transaction>(&event)) note_transaction(*transaction);
  if (const auto* bytes = std::get_if<Bytes>(&event))
    if (const auto transaction = decode_transaction(*bytes)) note_transaction(*transaction);
  std::vector<std::string> keys;
  for (const LedgerObjects* objects : {&before, &after})
    for (const auto& [key, object] : *objects)
      if (ids.contains(object.id)) keys.push_back(key);
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

std::string object_text(const LedgerObject& object) {
  std::string text;
  for (const auto& [name, value] : object.fields)
    if (says_something(value)) text += (text.empty() ? ": " : ", ") + name + ' ' + value_text(value);
  return object.label + text;
}

std::string change_text(const LedgerObjects& before, const LedgerObjects& after, const std::string& key) {
  const auto old = before.find(key), now = after.find(key);
  if (now == after.end()) return old->second.label + ": gone";
  if (old == before.end()) return object_text(now->second) + " (new)";
  std::string text;
  const auto& [old_fields, fields] = std::tie(old->second.fields, now->second.fields);
  for (std::size_t k = 0; k < fields.size(); ++k)
    if (const std::string was = value_text(old_fields[k].second), is = value_text(fields[k].second); was != is)
      text += (text.empty() ? ": " : ", ") + fields[k].first + ' ' + (was.empty() ? "none" : was) + " -> " +
              (is.empty() ? "none" : is);
  return now->second.label + text;
}

Json object_json(const LedgerObject& object) {
  return Json::Object{
      {"object", object.kind}, {"shard", Json::integer(object.shard)}, {"id", object.id}, {"fields", object.fields}};
}

}  // namespace p2pllm::app
