#include "optimized/contracts/invariant_rules.hpp"
#include "proofs/agree_contracts.hpp"
#include "proofs/contracts_channel.hpp"

// The fast ledger's rules of payment channels equal the reference's for all values.
namespace p2pllm::proofs {
namespace {

using Line = contracts::Channel<SymInt>;
using Fast = FastStep<Line>;

/// A fast step as the fast ledger makes it of its rules (optimized/contracts/channel_operations.cpp): what moves is
/// from A, from B, to A, to B.
class FastChannel {
 public:
  FastChannel(const UnknownChannel& unknown, const SymInt& height, const SymBool& is_signed)
      : u(unknown), h(height), yes(is_signed), zero(unknown.is(0)) {}

  [[nodiscard]] Fast of(ChannelOperation operation) const {
    const Line& c = u.channel;
    const auto& [is_a, is_b] = u.sender;
    switch (operation) {
      case ChannelOperation::open: return opened();
      case ChannelOperation::fund:
        return changed(optimized::reason_fund(c, h, is_b), {zero, c.deposit_b, zero, zero},
                       [](Line& next) { optimized::set_status(next, ChannelStatus::open); });
      case ChannelOperation::reclaim: return settled(optimized::reason_reclaim(c, h), c, c.deposit_a, zero);
      case ChannelOperation::cooperative_close: {
        Line shown = c;
        optimized::show(shown, u.state);
        return settled(optimized::reason_cooperative_close(c, u.state, yes), shown, u.state.balance_a,
                       u.state.balance_b);
      }
      case ChannelOperation::close:
        return changed(optimized::reason_close(c, u.state, lor(is_a, is_b), yes), {zero, zero, zero, zero},
                       [&](Line& next) {
                         optimized::post(next, u.state, u.sender.is_a, u.sender.is_b);
                         optimized::close(next, h);
                       });
      case ChannelOperation::refute:
        return changed(optimized::reason_refute(c, h, u.state, yes), {zero, zero, zero, zero},
                       [&](Line& next) { optimized::post(next, u.state, u.sender.is_a, u.sender.is_b); });
      case ChannelOperation::punish: {
        const SymInt all = optimized::deposits_of(c);
        return settled(optimized::reason_punish(c, h, u.revoked_below, is_a, is_b, yes), c, select(is_a, all, zero),
                       select(is_a, zero, all));
      }
      case ChannelOperation::settle: return settled(optimized::reason_settle(c, h), c, c.balance_a, c.balance_b);
    }
    throw std::logic_error("no such operation");
  }

 private:
  /// Terms are looked at before, and the channel does not exist yet (optimized/contracts/transaction_form.cpp).
  [[nodiscard]] Fast opened() const {
    const SymInt form =
        optimized::FirstReason<SymInt>(h)
            .require(u.channel.status == zero, contracts::Reason::wrong_status)
            .require(optimized::terms_fit(u.terms, u.p, u.differ), contracts::Reason::terms_out_of_range)
            .code();
    const SymInt code = select(form == zero, optimized::reason_open(u.terms, u.p, h, u.sender.is_a), form);
    return {code, optimized::opened(u.terms), {u.terms.deposit_a, zero, zero, zero}};
  }
  template <typename Change>
  [[nodiscard]] Fast changed(const SymInt& code, const std::vector<SymInt>& flow, const Change& change) const {
    Line next = u.channel;
    change(next);
    return {code, next, flow};
  }
  [[nodiscard]] Fast settled(const SymInt& code, Line next, const SymInt& to_a, const SymInt& to_b) const {
    optimized::set_status(next, ChannelStatus::settled);
    return {code, next, {zero, zero, to_a, to_b}};
  }

  const UnknownChannel& u;
  SymInt h;
  SymBool yes;
  SymInt zero;
};

/// The fault: the fast half decides as of the next block, and takes a signature for none.
Obligation operation(const AgreeName& name, ChannelOperation which) {
  return {
      name.clause, name.name, "the fast half's guards and effect of " + name.rule() + " are the reference's",
      "all channels, states, terms and heights", [which](Scope& scope) -> Goal {
        const UnknownChannel u(scope);
        const auto step = u.step(which);
        const auto agrees = [&](const FastChannel& fast) {
          return same_step(step, {step.flow.from_a, step.flow.from_b, step.flow.to_a, step.flow.to_b}, fast.of(which));
        };
        return {agrees(FastChannel(u, u.height, u.signature)),
                agrees(FastChannel(u, u.height + u.is(1), lnot(u.signature)))};
      }};
}

Goal terms_form(Scope& scope) {
  const UnknownChannel u(scope);
  auto larger = u.terms;
  larger.deposit_b = larger.deposit_b + u.is(1);
  const SymBool expected = terms_in_range(u.terms, u.p, u.differ);
  return {iff(optimized::terms_fit(u.terms, u.p, u.differ), expected),
          iff(optimized::terms_fit(larger, u.p, u.differ), expected)};
}

Goal balances(Scope& scope) {
  const UnknownChannel u(scope);
  const SymBool expected = balances_fit(u.channel, u.state);
  auto other = u.state;
  other.version = other.version + u.is(1);
  return {iff(optimized::balances_divide(u.channel, u.state), expected),
          iff(optimized::balances_divide(u.channel, other), expected)};
}

Goal worth(Scope& scope) {
  const UnknownChannel u(scope);
  const SymInt expected = value(u.channel);
  return {optimized::value_of(u.channel) == expected, optimized::deposits_of(u.channel) == expected};
}

Goal ended(Scope& scope) {
  const UnknownChannel u(scope);
  const SymBool some = u.some_enabled({ChannelOperation::reclaim, ChannelOperation::settle});
  return {iff(optimized::can_be_ended(u.channel, u.height), some),
          iff(optimized::can_be_ended(u.channel, u.height + u.is(1)), some)};
}

}  // namespace

std::vector<Obligation> agree_channel_obligations() {
  using enum ChannelOperation;
  std::vector<Obligation> list{operation({"CHAN-2", "agree-channel-open"}, open),
                               operation({"CHAN-2", "agree-channel-fund"}, fund),
                               operation({"CHAN-2", "agree-channel-reclaim"}, reclaim),
                               operation({"CHAN-5", "agree-channel-cooperative-close"}, cooperative_close),
                               operation({"CHAN-6", "agree-channel-close"}, close),
                               operation({"CHAN-6", "agree-channel-refute"}, refute),
                               operation({"CHAN-7", "agree-channel-punish"}, punish),
                               operation({"CHAN-8", "agree-channel-settle"}, settle)};
  list.push_back({"CHAN-2", "agree-channel-terms", "the fast half takes the terms that the reference takes",
                  "all terms and parameters", terms_form});
  list.push_back({"CHAN-4", "agree-channel-balances", "the fast half takes the balances that the reference takes",
                  "all channels and states", balances});
  list.push_back(
      {"LEDGER-5", "agree-channel-value", "the value of a channel is the reference's", "all channels", worth});
  list.push_back({"LEDGER-5", "agree-channel-ended", "the fast half's channels that anyone can end are the reference's",
                  "all channels and heights", ended});
  return list;
}

}  // namespace p2pllm::proofs
