#include "apps/p2pllm/service/protocol.hpp"

#include "model/contracts/trace.hpp"
#include "model/contracts/transaction.hpp"

namespace p2pllm::app {
namespace {

using namespace contracts;

Request read(const JsonCursor& root, const Hash& chain) {
  root.require_object({"transaction", "encoded", "status"});
  const auto transaction = root.optional_member("transaction"), encoded = root.optional_member("encoded"),
             status = root.optional_member("status");
  if (transaction.has_value() + encoded.has_value() + status.has_value() != 1)
    root.fail("a request has one of the keys \"transaction\", \"encoded\" and \"status\"");
  if (transaction) {
    if (transaction->value().as_object() == nullptr) transaction->fail("an object is expected here");
    return encode(read_transaction(*transaction, chain));
  }
  if (encoded) {
    auto bytes = from_hex(encoded->string());
    if (!bytes) encoded->fail("lower-case hexadecimal digits, two a byte, are required");
    return *std::move(bytes);
  }
  status->require_object({});
  return StatusRequest{};
}

std::string answer(std::int64_t line, Json::Object members) {
  members.insert(members.begin(), {"line", Json::integer(line)});
  return write_json_line(members) + '\n';
}

}  // namespace

Result<Request> read_request(std::string_view line, const Hash& chain) {
  const auto reader = [&chain](const JsonCursor& root) { return read(root, chain); };
  return read_document(line, "request", request_bytes_max, reader, TextForm::line);
}

std::string outcome_answer(std::int64_t line, ByteView transaction, const Outcome& outcome, Height height) {
  Json id;
  if (const auto decoded = decode_transaction(transaction)) id = to_hex(transaction_id(*decoded));
  return answer(line, {{"id", std::move(id)},
                       {"outcome", std::string(name_of(outcome.reason))},
                       {"height", height == 0 ? Json() : Json::integer(height)}});
}

std::string status_answer(std::int64_t line, Json status) { return answer(line, {{"status", std::move(status)}}); }

std::string error_answer(std::int64_t line, std::string_view reason, std::string_view rule) {
  return answer(line, {{"error", Json::Object{{"reason", std::string(reason)}, {"rule", std::string(rule)}}}});
}

}  // namespace p2pllm::app
