#include "apps/p2pllm/service/request_handler.hpp"

#include <utility>

#include "apps/p2pllm/ledger_file.hpp"
#include "model/assert.hpp"

namespace p2pllm::app {
namespace {

using namespace contracts;

bool is_included(Reason reason) {
  const Consequence consequence = consequence_of(reason);
  return consequence == Consequence::applied || consequence == Consequence::failed;
}

}  // namespace

std::optional<RequestHandler::ConnectionId> RequestHandler::open() {
  if (connections_.size() >= limits_.connections) return std::nullopt;
  connections_[next_id_];
  return next_id_++;
}

std::string RequestHandler::refusal() const {
  return error_answer(0, "too_many_connections",
                      "at most " + std::to_string(limits_.connections) + " are open at a time");
}

void RequestHandler::receive(ConnectionId id, std::string_view bytes) {
  Connection& connection = connections_.at(id);
  P2PLLM_ASSERT(may_take(connection));
  connection.input += bytes;
  take_lines(id, connection);
}

void RequestHandler::end_input(ConnectionId id) {
  Connection& connection = connections_.at(id);
  P2PLLM_ASSERT(may_take(connection));
  if (!connection.input.empty())
    connection.output += error_answer(connection.line + 1, "truncated", "a request ends with a line feed");
  connection.input.clear();
  connection.is_input_over = true;
}

void RequestHandler::sent(ConnectionId id, std::size_t bytes) {
  Connection& connection = connections_.at(id);
  P2PLLM_ASSERT(bytes <= connection.output.size());
  connection.output.erase(0, bytes);
  // Lines that were left because answers had not been read.
  if (may_take(connection) && connection.input.find('\n') != std::string::npos) take_lines(id, connection);
}

bool RequestHandler::is_over(ConnectionId id) const {
  const Connection& connection = connections_.at(id);
  return connection.is_input_over && connection.waiting == 0 && connection.output.empty();
}

void RequestHandler::take_lines(ConnectionId id, Connection& connection) {
  const std::string input = std::move(connection.input);
  std::size_t begin = 0;
  for (std::size_t end = input.find('\n'); end != std::string::npos && may_take(connection);
       end = input.find('\n', begin)) {
    take_line(id, connection, std::string_view(input).substr(begin, end - begin));
    begin = end + 1;
  }
  connection.input = input.substr(begin);
  const bool is_line_open = connection.input.find('\n') == std::string::npos;
  if (is_line_open && connection.input.size() > limits_.request_bytes && !connection.is_input_over)
    take_line(id, connection, connection.input);
}

/// Does what one line asks for (STORE-8). A line that is too long is the last one that is read.
void RequestHandler::take_line(ConnectionId id, Connection& connection, std::string_view line) {
  ++connection.line;
  if (line.size() > limits_.request_bytes) {
    connection.output += error_answer(connection.line, "too_long",
                                      "a request has at most " + std::to_string(limits_.request_bytes) + " bytes");
    connection.is_input_over = true;
    return;
  }
  auto request = read_request(line, ledger_->store().summary().chain);
  if (!request) {
    connection.output += error_answer(connection.line, "malformed", request.error().message());
  } else if (auto* transaction = std::get_if<Bytes>(&*request)) {
    submit(id, connection, std::move(*transaction));
  } else {
    const LedgerStatus status{ledger_->store().summary(), ledger_->executor().root(), waiting_.size()};
    connection.output += status_answer(connection.line, status_json(status));
  }
}

void RequestHandler::submit(ConnectionId id, Connection& connection, Bytes transaction) {
  if (waiting_.size() >= limits_.pending || waiting_bytes_ + transaction.size() > limits_.pending_bytes) {
    connection.output += error_answer(connection.line, "too_many_pending",
                                      "at most " + std::to_string(limits_.pending) + " transactions wait for a block");
    return;
  }
  ++connection.waiting;
  waiting_bytes_ += transaction.size();
  waiting_.push_back({id, connection.line, std::move(transaction)});
}

void RequestHandler::answer(const Waiting& waiting, const std::string& text) {
  const auto found = connections_.find(waiting.connection);
  if (found == connections_.end()) return;  // the client did not wait
  --found->second.waiting;
  found->second.output += text;
}

/// The transactions of the next block, which no longer wait.
std::vector<RequestHandler::Waiting> RequestHandler::next_batch() {
  std::vector<Waiting> batch;
  std::size_t bytes = 0;
  while (!waiting_.empty() && batch.size() < limits_.block_transactions) {
    bytes += waiting_.front().transaction.size();
    if (bytes > limits_.block_bytes && !batch.empty()) break;
    waiting_bytes_ -= waiting_.front().transaction.size();
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return batch;
}

Result<void> RequestHandler::end_block() {
  std::vector<Waiting> batch = next_batch();
  std::vector<Bytes> transactions;
  transactions.reserve(batch.size());
  for (const Waiting& waiting : batch) transactions.push_back(waiting.transaction);
  const auto made = ledger_->end_block(0, transactions);
  if (!made) {
    for (const Waiting& waiting : batch)
      answer(waiting, error_answer(waiting.line, "not_durable", made.error().message()));
    return tl::unexpected<Fault>(made.error());
  }
  for (std::size_t k = 0; k < batch.size(); ++k) {
    const Outcome& outcome = made->outcomes[k];
    const Height height = is_included(outcome.reason) ? made->block.header.height : 0;
    answer(batch[k], outcome_answer(batch[k].line, batch[k].transaction, outcome, height));
  }
  return ledger_->write_snapshot_if_due();
}

void RequestHandler::stop(std::string_view reason, std::string_view rule) {
  for (const Waiting& waiting : waiting_) answer(waiting, error_answer(waiting.line, reason, rule));
  waiting_.clear();
  waiting_bytes_ = 0;
  for (auto& [id, connection] : connections_) connection.is_input_over = true;
}

}  // namespace p2pllm::app
