#include "model/contracts/channel_message.hpp"
#include "optimized/contracts/channel_rules.hpp"
#include "optimized/contracts/operation_context.hpp"

namespace p2pllm::optimized {
namespace {

/// Operations on one channel. A signature is looked at only if no condition before it decides.
class OnChannelAt {
 public:
  OnChannelAt(OperationContext& context, std::uint32_t place)
      : context_(context), channels_(context.shard.channels), place_(place) {}

  Reason operator()(const ChannelFund&) {
    const Numbers code = reason_fund(now(), height(), is_b());
    if (code != 0) return as_reason(code);
    if (!context_.covers(record().b, now().deposit_b)) return Reason::not_covered;
    context_.pay(record().b, -now().deposit_b);
    set_status(change(), ChannelStatus::open);
    return Reason::none;
  }
  Reason operator()(const ChannelReclaim&) {
    const Numbers code = reason_reclaim(now(), height());
    return code != 0 ? as_reason(code) : settle(now().deposit_a, 0);
  }
  Reason operator()(const ChannelCooperativeClose& op) {
    const ChannelBalances& shown = op.state.balances;
    const Reason reason = decide([&](bool is_signed) { return reason_cooperative_close(now(), shown, is_signed); },
                                 [&] { return both_signed(op.state); });
    if (reason != Reason::none) return reason;
    show(change(), shown);
    return settle(shown.balance_a, shown.balance_b);
  }
  Reason operator()(const ChannelClose& op) {
    const ChannelBalances& shown = op.state.balances;
    const Reason reason =
        decide([&](bool is_signed) { return reason_close(now(), shown, is_a() || is_b(), is_signed); },
               [&] { return both_signed(op.state); });
    if (reason != Reason::none) return reason;
    Channel<Numbers>& channel = change();
    post(channel, shown, is_a(), is_b());
    close(channel, height());
    return Reason::none;
  }
  Reason operator()(const ChannelRefute& op) {
    const ChannelBalances& shown = op.state.balances;
    const Reason reason = decide([&](bool is_signed) { return reason_refute(now(), height(), shown, is_signed); },
                                 [&] { return both_signed(op.state); });
    if (reason == Reason::none) post(change(), shown, is_a(), is_b());
    return reason;
  }
  Reason operator()(const ChannelPunish& op) {
    const Reason reason = decide(
        [&](bool is_signed) { return reason_punish(now(), height(), op.revoked_below, is_a(), is_b(), is_signed); },
        [&] {
          return context_.block.signatures.verify(is_a() ? record().b : record().a,
                                                  channel_revocation_message(message_place(), op.revoked_below),
                                                  op.revocation);
        });
    if (reason != Reason::none) return reason;
    const Amount all = deposits_of(now());
    return is_a() ? settle(all, 0) : settle(0, all);
  }
  Reason operator()(const ChannelSettle&) {
    const Numbers code = reason_settle(now(), height());
    return code != 0 ? as_reason(code) : settle(now().balance_a, now().balance_b);
  }

 private:
  [[nodiscard]] const ChannelRecord& record() const { return channels_[place_]; }
  [[nodiscard]] const Channel<Numbers>& now() const { return record().channel; }
  [[nodiscard]] Channel<Numbers>& change() { return channels_.change(place_).channel; }
  [[nodiscard]] Height height() const { return context_.height(); }
  [[nodiscard]] bool is_a() const { return context_.sender == record().a; }
  [[nodiscard]] bool is_b() const { return context_.sender == record().b; }
  [[nodiscard]] ChannelPlace message_place() const { return {context_.ledger_id, channels_.key(place_)}; }
  [[nodiscard]] bool both_signed(const ChannelSignedBalances& state) const {
    const Hash message = channel_state_message(message_place(), state.balances);
    const SignatureScheme& scheme = context_.block.signatures;
    return scheme.verify(record().a, message, state.signature_a) &&
           scheme.verify(record().b, message, state.signature_b);
  }

  /// The reason with a signature, which is looked at if without it that is what is missed.
  template <typename ReasonOf, typename IsSigned>
  [[nodiscard]] static Reason decide(const ReasonOf& reason_of, const IsSigned& is_signed) {
    const Reason without = as_reason(reason_of(false));
    if (without != Reason::wrong_state_signature) return without;
    return is_signed() ? as_reason(reason_of(true)) : without;
  }
  /// Pays both parties all that the channel holds, and ends it.
  Reason settle(Amount to_a, Amount to_b) {
    ChannelRecord& settled = channels_.change(place_);
    context_.pay(settled.a, to_a);
    context_.pay(settled.b, to_b);
    set_status(settled.channel, ChannelStatus::settled);
    return Reason::none;
  }

  OperationContext& context_;
  FlatTable<Hash, ChannelRecord>& channels_;
  std::uint32_t place_;
};

/// The id of a channel is never used again (CHAN-2).
Reason open(OperationContext& context, const ChannelTerms& terms) {
  auto& channels = context.shard.channels;
  const Hash id = channel_id(context.ledger_id, terms);
  if (channels.find(id) != channels.none) return Reason::object_exists;
  const ChannelTermNumbers<Numbers> numbers = numbers_of(terms);
  const Numbers code = reason_open(numbers, context.parameters(), context.height(), context.sender == terms.a);
  if (code != 0) return as_reason(code);
  if (!context.covers(terms.a, terms.deposit_a)) return Reason::not_covered;
  context.pay(terms.a, -terms.deposit_a);
  channels.insert(id, {terms.a, terms.b, opened(numbers)});
  return Reason::none;
}

}  // namespace

Reason run_channel(OperationContext& context, const Operation& operation) {
  return run_on<MachineKind::channel>(operation, [&context]<typename Op>(const Op& op) {
    const auto& channels = context.shard.channels;
    if constexpr (std::is_same_v<Op, ChannelOpen>) {
      return open(context, op.terms);
    } else {
      std::uint32_t place = channels.none;
      if constexpr (std::is_same_v<Op, ChannelFund>) place = channels.find(channel_id(context.ledger_id, op.terms));
      else place = channels.find(op.channel);
      return place == channels.none ? Reason::unknown_object : OnChannelAt(context, place)(op);
    }
  });
}

}  // namespace p2pllm::optimized
