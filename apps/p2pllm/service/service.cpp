#include "apps/p2pllm/service/service.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "apps/command_line.hpp"
#include "apps/p2pllm/ledger_file.hpp"
#include "model/encoding/escape.hpp"

namespace p2pllm::app {
namespace {

using namespace contracts;

constexpr std::size_t read_bytes = 1UL << 16;
constexpr std::size_t output_bytes_most = 1UL << 20;  ///< of a client that does not read: it is not read from either
constexpr std::chrono::seconds last_words{2};         ///< for clients to read their answers when the service ends

int stop_event = -1;  ///< readable once SIGINT or SIGTERM came; any thread may get them

void note_stop(int /*signal*/) {
  const std::uint64_t one = 1;
  (void)!write(stop_event, &one, sizeof(one));
}

/// Notes SIGINT and SIGTERM while it is there.
class StopSignals {
 public:
  StopSignals() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    stop_event = event_.number();
    struct sigaction action {};
    action.sa_handler = note_stop;
    for (std::size_t k = 0; k < numbers.size(); ++k) sigaction(numbers[k], &action, &before_[k]);
  }
  ~StopSignals() {
    for (std::size_t k = 0; k < numbers.size(); ++k) sigaction(numbers[k], &before_[k], nullptr);
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  static constexpr std::array numbers{SIGINT, SIGTERM};
  Descriptor event_;
  struct sigaction before_[2];
};

bool is_stopped() {
  pollfd polled{stop_event, POLLIN, 0};
  return poll(&polled, 1, 0) > 0;
}

timespec until_time(Service::Clock::time_point until) {
  const auto left = std::max(until - Service::Clock::now(), Service::Clock::duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  return {seconds.count(), std::chrono::duration_cast<std::chrono::nanoseconds>(left - seconds).count()};
}

bool is_included(Reason reason) {
  const Consequence consequence = consequence_of(reason);
  return consequence == Consequence::applied || consequence == Consequence::failed;
}

}  // namespace

int Service::run() {
  const StopSignals signals;
  auto next_block = Clock::now() + interval_;
  while (!is_stopped()) {
    if (!ledger_->executor().faults().empty()) {
      print_error(
          for_terminal(ledger_->store().name() + ": the ledger halts: " + ledger_->executor().faults().front()));
      return stop(exit_halted, "halted", to_string(Reason::halted));
    }
    wait(next_block);
    if (Clock::now() < next_block) continue;
    if (const auto ended = end_block(); !ended) {
      (void)complain(ended.error());
      return stop(exit_halted, "not_durable", ended.error().message());
    }
    next_block = std::max(next_block + interval_, Clock::now());
  }
  return stop(exit_holds, "stopping", "the service ends; the transaction was not executed");
}

/// Waits for clients until then, or until a signal, and does what they ask for.
void Service::wait(Clock::time_point until) {
  std::vector<pollfd> polled{{listener_.number(), POLLIN, 0}, {stop_event, POLLIN, 0}};
  std::vector<ConnectionId> ids;
  for (const auto& [id, connection] : connections_) {
    const bool is_read = !connection.is_input_over && connection.output.size() <= output_bytes_most;
    polled.push_back({connection.socket.number(),
                      static_cast<short>((is_read ? POLLIN : 0) | (connection.output.empty() ? 0 : POLLOUT)), 0});
    ids.push_back(id);
  }
  const timespec time = until_time(until);
  if (ppoll(polled.data(), polled.size(), &time, nullptr) <= 0) return;
  for (std::size_t k = 0; k < ids.size(); ++k) {
    Connection& connection = connections_.at(ids[k]);
    const short events = polled[k + 2].revents;
    if ((events & POLLOUT) != 0) {
      write_to(connection);
      // Lines that were left because answers had not been read.
      if (connection.output.size() <= output_bytes_most && connection.input.find('\n') != std::string::npos)
        take_lines(ids[k], connection);
    }
    if ((events & POLLIN) != 0) read_from(ids[k], connection);
    const bool is_gone = (events & (POLLERR | POLLNVAL)) != 0 || ((events & POLLHUP) != 0 && (events & POLLIN) == 0);
    if (is_gone || connection.is_over()) connections_.erase(ids[k]);
  }
  if ((polled[0].revents & POLLIN) != 0) accept_all();
}

void Service::accept_all() {
  for (;;) {
    Descriptor socket(accept4(listener_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.number() < 0) return;
    if (connections_.size() < connections_max) {
      connections_[next_id_++].socket = std::move(socket);
      continue;
    }
    const std::string text =
        error_answer(0, "too_many_connections", "at most " + std::to_string(connections_max) + " are open at a time");
    (void)send(socket.number(), text.data(), text.size(), MSG_NOSIGNAL);
  }
}

void Service::read_from(ConnectionId id, Connection& connection) {
  const std::size_t before = connection.input.size();
  connection.input.resize(before + read_bytes);
  const ssize_t got = recv(connection.socket.number(), connection.input.data() + before, read_bytes, 0);
  connection.input.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got > 0) return take_lines(id, connection);
  if (!connection.input.empty())
    connection.output += error_answer(connection.line + 1, "truncated", "a request ends with a line feed");
  connection.input.clear();
  connection.is_input_over = true;
}

void Service::take_lines(ConnectionId id, Connection& connection) {
  const std::string input = std::move(connection.input);
  std::size_t begin = 0;
  const auto may_go_on = [&connection] {
    return !connection.is_input_over && connection.output.size() <= output_bytes_most;
  };
  for (std::size_t end = input.find('\n'); end != std::string::npos && may_go_on(); end = input.find('\n', begin)) {
    take_line(id, connection, std::string_view(input).substr(begin, end - begin));
    begin = end + 1;
  }
  connection.input = input.substr(begin);
  const bool is_line_open = connection.input.find('\n') == std::string::npos;
  if (is_line_open && connection.input.size() > request_bytes_max && !connection.is_input_over)
    take_line(id, connection, connection.input);
}

/// Does what one line asks for (STORE-8). A line that is too long is the last one that is read.
void Service::take_line(ConnectionId id, Connection& connection, std::string_view line) {
  ++connection.line;
  if (line.size() > request_bytes_max) {
    connection.output += error_answer(connection.line, "too_long",
                                      "a request has at most " + std::to_string(request_bytes_max) + " bytes");
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

void Service::submit(ConnectionId id, Connection& connection, Bytes transaction) {
  if (waiting_.size() >= pending_max || waiting_bytes_ + transaction.size() > pending_bytes_max) {
    connection.output += error_answer(connection.line, "too_many_pending",
                                      "at most " + std::to_string(pending_max) + " transactions wait for a block");
    return;
  }
  ++connection.waiting;
  waiting_bytes_ += transaction.size();
  waiting_.push_back({id, connection.line, std::move(transaction)});
}

void Service::write_to(Connection& connection) {
  const ssize_t sent =
      send(connection.socket.number(), connection.output.data(), connection.output.size(), MSG_NOSIGNAL);
  if (sent > 0) connection.output.erase(0, static_cast<std::size_t>(sent));
  else if (sent < 0 && errno != EAGAIN && errno != EINTR) connection.output.clear();
}

void Service::answer(const Waiting& waiting, const std::string& text) {
  const auto found = connections_.find(waiting.connection);
  if (found == connections_.end()) return;  // the client did not wait
  --found->second.waiting;
  found->second.output += text;
}

void Service::answer_all(std::string_view reason, std::string_view rule) {
  for (const Waiting& waiting : waiting_) answer(waiting, error_answer(waiting.line, reason, rule));
  waiting_.clear();
  waiting_bytes_ = 0;
}

/// The transactions of the next block, which no longer wait.
std::vector<Service::Waiting> Service::next_batch() {
  std::vector<Waiting> batch;
  std::size_t bytes = 0;
  while (!waiting_.empty() && batch.size() < block_transactions_max) {
    bytes += waiting_.front().transaction.size();
    if (bytes > block_transaction_bytes_max && !batch.empty()) break;
    waiting_bytes_ -= waiting_.front().transaction.size();
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return batch;
}

/// Makes a block of those that wait, and answers them when it is durable.
Result<void> Service::end_block() {
  std::vector<Waiting> batch = next_batch();
  std::vector<Bytes> transactions;
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

/// Tells all who wait why they get no outcome, and lets clients read their last answers.
int Service::stop(int code, std::string_view reason, std::string_view rule) {
  answer_all(reason, rule);
  const auto until = Clock::now() + last_words;
  const auto is_unread = [](const auto& entry) { return !entry.second.output.empty(); };
  for (auto& [id, connection] : connections_) connection.is_input_over = true;
  while (std::ranges::any_of(connections_, is_unread) && Clock::now() < until) {
    std::vector<pollfd> polled;
    for (auto& [id, connection] : connections_) {
      if (!connection.output.empty()) write_to(connection);
      if (!connection.output.empty()) polled.push_back({connection.socket.number(), POLLOUT, 0});
    }
    const timespec time = until_time(until);
    if (!polled.empty()) ppoll(polled.data(), polled.size(), &time, nullptr);
  }
  return code;
}

}  // namespace p2pllm::app
