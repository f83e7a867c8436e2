#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/ledger_file.hpp"
#include "apps/p2pllm/service/protocol.hpp"
#include "apps/p2pllm/service/unix_socket.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "model/encoding/escape.hpp"

// `ledger submit` and `ledger status`: the clients of a ledger's service (STORE-8).
namespace p2pllm::app {
namespace {

using namespace contracts;

/// Sends requests, one a line, and reads answers until the service ends the connection.
Result<std::string> converse(const std::string& path, std::string_view requests) {
  const auto socket = connect_to(path);
  if (!socket) return tl::unexpected<Fault>(socket.error());
  std::string answers;
  std::string chunk(1UL << 16, '\0');
  bool is_all_sent = false;
  for (;;) {
    if (requests.empty() && !is_all_sent) is_all_sent = shutdown(socket->number(), SHUT_WR) == 0;
    pollfd polled{socket->number(), static_cast<short>(POLLIN | (requests.empty() ? 0 : POLLOUT)), 0};
    if (poll(&polled, 1, -1) < 0 && errno != EINTR) break;
    if ((polled.revents & POLLOUT) != 0) {
      const ssize_t sent = send(socket->number(), requests.data(), requests.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) requests.remove_prefix(static_cast<std::size_t>(sent));
      else if (errno != EAGAIN && errno != EINTR) requests = {};  // it ended the connection, and says why
    }
    if ((polled.revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
    const ssize_t got = recv(socket->number(), chunk.data(), chunk.size(), 0);
    if (got == 0 || (got < 0 && errno != EINTR)) break;
    answers.append(chunk, 0, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  }
  return answers;
}

/// The answers as JSON, by the number of their line.
Result<std::vector<Json>> parse_answers(std::string_view text, const std::string& source) {
  std::vector<std::pair<long long, Json>> answers;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return bad_input(source, "an answer", "it is not complete");
    auto answer = parse_json(text.substr(0, end), source + ": an answer", TextForm::line);
    if (!answer) return tl::unexpected<Fault>(answer.error());
    const Json* line = answer->find("line");
    if (line == nullptr || line->as_number() == nullptr) return bad_input(source, "an answer", "it names no line");
    const std::string& number = line->as_number()->text;
    long long value = 0;
    const auto [rest, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error != std::errc() || rest != number.data() + number.size())
      return bad_input(source, "an answer", "it names no line");
    answers.emplace_back(value, *std::move(answer));
    text.remove_prefix(end + 1);
  }
  std::ranges::stable_sort(answers, {}, [](const auto& answer) { return answer.first; });
  std::vector<Json> sorted;
  for (auto& [line, answer] : answers) sorted.push_back(std::move(answer));
  return sorted;
}

std::string member(const Json& object, std::string_view key) {
  const Json* value = object.find(key);
  if (value == nullptr) return "";
  if (value->as_string() != nullptr) return *value->as_string();
  return value->as_number() != nullptr ? value->as_number()->text : "";
}

std::string text_of(const Json& answer) {
  const std::string line = "line " + member(answer, "line") + ": ";
  if (const Json* error = answer.find("error")) return line + member(*error, "reason") + ": " + member(*error, "rule");
  const std::string height = member(answer, "height"), id = member(answer, "id");
  return line + member(answer, "outcome") + (height.empty() ? ", in no block" : ", in block " + height) +
         (id.empty() ? "" : ", " + id);
}

void print_status(const Json& status) {
  const std::string snapshot = member(status, "snapshot"), pending = member(status, "pending");
  fmt::print("chain  {}\nheight {}\nstate  {}\nparent {}\nlink   {}\nsnapshot {}\n", member(status, "chain"),
             member(status, "height"), member(status, "state"), member(status, "parent"), member(status, "link"),
             snapshot == "0" ? "none" : "at height " + snapshot);
  if (!pending.empty()) fmt::print("{} pending\n", pending);
}

Result<Json> status_of_socket(const std::string& path) {
  const auto text = converse(path, "{\"status\":{}}\n");
  if (!text) return tl::unexpected<Fault>(text.error());
  const auto answers = parse_answers(*text, shown_name(path));
  if (!answers) return tl::unexpected<Fault>(answers.error());
  const Json* status = answers->size() == 1 ? answers->front().find("status") : nullptr;
  if (status == nullptr || member(*status, "chain").empty() || member(*status, "height").empty())
    return bad_input(shown_name(path), answers->empty() ? "no answer" : text_of(answers->front()));
  return *status;
}

Result<Json> status_of_file(const std::string& path) {
  auto file = open_ledger_file(path, optimized::Store::Access::read);
  if (!file) return tl::unexpected<Fault>(file.error());
  return status_of(*file).map(status_json);
}

}  // namespace

int run_ledger_submit(const LedgerSubmitOptions& options) {
  auto input = read_input(options.requests, reference::trace_bytes_max);
  if (!input) return complain(input.error());
  if (input->bytes.size() > reference::trace_bytes_max)
    return complain(too_long(input->name, input->bytes.size(), reference::trace_bytes_max).value());
  if (!input->bytes.empty() && input->bytes.back() != '\n') input->bytes += '\n';
  const auto text = converse(options.socket, input->bytes);
  if (!text) return complain(text.error());
  auto answers = parse_answers(*text, shown_name(options.socket));
  if (!answers) return complain(answers.error());
  const auto is_decided = [](const Json& answer) { return answer.find("outcome") != nullptr; };
  const auto decided = std::ranges::count_if(*answers, is_decided);
  const bool are_applied = std::ranges::all_of(*answers, [](const Json& a) { return member(a, "outcome") == "none"; });
  const auto requests = std::ranges::count(input->bytes, '\n');
  if (options.json)
    fmt::print("{}", write_json(Json::Object{{"answers", Json::Array(answers->begin(), answers->end())}}));
  else
    for (const Json& answer : *answers) fmt::print("{}\n", for_terminal(text_of(answer)));
  if (decided < requests)
    return complain(bad_input(shown_name(options.socket), fmt::format("{} of {}", requests - decided, requests),
                              "these requests have no outcome")
                        .value());
  return are_applied ? exit_holds : exit_refuted;
}

int run_ledger_status(const LedgerStatusOptions& options) {
  const auto status = is_socket(options.of) ? status_of_socket(options.of) : status_of_file(options.of);
  if (!status) return complain(status.error());
  if (options.json) fmt::print("{}", write_json(*status));
  else print_status(*status);
  return exit_holds;
}

}  // namespace p2pllm::app
