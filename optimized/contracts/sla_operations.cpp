#include "model/contracts/commitment.hpp"
#include "model/layers/micro_state.hpp"
#include "optimized/contracts/dispute_rules.hpp"
#include "optimized/contracts/operation_context.hpp"
#include "optimized/contracts/registration_rules.hpp"

namespace p2pllm::optimized {
namespace {

/// Operations on one SLA. A fact that costs hashes is looked at only if it decides.
class OnSla {
 public:
  OnSla(OperationContext& context, std::uint32_t place) : context_(context), slas_(context.shard.slas), place_(place) {}

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
    const Reason reason =
        decide([&](bool fits) { return reason_deliver(now(), record().terms, height(), is_provider(), fits); },
               [&] { return opens(op.root, sla_steps(record().terms), op.before, op.output, op.proof); });
    if (reason != Reason::none) return reason;
    SlaRecord& changed = slas_.change(place_);
    deliver(changed.sla, changed.terms, height());
    changed.root = op.root;
    changed.output = changed.right = op.output;
    changed.right_before = op.before;
    changed.left = changed.input;
    const auto& nodes = context_.shard.nodes;
    if (const auto node = nodes.find(changed.provider); node != nodes.none)
      changed.stake_at_delivery = nodes[node].registration.stake;
    return Reason::none;
  }
  Reason operator()(const Demand& op) {
    const Numbers code = reason_demand(now(), record().terms, height(), is_client(), op.unit);
    if (code == 0) demand(slas_.change(place_).sla, record().terms, height(), op.unit);
    return as_reason(code);
  }
  Reason operator()(const Publish& op) {
    const Reason reason = decide([&](bool fit) { return reason_publish(now(), height(), is_provider(), fit); },
                                 [&] {
                                   return state_hash(op.output) == record().output &&
                                          judge().shows(step_number(sla_steps(record().terms)), op.output,
                                                        now().demanded, op.row, op.proof);
                                 });
    if (reason == Reason::none) publish(slas_.change(place_).sla, record().terms, height());
    return reason;
  }
  Reason operator()(const Miss&) {
    return end_for_client(reason_miss(now(), height()), SlaStatus::breached, Offence::non_delivery);
  }
  Reason operator()(const Acknowledge&) { return end_for_provider(reason_acknowledge(now(), is_client())); }
  Reason operator()(const Finalize&) { return end_for_provider(reason_finalize(now(), height())); }
  Reason operator()(const Timeout&) {
    return end_for_client(reason_timeout(now(), record().terms, height()), SlaStatus::breached, Offence::non_delivery);
  }
  Reason operator()(const Challenge& op) {
    const Numbers code = reason_challenge(now(), context_.parameters(), height(), is_client(), op.bond);
    if (code != 0) return as_reason(code);
    if (!context_.covers(record().client, op.bond)) return Reason::not_covered;
    SlaRecord& changed = slas_.change(place_);
    context_.pay(changed.client, -op.bond);
    challenge(changed.sla, changed.terms, height(), op.bond);
    return Reason::none;
  }
  Reason operator()(const PostMid& op) {
    const Numbers mid = middle(now());
    const Reason reason =
        decide([&](bool fits) { return reason_post_mid(now(), height(), is_provider(), fits); },
               [&] {
                 return is_of_micro_steps(now())
                            ? micro_opens({record().micro_root, now().micro_steps}, mid, op.before, op.after, op.proof)
                            : opens(record().root, mid, op.before, op.after, op.proof);
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
  [[nodiscard]] const SlaRecord& record() const { return slas_[place_]; }
  [[nodiscard]] const Sla<Numbers>& now() const { return record().sla; }
  [[nodiscard]] Height height() const { return context_.height(); }
  [[nodiscard]] bool is_client() const { return context_.sender == record().client; }
  [[nodiscard]] bool is_provider() const { return context_.sender == record().provider; }

  [[nodiscard]] const StepExecutor& judge() const { return context_.block.executor; }
  [[nodiscard]] StepOfTerms step_number(Numbers number) const {
    const SlaRecord& job = record();
    return {job.model, job.layers, job.first_position, job.terms.steps_per_unit, number};
  }
  /// What is shown of the row that enters the disputed step: the row, or null for a step that reads none. Nothing if
  /// that or the state before the step does not fit (SLA-15).
  [[nodiscard]] std::optional<const Hash*> row_that_enters(const Refine& op) const {
    static const Hash no_rows = merkle_root({});
    const SlaRecord& job = record();
    if (job.left != job.right_before || job.left != state_hash(op.state)) return std::nullopt;
    const Numbers before = now().right - 1, unit = before / job.terms.steps_per_unit;
    if (job.inputs == no_rows || before != unit * job.terms.steps_per_unit)
      return op.row == Hash{} && op.row_proof.empty() ? std::optional<const Hash*>(nullptr) : std::nullopt;
    const MerklePlace place{static_cast<std::uint64_t>(unit), static_cast<std::uint64_t>(job.terms.units)};
    return merkle_verify(job.inputs, row_leaf(unit + 1, op.row), place, op.row_proof) ? std::optional(&op.row)
                                                                                      : std::nullopt;
  }

  /// The reason with a fact that comes last among the conditions.
  template <typename ReasonOf, typename Fact>
  [[nodiscard]] static Reason decide(const ReasonOf& reason_of, const Fact& fact) {
    const Numbers without = reason_of(true);
    return as_reason(without != 0 ? without : reason_of(fact()));
  }
  /// Whether a step's leaf, with the states before and after it, is under a root (COMMIT-6).
  [[nodiscard]] bool opens(const Hash& root, Numbers step, const Hash& before, const Hash& after,
                           const MerkleProof& proof) const {
    if (step < 1) return false;
    const SlaRecord& job = record();
    const MerkleLeaf leaf =
        commitment_leaf({job.model, static_cast<std::uint64_t>(step), static_cast<std::uint64_t>(job.layers.first),
                         static_cast<std::uint64_t>(job.layers.last), before, after});
    const MerklePlace place{static_cast<std::uint64_t>(step - 1), static_cast<std::uint64_t>(sla_steps(job.terms))};
    return merkle_verify(root, leaf, place, proof);
  }

  /// The list of a step's micro-steps.
  struct MicroSteps {
    Hash root{};
    Numbers count = 1;
  };
  /// Whether the leaf of a micro-step, with the states before and after it, is in a list (COMMIT-6, STEP-5).
  [[nodiscard]] bool micro_opens(const MicroSteps& list, Numbers micro, const Hash& before, const Hash& after,
                                 const MerkleProof& proof) const {
    if (micro < 1) return false;
    const Numbers step = is_of_micro_steps(now()) ? now().refined : now().right;
    return merkle_verify(list.root, micro_step_leaf(record().model, step, micro, before, after),
                         {static_cast<std::uint64_t>(micro - 1), static_cast<std::uint64_t>(list.count)}, proof);
  }

  Reason end_for_client(Numbers code, SlaStatus status, Offence offence) {
    if (code != 0) return as_reason(code);
    finish(status, offence, record().client, context_.sender);
    return Reason::none;
  }
  Reason end_for_provider(Numbers code) {
    if (code != 0) return as_reason(code);
    finish(SlaStatus::settled, Offence::none, record().provider, context_.sender);
    return Reason::none;
  }
  /// The client proved the fraud, whoever ends the dispute (SLA-8).
  Reason end_dispute(bool provider_wins) {
    const AccountId client = record().client;
    if (provider_wins) finish(SlaStatus::settled, Offence::none, record().provider, client);
    else finish(SlaStatus::breached, Offence::fraud, client, client);
    return Reason::none;
  }
  /// Pays all that the SLA holds to one party, and punishes the provider (SLA-8, REG-4, REG-7).
  /// @param reporter  who earns a part of a slash, unless it is the provider
  void finish(SlaStatus status, Offence offence, const AccountId& payee, const AccountId& reporter) {
    SlaRecord& ended = slas_.change(place_);
    const bool was_open = is_open(ended.sla);
    context_.pay(payee, end(ended.sla, status));
    auto& nodes = context_.shard.nodes;
    const auto place = nodes.find(ended.provider);
    if (place == nodes.none || !was_open) return;
    RegisteredNode& provider = nodes.change(place);
    close_sla_of(provider.registration);
    if (offence == Offence::none) return;
    const bool is_fraud = offence == Offence::fraud;
    context_.punish(provider, is_fraud, is_fraud ? ended.stake_at_delivery : ended.stake_at_accept,
                    reporter == ended.provider ? nullptr : &reporter);
  }

  OperationContext& context_;
  FlatTable<Hash, SlaRecord>& slas_;
  std::uint32_t place_;
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
