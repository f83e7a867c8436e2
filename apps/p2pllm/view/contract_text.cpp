#include "apps/p2pllm/view/contract_text.hpp"

#include <fmt/core.h>

#include <map>

#include "apps/p2pllm/view/text.hpp"

namespace p2pllm::app {

using namespace reference;

namespace {

// A sentence for each operation, with the names of its fields in braces; {id} is the id of the transaction itself.

std::string_view sentence(const Transfer&) { return "sends {amount} to {to} in shard {to_shard}"; }
std::string_view sentence(const Register&) {
  return "registers for layers {layers} at {cost_us} us and a price of {price}, with a stake of {stake}";
}
std::string_view sentence(const Update&) { return "asks a price of {price} from now on"; }
std::string_view sentence(const Migrate&) { return "wants to move to layers {layers}"; }
std::string_view sentence(const TopUp&) { return "adds {amount} to the stake"; }
std::string_view sentence(const Unbond&) { return "stops serving and waits for the stake"; }
std::string_view sentence(const Rebond&) { return "serves again instead of leaving"; }
std::string_view sentence(const Withdraw&) { return "takes the stake back"; }
std::string_view sentence(const Unjail&) { return "asks to leave jail"; }
std::string_view sentence(const ReportEquivocation&) {
  return "shows that {offender} signed two blocks for height {height} in round {round}";
}
std::string_view sentence(const Propose&) {
  return "proposes SLA {id} to {provider}: {units} units of {steps_per_unit} steps on layers {layers} at {price} each, "
         "of "
         "which acceptance orders {first_units}, to accept by {accept_by} and deliver by {deliver_by}, bond {bond}";
}
std::string_view sentence(const Accept&) { return "accepts SLA {sla}"; }
std::string_view sentence(const Cancel&) { return "cancels SLA {sla}"; }
std::string_view sentence(const Expire&) { return "has SLA {sla} expire"; }
std::string_view sentence(const Deliver&) {
  return "delivers units 1 to {units} of SLA {sla}, of which the client has {acknowledged}: commits to all steps and "
         "to "
         "output {output}";
}
std::string_view sentence(const Demand&) { return "demands the output of unit {unit} of SLA {sla}"; }
std::string_view sentence(const Publish&) { return "publishes the output of SLA {sla}, {output}, with a row of {row}"; }
std::string_view sentence(const Miss&) { return "reports that the output of SLA {sla} was not published"; }
std::string_view sentence(const Acknowledge&) { return "acknowledges SLA {sla}"; }
std::string_view sentence(const Finalize&) { return "has SLA {sla} settled, unchallenged"; }
std::string_view sentence(const Timeout&) { return "reports that SLA {sla} was not delivered"; }
std::string_view sentence(const Close&) {
  return "closes SLA {sla} with a receipt for units 1 to {units}, of which it has {acknowledged}";
}
std::string_view sentence(const Answer&) {
  return "answers that it provided units 1 to {units} of SLA {sla}, of which the client has {acknowledged}";
}
std::string_view sentence(const Claim&) { return "shows that the client owes units 1 to {units} of SLA {sla}"; }
std::string_view sentence(const Settle&) { return "settles SLA {sla} for {units} units, as the client said last"; }
std::string_view sentence(const Convict&) {
  return "shows two receipts for units 1 to {units} of SLA {sla}, for outputs {first_output} and {second_output}";
}
std::string_view sentence(const Challenge& op) {
  return op.units == 0 ? "challenges what is shown of SLA {sla} with a bond of {bond}"
                       : "challenges a receipt for units 1 to {units} of SLA {sla} with a bond of {bond}";
}
std::string_view sentence(const PostMid&) {
  return "opens the state in the middle of the dispute on SLA {sla}: {after}";
}
std::string_view sentence(const Side&) { return "says that the middle state of SLA {sla} is {agree}"; }
std::string_view sentence(const Judge&) {
  return "has the disputed micro-step of SLA {sla} executed again, from a state of {state} with a witness of {witness}";
}
std::string_view sentence(const Forfeit&) { return "reports that a turn of the dispute on SLA {sla} was not taken"; }
std::string_view sentence(const Refine&) {
  return "commits to the micro-steps of the disputed step of SLA {sla}, from a state of {state}: {root}";
}
std::string_view sentence(const ChannelOpen&) {
  return "opens a channel of {a} and {b} with {deposit_a} and wants {deposit_b} by height {fund_by}";
}
std::string_view sentence(const ChannelFund&) { return "funds the channel of {a} and {b} with {deposit_b}"; }
std::string_view sentence(const ChannelReclaim&) { return "has channel {channel}, never funded, paid back"; }
std::string_view sentence(const ChannelCooperativeClose&) {
  return "closes channel {channel} by agreement: {balance_a} and {balance_b}";
}
std::string_view sentence(const ChannelClose&) {
  return "closes channel {channel} alone with version {version}: {balance_a} and {balance_b}";
}
std::string_view sentence(const ChannelRefute&) {
  return "refutes the closing of channel {channel} with version {version}: {balance_a} and {balance_b}";
}
std::string_view sentence(const ChannelPunish&) {
  return "shows that the other party of channel {channel} revoked all versions below {revoked_below}";
}
std::string_view sentence(const ChannelSettle&) { return "has channel {channel} settled"; }

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
  void operator()(std::string_view name, const LayerRange& value) { texts[name] = to_string(value); }
  void operator()(std::string_view, const Signature&) {}
  void operator()(std::string_view, const MerkleProof&) {}
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
  fields.texts["id"] = short_id(transaction_id(transaction));
  const std::string_view words = std::visit(
      [&fields]<typename Op>(const Op& op) {
        Op::fields(op, fields);
        return sentence(op);
      },
      transaction.operation);
  return name_of_account(transaction.sender, names) + " " + filled(words, fields.texts);
}

}  // namespace

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
