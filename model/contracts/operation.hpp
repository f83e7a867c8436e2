#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "model/bytes.hpp"
#include "model/contracts/merkle.hpp"
#include "model/contracts/signature.hpp"
#include "model/contracts/units.hpp"
#include "model/layer_range.hpp"

// What a transaction may ask of the ledger (LEDGER-4). Each operation lists its fields once, in the order of the
// encoding, by calling visit("name", member); the encoding and the JSON of traces walk that list.
namespace p2pllm {

/// Sends value to an account of the same shard at once, of another by a receipt (SHARD-3).
struct Transfer {
  static constexpr std::string_view name = "transfer";
  AccountId to{};
  std::int64_t to_shard = 0;
  Amount amount = 0;
  static void fields(auto& self, auto&& visit) {
    visit("to", self.to), visit("to_shard", self.to_shard), visit("amount", self.amount);
  }
};

// Registration (REG); the node is the sender's.

struct Register {
  static constexpr std::string_view name = "register";
  LayerRange layers{};
  std::int64_t cost_us = 1;  ///< microseconds to run the layers
  Amount price = 0;
  Amount stake = 0;
  static void fields(auto& self, auto&& visit) {
    visit("first", self.layers.first), visit("last", self.layers.last), visit("cost_us", self.cost_us);
    visit("price", self.price), visit("stake", self.stake);
  }
};
struct Update {
  static constexpr std::string_view name = "update";
  Amount price = 0;
  static void fields(auto& self, auto&& visit) { visit("price", self.price); }
};
struct Migrate {
  static constexpr std::string_view name = "migrate";
  LayerRange layers{};
  static void fields(auto& self, auto&& visit) { visit("first", self.layers.first), visit("last", self.layers.last); }
};
struct TopUp {
  static constexpr std::string_view name = "top_up";
  Amount amount = 0;
  static void fields(auto& self, auto&& visit) { visit("amount", self.amount); }
};
struct Unbond {
  static constexpr std::string_view name = "unbond";
  static void fields(auto&, auto&&) {}
};
struct Rebond {
  static constexpr std::string_view name = "rebond";
  static void fields(auto&, auto&&) {}
};
struct Withdraw {
  static constexpr std::string_view name = "withdraw";
  static void fields(auto&, auto&&) {}
};
struct Unjail {
  static constexpr std::string_view name = "unjail";
  static void fields(auto&, auto&&) {}
};
/// Two different proposals of one height and round, both signed by the offender.
struct ReportEquivocation {
  static constexpr std::string_view name = "report_equivocation";
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

// SLA (SLA); `sla` is the id of the transaction that proposed it.

struct Propose {
  static constexpr std::string_view name = "propose";
  AccountId provider{};
  LayerRange layers{};
  Hash model{}, input{};  ///< state_0
  Amount price = 0;       ///< of one unit
  std::int64_t units = 1, steps_per_unit = 1;
  Height accept_by = 0, deliver_by = 0, window = 1, turn = 1;
  Amount bond = 0;
  static void fields(auto& self, auto&& visit) {
    visit("provider", self.provider), visit("first", self.layers.first), visit("last", self.layers.last);
    visit("model", self.model), visit("input", self.input), visit("price", self.price), visit("units", self.units);
    visit("steps_per_unit", self.steps_per_unit), visit("accept_by", self.accept_by);
    visit("deliver_by", self.deliver_by), visit("window", self.window), visit("turn", self.turn);
    visit("bond", self.bond);
  }
};
inline constexpr std::string_view names_on_sla[] = {"accept",      "cancel",   "expire",  "demand", "miss",
                                                    "acknowledge", "finalize", "timeout", "forfeit"};
/// An operation that says no more than which SLA it is about.
template <int tag>
struct OnSla {
  static constexpr std::string_view name = names_on_sla[tag];
  Hash sla{};
  static void fields(auto& self, auto&& visit) { visit("sla", self.sla); }
};
using Accept = OnSla<0>;
using Cancel = OnSla<1>;
using Expire = OnSla<2>;
using Demand = OnSla<3>;
using Miss = OnSla<4>;
using Acknowledge = OnSla<5>;
using Finalize = OnSla<6>;
using Timeout = OnSla<7>;
using Forfeit = OnSla<8>;

/// The root of all steps, and the opening of the last: its state_(N-1), and state_N, the output's hash (COMMIT-4).
struct Deliver {
  static constexpr std::string_view name = "deliver";
  Hash sla{}, root{}, output{}, before{};
  MerkleProof proof;
  static void fields(auto& self, auto&& visit) {
    visit("sla", self.sla), visit("root", self.root), visit("output", self.output), visit("before", self.before);
    visit("proof", self.proof);
  }
};
struct Publish {
  static constexpr std::string_view name = "publish";
  Hash sla{};
  Bytes output;
  static void fields(auto& self, auto&& visit) { visit("sla", self.sla), visit("output", self.output); }
};
struct Challenge {
  static constexpr std::string_view name = "challenge";
  Hash sla{};
  Amount bond = 0;
  static void fields(auto& self, auto&& visit) { visit("sla", self.sla), visit("bond", self.bond); }
};
/// The opening of the step in the middle: its states before and after.
struct PostMid {
  static constexpr std::string_view name = "post_mid";
  Hash sla{}, before{}, after{};
  MerkleProof proof;
  static void fields(auto& self, auto&& visit) {
    visit("sla", self.sla), visit("before", self.before), visit("after", self.after), visit("proof", self.proof);
  }
};
struct Side {
  static constexpr std::string_view name = "side";
  Hash sla{};
  bool agree = false;
  static void fields(auto& self, auto&& visit) { visit("sla", self.sla), visit("agree", self.agree); }
};
struct Judge {
  static constexpr std::string_view name = "judge";
  Hash sla{};
  Bytes witness;  ///< the last agreed state
  static void fields(auto& self, auto&& visit) { visit("sla", self.sla), visit("witness", self.witness); }
};

// Payment channels (CHAN).

/// All that a channel's id is made of, and who pays what.
struct ChannelAgreement {
  AccountId a{}, b{};
  std::int64_t nonce = 0;
  Height closing_time = 1;
  Amount deposit_a = 0, deposit_b = 0;
  Height fund_by = 0;
  bool operator==(const ChannelAgreement&) const = default;
  static void fields(auto& self, auto&& visit) {
    visit("a", self.a), visit("b", self.b), visit("channel_nonce", self.nonce),
        visit("closing_time", self.closing_time);
    visit("deposit_a", self.deposit_a), visit("deposit_b", self.deposit_b), visit("fund_by", self.fund_by);
  }
};
/// A state with the parties' signatures, which version 0 needs not.
struct SignedBalances {
  std::int64_t version = 0;
  Amount balance_a = 0, balance_b = 0;
  Signature signature_a{}, signature_b{};
  static void fields(auto& self, auto&& visit) {
    visit("version", self.version), visit("balance_a", self.balance_a), visit("balance_b", self.balance_b);
    visit("signature_a", self.signature_a), visit("signature_b", self.signature_b);
  }
};
struct ChannelOpen {
  static constexpr std::string_view name = "channel_open";
  ChannelAgreement terms{};
  static void fields(auto& self, auto&& visit) { ChannelAgreement::fields(self.terms, visit); }
};
struct ChannelFund {
  static constexpr std::string_view name = "channel_fund";
  ChannelAgreement terms{};
  static void fields(auto& self, auto&& visit) { ChannelAgreement::fields(self.terms, visit); }
};
struct ChannelReclaim {
  static constexpr std::string_view name = "channel_reclaim";
  Hash channel{};
  static void fields(auto& self, auto&& visit) { visit("channel", self.channel); }
};
struct ChannelSettle {
  static constexpr std::string_view name = "channel_settle";
  Hash channel{};
  static void fields(auto& self, auto&& visit) { visit("channel", self.channel); }
};
inline constexpr std::string_view names_with_state[] = {"channel_cooperative_close", "channel_close", "channel_refute"};
/// An operation on a channel with a state of it.
template <int tag>
struct WithState {
  static constexpr std::string_view name = names_with_state[tag];
  Hash channel{};
  SignedBalances state{};
  static void fields(auto& self, auto&& visit) {
    visit("channel", self.channel);
    SignedBalances::fields(self.state, visit);
  }
};
using ChannelCooperativeClose = WithState<0>;
using ChannelClose = WithState<1>;
using ChannelRefute = WithState<2>;
struct ChannelPunish {
  static constexpr std::string_view name = "channel_punish";
  Hash channel{};
  std::int64_t revoked_below = 0;
  Signature revocation{};  ///< by the other party: it never posts a version below that one
  static void fields(auto& self, auto&& visit) {
    visit("channel", self.channel), visit("revoked_below", self.revoked_below);
    visit("revocation", self.revocation);
  }
};

/// The number of an alternative is its code in the encoding.
using Operation =
    std::variant<Transfer, Register, Update, Migrate, TopUp, Unbond, Rebond, Withdraw, Unjail, ReportEquivocation,
                 Propose, Accept, Cancel, Expire, Deliver, Demand, Publish, Miss, Acknowledge, Finalize, Timeout,
                 Challenge, PostMid, Side, Judge, Forfeit, ChannelOpen, ChannelFund, ChannelReclaim,
                 ChannelCooperativeClose, ChannelClose, ChannelRefute, ChannelPunish, ChannelSettle>;

[[nodiscard]] std::string_view name_of(const Operation& operation);

}  // namespace p2pllm
