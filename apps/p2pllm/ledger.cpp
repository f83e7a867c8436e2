#include <fmt/core.h>

#include <charconv>

#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "model/contracts/state_proof.hpp"
#include "model/encoding/escape.hpp"
#include "reference/contracts/replay.hpp"

// `ledger prove` and `ledger check`: what a ledger has for one key, shown under a state root (LEDGER-10).
namespace p2pllm::app {
namespace {

using namespace reference;

/// The ledger after the last block of a trace.
Result<Replay> replayed(const Input& input) {
  auto replay = Replay::start(input.bytes, input.name);
  if (!replay) return replay;
  const auto wrong = [&input](std::size_t line) {
    return bad_input(fmt::format("{}: line {}", input.name, line),
                     "it is not what the rules make of it; p2pllm contract replay tells more");
  };
  if (!replay->head_differences().empty()) return wrong(1);
  bool is_block_open = false;
  ProgressLine line("replaying");
  const Progress progress = line.hook();
  while (!replay->is_done()) {
    const auto next = replay->next();
    if (!next) return tl::unexpected<Fault>(next.error());
    if (!next->differences.empty() || !replay->ledger().faults().empty()) return wrong(next->number);
    const Consequence consequence = next->outcome ? consequence_of(next->outcome->reason) : Consequence::refused;
    if (std::holds_alternative<EndBlocks>(next->event)) is_block_open = false;
    else if (std::holds_alternative<SkipTo>(next->event) || consequence == Consequence::applied ||
             consequence == Consequence::failed)
      is_block_open = true;
    report(progress, input.bytes.size() - replay->bytes_left(), input.bytes.size());
  }
  if (is_block_open)
    return bad_input(input.name, "the last block has not ended; the state between two blocks is proved");
  return replay;
}

/// A field of a key from the command line; an account may be given by its name in the trace.
Result<StateField> parse_field(KeyField kind, const std::string& text, const TraceHead& head) {
  if (kind == KeyField::id) {
    for (const auto& [id, name] : head.names)
      if (name == text) return StateField(id.bytes);
    const auto bytes = from_hex(text);
    Hash hash{};
    if (!bytes || bytes->size() != hash.size())
      return bad_input("key", '"' + printable(text) + '"', "64 lower-case hexadecimal digits or a name are required");
    std::ranges::copy(*bytes, hash.begin());
    return StateField(hash);
  }
  const std::uint64_t most = kind == KeyField::shard ? static_cast<std::uint64_t>(head.genesis.shards - 1)
                                                     : static_cast<std::uint64_t>(amount_max);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > most)
    return bad_input("key", '"' + printable(text) + '"',
                     fmt::format("{}, 0 to {}, is required", kind == KeyField::shard ? "a shard" : "a height", most));
  return StateField(number);
}

/// "account SHARD ID".
std::string usage_of(const ObjectKind& kind) {
  constexpr const char* words[] = {" SHARD", " HEIGHT", " ID"};
  std::string usage(kind.name);
  for (const KeyField field : kind.key) usage += words[static_cast<std::size_t>(field)];
  return usage;
}

Result<StateKey> parse_key(const LedgerProveOptions& options, const TraceHead& head) {
  const ObjectKind* kind = find_object_kind(options.object);
  if (kind == nullptr) {
    std::string names;
    for (const ObjectKind& each : object_kinds()) names += (names.empty() ? "" : ", ") + std::string(each.name);
    return bad_input("object", '"' + printable(options.object) + '"', "one of these is required: " + names);
  }
  if (options.key.size() != kind->key.size()) {
    std::string given;
    for (const std::string& field : options.key) given += (given.empty() ? "" : " ") + printable(field);
    return bad_input("key", '"' + given + '"', "the object is named by: " + usage_of(*kind));
  }
  StateKey key{kind, {}};
  for (std::size_t k = 0; k < kind->key.size(); ++k) {
    auto field = parse_field(kind->key[k], options.key[k], head);
    if (!field) return tl::unexpected<Fault>(field.error());
    key.fields.push_back(*field);
  }
  return key;
}

template <typename Record>
std::vector<std::string> names_of_fields() {
  std::vector<std::string> names;
  const Record record{};
  Record::fields(record, [&names](std::string_view name, const auto& value) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, LayerRange>)
      names.insert(names.end(), {"first", "last"});
    else names.emplace_back(name);
  });
  return names;
}
std::vector<std::string> names_of_fields(std::string_view kind) {
  if (kind == "account") return names_of_fields<Account>();
  if (kind == "node") return names_of_fields<RegisteredNode>();
  if (kind == "sla") return names_of_fields<SlaRecord>();
  if (kind == "channel") return names_of_fields<ChannelRecord>();
  if (kind == "burned") return {"amount"};
  if (kind == "receipt") return {"to", "amount"};
  if (kind == "validator") return {"stake", "sign", "priority"};
  if (kind == "stakes") return {"stakes"};
  return {};
}

