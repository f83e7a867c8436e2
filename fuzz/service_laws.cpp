#include <algorithm>

#include "fuzz/law.hpp"
#include "fuzz/service_world.hpp"
#include "model/contracts/trace.hpp"

// The laws of single answers (STORE-8).
namespace p2pllm::fuzz {
namespace {

using namespace contracts;

std::string string_of(const Json& object, const char* member) {
  const Json* found = object.find(member);
  const std::string* text = found == nullptr ? nullptr : found->as_string();
  law(text != nullptr, "STORE-8: an answer has its members", member);
  return *text;
}

std::int64_t number_of(const Json& object, const char* member) {
  const Json* found = object.find(member);
  const auto* number = found == nullptr ? nullptr : found->as_number();
  law(number != nullptr, "STORE-8: an answer has its members", member);
  return std::stoll(number->text);
}

void law_of_members(const Json& object, const std::vector<std::string>& names) {
  std::vector<std::string> found;
  for (const auto& [name, value] : *object.as_object()) found.push_back(name);
  law(found == names, "STORE-8: an answer has its members and no others", write_json_line(object));
}

}  // namespace

void ServiceWorld::check_left(const Client& of) {
  const bool is_unread = handler_->output(of.id).size() > small_limits.unread_bytes;
  law(handler_->wants_input(of.id) == (!of.is_cut && !is_unread), "STORE-8: a connection that is not cut off is kept");
  if (of.is_cut || is_unread) return;
  law(of.taken == static_cast<std::int64_t>(of.lines.size()), "STORE-8: each line is answered, or waits for a block");
  law(of.rest.size() <= small_limits.request_bytes, "STORE-8: a line that is too long is answered before its end");
}

/// Nothing but a block changes the ledger.
void ServiceWorld::check_unchanged() {
  law(ledger_->executor().root() == reference_.root() && ledger_->store().summary().height == height_,
      "STORE-8: requests change nothing before their block");
}

/// A client that is one too many is told so.
void ServiceWorld::check_refusal() {
  const auto refusal = parse_json(handler_->refusal(), "answer", TextForm::line);
  law(refusal && number_of(*refusal, "line") == 0 && refusal->find("error") != nullptr &&
          string_of(*refusal->find("error"), "reason") == "too_many_connections",
      "STORE-8: too_many_connections");
  ++reached["error too_many_connections"];
}

void ServiceWorld::check_at_once(const Client& of, std::int64_t line, const Json& answer) {
  const std::string& text = of.text(line);
  if (const Json* error = answer.find("error")) {
    law_of_members(answer, {"line", "error"});
    return check_error(of, line, *error);
  }
  law(answer.find("outcome") == nullptr, "STORE-8: an outcome is told when its block is durable");
  law_of_members(answer, {"line", "status"});
  law(text.size() <= small_limits.request_bytes && text.find("\"status\"") != std::string::npos,
      "STORE-8: who asks for the status is told it", text);
  check_status(*answer.find("status"));
}

void ServiceWorld::check_status(const Json& status) {
  law_of_members(status, {"chain", "height", "state", "parent", "link", "snapshot", "pending"});
  const auto& summary = ledger_->store().summary();
  law(string_of(status, "chain") == to_hex(testing::store_chain()) &&
          string_of(status, "state") == to_hex(reference_.root()) &&
          string_of(status, "link") == to_hex(summary.link) && number_of(status, "height") == height_ &&
          string_of(status, "parent") == to_hex(reference_.export_state().parent),
      "STORE-8: the status is that of the ledger");
  law(number_of(status, "pending") == static_cast<std::int64_t>(waiting_.size()),
      "STORE-8: the status counts who waits");
  ++reached["status"];
}

/// An error that is answered at once has the one reason that fits the line.
void ServiceWorld::check_error(const Client& of, std::int64_t line, const Json& error) {
  law_of_members(error, {"reason", "rule"});
  const std::string reason = string_of(error, "reason"), rule = string_of(error, "rule");
  const std::string& text = of.text(line);
  const bool is_whole = line <= static_cast<std::int64_t>(of.lines.size());
  ++reached["error " + reason];
  law(!rule.empty() && rule.find('\n') == std::string::npos, "FORMAT-6: a rule is one line");
  if (text.size() > small_limits.request_bytes) return law(reason == "too_long", "STORE-8: too_long", reason);
  if (!is_whole) return law(reason == "truncated" && of.is_cut, "STORE-8: truncated", reason);
  const auto transaction = transaction_of(text);
  if (reason == "malformed") {
    law(!transaction && !is_surely_request(text), "STORE-8: a request is understood", text);
    law(rule.starts_with("request, column ") || rule.starts_with("request: /"), "FORMAT-6: a message has a place",
        rule);
    return;
  }
  law(reason == "too_many_pending" && transaction && is_full_for(transaction->size()), "STORE-8: too_many_pending",
      reason);
}

bool ServiceWorld::is_full_for(std::size_t bytes) const {
  for (const Waiting& one : waiting_) bytes += one.transaction.size();
  return waiting_.size() == small_limits.pending || bytes > small_limits.pending_bytes;
}

/// The transaction that a line asks for; nothing if it asks for none.
std::optional<Bytes> ServiceWorld::transaction_of(const std::string& text) const {
  const auto reader = [](const JsonCursor& root) -> std::optional<Bytes> {
    const Json::Object* members = root.value().as_object();
    if (members == nullptr || members->size() != 1) return std::nullopt;
    const auto& [name, value] = members->front();
    if (name == "encoded") return value.as_string() == nullptr ? std::nullopt : from_hex(*value.as_string());
    if (name != "transaction" || value.as_object() == nullptr) return std::nullopt;
    return encode(read_transaction(root.member("transaction"), testing::store_chain()));
  };
  const auto read = read_document(text, "line", small_limits.request_bytes, reader, TextForm::line);
  return read ? *read : std::nullopt;
}

/// Whether a line is, character by character, one that every service must understand.
bool ServiceWorld::is_surely_request(const std::string& text) const {
  constexpr std::string_view encoded = "{\"encoded\":\"", transaction = "{\"transaction\":";
  if (text == "{\"status\":{}}") return true;
  if (text.starts_with(transaction) && text.ends_with("}"))
    return right_.contains(text.substr(transaction.size(), text.size() - transaction.size() - 1));
  if (!text.starts_with(encoded) || !text.ends_with("\"}") || text.size() % 2 != 0) return false;
  return text.find_first_not_of("0123456789abcdef", encoded.size()) == text.size() - 2;
}

/// The answers that the service gave a client since the last look, each one line of JSON.
ServiceWorld::Answers ServiceWorld::new_answers(Client& of) {
  const std::string& output = handler_->output(of.id);
  std::string_view text = std::string_view(output).substr(of.judged);
  of.judged = output.size();
  law(text.empty() || text.back() == '\n', "STORE-8: an answer is a whole line");
  Answers answers;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto answer = parse_json(text.substr(0, end), "answer", TextForm::line);
    law(answer.has_value() && answer->as_object() != nullptr, "STORE-8: an answer is a JSON object",
        std::string(text.substr(0, end)));
    const std::int64_t line = number_of(*answer, "line");
    law(answers.emplace(line, *std::move(answer)).second, "STORE-8: a line has one answer", std::to_string(line));
    text.remove_prefix(end + 1);
  }
  return answers;
}

