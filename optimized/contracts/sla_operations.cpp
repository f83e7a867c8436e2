#include "optimized/contracts/dispute_rules.hpp"
#include "optimized/contracts/registration_rules.hpp"
#include "optimized/contracts/sla_facts.hpp"

namespace p2pllm::optimized {
namespace {

/// Operations on one SLA. A fact that costs hashes is looked at only if it decides.
class OnSla : SlaFacts {
 public:
  using SlaFacts::SlaFacts;

  Reason operator()(const Accept&) {
    const auto& nodes = context_.shard.nodes;
    const auto node = nodes.find(record().provider);
    const bool serves = node != nodes.none && nodes[node].registration.status == Numbers(NodeStatus::active) &&
                        nodes[node].layers.first <= record().layers.first &&
                        record().layers.last <= nodes[node].layers.last;
    const Numbers code = reason_accept(now(), record().terms, height(), is_provider(), serves);
    if (code != 0) return as_reason(code);
    if (!context_.covers(record().provider, record().terms.bond)) return Reason::not_covered;
    SlaRecord& changed = slas_.change(place_);
    context_.pay(changed.provider, -accept(changed.sla, changed.terms));
    RegisteredNode& provider = context_.shard.nodes.change(node);
    open_sla_of(provider.registration);
    changed.stake_at_accept = provider.registration.stake;
    return Reason::none;
  }
  Reason operator()(const Cancel&) {
    return end_for_client(reason_cancel(now(), is_client()), SlaStatus::cancelled, Offence::none);
  }
  Reason operator()(const Expire&) {
    return end_for_client(reason_expire(now(), record().terms, height()), SlaStatus::expired, Offence::none);
  }
  Reason operator()(const Deliver& op) {
    return provided(op, [&](const ShownFacts<Numbers>& facts) {
      return reason_deliver(now(), record().terms, height(), is_provider(), op.units, op.acknowledged, facts);
    });
  }
  Reason operator()(const Answer& op) {
    return provided(op, [&](const ShownFacts<Numbers>& facts) {
      return reason_answer(now(), record().terms, height(), is_provider(), op.units, op.acknowledged, facts);
    });
  }
  Reason operator()(const Close& op) {
    bool is_signed = true;
    const auto reason_of = [&](bool opens) {
      return reason_close(now(), record().terms, height(), is_client(), op.units, op.acknowledged, is_signed, opens);
    };
    const Reason reason = decide(reason_of, [&] {
      is_signed = has_receipt(op, op.receipt);
      return is_signed && opens_last(op);
    });
    if (reason == Reason::none) show_to_all(op, client_turn, op.acknowledged);
    return reason;
  }
  Reason operator()(const Claim& op) {
    const Reason reason =
        decide([&](bool is_signed) { return reason_claim(now(), record().terms, op.units, is_signed); },
               [&] { return signed_by(record().client, voucher_message(message_place(), op.units), op.voucher); });
    if (reason == Reason::none) slas_.change(place_).sla.owed = op.units;
    return reason;
  }
  Reason operator()(const Settle& op) {
    const Reason reason =
        decide([&](bool fits) { return reason_settle(now(), record().terms, op.units, is_provider(), fits); },
               [&] { return signed_by(record().client, final_message(message_place(), op.units), op.final); });
    if (reason == Reason::none) settle_for(op.units);
    return reason;
  }
  Reason operator()(const Convict& op) {
    const OrderedUnits ordered{op.units, op.inputs};
    bool is_new = true;  // to the ledger
    const auto is_of_provider = [&](const Hash& root, const Hash& output, const Signature& receipt) {
      if (receipt != Signature{})
        return signed_by(record().provider, receipt_message(message_place(), ordered, root, output), receipt);
      is_new = false;
      return now().shown > 0 && now().shown == op.units && record().shown_inputs == op.inputs &&
             record().root == root && record().output == output;
    };
    const bool differ = op.first_root != op.second_root || op.first_output != op.second_output;
    const Reason reason = decide([&](bool are_signed) { return reason_convict(now(), differ, are_signed); },
                                 [&] {
                                   return is_of_provider(op.first_root, op.first_output, op.first_receipt) &&
                                          is_of_provider(op.second_root, op.second_output, op.second_receipt);
                                 });
    if (reason != Reason::none) return reason;
    if (is_new) note_stake();
    return end_dispute(false);
  }
  Reason operator()(const Demand& op) {
    const Numbers code = reason_demand(now(), height(), is_client(), op.unit);
    if (code == 0) demand(slas_.change(place_).sla, record().terms, height(), op.unit);
    return as_reason(code);
  }
  Reason operator()(const Publish& op) {
    const Reason reason =
        decide([&](bool fit) { return reason_publish(now(), height(), is_provider(), fit); },
               [&] {
                 return state_hash(op.output) == record().output &&
                        judge().shows(step_number(steps_shown()), op.output, now().demanded, op.row, op.proof);
               });
    if (reason == Reason::none) publish(slas_.change(place_).sla, record().terms, height());
    return reason;
  }
  Reason operator()(const Miss&) {
    return end_for_client(reason_miss(now(), height()), SlaStatus::breached, Offence::non_delivery);
  }
  Reason operator()(const Acknowledge&) { return settle_if(reason_acknowledge(now(), is_client())); }
  Reason operator()(const Finalize&) { return settle_if(reason_finalize(now(), height())); }
  Reason operator()(const Timeout&) {
    return end_for_client(reason_timeout(now(), record().terms, height()), SlaStatus::breached, Offence::non_delivery);
  }
  Reason operator()(const Challenge& op) {
    const bool is_another = op.units != 0;
    const Numbers units = is_another ? op.units : now().shown;
    bool is_receipt = true;
    const auto reason_of = [&](bool opens) {
      return reason_challenge(now(), record().terms, context_.parameters(), height(), is_client(), units, op.bond,
                              is_receipt, opens);
    };
    const Reason reason = decide(reason_of, [&] {
      is_receipt = is_another ? has_receipt(op, op.receipt) : op.receipt == Signature{};
      return is_receipt && (is_another ? opens_last(op) : is_blank(op));
    });
    if (reason != Reason::none) return reason;
    if (!context_.covers(record().client, op.bond)) return Reason::not_covered;
    SlaRecord& changed = slas_.change(place_);
    context_.pay(changed.client, -op.bond);
    challenge(changed.sla, changed.terms, height(), units, op.bond);
    if (is_another) note_hashes(op);
    return Reason::none;
  }
  Reason operator()(const PostMid& op) {
    const Numbers mid = middle(now());
    const Reason reason =
        decide([&](bool fits) { return reason_post_mid(now(), height(), is_provider(), fits); },
               [&] {
                 return is_of_micro_steps(now())
                            ? micro_opens({record().micro_root, now().micro_steps}, mid, op.before, op.after, op.proof)
                            : opens({record().root, steps_shown()}, mid, op.before, op.after, op.proof);
               });
    if (reason != Reason::none) return reason;
    SlaRecord& changed = slas_.change(place_);
    post_mid(changed.sla, changed.terms, height());
    changed.mid = op.after;
    changed.mid_before = op.before;
    return Reason::none;
  }
  Reason operator()(const Side& op) {
    if (const Numbers code = reason_side(now(), height(), is_client()); code != 0) return as_reason(code);
    SlaRecord& changed = slas_.change(place_);
    side(changed.sla, changed.terms, height(), op.agree);
    if (op.agree) {
      changed.left = changed.mid;
    } else {
      changed.right = changed.mid;
      changed.right_before = changed.mid_before;
    }
    return Reason::none;
  }
  /// SLA-15.
  Reason operator()(const Refine& op) {
    std::optional<StepStart> start;
    const auto reason_of = [&](bool fits) {
      return reason_refine(now(), context_.parameters(), height(), is_provider(), start ? start->micro_steps : 1, fits);
    };
    const Reason reason = decide(reason_of, [&] {
      if (const auto row = row_that_enters(op))
        start = judge().start(step_number(now().right), op.manifest, op.state, *row);
      return start &&
             micro_opens({op.root, start->micro_steps}, start->micro_steps, op.before, record().right, op.proof);
    });
    if (reason != Reason::none) return reason;
    SlaRecord& changed = slas_.change(place_);
    refine(changed.sla, changed.terms, height(), start->micro_steps);
    changed.micro_root = op.root;
    changed.left = start->state;
    changed.right_before = op.before;
    return Reason::none;
  }
  /// The micro-step is executed only for a provider that must show it and has the state before it (SLA-11).
  Reason operator()(const Judge& op) {
    Judgement judgement = Judgement::unfit;
    const Reason reason = decide([&](bool fits) { return reason_judge(now(), height(), is_provider(), fits); },
                                 [&] {
                                   if (micro_state_hash(op.state) == record().left)
                                     judgement = judge().judge(step_number(now().refined), now().right, op.state,
                                                               record().right, op.witness);
                                   return judgement != Judgement::unfit;
                                 });
    if (reason != Reason::none) return reason;
    return end_dispute(judgement == Judgement::right && record().right_before == record().left);
  }
  Reason operator()(const Forfeit&) {
    if (const Numbers code = reason_forfeit(now(), height()); code != 0) return as_reason(code);
    return end_dispute(has_turn(now(), client_turn));
  }

