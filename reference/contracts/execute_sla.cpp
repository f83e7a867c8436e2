#include "model/contracts/commitment.hpp"
#include "model/contracts/session_message.hpp"
#include "model/layers/micro_state.hpp"
#include "reference/contracts/dispute_rules.hpp"
#include "reference/contracts/execute.hpp"
#include "reference/contracts/registration_rules.hpp"

namespace p2pllm::reference {
namespace {

using Numbers = std::int64_t;

/// Runs one operation on one SLA: evaluates the rule, moves value, and then updates the provider's registration.
class SlaRun {
 public:
  SlaRun(Execution& execution, const Hash& id, SlaRecord& record)
      : execution_(execution), place_{execution.ledger(), id}, record_(record) {}

  Reason operator()(const Accept&) {
    const auto node = execution_.shard.nodes.find(record_.provider);
    const bool serves =
        node != execution_.shard.nodes.end() && status_is(node->second.registration.status, NodeStatus::active) &&
        node->second.layers.first <= record_.layers.first && record_.layers.last <= node->second.layers.last;
    const Reason reason = settle(sla_accept(record_.sla, record_.terms, height(), is_provider(), serves));
    if (reason == Reason::none) record_.stake_at_accept = node->second.registration.stake;
    return reason;
  }
  Reason operator()(const Cancel&) { return settle(sla_cancel(record_.sla, is_client())); }
  Reason operator()(const Expire&) { return settle(sla_expire(record_.sla, record_.terms, height())); }
  Reason operator()(const Deliver& op) {
    return provided(op, [&](const auto& shown, const auto& facts) {
      return sla_deliver(record_.sla, record_.terms, height(), is_provider(), shown, facts);
    });
  }
  Reason operator()(const Answer& op) {
    return provided(op, [&](const auto& shown, const auto& facts) {
      return sla_answer(record_.sla, record_.terms, height(), is_provider(), shown, facts);
    });
  }
  Reason operator()(const Close& op) {
    const auto closed = [&](bool receipt_fits, bool opening_fits) {
      const SlaShown<Numbers> shown{bounded(op.units), op.acknowledged};
      return sla_close(record_.sla, record_.terms, height(), is_client(), shown, receipt_fits, opening_fits);
    };
    if (const Reason reason = first_failure(closed(true, true).guards); reason != Reason::none) return reason;
    const Reason reason = settle(closed(has_receipt(op, op.receipt), opens(op)));
    if (reason == Reason::none) note_shown(op);
    return reason;
  }
  Reason operator()(const Claim& op) {
    const auto claimed = [&](bool fits) { return sla_claim(record_.sla, record_.terms, op.units, fits); };
    if (const Reason reason = first_failure(claimed(true).guards); reason != Reason::none) return reason;
    return settle(claimed(is_signed(record_.client, voucher_message(place_, op.units), op.voucher)));
  }
  Reason operator()(const Settle& op) {
    const auto settled = [&](bool fits) {
      return sla_settle(record_.sla, record_.terms, bounded(op.units), is_provider(), fits);
    };
    if (const Reason reason = first_failure(settled(true).guards); reason != Reason::none) return reason;
    return settle(settled(is_signed(record_.client, final_message(place_, op.units), op.final)));
  }
  /// The client is the reporter, whoever sends it: nobody can race for the reward (SLA-19).
  Reason operator()(const Convict& op) {
    const bool differ = op.first_root != op.second_root || op.first_output != op.second_output;
    const auto convicted = [&](bool fit) { return sla_convict(record_.sla, differ, fit); };
    if (const Reason reason = first_failure(convicted(true).guards); reason != Reason::none) return reason;
    const OrderedUnits ordered{op.units, op.inputs};
    const bool shows_first = shows(ordered, op.first_root, op.first_output) && op.first_receipt == Signature{};
    const bool shows_second = shows(ordered, op.second_root, op.second_output) && op.second_receipt == Signature{};
    const auto signed_by_provider = [&](const Hash& root, const Hash& output, const Signature& receipt) {
      return is_signed(record_.provider, receipt_message(place_, ordered, root, output), receipt);
    };
    const bool fit = (shows_first || signed_by_provider(op.first_root, op.first_output, op.first_receipt)) &&
                     (shows_second || signed_by_provider(op.second_root, op.second_output, op.second_receipt));
    if (!shows_first && !shows_second && fit) note_stake();
    return settle(convicted(fit), record_.client);
  }
  Reason operator()(const Demand& op) {
    return settle(sla_demand(record_.sla, record_.terms, height(), is_client(), op.unit));
  }
  Reason operator()(const Publish& op) {
    const auto published = [&](bool fits) {
      return sla_publish(record_.sla, record_.terms, height(), is_provider(), fits);
    };
    if (const Reason reason = first_failure(published(true).guards); reason != Reason::none) return reason;
    return settle(
        published(state_hash(op.output) == record_.output &&
                  executor().shows(step_of(steps_shown()), op.output, record_.sla.demanded, op.row, op.proof)));
  }
  Reason operator()(const Miss&) { return settle(sla_miss(record_.sla, height())); }
  Reason operator()(const Acknowledge&) { return settle(sla_acknowledge(record_.sla, record_.terms, is_client())); }
  Reason operator()(const Finalize&) { return settle(sla_finalize(record_.sla, record_.terms, height())); }
  Reason operator()(const Timeout&) { return settle(sla_timeout(record_.sla, record_.terms, height())); }
  Reason operator()(const Challenge& op) {
    const bool is_shown = op.units == 0;
    const auto challenged = [&](bool receipt_fits, bool opening_fits) {
      return sla_challenge(record_.sla, record_.terms, execution_.parameters(), height(), is_client(),
                           is_shown ? record_.sla.shown : bounded(op.units), op.bond, receipt_fits, opening_fits);
    };
    if (const Reason reason = first_failure(challenged(true, true).guards); reason != Reason::none) return reason;
    const Reason reason = settle(is_shown ? challenged(op.receipt == Signature{}, names_nothing(op))
                                          : challenged(has_receipt(op, op.receipt), opens(op)));
    if (reason != Reason::none) return reason;
    if (!is_shown) note_shown(op);
    return reason;
  }
  Reason operator()(const PostMid& op) {
    const Numbers mid = dispute_mid(record_.sla);
    const bool fits = mid >= 1 && (is_refined(record_.sla) ? micro_step_opens(record_.micro_root, mid, op)
                                                           : merkle_verify(record_.root, leaf(mid, op.before, op.after),
                                                                           place(mid, steps_shown()), op.proof));
    const Reason reason = settle(sla_post_mid(record_.sla, record_.terms, height(), is_provider(), fits));
    if (reason != Reason::none) return reason;
    record_.mid = op.after;
    record_.mid_before = op.before;
    return reason;
  }
  Reason operator()(const Side& op) {
    const Reason reason = settle(sla_side(record_.sla, record_.terms, height(), is_client(), op.agree));
    if (reason != Reason::none) return reason;
    if (op.agree) {
      record_.left = record_.mid;
    } else {
      record_.right = record_.mid;
      record_.right_before = record_.mid_before;
    }
    return reason;
  }
  /// Looks at what is shown only if the provider must show it, as in a judgement. Otherwise anyone could have any
  /// amount of work done for a fee.
  Reason operator()(const Refine& op) {
    const auto refined = [&](Numbers micro_steps, bool fits) {
      return sla_refine(record_.sla, record_.terms, execution_.parameters(), height(), is_provider(), micro_steps,
                        fits);
    };
    if (const Reason reason = first_failure(refined(1, true).guards); reason != Reason::none) return reason;
    const std::optional<StepStart> start = start_of(op);
    if (!start) return settle(refined(1, false));
    const Numbers count = start->micro_steps;
    const MerkleLeaf last = micro_step_leaf(record_.model, record_.sla.right, count, op.before, record_.right);
    const bool opens = merkle_verify(op.root, last, place(count, count), op.proof);
    if (const Reason reason = settle(refined(count, opens)); reason != Reason::none) return reason;
    record_.micro_root = op.root;
    record_.left = start->state;
    record_.right_before = op.before;
    return Reason::none;
  }
  Reason operator()(const Judge& op) {
    const auto judged = [&](bool fits, bool right) {
      return sla_judge(record_.sla, record_.terms, height(), is_provider(), fits, right);
    };
    if (const Reason reason = first_failure(judged(true, false).guards); reason != Reason::none) return reason;
    if (micro_state_hash(op.state) != record_.left) return settle(judged(false, false));
    const Judgement judgement =
        executor().judge(step_of(record_.sla.refined), record_.sla.right, op.state, record_.right, op.witness);
    const bool right = judgement == Judgement::right && record_.right_before == record_.left;
    return settle(judged(judgement != Judgement::unfit, right), record_.client);
  }
  Reason operator()(const Forfeit&) {
    return settle(sla_forfeit(record_.sla, record_.terms, height()), record_.client);
  }

