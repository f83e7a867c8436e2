#pragma once

#include <chrono>
#include <map>
#include <string>

#include "apps/p2pllm/service/request_handler.hpp"
#include "apps/p2pllm/service/unix_socket.hpp"
#include "optimized/contracts/durable_ledger.hpp"

namespace p2pllm::app {

/// Serves a durable ledger on a socket, in one thread: a block each interval, and answers when it is durable (STORE-8).
class Service {
 public:
  using Clock = std::chrono::steady_clock;

  /// @param ledger  must outlive this object
  Service(optimized::DurableLedger& ledger, Descriptor listener, std::chrono::milliseconds interval)
      : ledger_(&ledger), listener_(std::move(listener)), interval_(interval), handler_(ledger) {}

  /// Serves until SIGINT or SIGTERM, a fault of the disk, or an invariant that fails.
  /// @returns the exit code
  int run();

 private:
  using ConnectionId = RequestHandler::ConnectionId;

  void wait(Clock::time_point until);
  void accept_all();
  void read_from(ConnectionId id);
  void write_to(ConnectionId id);
  int stop(int code, std::string_view reason, std::string_view rule);

  optimized::DurableLedger* ledger_;
  Descriptor listener_;
  std::chrono::milliseconds interval_;
  RequestHandler handler_;
  std::map<ConnectionId, Descriptor> sockets_;
  std::string input_;  ///< of one read
};

}  // namespace p2pllm::app
