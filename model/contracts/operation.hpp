#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "model/contracts/channel.hpp"
#include "model/contracts/sla.hpp"
#include "model/contracts/units.hpp"
#include "model/crypto/merkle.hpp"
#include "model/layer_range.hpp"

// The operations that a transaction may request of the ledger (LEDGER-4). Each has a name, a code in the encoding and
// the machine that runs it, and lists its fields once, in the order of the encoding. The encoding and the JSON of
// traces are both made from that list.
namespace p2pllm::contracts {

/// The machine of which an operation is a transition; `account` for transfers.
enum class MachineKind { account, registration, sla, channel };

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

// SLA (SLA).

struct Propose {
  static constexpr std::string_view name = "propose";
  static constexpr std::uint64_t code = 10;
  static constexpr MachineKind machine = MachineKind::sla;
  AccountId provider{};
  LayerRange layers{};
  Hash model{}, input{};  ///< input: state_0
  SlaTerms<std::int64_t> terms{};
  std::int64_t first_position = 0;
  Hash inputs = merkle_root({});  ///< of the first rows that enter, one a unit; that of no leaves if no step reads one
  static void fields(auto& self, auto&& visit) {
    visit("provider", self.provider), visit("layers", self.layers);
    visit("model", self.model), visit("input", self.input);
    SlaTerms<std::int64_t>::fields(self.terms, visit);
    visit("first_position", self.first_position), visit("inputs", self.inputs);
  }
};
/// An operation on the SLA that was proposed by the transaction with this id.
struct OnProposedSla {
  static constexpr MachineKind machine = MachineKind::sla;
  Hash sla{};
  static void fields(auto& self, auto&& visit) { visit("sla", self.sla); }
};
struct Accept : OnProposedSla {
  static constexpr std::string_view name = "accept";
  static constexpr std::uint64_t code = 11;
};
struct Cancel : OnProposedSla {
  static constexpr std::string_view name = "cancel";
  static constexpr std::uint64_t code = 12;
};
struct Expire : OnProposedSla {
  static constexpr std::string_view name = "expire";
  static constexpr std::uint64_t code = 13;
};
/// Some of the first units of a session: how many, the root of the rows that entered them, the root of all their steps,
/// and the opening of the last step: the states before and after it, of which the latter is the output (COMMIT-4).
struct ShownUnits {
  Hash sla{};
  std::int64_t units = 1;
  Hash inputs{}, root{}, output{}, before{};
  MerkleProof proof;
  static void fields(auto& self, auto&& visit) {
    visit("sla", self.sla), visit("units", self.units), visit("inputs", self.inputs), visit("root", self.root);
    visit("output", self.output), visit("before", self.before), visit("proof", self.proof);
  }
};
/// What a provider shows, with what its client signed.
struct ProvidedUnits : ShownUnits {
  static constexpr MachineKind machine = MachineKind::sla;
  Signature order{};              ///< of the client, for these units and inputs; none for those of the terms
  std::int64_t acknowledged = 0;  ///< the units of the client's greatest voucher; 0 if it gave none
  Signature voucher{};            ///< of the client; none for 0 units
  static void fields(auto& self, auto&& visit) {
    ShownUnits::fields(self, visit);
    visit("order", self.order), visit("acknowledged", self.acknowledged), visit("voucher", self.voucher);
  }
};
struct Deliver : ProvidedUnits {
  static constexpr std::string_view name = "deliver";
  static constexpr std::uint64_t code = 14;
};
/// More units than those with which the client closed.
struct Answer : ProvidedUnits {
  static constexpr std::string_view name = "answer";
  static constexpr std::uint64_t code = 36;
};
/// The client ends a session with what its provider gave a receipt for.
struct Close : ShownUnits {
  static constexpr std::string_view name = "close";
  static constexpr std::uint64_t code = 35;
  static constexpr MachineKind machine = MachineKind::sla;
  Signature receipt{};            ///< of the provider, for what is shown
  std::int64_t acknowledged = 0;  ///< the units that the client has
  static void fields(auto& self, auto&& visit) {
    ShownUnits::fields(self, visit);
    visit("receipt", self.receipt), visit("acknowledged", self.acknowledged);
  }
};
struct Demand {
  static constexpr std::string_view name = "demand";
  static constexpr std::uint64_t code = 15;
  static constexpr MachineKind machine = MachineKind::sla;
  Hash sla{};
  std::int64_t unit = 1;  ///< from 1
  static void fields(auto& self, auto&& visit) { visit("sla", self.sla), visit("unit", self.unit); }
};
/// The last state, and what left with the demanded unit.
struct Publish {
  static constexpr std::string_view name = "publish";
  static constexpr std::uint64_t code = 16;
  static constexpr MachineKind machine = MachineKind::sla;
  Hash sla{};
  Bytes output;            ///< state_N
  Bytes row = {};          ///< of the unit; empty if none leaves
  MerkleProof proof = {};  ///< of the row among those of all units
  static void fields(auto& self, auto&& visit) {
    visit("sla", self.sla), visit("output", self.output), visit("row", self.row), visit("proof", self.proof);
  }
};
struct Miss : OnProposedSla {
  static constexpr std::string_view name = "miss";
  static constexpr std::uint64_t code = 17;
};
struct Acknowledge : OnProposedSla {
  static constexpr std::string_view name = "acknowledge";
  static constexpr std::uint64_t code = 18;
};
struct Finalize : OnProposedSla {
  static constexpr std::string_view name = "finalize";
  static constexpr std::uint64_t code = 19;
};
struct Timeout : OnProposedSla {
  static constexpr std::string_view name = "timeout";
  static constexpr std::uint64_t code = 20;
};
/// A dispute about what the ledger shows, if no units are named, or about another receipt of the provider.
struct Challenge : ShownUnits {
  static constexpr std::string_view name = "challenge";
  static constexpr std::uint64_t code = 21;
  static constexpr MachineKind machine = MachineKind::sla;
  Signature receipt{};  ///< of the provider, for the units named
  Amount bond = 0;
  [[nodiscard]] static Challenge of_shown(const Hash& sla, Amount bond) {
    return {{sla, 0, {}, {}, {}, {}, {}}, {}, bond};
  }
  static void fields(auto& self, auto&& visit) {
    ShownUnits::fields(self, visit);
    visit("receipt", self.receipt), visit("bond", self.bond);
  }
};
/// A voucher of the client for more units than are owed.
struct Claim {
  static constexpr std::string_view name = "claim";
  static constexpr std::uint64_t code = 37;
  static constexpr MachineKind machine = MachineKind::sla;
  Hash sla{};
  std::int64_t units = 1;
  Signature voucher{};
  static void fields(auto& self, auto&& visit) {
    visit("sla", self.sla), visit("units", self.units), visit("voucher", self.voucher);
  }
};
/// The client's last word: it pays these units and disputes nothing.
struct Settle {
  static constexpr std::string_view name = "settle";
  static constexpr std::uint64_t code = 38;
  static constexpr MachineKind machine = MachineKind::sla;
  Hash sla{};
  std::int64_t units = 0;
  Signature final{};
  static void fields(auto& self, auto&& visit) {
    visit("sla", self.sla), visit("units", self.units), visit("final", self.final);
  }
};
/// Two receipts of the provider that differ for the same units and inputs. One may be what the ledger shows, and then
/// needs no signature.
struct Convict {
  static constexpr std::string_view name = "convict";
  static constexpr std::uint64_t code = 39;
  static constexpr MachineKind machine = MachineKind::sla;
  Hash sla{};
  std::int64_t units = 1;
  Hash inputs{};
  Hash first_root{}, first_output{}, second_root{}, second_output{};
  Signature first_receipt{}, second_receipt{};
  static void fields(auto& self, auto&& visit) {
    visit("sla", self.sla), visit("units", self.units), visit("inputs", self.inputs);
    visit("first_root", self.first_root), visit("first_output", self.first_output);
    visit("first_receipt", self.first_receipt);
    visit("second_root", self.second_root), visit("second_output", self.second_output);
    visit("second_receipt", self.second_receipt);
  }
};
/// The opening of the middle step: the states before and after it.
struct PostMid {
  static constexpr std::string_view name = "post_mid";
  static constexpr std::uint64_t code = 22;
  static constexpr MachineKind machine = MachineKind::sla;
  Hash sla{}, before{}, after{};
  MerkleProof proof;
  static void fields(auto& self, auto&& visit) {
    visit("sla", self.sla), visit("before", self.before), visit("after", self.after), visit("proof", self.proof);
  }
};
struct Side {
  static constexpr std::string_view name = "side";
  static constexpr std::uint64_t code = 23;
  static constexpr MachineKind machine = MachineKind::sla;
  Hash sla{};
  bool agree = false;
  static void fields(auto& self, auto&& visit) { visit("sla", self.sla), visit("agree", self.agree); }
};
struct Judge {
  static constexpr std::string_view name = "judge";
  static constexpr std::uint64_t code = 24;
  static constexpr MachineKind machine = MachineKind::sla;
  Hash sla{};
  Bytes state;         ///< the last agreed micro-state
  Bytes witness = {};  ///< what else the micro-step reads
  static void fields(auto& self, auto&& visit) {
    visit("sla", self.sla), visit("state", self.state), visit("witness", self.witness);
  }
};
struct Forfeit : OnProposedSla {
  static constexpr std::string_view name = "forfeit";
  static constexpr std::uint64_t code = 25;
};
/// The root of the micro-steps of the disputed step, and the opening of the last one.
struct Refine {
  static constexpr std::string_view name = "refine";
  static constexpr std::uint64_t code = 34;
  static constexpr MachineKind machine = MachineKind::sla;
  Hash sla{};
  Bytes state;                 ///< the last agreed state
  Hash root{}, before{};       ///< of all micro-steps; the micro-state before the last one
  MerkleProof proof;           ///< of the last one
  Bytes manifest = {};         ///< of the model; empty if it has none
  Hash row{};                  ///< that enters; 0 if none does
  MerkleProof row_proof = {};  ///< of the row among those that the terms name
  static void fields(auto& self, auto&& visit) {
    visit("sla", self.sla), visit("state", self.state), visit("root", self.root), visit("before", self.before);
    visit("proof", self.proof), visit("manifest", self.manifest), visit("row", self.row);
    visit("row_proof", self.row_proof);
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
