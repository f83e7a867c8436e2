#pragma once

#include "model/contracts/channel.hpp"
#include "reference/contracts/machine.hpp"

// The transitions of a payment channel (CHAN-1); their rules are in channel_rules.hpp.
namespace p2pllm::reference {

enum class ChannelOperation { open, fund, reclaim, cooperative_close, close, refute, punish, settle };

/// The table, and the row of an operation in it (CHAN-1).
[[nodiscard]] const Machine& channel_machine();
[[nodiscard]] const Transition& row_of(ChannelOperation operation);

}  // namespace p2pllm::reference
