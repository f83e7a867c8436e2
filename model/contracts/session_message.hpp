#pragma once

#include <cstdint>

#include "model/crypto/sha256.hpp"

// The messages that the client and the provider of an SLA sign off the ledger (SLA-17).
namespace p2pllm::contracts {

/// The session to which a signature applies.
struct SessionPlace {
  Hash ledger{};  ///< hash of chain and shard
  Hash sla{};

  bool operator==(const SessionPlace&) const = default;
};

/// The first units of a session and the root of the rows that enter them.
struct OrderedUnits {
  std::int64_t units = 0;
  Hash inputs{};

  auto operator<=>(const OrderedUnits&) const = default;
};

/// What the client signs to order units (SLA-17). This function and the others throw for a number outside [0, 2^62].
[[nodiscard]] Hash order_message(const SessionPlace& place, const OrderedUnits& ordered);
/// What the client signs to say that it has and owes the first units (SLA-17).
[[nodiscard]] Hash voucher_message(const SessionPlace& place, std::int64_t units);
/// What the client signs to say that it pays the first units and disputes nothing (SLA-17).
[[nodiscard]] Hash final_message(const SessionPlace& place, std::int64_t units);
/// What the provider signs to say that it computed units on these inputs (SLA-17).
/// @param root  of all their steps @param output  the hash of the state after the last of them
[[nodiscard]] Hash receipt_message(const SessionPlace& place, const OrderedUnits& ordered, const Hash& root,
                                   const Hash& output);

}  // namespace p2pllm::contracts