  /// Carries out the result of the rule.
  /// @param reporter  the account that earns a part of a slash; the sender if none is named, but never the provider
  ///   (SLA-8)
  Reason settle(const SlaStep<Numbers>& step, const std::optional<AccountId>& reporter = {}) {
    if (const Reason reason = first_failure(step.guards); reason != Reason::none) return reason;
    const auto& [from_client, from_provider, to_client, to_provider, offence] = step.flow;
    if (!execution_.covers(record_.client, from_client) || !execution_.covers(record_.provider, from_provider))
      return Reason::not_covered;
    execution_.take(record_.client, from_client);
    execution_.take(record_.provider, from_provider);
    if (to_client > 0) execution_.pay(record_.client, to_client);
    if (to_provider > 0) execution_.pay(record_.provider, to_provider);
    const bool was_open = sla_is_open(record_.sla), is_open = sla_is_open(step.next);
    record_.sla = step.next;
    const auto found = execution_.shard.nodes.find(record_.provider);
    if (found == execution_.shard.nodes.end()) return Reason::none;
    Registration<Numbers>& registration = found->second.registration;
    if (!was_open && is_open) registration = registration_sla_opened(registration).next;
    if (was_open && !is_open) registration = registration_sla_closed(registration).next;
    if (offence == 0) return Reason::none;
    const std::optional<AccountId> paid = reporter ? reporter : execution_.sender;
    slash(execution_, found->second, offence == offence_fraud,
          offence == offence_fraud ? record_.stake_at_receipt : record_.stake_at_accept,
          *paid == record_.provider ? std::nullopt : paid);
    return Reason::none;
  }

