#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "model/contracts/channel.hpp"
#include "model/contracts/sla_operation.hpp"
#include "model/contracts/units.hpp"
#include "model/layer_range.hpp"

// The operations that a transaction may request of the ledger (LEDGER-4). Each has a name, a code in the encoding and
// the machine that runs it, and lists its fields once, in the order of the encoding. The encoding and the JSON of
// traces are both made from that list.
namespace p2pllm::contracts {

/// Sends value: to an account of the same shard at once, to an account of another shard by a receipt (SHARD-3).
struct Transfer {
  static constexpr std::string_view name = "transfer";
  static constexpr std::uint64_t code = 0;
  static constexpr MachineKind machine = MachineKind::account;
  AccountId to{};
  std::int64_t to_shard = 0;
  Amount amount = 0;
  static void fields(auto& self, auto&& visit) {
    visit("to", self.to), visit("to_shard", self.to_shard), visit("amount", self.amount);
  }
};

// Registration (REG). The node is the one registered by the sender.

struct Register {
  static constexpr std::string_view name = "register";
  static constexpr std::uint64_t code = 1;
  static constexpr MachineKind machine = MachineKind::registration;
  LayerRange layers{};
  std::int64_t cost_us = 1;  ///< time to run the layers, in microseconds
  Amount price = 0;
  Amount stake = 0;
  static void fields(auto& self, auto&& visit) {
    visit("layers", self.layers), visit("cost_us", self.cost_us);
    visit("price", self.price), visit("stake", self.stake);
  }
};
struct Update {
  static constexpr std::string_view name = "update";
  static constexpr std::uint64_t code = 2;
  static constexpr MachineKind machine = MachineKind::registration;
  Amount price = 0;
  static void fields(auto& self, auto&& visit) { visit("price", self.price); }
};
struct Migrate {
  static constexpr std::string_view name = "migrate";
  static constexpr std::uint64_t code = 3;
  static constexpr MachineKind machine = MachineKind::registration;
  LayerRange layers{};
  static void fields(auto& self, auto&& visit) { visit("layers", self.layers); }
};
struct TopUp {
  static constexpr std::string_view name = "top_up";
  static constexpr std::uint64_t code = 4;
  static constexpr MachineKind machine = MachineKind::registration;
  Amount amount = 0;
  static void fields(auto& self, auto&& visit) { visit("amount", self.amount); }
};
/// An operation without fields on the sender's registration.
struct OwnRegistration {
  static constexpr MachineKind machine = MachineKind::registration;
  static void fields(auto&, auto&&) {}
};
struct Unbond : OwnRegistration {
  static constexpr std::string_view name = "unbond";
  static constexpr std::uint64_t code = 5;
};
struct Rebond : OwnRegistration {
  static constexpr std::string_view name = "rebond";
  static constexpr std::uint64_t code = 6;
};
struct Withdraw : OwnRegistration {
  static constexpr std::string_view name = "withdraw";
  static constexpr std::uint64_t code = 7;
};
struct Unjail : OwnRegistration {
  static constexpr std::string_view name = "unjail";
  static constexpr std::uint64_t code = 8;
};
/// Two different proposals for the same height and round, both signed by the offender.
struct ReportEquivocation {
  static constexpr std::string_view name = "report_equivocation";
  static constexpr std::uint64_t code = 9;
  static constexpr MachineKind machine = MachineKind::registration;
  AccountId offender{};
  Height height = 0;
  std::int64_t round = 0;
  Hash first{}, second{};
  Signature first_signature{}, second_signature{};
  static void fields(auto& self, auto&& visit) {
    visit("offender", self.offender), visit("height", self.height), visit("round", self.round);
    visit("first", self.first), visit("first_signature", self.first_signature);
    visit("second", self.second), visit("second_signature", self.second_signature);
  }
};

// Payment channels (CHAN).

/// An operation that names a channel by its terms.
struct WithChannelTerms {
  static constexpr MachineKind machine = MachineKind::channel;
  ChannelTerms terms{};
  static void fields(auto& self, auto&& visit) { ChannelTerms::fields(self.terms, visit); }
};
struct ChannelOpen : WithChannelTerms {
  static constexpr std::string_view name = "channel_open";
  static constexpr std::uint64_t code = 26;
};
struct ChannelFund : WithChannelTerms {
  static constexpr std::string_view name = "channel_fund";
  static constexpr std::uint64_t code = 27;
};
/// An operation whose only field is a channel's id.
struct OnChannel {
  static constexpr MachineKind machine = MachineKind::channel;
  Hash channel{};
  static void fields(auto& self, auto&& visit) { visit("channel", self.channel); }
};
struct ChannelReclaim : OnChannel {
  static constexpr std::string_view name = "channel_reclaim";
  static constexpr std::uint64_t code = 28;
};
/// An operation that presents a state of a channel.
struct WithChannelState {
  static constexpr MachineKind machine = MachineKind::channel;
  Hash channel{};
  ChannelSignedBalances state{};
  static void fields(auto& self, auto&& visit) {
    visit("channel", self.channel);
    ChannelSignedBalances::fields(self.state, visit);
  }
};
struct ChannelCooperativeClose : WithChannelState {
  static constexpr std::string_view name = "channel_cooperative_close";
  static constexpr std::uint64_t code = 29;
};
struct ChannelClose : WithChannelState {
  static constexpr std::string_view name = "channel_close";
  static constexpr std::uint64_t code = 30;
};
struct ChannelRefute : WithChannelState {
  static constexpr std::string_view name = "channel_refute";
  static constexpr std::uint64_t code = 31;
};
struct ChannelPunish {
  static constexpr std::string_view name = "channel_punish";
  static constexpr std::uint64_t code = 32;
  static constexpr MachineKind machine = MachineKind::channel;
  Hash channel{};
  std::int64_t revoked_below = 0;
  Signature revocation{};  ///< by the other party, which promises to post no version below that one
  static void fields(auto& self, auto&& visit) {
    visit("channel", self.channel), visit("revoked_below", self.revoked_below);
    visit("revocation", self.revocation);
  }
};
struct ChannelSettle : OnChannel {
  static constexpr std::string_view name = "channel_settle";
  static constexpr std::uint64_t code = 33;
};

using Operation = std::variant<Transfer, Register, Update, Migrate, TopUp, Unbond, Rebond, Withdraw, Unjail,
                               ReportEquivocation, Propose, Accept, Cancel, Expire, Deliver, Demand, Publish, Miss,
                               Acknowledge, Finalize, Timeout, Challenge, PostMid, Side, Judge, Forfeit, ChannelOpen,
                               ChannelFund, ChannelReclaim, ChannelCooperativeClose, ChannelClose, ChannelRefute,
                               ChannelPunish, ChannelSettle, Refine, Close, Answer, Claim, Settle, Convict>;

namespace detail {
/// Whether every operation has a unique code and a unique name.
template <typename List>
inline constexpr bool are_distinct = false;
template <typename... Op>
inline constexpr bool are_distinct<std::variant<Op...>> = [] {
  constexpr std::uint64_t codes[] = {Op::code...};
  constexpr std::string_view names[] = {Op::name...};
  for (std::size_t i = 0; i < sizeof...(Op); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (codes[i] == codes[j] || names[i] == names[j]) return false;
  return true;
}();
}  // namespace detail
static_assert(detail::are_distinct<Operation>);

[[nodiscard]] inline std::string_view name_of(const Operation& operation) {
  return std::visit([](const auto& op) { return op.name; }, operation);
}

[[nodiscard]] inline MachineKind machine_of(const Operation& operation) {
  return std::visit([](const auto& op) { return op.machine; }, operation);
}

}  // namespace p2pllm::contracts