/// Each transaction of a block is answered with its outcome, and nobody else is answered.
void ServiceWorld::check_block(const std::vector<Waiting>& batch, const Candidate& expected) {
  std::map<ConnectionId, Answers> answers;
  for (auto& one : clients_)
    if (one) answers[one->id] = new_answers(*one);
  for (std::size_t k = 0; k < batch.size(); ++k) {
    const auto found = answers.find(batch[k].client);
    if (found == answers.end()) continue;
    const auto answer = found->second.find(batch[k].line);
    law(answer != found->second.end(), "STORE-8: a transaction is answered when its block is durable");
    law_of_members(answer->second, {"line", "id", "outcome", "height"});
    const Reason reason = expected.outcomes[k].reason;
    law(string_of(answer->second, "outcome") == name_of(reason), "STORE-8: an outcome is that of the ledger",
        std::string(name_of(reason)));
    const bool is_nonce_wrong = reason == Reason::nonce_used || reason == Reason::nonce_ahead;
    const bool is_told_included = is_included(reason) || (has_planted_fault && is_nonce_wrong);
    law(answer->second.find("height")->is_null() != is_told_included, "STORE-8: what is refused is in no block");
    if (is_included(reason))
      law(number_of(answer->second, "height") == height_, "STORE-8: a transaction is answered with its block");
    const auto decoded = decode_transaction(batch[k].transaction);
    law(answer->second.find("id")->is_null() == !decoded, "STORE-8: the id of what is no encoding is null");
    if (decoded)
      law(string_of(answer->second, "id") == to_hex(transaction_id(*decoded)),
          "STORE-8: an answer names its transaction");
    found->second.erase(answer);
    ++reached["outcome " + std::string(name_of(reason))];
  }
  for (const auto& [id, left] : answers) law(left.empty(), "STORE-8: a line has one answer");
}

/// Each of these was answered by an error, and nobody else was answered.
void ServiceWorld::check_errors(const std::vector<Waiting>& batch, const std::string& reason) {
  for (auto& one : clients_) {
    if (!one) continue;
    Answers answers = new_answers(*one);
    for (const Waiting& waiting : batch) {
      if (waiting.client != one->id) continue;
      const auto answer = answers.find(waiting.line);
      law(answer != answers.end(), "STORE-8: who waits is told why the service ends");
      law_of_members(answer->second, {"line", "error"});
      const std::string told = string_of(*answer->second.find("error"), "reason");
      law(told == reason, "STORE-8: who waits is told why the service ends", told);
      answers.erase(answer);
      ++reached["error " + reason];
    }
    law(answers.empty(), "STORE-8: a line has one answer");
  }
}

}  // namespace p2pllm::fuzz