 private:
  /// The reason with a fact that comes last among the conditions.
  template <typename ReasonOf, typename Fact>
  [[nodiscard]] static Reason decide(const ReasonOf& reason_of, const Fact& fact) {
    const Numbers without = reason_of(true);
    return as_reason(without != 0 ? without : reason_of(fact()));
  }
  /// SLA-5. Signatures and hashes are looked at in the order in which they decide.
  template <typename ReasonOf>
  Reason provided(const ProvidedUnits& op, const ReasonOf& reason_of) {
    ShownFacts<Numbers> facts{true, true, true};
    const Reason reason = decide(
        [&](bool opens) {
          facts.opens = opens;
          return reason_of(facts);
        },
        [&] {
          const AccountId& client = record().client;
          const bool by_terms = op.units == record().terms.first_units && op.inputs == record().inputs;
          facts.is_ordered = by_terms
                                 ? op.order == Signature{}
                                 : signed_by(client, order_message(message_place(), {op.units, op.inputs}), op.order);
          if (!facts.is_ordered) return false;
          facts.is_vouched = op.acknowledged == 0
                                 ? op.voucher == Signature{}
                                 : signed_by(client, voucher_message(message_place(), op.acknowledged), op.voucher);
          return facts.is_vouched && opens_last(op);
        });
    if (reason == Reason::none) show_to_all(op, provider_turn, op.acknowledged);
    return reason;
  }
  void show_to_all(const ShownUnits& op, std::int64_t party, Numbers had) {
    SlaRecord& changed = slas_.change(place_);
    show(changed.sla, changed.terms, height(), party, op.units, had);
    note_hashes(op);
  }
  void note_hashes(const ShownUnits& op) {
    SlaRecord& changed = slas_.change(place_);
    changed.shown_inputs = op.inputs;
    changed.root = op.root;
    changed.output = changed.right = op.output;
    changed.right_before = op.before;
    changed.left = changed.input;
    note_stake();
  }
  /// REG-4.
  void note_stake() {
    const auto& nodes = context_.shard.nodes;
    if (const auto node = nodes.find(record().provider); node != nodes.none)
      slas_.change(place_).stake_at_receipt = nodes[node].registration.stake;
  }

