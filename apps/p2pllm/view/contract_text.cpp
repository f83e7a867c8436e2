#include "apps/p2pllm/view/contract_text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "apps/p2pllm/view/text.hpp"

namespace p2pllm::app {
namespace {

using namespace contracts;

std::string short_id(ByteView bytes) { return to_hex(bytes.first(4)); }

std::string name_of_account(const AccountId& id, const Names& names) {
  const auto found = names.find(id);
  return found == names.end() ? short_id(id.bytes) : found->second;
}

std::string layers_text(const LayerRange& layers) { return fmt::format("[{},{})", layers.first, layers.last); }

/// Collects the objects of a ledger.
class Collector {
 public:
  Collector(const Ledger& ledger, const Names& names) : names_(names), is_sharded_(ledger.shards().size() > 1) {}

  void add(std::string kind, std::int64_t shard, ByteView id, const std::string& shown, Json::Object fields) {
    std::string label = kind + (shown.empty() ? "" : " " + shown);
    if (is_sharded_) label += fmt::format(" of shard {}", shard);
    std::string hex = to_hex(id), key = fmt::format("{} {:02} {}", kind, shard, hex);
    objects_.emplace(std::move(key),
                     LedgerObject{std::move(kind), shard, std::move(hex), std::move(label), std::move(fields)});
  }
  void add_shard(std::int64_t s, const Shard& shard) {
    for (const auto& [id, account] : shard.accounts)
      add("account", s, id.bytes, who(id), {number("balance", account.balance), number("nonce", account.nonce)});
    for (const auto& [id, node] : shard.nodes) add_node(s, id, node);
    for (const auto& [id, job] : shard.slas) add_sla(s, id, job);
    for (const auto& [id, entry] : shard.channels) add_channel(s, id, entry);
    for (const AccountId& id : shard.away) add("away", s, id.bytes, who(id), {});
    for (const Hash& id : shard.evidence) add("evidence", s, id, short_id(id), {});
    for (const Receipt& receipt : shard.outgoing) add_receipt(s, receipt, "sent");
    for (const QueuedMove& move : shard.queued_moves)
      add("migration", s, move.node.bytes, who(move.node), {{"to", layers_text(move.layers)}});
    if (shard.burned != 0) add("burned", s, {}, "", {number("amount", shard.burned)});
  }
  void add_receipt(std::int64_t s, const Receipt& receipt, const char* status) {
    add("receipt", s, receipt.id, short_id(receipt.id),
        {{"status", status},
         number("to_shard", receipt.to_shard),
         {"to", who(receipt.to)},
         number("amount", receipt.amount)});
  }
  LedgerObjects take() { return std::move(objects_); }

 private:
  [[nodiscard]] std::string who(const AccountId& id) const { return name_of_account(id, names_); }
  static std::pair<std::string, Json> number(const char* name, auto value) {
    return {name, Json::integer(static_cast<long long>(value))};
  }
  static std::pair<std::string, Json> status(const Machine& machine, std::int64_t value) {
    return {"status", std::string(machine.statuses[static_cast<std::size_t>(value)])};
  }
  static std::pair<std::string, Json> hash(const char* name, const Hash& value) {
    return {name, value == Hash{} ? Json() : Json(to_hex(value))};
  }

