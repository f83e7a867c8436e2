#pragma once

#include "reference/contracts/machine.hpp"

// What a payment channel is (CHAN-1 .. CHAN-4); its rules stand in channel_rules.hpp.
namespace p2pllm::contracts {

enum class ChannelStatus { none, opening, open, closing, settled };
enum class ChannelOperation { open, fund, reclaim, cooperative_close, close, refute, punish, settle };

/// The table, and its row of an operation (CHAN-1).
[[nodiscard]] const Machine& channel_machine();
[[nodiscard]] const Transition& row_of(ChannelOperation operation);

/// A final state has this version and no other state has; it is even, so B proposes it (CHAN-5).
inline constexpr std::int64_t channel_version_final = std::int64_t{1} << 62;
/// Stands for the least version that a party posted where it posted none.
inline constexpr std::int64_t channel_nothing_posted = channel_version_final + 1;

/// Terms of which the channel's id is the hash (CHAN-2).
template <Integer N>
struct ChannelTerms {
  N deposit_a, deposit_b;
  N closing_time;  ///< delta
  N fund_by;       ///< the last height at which B can fund
};

/// A channel on the ledger (CHAN-3). One that does not exist is all zeros but `least_posted_*`.
template <Integer N>
struct Channel {
  N status;  ///< a ChannelStatus
  N deposit_a, deposit_b;
  N fund_by, closing_time;
  N timeout;                         ///< closing: the first height at which it can be settled
  N version, balance_a, balance_b;   ///< closing: what was posted last, and is paid; before, version 0
  N least_posted_a, least_posted_b;  ///< the least version that A, B itself posted; else channel_nothing_posted
};

}  // namespace p2pllm::contracts
