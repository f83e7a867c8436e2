#include "model/contracts/block.hpp"
#include "model/encoding/cbor.hpp"
#include "optimized/contracts/operation_context.hpp"
#include "optimized/contracts/registration_rules.hpp"

namespace p2pllm::optimized {
namespace {

/// The owner's operations on its registration (REG-2, REG-3, REG-6).
class Owner {
 public:
  Owner(OperationContext& context, std::uint32_t place) : context_(context), place_(place) {}

  Reason operator()(const Update& op) {
    if (const Numbers code = reason_update(now(), context_.parameters(), height()); code != 0) return as_reason(code);
    RegisteredNode& node = change();
    update(node.registration, height());
    node.price = op.price;
    return Reason::none;
  }
  /// The end of the block decides; here it is only queued, if it could be a move (LEDGER-6).
  Reason operator()(const Migrate& op) {
    const LayerRange& from = context_.shard.nodes[place_].layers;
    const Genesis& genesis = context_.block.genesis;
    const bool crosses = contracts::shard_of(genesis, op.layers) != contracts::shard_of(genesis, from);
    const bool has_length = op.layers.last - op.layers.first == from.last - from.first;
    const Numbers code = reason_migrate(now(), crosses, has_length && op.layers != from);
    if (code == 0) context_.shard.queued_moves.push_back({context_.sender, op.layers});
    return as_reason(code);
  }
  Reason operator()(const TopUp& op) {
    if (const Numbers code = reason_top_up(now()); code != 0) return as_reason(code);
    if (!context_.covers(context_.sender, op.amount)) return Reason::not_covered;
    context_.pay(context_.sender, -op.amount);
    change().registration.stake += op.amount;
    return Reason::none;
  }
  Reason operator()(const Unbond&) {
    const Numbers code = reason_unbond(now());
    if (code == 0) unbond(change().registration, context_.parameters(), height());
    return as_reason(code);
  }
  Reason operator()(const Rebond&) {
    const Numbers code = reason_rebond(now(), context_.parameters(), height());
    if (code == 0) rebond(change().registration, height());
    return as_reason(code);
  }
  Reason operator()(const Withdraw&) {
    const Numbers code = reason_withdraw(now(), height());
    if (code == 0) context_.pay(context_.sender, withdraw(change().registration));
    return as_reason(code);
  }
  Reason operator()(const Unjail&) {
    const Numbers code = reason_unjail(now(), context_.parameters(), height());
    if (code == 0) set_status(change().registration, NodeStatus::active);
    return as_reason(code);
  }

 private:
  [[nodiscard]] const Registration<Numbers>& now() const { return context_.shard.nodes[place_].registration; }
  [[nodiscard]] RegisteredNode& change() { return context_.shard.nodes.change(place_); }
  [[nodiscard]] Height height() const { return context_.height(); }

  OperationContext& context_;
  std::uint32_t place_;
};

/// A key without a registration begins in its home shard (SHARD-4).
Reason enroll_sender(OperationContext& context, const Register& op) {
  ShardState& shard = context.shard;
  const Genesis& genesis = context.block.genesis;
  if (contracts::shard_of(genesis, op.layers) != shard.number()) return Reason::wrong_place;
  auto place = shard.nodes.find(context.sender);
  const bool is_new = place == shard.nodes.none;
  if (is_new &&
      (home_of(genesis, context.sender) != shard.number() || shard.away.find(context.sender) != shard.away.none))
    return Reason::wrong_place;
  const Registration<Numbers> before = is_new ? Registration<Numbers>{} : shard.nodes[place].registration;
  const Numbers code = reason_register(before, context.parameters(), context.height(), op.stake);
  if (code != 0) return as_reason(code);
  if (!context.covers(context.sender, op.stake)) return Reason::not_covered;
  context.pay(context.sender, -op.stake);
  if (is_new) place = shard.nodes.insert(context.sender);
  RegisteredNode& node = shard.nodes.change(place);
  enroll(node.registration, context.height(), op.stake);
  node.layers = op.layers;
  node.cost_us = op.cost_us;
  node.price = op.price;
  return Reason::none;
}

Hash evidence_id(const ReportEquivocation& op) {
  CborWriter out;
  out.array(3).bytes(op.offender.bytes).number(static_cast<std::uint64_t>(op.height));
  return hash_tagged("p2pllm/1/evidence", out.number(static_cast<std::uint64_t>(op.round)).view());
}

Reason report(OperationContext& context, const ReportEquivocation& op) {
  ShardState& shard = context.shard;
  const auto place = shard.nodes.find(op.offender);
  if (place == shard.nodes.none) return Reason::unknown_object;
  const Hash evidence = evidence_id(op);
  const Amount stake_then = context.block.rotation.stake_at(op.offender, op.height);
  const bool is_new = shard.evidence.find(evidence) == shard.evidence.none;
  const auto reason = [&](bool is_proven) {
    return as_reason(reason_report(shard.nodes[place].registration, context.parameters(), context.height(), op.height,
                                   is_proven, is_new, stake_then));
  };
  if (const Reason others = reason(true); others != Reason::none) return others;
  const auto has_signed = [&](const Hash& header, const Signature& signature) {
    const Hash message = proposal_id(context.block.chain, op.height, op.round, header);
    return context.block.signatures.verify(op.offender, message, signature);
  };
  const Reason decided = reason(op.first != op.second && has_signed(op.first, op.first_signature) &&
                                has_signed(op.second, op.second_signature));
  if (decided != Reason::none) return decided;
  const bool is_self = context.sender == op.offender;
  context.punish(shard.nodes.change(place), true, stake_then, is_self ? nullptr : &context.sender);
  shard.evidence.insert(evidence);
  return Reason::none;
}

}  // namespace

void OperationContext::punish(RegisteredNode& node, bool fraud, Amount stake_then, const AccountId* reporter) {
  if (!can_be_slashed(node.registration)) return;
  const Slashed<Numbers> taken =
      slash(node.registration, parameters(), height(), fraud, stake_then, reporter != nullptr);
  if (reporter != nullptr) pay(*reporter, taken.to_reporter);
  shard.burned += taken.burned;
}

Reason run_registration(OperationContext& context, const Operation& operation) {
  return run_on<MachineKind::registration>(operation, [&context]<typename Op>(const Op& op) {
    if constexpr (std::is_same_v<Op, Register>) {
      return enroll_sender(context, op);
    } else if constexpr (std::is_same_v<Op, ReportEquivocation>) {
      return report(context, op);
    } else {
      const auto place = context.shard.nodes.find(context.sender);
      return place == context.shard.nodes.none ? Reason::unknown_object : Owner(context, place)(op);
    }
  });
}

}  // namespace p2pllm::optimized