  Reason end_for_client(Numbers code, SlaStatus status, Offence offence) {
    if (code != 0) return as_reason(code);
    return_to_client(status, offence, context_.sender);
    return Reason::none;
  }
  Reason settle_if(Numbers code) {
    if (code != 0) return as_reason(code);
    settle_for(now().owed);
    return Reason::none;
  }
  /// The client proved the fraud, whoever ends the dispute (SLA-8).
  Reason end_dispute(bool provider_wins) {
    if (provider_wins) settle_for(now().owed);
    else return_to_client(SlaStatus::breached, Offence::fraud, record().client);
    return Reason::none;
  }
  /// Pays the first units and all bonds to the provider, and the rest to the client (SLA-8).
  void settle_for(Numbers units) {
    SlaRecord& ended = slas_.change(place_);
    const Shares<Numbers> shares = settle(ended.sla, ended.terms, units);
    context_.pay(ended.client, shares.of_client);
    context_.pay(ended.provider, shares.of_provider);
    auto& nodes = context_.shard.nodes;
    if (const auto node = nodes.find(ended.provider); node != nodes.none) close_sla_of(nodes.change(node).registration);
  }
  /// Pays all that the SLA holds to the client, and punishes the provider (SLA-8, REG-4, REG-7).
  /// @param reporter  who earns a part of a slash, unless it is the provider
  void return_to_client(SlaStatus status, Offence offence, const AccountId& reporter) {
    SlaRecord& ended = slas_.change(place_);
    const bool was_open = is_open(ended.sla);
    context_.pay(ended.client, end(ended.sla, status));
    auto& nodes = context_.shard.nodes;
    const auto place = nodes.find(ended.provider);
    if (place == nodes.none || !was_open) return;
    RegisteredNode& provider = nodes.change(place);
    close_sla_of(provider.registration);
    if (offence == Offence::none) return;
    const bool is_fraud = offence == Offence::fraud;
    context_.punish(provider, is_fraud, is_fraud ? ended.stake_at_receipt : ended.stake_at_accept,
                    reporter == ended.provider ? nullptr : &reporter);
  }
};

/// The transaction's id names the SLA (SLA-2).
Reason propose_by_sender(OperationContext& context, const Propose& op) {
  const Numbers code = reason_propose(op.terms, context.parameters(), context.height());
  if (code != 0) return as_reason(code);
  SlaRecord record;
  record.client = context.sender;
  record.provider = op.provider;
  record.layers = op.layers;
  record.model = op.model;
  record.input = op.input;
  record.first_position = op.first_position;
  record.inputs = op.inputs;
  record.terms = op.terms;
  const Amount payment = propose(record.sla, record.terms);
  if (!context.covers(context.sender, payment)) return Reason::not_covered;
  context.pay(context.sender, -payment);
  context.shard.slas.insert(context.id, record);
  return Reason::none;
}

}  // namespace

Reason run_sla(OperationContext& context, const Operation& operation) {
  return run_on<MachineKind::sla>(operation, [&context]<typename Op>(const Op& op) {
    if constexpr (std::is_same_v<Op, Propose>) {
      return propose_by_sender(context, op);
    } else {
      const auto place = context.shard.slas.find(op.sla);
      return place == context.shard.slas.none ? Reason::unknown_object : OnSla(context, place)(op);
    }
  });
}

}  // namespace p2pllm::optimized
