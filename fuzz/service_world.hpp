#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "apps/p2pllm/service/request_handler.hpp"
#include "tests/support/faulty_vfs.hpp"
#include "tests/support/store_world.hpp"

namespace p2pllm::fuzz {

/// Limits that small inputs reach.
inline constexpr app::ServiceLimits small_limits{.request_bytes = 2048,
                                                 .connections = 4,
                                                 .pending = 6,
                                                 .pending_bytes = 1200,
                                                 .block_transactions = 3,
                                                 .block_bytes = 500,
                                                 .unread_bytes = 2048};

/// Whether a block contains transactions of this outcome.
[[nodiscard]] inline bool is_included(contracts::Reason reason) {
  const contracts::Consequence consequence = contracts::consequence_of(reason);
  return consequence == contracts::Consequence::applied || consequence == contracts::Consequence::failed;
}

/// A client, and what is known of its connection.
struct ServiceClient {
  app::RequestHandler::ConnectionId id = 0;
  std::string unsent;              ///< that the service does not take yet
  std::vector<std::string> lines;  ///< whole ones that it received
  std::string rest;                ///< of the line that is not complete
  std::size_t judged = 0;          ///< bytes of the answers that were judged already
  std::int64_t taken = 0;          ///< the last line that was answered or waits
  bool wants_end = false, is_cut = false;

  [[nodiscard]] const std::string& text(std::int64_t line) const {
    const auto k = static_cast<std::size_t>(line - 1);
    return k < lines.size() ? lines[k] : rest;
  }
};

/// Clients of a ledger's service without its sockets, and the laws of what they are answered (STORE-8). The ledger is
/// durable, on a disk in memory, and stands beside the reference's.
class ServiceWorld {
 public:
  using ConnectionId = app::RequestHandler::ConnectionId;

  ServiceWorld();
  // The handler refers to the ledger in it.
  ServiceWorld(const ServiceWorld&) = delete;
  ServiceWorld& operator=(const ServiceWorld&) = delete;

  [[nodiscard]] const reference::ReferenceExecutor& ledger() const { return reference_; }
  /// Whether the service ended: no more may be done but `finish`.
  [[nodiscard]] bool is_stopped() const { return is_stopped_; }
  /// The bytes of the line that the current client has begun.
  [[nodiscard]] std::size_t line_bytes();
  /// Notes the text of a right transaction, so that a request of it must be understood.
  void expect(std::string transaction) { right_.insert(std::move(transaction)); }

  /// The current client sends bytes; they wait while the service does not take them.
  void send(std::string_view bytes);
  /// The next of three clients is the current one. One that was gone comes anew.
  void next_client() { current_ = (current_ + 1) % clients_max; }
  /// The current client sends no more, and goes on reading.
  void end_input();
  /// The current client is gone, and reads nothing more.
  void vanish();
  /// The current client reads so many bytes of its answers.
  void read(std::size_t bytes);
  /// Others connect until one is refused, and leave.
  void crowd();
  void end_block();
  /// The disk fails at a step of the next block.
  void break_disk(testing::DiskFault fault, std::size_t step) { disk_.begin(fault, step); }
  void stop(const char* reason);
  /// Lets everything be answered and read, and checks that each line was answered once.
  void finish();

 private:
  static constexpr std::size_t clients_max = 3;

  using Client = ServiceClient;
  struct Waiting {
    ConnectionId client;
    std::int64_t line;
    Bytes transaction;
  };
  /// Answers that came together, by line.
  using Answers = std::map<std::int64_t, Json>;

  Client& client();
  void deliver(Client& client);
  void check_taken(Client& client, std::size_t pending_before);
  void check_left(const Client& client);
  void check_at_once(const Client& client, std::int64_t line, const Json& answer);
  void check_status(const Json& status);
  void check_error(const Client& client, std::int64_t line, const Json& error);
  void take_waiting(const Client& client, std::int64_t line);
  Answers new_answers(Client& client);
  [[nodiscard]] std::optional<Bytes> transaction_of(const std::string& text) const;
  [[nodiscard]] bool is_surely_request(const std::string& text) const;
  [[nodiscard]] bool is_full_for(std::size_t bytes) const;
  [[nodiscard]] std::vector<Waiting> next_batch();
  void check_block(const std::vector<Waiting>& batch, const contracts::Candidate& expected);
  void check_errors(const std::vector<Waiting>& batch, const std::string& reason);
  void check_recovery(const Hash& appeared);
  void check_unchanged();
  void check_refusal();
  bool drop_if_over(std::size_t k);

  testing::FaultyVfs disk_;
  std::optional<optimized::DurableLedger> ledger_;
  std::optional<app::RequestHandler> handler_;
  reference::ReferenceExecutor reference_{testing::store_genesis(), ideal_signatures(), contracts::sample_executor()};
  std::int64_t height_ = 0;
  std::optional<Client> clients_[clients_max];
  std::size_t current_ = 0;
  std::deque<Waiting> waiting_;
  std::set<std::string> right_;
  bool is_stopped_ = false;
};

}  // namespace p2pllm::fuzz
