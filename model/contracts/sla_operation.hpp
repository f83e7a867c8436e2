#pragma once

#include <cstdint>
#include <string_view>

#include "model/contracts/sla.hpp"
#include "model/contracts/units.hpp"
#include "model/crypto/merkle.hpp"
#include "model/layer_range.hpp"

// The operations on SLAs that a transaction may request (LEDGER-4, SLA); see operation.hpp.
namespace p2pllm::contracts {

/// The machine of which an operation is a transition; `account` for transfers.
enum class MachineKind { account, registration, sla, channel };

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
/// The last state shown, and what left with the demanded unit.
struct Publish {
  static constexpr std::string_view name = "publish";
  static constexpr std::uint64_t code = 16;
  static constexpr MachineKind machine = MachineKind::sla;
  Hash sla{};
  Bytes output;            ///< the state after the last step shown
  Bytes row = {};          ///< of the unit; empty if none leaves
  MerkleProof proof = {};  ///< of the row among those of all units shown
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
  MerkleProof row_proof = {};  ///< of the row among those that entered what is disputed
  static void fields(auto& self, auto&& visit) {
    visit("sla", self.sla), visit("state", self.state), visit("root", self.root), visit("before", self.before);
    visit("proof", self.proof), visit("manifest", self.manifest), visit("row", self.row);
    visit("row_proof", self.row_proof);
  }
};

}  // namespace p2pllm::contracts