 private:
  [[nodiscard]] Height height() const { return execution_.context.height(); }
  [[nodiscard]] bool is_client() const { return execution_.sender == record_.client; }
  [[nodiscard]] bool is_provider() const { return execution_.sender == record_.provider; }
  [[nodiscard]] const StepExecutor& executor() const { return execution_.context.executor; }
  [[nodiscard]] Numbers steps_shown() const { return sla_steps(record_.terms, record_.sla.shown); }
  /// A number of units, or one that is too high by one, so that no product wraps around.
  [[nodiscard]] Numbers bounded(Numbers units) const { return std::min(units, record_.terms.units + 1); }

  /// What the provider shows, if it may show it (SLA-5). A fact that costs hashes or signatures is looked at only if it
  /// decides.
  template <typename Rule>
  Reason provided(const ProvidedUnits& op, const Rule& rule) {
    const SlaShown<Numbers> shown{bounded(op.units), op.acknowledged};
    if (const Reason reason = first_failure(rule(shown, SlaShownFacts<Numbers>{true, true, true}).guards);
        reason != Reason::none)
      return reason;
    const OrderedUnits ordered{op.units, op.inputs};
    const bool is_agreed = op.units == record_.terms.first_units && op.inputs == record_.inputs;
    const bool order_fits =
        is_agreed ? op.order == Signature{} : is_signed(record_.client, order_message(place_, ordered), op.order);
    const bool voucher_fits = op.acknowledged == 0
                                  ? op.voucher == Signature{}
                                  : is_signed(record_.client, voucher_message(place_, op.acknowledged), op.voucher);
    const Reason reason = settle(rule(shown, SlaShownFacts<Numbers>{order_fits, voucher_fits, opens(op)}));
    if (reason == Reason::none) note_shown(op);
    return reason;
  }
  void note_shown(const ShownUnits& op) {
    record_.shown_inputs = op.inputs;
    record_.root = op.root;
    record_.output = record_.right = op.output;
    record_.right_before = op.before;
    record_.left = record_.input;
    note_stake();
  }
  /// The stake that answers for what is shown (REG-4).
  void note_stake() {
    if (const auto node = execution_.shard.nodes.find(record_.provider); node != execution_.shard.nodes.end())
      record_.stake_at_receipt = node->second.registration.stake;
  }
  /// Whether the last leaf of what is shown opens, and ends in its output (SLA-5). @pre 1 <= units <= those of the
  /// terms
  [[nodiscard]] bool opens(const ShownUnits& op) const {
    const Numbers last = sla_steps(record_.terms, op.units);
    return merkle_verify(op.root, leaf(last, op.before, op.output), place(last, last), op.proof);
  }
  [[nodiscard]] bool is_signed(const AccountId& by, const Hash& message, const Signature& signature) const {
    return execution_.context.signatures.verify(by, message, signature);
  }
  [[nodiscard]] bool has_receipt(const ShownUnits& op, const Signature& receipt) const {
    return is_signed(record_.provider, receipt_message(place_, {op.units, op.inputs}, op.root, op.output), receipt);
  }
  /// Whether the ledger shows this.
  [[nodiscard]] bool shows(const OrderedUnits& ordered, const Hash& root, const Hash& output) const {
    return record_.sla.shown > 0 && record_.sla.shown == ordered.units && record_.shown_inputs == ordered.inputs &&
           record_.root == root && record_.output == output;
  }
  [[nodiscard]] static bool names_nothing(const ShownUnits& op) {
    return op.inputs == Hash{} && op.root == Hash{} && op.output == Hash{} && op.before == Hash{} && op.proof.empty();
  }
  [[nodiscard]] StepOfTerms step_of(Numbers number) const {
    return {record_.model, record_.layers, record_.first_position, record_.terms.steps_per_unit, number};
  }
  /// The beginning of the one disputed step, if what is shown of it fits (SLA-15).
  [[nodiscard]] std::optional<StepStart> start_of(const Refine& op) const {
    if (state_hash(op.state) != record_.left || record_.right_before != record_.left) return std::nullopt;
    const Numbers number = record_.sla.right, per_unit = record_.terms.steps_per_unit;
    const bool reads_row = record_.shown_inputs != merkle_root({}) && (number - 1) % per_unit == 0;
    if (!reads_row && (op.row != Hash{} || !op.row_proof.empty())) return std::nullopt;
    if (reads_row) {
      const Numbers unit = (number - 1) / per_unit + 1;
      if (!merkle_verify(record_.shown_inputs, row_leaf(unit, op.row), place(unit, record_.sla.shown), op.row_proof))
        return std::nullopt;
    }
    return executor().start(step_of(number), op.manifest, op.state, reads_row ? &op.row : nullptr);
  }
  [[nodiscard]] bool micro_step_opens(const Hash& root, Numbers micro, const PostMid& op) const {
    const Sla<Numbers>& sla = record_.sla;
    return merkle_verify(root, micro_step_leaf(record_.model, sla.refined, micro, op.before, op.after),
                         place(micro, sla.micro_steps), op.proof);
  }
  /// The place of the leaf with this number, from 1.
  static MerklePlace place(Numbers number, Numbers count) {
    return {static_cast<std::uint64_t>(number - 1), static_cast<std::uint64_t>(count)};
  }
  [[nodiscard]] MerkleLeaf leaf(Numbers step, const Hash& before, const Hash& after) const {
    return commitment_leaf({record_.model, static_cast<std::uint64_t>(step),
                            static_cast<std::uint64_t>(record_.layers.first),
                            static_cast<std::uint64_t>(record_.layers.last), before, after});
  }

  Execution& execution_;
  SessionPlace place_;
  SlaRecord& record_;
};

Reason propose(Execution& execution, const Propose& op) {
  SlaRecord record;
  record.client = execution.sender;
  record.provider = op.provider;
  record.layers = op.layers;
  record.model = op.model;
  record.input = op.input;
  record.first_position = op.first_position;
  record.inputs = op.inputs;
  record.terms = op.terms;
  const Height height = execution.context.height();
  record.sla = sla_empty(height);
  const Reason reason = SlaRun(execution, execution.id, record)
                            .settle(sla_propose(record.sla, record.terms, execution.parameters(), height));
  if (reason == Reason::none) execution.shard.slas.emplace(execution.id, record);
  return reason;
}

}  // namespace

Reason run_sla(Execution& execution, const Operation& operation) {
  return run_operation_of<MachineKind::sla>(operation, [&execution]<typename Op>(const Op& op) {
    if constexpr (std::is_same_v<Op, Propose>) {
      return propose(execution, op);
    } else {
      const auto found = execution.shard.slas.find(op.sla);
      return found == execution.shard.slas.end() ? Reason::unknown_object
                                                 : SlaRun(execution, found->first, found->second)(op);
    }
  });
}

}  // namespace p2pllm::reference
