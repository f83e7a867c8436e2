#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/p2pllm/service/protocol.hpp"
#include "optimized/contracts/durable_ledger.hpp"

namespace p2pllm::app {

/// Answers the requests of all connections from a durable ledger (STORE-8). Bytes come in and go out; sockets and
/// clocks are its caller's. Nothing but `end_block` changes the ledger.
class RequestHandler {
 public:
  using ConnectionId = std::uint64_t;

  /// @param ledger  must outlive this object
  explicit RequestHandler(optimized::DurableLedger& ledger, const ServiceLimits& limits = {})
      : ledger_(&ledger), limits_(limits) {}

  /// Begins a connection.
  /// @returns nothing if as many as the limit are open
  [[nodiscard]] std::optional<ConnectionId> open();
  /// What a client is answered for whom `open` returned nothing. Its connection is closed after that.
  [[nodiscard]] std::string refusal() const;
  /// Forgets a connection, whoever ended it. What it submitted is executed all the same.
  void close(ConnectionId id) { connections_.erase(id); }

  /// Whether bytes of this connection may be received: not after the end of its input, and not while more than the
  /// limit of its answers is unread. Then no whole line of it is left either.
  [[nodiscard]] bool wants_input(ConnectionId id) const { return may_take(connections_.at(id)); }
  /// Takes bytes of the client, however they were divided, and does what each whole line asks for.
  /// @pre wants_input(id)
  void receive(ConnectionId id, std::string_view bytes);
  /// Notes that the client sends no more.
  /// @pre wants_input(id)
  void end_input(ConnectionId id);
  /// The answers that the client has not read: whole lines, but for the part of the first that `sent` took away.
  [[nodiscard]] const std::string& output(ConnectionId id) const { return connections_.at(id).output; }
  /// Notes that the client has the first `bytes` of the output, and takes lines that were left until it read.
  /// @pre bytes <= output(id).size()
  void sent(ConnectionId id, std::size_t bytes);
  /// Whether nothing more will come from the client or go to it.
  [[nodiscard]] bool is_over(ConnectionId id) const;

  /// Makes a block of those that wait, and answers them when it is durable.
  /// @returns the fault of the disk: then those that the block would have had are answered `not_durable`, and `stop`
  ///   must follow
  [[nodiscard]] Result<void> end_block();
  /// Answers all that wait by an error, and takes no more input.
  /// @param reason  one of STORE-8
  void stop(std::string_view reason, std::string_view rule);
  /// The transactions that wait for a block.
  [[nodiscard]] std::size_t pending() const { return waiting_.size(); }

 private:
  struct Connection {
    std::string input;      ///< of the line that is not complete, or of lines that were left
    std::string output;     ///< that the client has not read yet
    std::int64_t line = 0;  ///< the number of the last line
    std::size_t waiting = 0;
    bool is_input_over = false;
  };
  struct Waiting {
    ConnectionId connection;
    std::int64_t line;
    Bytes transaction;
  };

  [[nodiscard]] bool may_take(const Connection& connection) const {
    return !connection.is_input_over && connection.output.size() <= limits_.unread_bytes;
  }
  void take_lines(ConnectionId id, Connection& connection);
  void take_line(ConnectionId id, Connection& connection, std::string_view line);
  void submit(ConnectionId id, Connection& connection, Bytes transaction);
  void answer(const Waiting& waiting, const std::string& text);
  [[nodiscard]] std::vector<Waiting> next_batch();

  optimized::DurableLedger* ledger_;
  ServiceLimits limits_;
  std::map<ConnectionId, Connection> connections_;
  ConnectionId next_id_ = 0;
  std::deque<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace p2pllm::app
