#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "apps/p2pllm/service/protocol.hpp"
#include "apps/p2pllm/service/unix_socket.hpp"
#include "optimized/contracts/durable_ledger.hpp"

namespace p2pllm::app {

/// Serves a durable ledger on a socket, in one thread: a block each interval, and answers when it is durable (STORE-8).
class Service {
 public:
  using Clock = std::chrono::steady_clock;

  /// @param ledger  must outlive this object
  Service(optimized::DurableLedger& ledger, Descriptor listener, std::chrono::milliseconds interval)
      : ledger_(&ledger), listener_(std::move(listener)), interval_(interval) {}

  /// Serves until SIGINT or SIGTERM, a fault of the disk, or an invariant that fails.
  /// @returns the exit code
  int run();

 private:
  struct Connection {
    Descriptor socket;
    std::string input;      ///< of the line that is not complete
    std::string output;     ///< that the client has not read yet
    std::int64_t line = 0;  ///< the number of the last line
    std::size_t waiting = 0;
    bool is_input_over = false;

    [[nodiscard]] bool is_over() const { return is_input_over && waiting == 0 && output.empty(); }
  };
  using ConnectionId = std::uint64_t;
  struct Waiting {
    ConnectionId connection;
    std::int64_t line;
    Bytes transaction;
  };

  void wait(Clock::time_point until);
  void accept_all();
  void read_from(ConnectionId id, Connection& connection);
  void take_lines(ConnectionId id, Connection& connection);
  void take_line(ConnectionId id, Connection& connection, std::string_view line);
  void submit(ConnectionId id, Connection& connection, Bytes transaction);
  static void write_to(Connection& connection);
  void answer(const Waiting& waiting, const std::string& text);
  void answer_all(std::string_view reason, std::string_view rule);
  [[nodiscard]] std::vector<Waiting> next_batch();
  [[nodiscard]] Result<void> end_block();
  int stop(int code, std::string_view reason, std::string_view rule);

  optimized::DurableLedger* ledger_;
  Descriptor listener_;
  std::chrono::milliseconds interval_;
  std::map<ConnectionId, Connection> connections_;
  ConnectionId next_id_ = 0;
  std::deque<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace p2pllm::app