std::string text_of(const StateField& field) {
  if (const auto* id = std::get_if<Hash>(&field)) return to_hex(*id);
  return std::to_string(std::get<std::uint64_t>(field));
}
std::string text_of(const StateKey& key) {
  std::string text(key.kind->name);
  for (const StateField& field : key.fields) text += ' ' + text_of(field);
  return text;
}

/// The fields of a row beside its key. A row that no ledger writes may have others, which have numbers for names.
std::vector<std::pair<std::string, std::string>> named_fields(const StateRow& row) {
  const std::vector<std::string> names = names_of_fields(row.key.kind->name);
  std::vector<std::pair<std::string, std::string>> fields;
  for (std::size_t k = 0; k < row.others.size(); ++k)
    fields.emplace_back(k < names.size() ? names[k] : std::to_string(k), text_of(row.others[k]));
  return fields;
}

/// The object that a proof shows to be present.
std::vector<std::pair<std::string, std::string>> shown_fields(const StateProof& proof, Shown shown) {
  if (shown == Shown::absence) return {};
  return named_fields(read_state_row(*proof.row).value());
}

void print_check(const StateProof& proof, const Hash& root, Shown shown) {
  fmt::print("{}: {}\n", shown == Shown::presence ? "present" : "absent", text_of(proof.key));
  for (const auto& [name, value] : shown_fields(proof, shown)) fmt::print("  {} {}\n", name, value);
  fmt::print("after block {} of chain {}\nunder the state root {}\n", proof.height - 1, to_hex(proof.chain),
             to_hex(root));
}

Json check_json(const StateProof& proof, const Hash& root, const tl::expected<Shown, Fault>& shown) {
  Json fields;
  if (shown && *shown == Shown::presence) {
    Json::Object members;
    for (const auto& [name, value] : shown_fields(proof, *shown)) members.emplace_back(name, value);
    fields = std::move(members);
  }
  return Json::Object{{"accepted", shown.has_value()},
                      {"shown", shown ? Json(*shown == Shown::presence ? "presence" : "absence") : Json()},
                      {"object", text_of(proof.key)},
                      {"fields", std::move(fields)},
                      {"chain", to_hex(proof.chain)},
                      {"block", Json::integer(proof.height - 1)},
                      {"root", to_hex(root)},
                      {"reason", shown ? Json() : Json(shown.error().message())}};
}

}  // namespace

int run_ledger_prove(const LedgerProveOptions& options) {
  if (const auto outputs = check_outputs({options.proof}, {options.trace}); !outputs) return complain(outputs.error());
  const auto input = read_input(options.trace, trace_bytes_max);
  if (!input) return complain(input.error());
  const auto replay = replayed(*input);
  if (!replay) return complain(replay.error());
  const auto key = parse_key(options, replay->head());
  if (!key) return complain(key.error());
  const std::string text = write_state_proof(state_proof(replay->ledger().state(), *key));
  if (options.proof.empty()) {
    fmt::print("{}", text);
    return exit_holds;
  }
  const auto written = write_output(options.proof, text);
  return written ? exit_holds : complain(written.error());
}

int run_ledger_check(const LedgerCheckOptions& options) {
  const auto input = read_input(options.proof, state_proof_bytes_max);
  if (!input) return complain(input.error());
  const auto proof = read_state_proof(input->bytes, input->name);
  if (!proof) return complain(proof.error());
  const Hash root = root_of(*proof);
  auto shown = shown_by(*proof);
  if (!options.root.empty()) {
    const auto stated = from_hex(options.root);
    if (!stated || stated->size() != root.size())
      return complain(
          bad_input("--root", '"' + printable(options.root) + '"', "64 lower-case hexadecimal digits are required")
              .value());
    if (!std::ranges::equal(*stated, root))
      shown = tl::unexpected<Fault>(
          {.clause = "LEDGER-10", .place = "--root", .value = {}, .rule = "the proof is for the root " + to_hex(root)});
  }
  if (options.json) fmt::print("{}", write_json(check_json(*proof, root, shown)));
  else if (shown) print_check(*proof, root, *shown);
  else fmt::print("rejected: {}\n", for_terminal(shown.error().message()));
  return shown ? exit_holds : exit_refuted;
}

}  // namespace p2pllm::app
