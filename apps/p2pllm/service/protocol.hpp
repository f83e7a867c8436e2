#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "model/contracts/block.hpp"
#include "model/encoding/json.hpp"

// The lines that a ledger's service and its clients exchange (STORE-8).
namespace p2pllm::app {

inline constexpr std::size_t request_bytes_max = 1UL << 18;

/// The limits of a service, those of STORE-8 unless a test has smaller ones.
struct ServiceLimits {
  std::size_t request_bytes = request_bytes_max;  ///< of a line
  std::size_t connections = 256;
  std::size_t pending = 100'000;  ///< transactions that wait for a block, and their bytes
  std::size_t pending_bytes = 1UL << 27;
  std::size_t block_transactions = 10'000;
  std::size_t block_bytes = 1UL << 24;   ///< of the transactions of a block
  std::size_t unread_bytes = 1UL << 20;  ///< of answers to a client that does not read: it is not read from either
};

struct StatusRequest {};
/// An encoded transaction, or bytes that claim to be one; or the question of the ledger's status.
using Request = std::variant<Bytes, StatusRequest>;

/// Reads the request of one line (STORE-8).
/// @returns it; or the rule that the line breaks
[[nodiscard]] Result<Request> read_request(std::string_view line, const Hash& chain);

/// The answer to a transaction that was decided.
/// @param height  of the block that includes it; 0 for none
[[nodiscard]] std::string outcome_answer(std::int64_t line, ByteView transaction, const contracts::Outcome& outcome,
                                         contracts::Height height);
[[nodiscard]] std::string status_answer(std::int64_t line, Json status);
/// @param reason  one of STORE-8
[[nodiscard]] std::string error_answer(std::int64_t line, std::string_view reason, std::string_view rule);

}  // namespace p2pllm::app
