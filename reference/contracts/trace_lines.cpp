#include "reference/contracts/trace_lines.hpp"

#include <algorithm>
#include <set>

#include "model/crypto/hash_text.hpp"
#include "reference/contracts/ledger.hpp"

namespace p2pllm::reference {
namespace {

constexpr const char* format = "p2pllm-trace/3";
constexpr std::string_view default_executor = "sample";
constexpr const char* segment_format = "p2pllm-trace-segment/2";
constexpr std::string_view link_begins = ",\"link\":\"", link_ends = "\"}";
constexpr std::size_t hash_digits = 2 * sizeof(Hash);
constexpr std::size_t link_bytes = link_begins.size() + hash_digits + link_ends.size();
constexpr const char* number_rule = "a whole number from 0 to 2^62 is required";

using Numbers = Parameters<std::int64_t>;

/// Reads an array from exactly as many hexadecimal digits as it needs; fails at `place` for any other text.
Json::Object head_json(const TraceHead& head) {
  const Genesis& genesis = head.genesis;
  Json::Object parameters, names;
  Numbers::fields(genesis.parameters, [&parameters](std::string_view name, std::int64_t value) {
    parameters.emplace_back(name, Json::integer(value));
  });
  Json::Array balances, proposers;
  for (const auto& shard : genesis.balances) {
    Json::Object accounts;
    for (const auto& [id, amount] : shard) accounts.emplace_back(to_hex(id.bytes), Json::integer(amount));
    balances.emplace_back(std::move(accounts));
  }
  for (const AccountId& id : genesis.proposers) proposers.emplace_back(to_hex(id.bytes));
  for (const auto& [id, name] : head.names) names.emplace_back(name, to_hex(id.bytes));
  Json::Object head_members{{"format", format},
                            {"genesis", Json::Object{{"name", genesis.name},
                                                     {"shards", Json::integer(genesis.shards)},
                                                     {"layers", Json::integer(genesis.layers)},
                                                     {"parameters", std::move(parameters)},
                                                     {"balances", std::move(balances)},
                                                     {"proposers", std::move(proposers)}}},
                            {"signatures", head.is_ideal ? "ideal" : "ed25519"},
                            {"names", std::move(names)}};
  Json::Object executors;
  for (const auto& [model, name] : head.executors) executors.emplace_back(to_hex(model), name);
  if (!executors.empty()) head_members.emplace_back("executors", std::move(executors));
  if (head.executor_of_others != default_executor) head_members.emplace_back("executor", head.executor_of_others);
  return head_members;
}

Numbers read_parameters(const JsonCursor& place) {
  if (place.value().as_object() == nullptr) place.fail("an object is expected here");
  Numbers parameters{};
  std::set<std::string_view> names;
  Numbers::fields(parameters, [&](std::string_view name, std::int64_t& value) {
    value = place.member(name).integer(0, amount_max, number_rule);
    names.insert(name);
  });
  for (const auto& [key, value] : *place.value().as_object())
    if (!names.contains(key)) place.child(key, value).fail("there is no such parameter");
  return parameters;
}

Genesis read_genesis(const JsonCursor& place) {
  place.require_object({"name", "shards", "layers", "parameters", "balances", "proposers"});
  Genesis genesis;
  genesis.name = place.member("name").string();
  genesis.shards = place.member("shards").integer(1, shards_max, "1 to 64 shards are required");
  genesis.layers = place.member("layers").integer(1, ledger_layers_max, "1 to 2^20 layers are required");
  genesis.parameters = read_parameters(place.member("parameters"));
  const JsonCursor balances = place.member("balances"), proposers = place.member("proposers");
  for (const JsonCursor& shard : balances.items()) {
    if (shard.value().as_object() == nullptr) shard.fail("an object is expected here");
    auto& accounts = genesis.balances.emplace_back();
    for (const auto& [key, value] : *shard.value().as_object()) {
      const JsonCursor entry = shard.child(key, value);
      accounts[{hash_of_hex(entry, key)}] = entry.integer(0, amount_max, number_rule);
    }
  }
  for (const JsonCursor& id : proposers.items()) genesis.proposers.push_back({hash_of_hex(id, id.string())});
  if (const auto fault = genesis_fault(genesis)) place.member(fault->place).fail(fault->rule);
  return genesis;
}

const std::string& read_executor(const JsonCursor& place) {
  if (find_executor(place.string()) == nullptr) place.fail("there is no such executor; known here: layers, sample");
  return place.string();
}

std::map<Hash, std::string> read_executors(const JsonCursor& place) {
  if (place.value().as_object() == nullptr) place.fail("an object is expected here");
  std::map<Hash, std::string> executors;
  for (const auto& [model, value] : *place.value().as_object()) {
    const JsonCursor entry = place.child(model, value);
    executors[hash_of_hex(entry, model)] = read_executor(entry);
  }
  return executors;
}

TraceHead read_head(const JsonCursor& root) {
  root.require_object({"format", "genesis", "signatures", "names", "executors", "executor", "link"});
  require_format(root, format);
  TraceHead head;
  head.genesis = read_genesis(root.member("genesis"));
  const JsonCursor signatures = root.member("signatures");
  head.is_ideal = signatures.string() == "ideal";
  if (!head.is_ideal && signatures.string() != "ed25519") signatures.fail("\"ed25519\" or \"ideal\" is required");
  if (const auto executors = root.optional_member("executors")) head.executors = read_executors(*executors);
  if (const auto executor = root.optional_member("executor")) head.executor_of_others = read_executor(*executor);
  const auto names = root.optional_member("names");
  if (!names) return head;
  if (names->value().as_object() == nullptr) names->fail("an object is expected here");
  for (const auto& [name, value] : *names->value().as_object()) {
    const JsonCursor place = names->child(name, value);
    const bool is_plain = std::ranges::all_of(name, [](char c) { return '!' <= c && c <= '~'; });
    if (name.empty() || name.size() > 32 || !is_plain)
      place.fail("a name is 1 to 32 printable ASCII characters, none a space");
    if (!head.names.emplace(AccountId{hash_of_hex(place, place.string())}, name).second)
      place.fail("an account has one name");
  }
  return head;
}

TraceEvent read_event(const JsonCursor& root, const Hash& chain) {
  const auto transaction = root.optional_member("transaction"), encoded = root.optional_member("encoded"),
             ending = root.optional_member("end_block"), skipping = root.optional_member("skip_to");
  if (transaction.has_value() + encoded.has_value() + ending.has_value() + skipping.has_value() != 1)
    root.fail("a line has one of the keys \"transaction\", \"encoded\", \"end_block\" and \"skip_to\"");
  if (transaction) {
    if (transaction->value().as_object() == nullptr) transaction->fail("an object is expected here");
    return read_transaction(*transaction, chain);
  }
  if (encoded) {
    auto bytes = from_hex(encoded->string());
    if (!bytes) encoded->fail("lower-case hexadecimal digits, two a byte, are required");
    return *std::move(bytes);
  }
  if (ending) {
    ending->require_object({"count"});
    return EndBlocks{ending->member("count").integer(1, trace_blocks_max, "1 to 1000000 blocks end in one line")};
  }
  skipping->require_object({"round"});
  return SkipTo{skipping->member("round").integer(1, block_round_max, "a round from 1 to 1000 is required")};
}

RecordedLine read_line(const JsonCursor& root, const Hash& chain) {
  root.require_object({"transaction", "encoded", "end_block", "skip_to", "outcome", "state", "link"});
  RecordedLine line{read_event(root, chain), {}, {}, {}};
  const bool is_step = line.event.index() >= 2;
  if (is_step && root.optional_member("outcome")) root.member("outcome").fail("only a transaction has an outcome");
  if (!is_step) line.outcome = root.member("outcome").string();
  if (const auto state = root.optional_member("state")) line.state = hash_of_hex(*state, state->string());
  if (std::holds_alternative<EndBlocks>(line.event) && !line.state) root.fail("the key \"state\" is required here");
  return line;
}

/// Takes the next line off `rest` and reads its JSON with `reader`.
/// @param link  receives the link at the end of the line
template <typename Reader>
auto take_line(std::string_view& rest, const std::string& source, std::string_view& text, Hash& link,
               const Reader& reader) -> Result<decltype(reader(std::declval<JsonCursor>()))> {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  text = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (text.empty()) return bad_input(source + ": /", "the line is empty", "an object is required");
  const auto read_linked = [&](const JsonCursor& root) {
    if (root.value().as_object() == nullptr) root.fail("an object is expected here");
    const JsonCursor place = root.member("link");
    link = hash_of_hex(place, place.string());
    if (text.size() < link_bytes || !text.ends_with(link_ends) ||
        text.substr(text.size() - link_bytes, link_begins.size()) != link_begins)
      place.fail("a line ends with its link, written ,\"link\":\"64 digits\"}, and a line feed alone");
    text.remove_suffix(link_bytes);
    return reader(root);
  };
  return read_document(text, source, trace_line_bytes_max, read_linked, TextForm::line);
}

SegmentHead read_segment_head(const JsonCursor& root) {
  root.require_object({"format", "chain", "height", "state", "parent", "link"});
  const auto hash_at = [&root](std::string_view name) {
    const JsonCursor place = root.member(name);
    return hash_of_hex(place, place.string());
  };
  return {hash_at("chain"), root.member("height").integer(2, amount_max, "a whole number from 2 to 2^62 is required"),
          hash_at("state"), hash_at("parent")};
}

std::variant<TraceHead, SegmentHead> read_any_head(const JsonCursor& root) {
  const auto given = root.optional_member("format");
  if (given && given->value().as_string() != nullptr && given->string() == segment_format)
    return read_segment_head(root);
  return read_head(root);
}

}  // namespace

std::unique_ptr<const StepExecutor> TraceHead::executor(FindExecutor find) const {
  auto registry = std::make_unique<ExecutorRegistry>(*find(executor_of_others));
  for (const auto& [model, name] : executors) registry->add(model, *find(name));
  return registry;
}

Result<TraceReader> TraceReader::start(std::string_view text, std::string source) {
  if (text.size() > trace_bytes_max) return bad_input(source + ": /", "a trace may have at most 256 MiB");
  TraceReader reader(text, std::move(source));
  reader.first_line_ = text.substr(0, text.find('\n'));
  std::string_view first;
  auto head = take_line(reader.rest_, reader.place(), first, reader.head_link_, read_any_head);
  if (!head) return tl::unexpected<Fault>(head.error());
  reader.head_ = *std::move(head);
  reader.link_ = trace_link({}, first);
  return reader;
}

void TraceReader::check_event(const JsonCursor& place, const TraceEvent& event, bool is_block_empty) const {
  if (std::holds_alternative<SkipTo>(event) && !is_block_empty)
    place.member("skip_to").fail("rounds pass before the block's first transaction");
  if (const auto* ending = std::get_if<EndBlocks>(&event);
      ending != nullptr && ending->count > trace_blocks_max - blocks_)
    place.member("end_block").fail("a trace ends at most 1000000 blocks");
}

Result<RecordedLine> TraceReader::next(const Hash& chain, bool is_block_empty) {
  ++number_;
  if (number_ > trace_lines_max) return bad_input(place() + ": /", "a trace has at most 2^20 lines");
  std::string_view text;
  Hash link{};
  auto recorded = take_line(rest_, place(), text, link, [&](const JsonCursor& root) {
    RecordedLine read = read_line(root, chain);
    check_event(root, read.event, is_block_empty);
    return read;
  });
  if (!recorded) return recorded;
  recorded->link = link;
  if (const auto* ending = std::get_if<EndBlocks>(&recorded->event)) blocks_ += ending->count;
  link_ = trace_link(link_, text);
  return recorded;
}

void TraceLines::add(Json::Object line) {
  std::string text = write_json_line(std::move(line));
  text.pop_back();  // remove the closing brace, which comes after the link
  link_ = trace_link(link_, text);
  text_ += text.append(link_begins).append(to_hex(link_)).append(link_ends) + '\n';
  ++count_;
}

void TraceLines::add(const TraceHead& head) { add(head_json(head)); }

void TraceLines::add(const SegmentHead& head) {
  add({{"format", segment_format},
       {"chain", to_hex(head.chain)},
       {"height", Json::integer(head.height)},
       {"state", to_hex(head.state)},
       {"parent", to_hex(head.parent)}});
}

void TraceLines::add_as_it_is(std::string_view line, const Hash& link) {
  text_.append(line) += '\n';
  link_ = link;
  ++count_;
}

}  // namespace p2pllm::reference
