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
#include "model/encoding/escape.hpp"

namespace p2pllm::app {
namespace {

using namespace contracts;

constexpr std::size_t read_bytes = 1UL << 16;
constexpr std::chrono::seconds last_words{2};  ///< for clients to read their answers when the service ends

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
    if (const auto ended = handler_.end_block(); !ended) {
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
  for (const auto& [id, socket] : sockets_) {
    const int wanted = (handler_.wants_input(id) ? POLLIN : 0) | (handler_.output(id).empty() ? 0 : POLLOUT);
    polled.push_back({socket.number(), static_cast<short>(wanted), 0});
    ids.push_back(id);
  }
  const timespec time = until_time(until);
  if (ppoll(polled.data(), polled.size(), &time, nullptr) <= 0) return;
  for (std::size_t k = 0; k < ids.size(); ++k) {
    const short events = polled[k + 2].revents;
    if ((events & POLLOUT) != 0) write_to(ids[k]);
    if ((events & POLLIN) != 0) read_from(ids[k]);
    const bool is_gone = (events & (POLLERR | POLLNVAL)) != 0 || ((events & POLLHUP) != 0 && (events & POLLIN) == 0);
    if (!is_gone && !handler_.is_over(ids[k])) continue;
    handler_.close(ids[k]);
    sockets_.erase(ids[k]);
  }
  if ((polled[0].revents & POLLIN) != 0) accept_all();
}

void Service::accept_all() {
  for (;;) {
    Descriptor socket(accept4(listener_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.number() < 0) return;
    if (const auto id = handler_.open()) {
      sockets_[*id] = std::move(socket);
      continue;
    }
    const std::string text = handler_.refusal();
    (void)send(socket.number(), text.data(), text.size(), MSG_NOSIGNAL);
  }
}

void Service::read_from(ConnectionId id) {
  input_.resize(read_bytes);
  const ssize_t got = recv(sockets_.at(id).number(), input_.data(), read_bytes, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got > 0) handler_.receive(id, std::string_view(input_).substr(0, static_cast<std::size_t>(got)));
  else handler_.end_input(id);
}

/// Sends what the client takes; nothing more to one that is gone.
void Service::write_to(ConnectionId id) {
  const std::string& output = handler_.output(id);
  const ssize_t sent = send(sockets_.at(id).number(), output.data(), output.size(), MSG_NOSIGNAL);
  if (sent > 0) handler_.sent(id, static_cast<std::size_t>(sent));
  else if (sent < 0 && errno != EAGAIN && errno != EINTR) handler_.sent(id, output.size());
}

/// Tells all who wait why they get no outcome, and lets clients read their last answers.
int Service::stop(int code, std::string_view reason, std::string_view rule) {
  handler_.stop(reason, rule);
  const auto until = Clock::now() + last_words;
  const auto is_unread = [this](const auto& entry) { return !handler_.output(entry.first).empty(); };
  while (std::ranges::any_of(sockets_, is_unread) && Clock::now() < until) {
    std::vector<pollfd> polled;
    for (const auto& [id, socket] : sockets_) {
      if (!handler_.output(id).empty()) write_to(id);
      if (!handler_.output(id).empty()) polled.push_back({socket.number(), POLLOUT, 0});
    }
    const timespec time = until_time(until);
    if (!polled.empty()) ppoll(polled.data(), polled.size(), &time, nullptr);
  }
  return code;
}

}  // namespace p2pllm::app