  void add_node(std::int64_t s, const AccountId& id, const contracts::RegisteredNode& node) {
    const auto& r = node.registration;
    add("registration", s, id.bytes, who(id),
        {status(registration_machine(), r.status),
         number("stake", r.stake),
         number("version", r.version),
         {"layers", layers_text(node.layers)},
         number("cost_us", node.cost_us),
         number("price", node.price),
         number("updated_at", r.updated_at),
         number("release_at", r.release_at),
         number("jailed_until", r.jailed_until),
         number("open_slas", r.open_slas)});
  }
  void add_sla(std::int64_t s, const Hash& id, const SlaRecord& job) {
    const auto& t = job.terms;
    const auto& sla = job.sla;
    const char* turns[] = {"", "provider", "client"};
    add("sla", s, id, short_id(id),
        {status(sla_machine(), sla.status),
         {"client", who(job.client)},
         {"provider", who(job.provider)},
         {"layers", layers_text(job.layers)},
         number("escrow", sla.escrow),
         number("bond", sla.bond),
         number("challenge_bond", sla.challenge_bond),
         number("challenge_until", sla.challenge_until),
         number("demand_by", sla.demand_by),
         number("left", sla.left),
         number("right", sla.right),
         {"turn", turns[sla.turn]},
         number("deadline", sla.deadline),
         number("price", t.price),
         number("units", t.units),
         number("steps_per_unit", t.steps_per_unit),
         number("accept_by", t.accept_by),
         number("deliver_by", t.deliver_by),
         number("window", t.window),
         number("turn_blocks", t.turn),
         number("agreed_bond", t.bond),
         number("stake_at_accept", job.stake_at_accept),
         number("stake_at_delivery", job.stake_at_delivery),
         hash("model", job.model),
         hash("input", job.input),
         hash("root", job.root),
         hash("output", job.output),
         hash("left_state", job.left),
         hash("right_state", job.right),
         hash("mid_state", job.mid)});
  }
  void add_channel(std::int64_t s, const Hash& id, const ChannelRecord& entry) {
    const auto& c = entry.channel;
    const auto posted = [](const char* name, std::int64_t version) {
      return std::pair<std::string, Json>{name, version == channel_nothing_posted ? Json() : Json::integer(version)};
    };
    add("channel", s, id, short_id(id),
        {status(channel_machine(), c.status),
         {"a", who(entry.a)},
         {"b", who(entry.b)},
         number("deposit_a", c.deposit_a),
         number("deposit_b", c.deposit_b),
         number("fund_by", c.fund_by),
         number("closing_time", c.closing_time),
         number("timeout", c.timeout),
         number("version", c.version),
         number("balance_a", c.balance_a),
         number("balance_b", c.balance_b),
         posted("least_posted_a", c.least_posted_a),
         posted("least_posted_b", c.least_posted_b)});
  }

  const Names& names_;
  bool is_sharded_;
  LedgerObjects objects_;
};

/// A value of a field in a line of text; long hashes cut.
std::string value_text(const Json& value) {
  if (const auto* text = value.as_string()) return text->size() == 64 ? text->substr(0, 8) : *text;
  return value.is_null() ? "none" : write_json_line(value);
}

bool says_something(const Json& value) {
  const auto* number = value.as_number();
  const auto* text = value.as_string();
  return !value.is_null() && !(number != nullptr && number->text == "0") && !(text != nullptr && text->empty());
}

/// What an operation does, with the names of its fields in braces; {id} is the transaction's own.
constexpr std::pair<std::string_view, std::string_view> sentences[] = {
    {"transfer", "sends {amount} to {to} in shard {to_shard}"},
    {"register",
     "registers for layers [{first},{last}) at {cost_us} us and a price of {price}, with a stake of {stake}"},
    {"update", "asks a price of {price} from now on"},
    {"migrate", "wants to move to layers [{first},{last})"},
    {"top_up", "adds {amount} to the stake"},
    {"unbond", "stops serving and waits for the stake"},
    {"rebond", "serves again instead of leaving"},
    {"withdraw", "takes the stake back"},
    {"unjail", "asks to leave jail"},
    {"report_equivocation", "shows that {offender} signed two blocks for height {height} in round {round}"},
    {"propose",
     "proposes SLA {id} to {provider}: {units} units of {steps_per_unit} steps on layers [{first},{last}) at "
     "{price} each, to accept by {accept_by} and deliver by {deliver_by}, bond {bond}"},
    {"accept", "accepts SLA {sla}"},
    {"cancel", "cancels SLA {sla}"},
    {"expire", "has SLA {sla} expire"},
    {"deliver", "delivers SLA {sla}: commits to all steps and to output {output}"},
    {"demand", "demands the output of SLA {sla}"},
    {"publish", "publishes the output of SLA {sla}, {output}"},
    {"miss", "reports that the output of SLA {sla} was not published"},
    {"acknowledge", "acknowledges SLA {sla}"},
    {"finalize", "has SLA {sla} settled, unchallenged"},
    {"timeout", "reports that SLA {sla} was not delivered"},
    {"challenge", "challenges SLA {sla} with a bond of {bond}"},
    {"post_mid", "opens the state in the middle of the dispute on SLA {sla}: {after}"},
    {"side", "says that the middle state of SLA {sla} is {agree}"},
    {"judge", "has the disputed step of SLA {sla} executed again, from a state of {witness}"},
    {"forfeit", "reports that a turn of the dispute on SLA {sla} was not taken"},
    {"channel_open", "opens a channel of {a} and {b} with {deposit_a} and wants {deposit_b} by height {fund_by}"},
    {"channel_fund", "funds the channel of {a} and {b} with {deposit_b}"},
    {"channel_reclaim", "has channel {channel}, never funded, paid back"},
    {"channel_cooperative_close", "closes channel {channel} by agreement: {balance_a} and {balance_b}"},
    {"channel_close", "closes channel {channel} alone with version {version}: {balance_a} and {balance_b}"},
    {"channel_refute", "refutes the closing of channel {channel} with version {version}: {balance_a} and {balance_b}"},
    {"channel_punish", "shows that the other party of channel {channel} revoked all versions below {revoked_below}"},
    {"channel_settle", "has channel {channel} settled"},
};

/// The texts of an operation's fields, by name.
struct FieldTexts {
  const Names& names;
  std::map<std::string_view, std::string> texts{};

