#include "reference/contracts/replay.hpp"

namespace p2pllm::reference {
namespace {

void compare(std::vector<Difference>& differences, const char* pointer, std::string_view recorded,
             std::string_view computed) {
  if (recorded != computed) differences.push_back({pointer, std::string(recorded), std::string(computed)});
}

}  // namespace

Replay::Replay(TraceHead head, TraceReader reader)
    : head_(std::move(head)),
      executor_(head_.executor()),
      reader_(std::move(reader)),
      ledger_(head_.genesis, head_.scheme(), *executor_) {}

Result<Replay> Replay::start(std::string_view text, std::string source) {
  auto reader = TraceReader::start(text, std::move(source));
  if (!reader) return tl::unexpected<Fault>(reader.error());
  const auto* head = std::get_if<TraceHead>(&reader->head());
  if (head == nullptr)
    return bad_input(reader->place(), "a later segment of a trace",
                     "it begins from a state, against which p2pllm ledger import checks it");
  const Hash recorded = reader->head_link();
  TraceHead copied = *head;
  Replay replay(std::move(copied), *std::move(reader));
  compare(replay.head_differences_, "/link", to_hex(recorded), to_hex(replay.link()));
  return replay;
}

void Replay::run(ReplayedLine& line) {
  if (const auto* transaction = std::get_if<Transaction>(&line.event)) {
    // The transaction is encoded and decoded again: one that is too long for an encoding is malformed here too.
    line.outcome = ledger_.execute(ByteView(encode(*transaction)));
  } else if (const auto* bytes = std::get_if<Bytes>(&line.event)) {
    line.outcome = ledger_.execute(ByteView(*bytes));
  } else if (const auto* skip = std::get_if<SkipTo>(&line.event)) {
    ledger_.skip_to(skip->round);
  } else {
    const std::int64_t count = std::get<EndBlocks>(line.event).count;
    for (std::int64_t k = 0; k < count; ++k) (void)ledger_.end_block();
    is_block_empty_ = true;
  }
  if (!line.outcome) return;
  const Consequence consequence = consequence_of(line.outcome->reason);
  if (consequence == Consequence::applied || consequence == Consequence::failed) is_block_empty_ = false;
}

Result<ReplayedLine> Replay::next() {
  auto recorded = reader_.next(ledger_.chain(), is_block_empty_);
  if (!recorded) return tl::unexpected<Fault>(recorded.error());
  ReplayedLine line;
  line.number = reader_.number();
  line.event = std::move(recorded->event);
  run(line);
  if (line.outcome) compare(line.differences, "/outcome", *recorded->outcome, name_of(line.outcome->reason));
  if (recorded->state) compare(line.differences, "/state", to_hex(*recorded->state), to_hex(ledger_.state_root()));
  compare(line.differences, "/link", to_hex(recorded->link), to_hex(reader_.link()));
  return line;
}

TraceWriter::TraceWriter(TraceHead head, bool with_states)
    : head_(std::move(head)),
      executor_(head_.executor()),
      with_states_(with_states),
      ledger_(head_.genesis, head_.scheme(), *executor_) {
  lines_.add(head_);
}

void TraceWriter::add(Json::Object line, bool with_state) {
  if (with_state) line.emplace_back("state", to_hex(ledger_.state_root()));
  lines_.add(std::move(line));
}

Outcome TraceWriter::execute(const Transaction& transaction) {
  const Outcome outcome = ledger_.execute(ByteView(encode(transaction)));
  add({{"transaction", transaction_json(transaction)}, {"outcome", std::string(name_of(outcome.reason))}},
      with_states_);
  return outcome;
}

Outcome TraceWriter::execute(const Bytes& encoded) {
  const Outcome outcome = ledger_.execute(ByteView(encoded));
  add({{"encoded", to_hex(encoded)}, {"outcome", std::string(name_of(outcome.reason))}}, with_states_);
  return outcome;
}

void TraceWriter::end_blocks(std::int64_t count) {
  for (std::int64_t k = 0; k < count; ++k) (void)ledger_.end_block();
  add({{"end_block", Json::Object{{"count", Json::integer(count)}}}}, true);
}

void TraceWriter::skip_to(std::int64_t round) {
  ledger_.skip_to(round);
  add({{"skip_to", Json::Object{{"round", Json::integer(round)}}}}, with_states_);
}

}  // namespace p2pllm::reference