  void operator()(std::string_view name, std::int64_t value) { texts[name] = std::to_string(value); }
  void operator()(std::string_view name, std::uint64_t value) { texts[name] = std::to_string(value); }
  void operator()(std::string_view name, bool value) { texts[name] = value ? "right" : "wrong"; }
  void operator()(std::string_view name, const Bytes& value) { texts[name] = counted(value.size(), "byte"); }
  void operator()(std::string_view name, const Hash& value) { texts[name] = short_id(value); }
  void operator()(std::string_view name, const PublicKey& value) { texts[name] = name_of_account(value, names); }
  void operator()(std::string_view /*name*/, const Signature& /*value*/) {}
  void operator()(std::string_view /*name*/, const MerkleProof& /*value*/) {}
};

std::string filled(std::string_view sentence, const std::map<std::string_view, std::string>& texts) {
  std::string out;
  while (!sentence.empty()) {
    const std::size_t open = std::min(sentence.find('{'), sentence.size());
    out += sentence.substr(0, open);
    if (open == sentence.size()) break;
    const std::size_t close = sentence.find('}');
    const auto found = texts.find(sentence.substr(open + 1, close - open - 1));
    out += found == texts.end() ? "?" : found->second;
    sentence.remove_prefix(close + 1);
  }
  return out;
}

std::string sentence_of_transaction(const Transaction& transaction, const Names& names) {
  FieldTexts fields{names};
  std::visit([&fields]<typename Op>(const Op& op) { Op::fields(op, fields); }, transaction.operation);
  fields.texts["id"] = short_id(transaction_id(transaction));
  const std::string_view name = name_of(transaction.operation);
  const auto* const found =
      std::ranges::find_if(sentences, [name](const auto& sentence) { return sentence.first == name; });
  return name_of_account(transaction.sender, names) + " " +
         (found == std::end(sentences) ? std::string(name) : filled(found->second, fields.texts));
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

std::string sentence_of(const TraceEvent& event, const Names& names) {
  if (const auto* transaction = std::get_if<Transaction>(&event)) return sentence_of_transaction(*transaction, names);
  if (const auto* bytes = std::get_if<Bytes>(&event)) {
    const auto transaction = decode_transaction(*bytes);
    const std::string sent = "somebody sends " + counted(bytes->size(), "byte");
    return transaction ? sent + ", in which " + sentence_of_transaction(*transaction, names)
                       : sent + ", of which " + to_string(transaction.error());
  }
  if (const auto* skip = std::get_if<SkipTo>(&event)) return fmt::format("the block is left to round {}", skip->round);
  const std::int64_t count = std::get<EndBlocks>(event).count;
  if (count <= 2) return count == 1 ? "the block ends" : "this block and the next end";
  return fmt::format("this block and the next {} end", count - 1);
}

std::string request_and_outcome(const ReplayedLine& line, const Names& names) {
  std::string text = sentence_of(line.event, names);
  if (!line.outcome) return text;
  constexpr const char* consequences[] = {"done", "malformed", "refused", "failed"};
  const Reason reason = line.outcome->reason;
  text += fmt::format(": {}", consequences[static_cast<std::size_t>(consequence_of(reason))]);
  if (reason != Reason::none) text += fmt::format(", {}", name_of(reason));
  return text;
}

std::string explained(const ReplayedLine& line, Height height, const Names& names) {
  std::string text = fmt::format("block {}: {}", height, request_and_outcome(line, names));
  if (line.outcome && line.outcome->reason != Reason::none)
    text += fmt::format(": {}", to_string(line.outcome->reason));
  return text;
}

}  // namespace p2pllm::app
