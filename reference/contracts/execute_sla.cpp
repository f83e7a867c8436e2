#include "reference/contracts/computation.hpp"
#include "reference/contracts/dispute_rules.hpp"
#include "reference/contracts/execute.hpp"
#include "reference/contracts/registration_rules.hpp"

namespace p2pllm::contracts {
namespace {

using Numbers = std::int64_t;

/// Runs one operation on one job: asks the rule, moves value, then what follows for the provider's registration.
class SlaRun {
 public:
  SlaRun(Execution& execution, SlaRecord& job) : execution_(execution), job_(job) {}

  Reason operator()(const Accept&) {
    const auto node = execution_.shard.nodes.find(job_.provider);
    const bool serves = node != execution_.shard.nodes.end() &&
                        status_is(node->second.registration.status, NodeStatus::active) &&
                        node->second.layers.first <= job_.layers.first && job_.layers.last <= node->second.layers.last;
    const Reason reason = settle(sla_accept(job_.sla, job_.terms, height(), is_provider(), serves));
    if (reason == Reason::none) job_.stake_at_accept = node->second.registration.stake;
    return reason;
  }
  Reason operator()(const Cancel&) { return settle(sla_cancel(job_.sla, is_client())); }
  Reason operator()(const Expire&) { return settle(sla_expire(job_.sla, job_.terms, height())); }
  Reason operator()(const Deliver& op) {
    const bool fits = merkle_verify(op.root, leaf(steps(), op.before, op.output), place(steps()), op.proof);
    const Reason reason = settle(sla_deliver(job_.sla, job_.terms, height(), is_provider(), fits));
    if (reason != Reason::none) return reason;
    job_.root = op.root;
    job_.output = job_.right = op.output;
    job_.right_before = op.before;
    job_.left = job_.input;
    if (const auto node = execution_.shard.nodes.find(job_.provider); node != execution_.shard.nodes.end())
      job_.stake_at_delivery = node->second.registration.stake;
    return reason;
  }
  Reason operator()(const Demand&) { return settle(sla_demand(job_.sla, job_.terms, height(), is_client())); }
  Reason operator()(const Publish& op) {
    return settle(sla_publish(job_.sla, job_.terms, height(), is_provider(), state_hash(op.output) == job_.output));
  }
  Reason operator()(const Miss&) { return settle(sla_miss(job_.sla, height())); }
  Reason operator()(const Acknowledge&) { return settle(sla_acknowledge(job_.sla, is_client())); }
  Reason operator()(const Finalize&) { return settle(sla_finalize(job_.sla, height())); }
  Reason operator()(const Timeout&) { return settle(sla_timeout(job_.sla, job_.terms, height())); }
  Reason operator()(const Challenge& op) {
    return settle(sla_challenge(job_.sla, job_.terms, execution_.parameters(), height(), is_client(), op.bond));
  }
  Reason operator()(const PostMid& op) {
    const Numbers mid = dispute_mid(job_.sla);
    const bool fits = mid >= 1 && merkle_verify(job_.root, leaf(mid, op.before, op.after), place(mid), op.proof);
    const Reason reason = settle(sla_post_mid(job_.sla, job_.terms, height(), is_provider(), fits));
    if (reason != Reason::none) return reason;
    job_.mid = op.after;
    job_.mid_before = op.before;
    return reason;
  }
  Reason operator()(const Side& op) {
    const Reason reason = settle(sla_side(job_.sla, job_.terms, height(), is_client(), op.agree));
    if (reason != Reason::none) return reason;
    if (op.agree) {
      job_.left = job_.mid;
    } else {
      job_.right = job_.mid;
      job_.right_before = job_.mid_before;
    }
    return reason;
  }
  /// Executes the step for nobody but the provider who owes it: else anyone could have work done for a fee, without
  /// end.
  Reason operator()(const Judge& op) {
    const bool fits = state_hash(op.witness) == job_.left;
    const auto judged = [&](bool right) { return sla_judge(job_.sla, height(), is_provider(), fits, right); };
    if (const Reason reason = first_failure(judged(false).guards); reason != Reason::none) return reason;
    const auto after = execution_.context.step(job_.model, job_.layers, job_.sla.right, op.witness);
    return settle(judged(job_.right_before == job_.left && after && state_hash(*after) == job_.right), job_.client);
  }
  Reason operator()(const Forfeit&) { return settle(sla_forfeit(job_.sla, height()), job_.client); }
  Reason operator()(const auto&) { return Reason::wrong_status; }

  /// Obeys the rule's answer.
  /// @param reporter  who earns a part of a slash; the sender if none is named, but never the provider (SLA-8)
  Reason settle(const SlaStep<Numbers>& step, const std::optional<AccountId>& reporter = {}) {
    if (const Reason reason = first_failure(step.guards); reason != Reason::none) return reason;
    const auto& [from_client, from_provider, to_client, to_provider, offence] = step.flow;
    if (!execution_.covers(job_.client, from_client) || !execution_.covers(job_.provider, from_provider))
      return Reason::not_covered;
    execution_.take(job_.client, from_client);
    execution_.take(job_.provider, from_provider);
    if (to_client > 0) execution_.pay(job_.client, to_client);
    if (to_provider > 0) execution_.pay(job_.provider, to_provider);
    const bool was_open = sla_is_open(job_.sla), is_open = sla_is_open(step.next);
    job_.sla = step.next;
    const auto found = execution_.shard.nodes.find(job_.provider);
    if (found == execution_.shard.nodes.end()) return Reason::none;
    Registration<Numbers>& registration = found->second.registration;
    if (!was_open && is_open) registration = registration_sla_opened(registration).next;
    if (was_open && !is_open) registration = registration_sla_closed(registration).next;
    if (offence == 0) return Reason::none;
    const std::optional<AccountId> paid = reporter ? reporter : execution_.sender;
    slash(execution_, found->second, offence == offence_fraud,
          offence == offence_fraud ? job_.stake_at_delivery : job_.stake_at_accept,
          *paid == job_.provider ? std::nullopt : paid);
    return Reason::none;
  }

 private:
  [[nodiscard]] Height height() const { return execution_.context.height; }
  [[nodiscard]] bool is_client() const { return execution_.sender == job_.client; }
  [[nodiscard]] bool is_provider() const { return execution_.sender == job_.provider; }
  [[nodiscard]] Numbers steps() const { return sla_steps(job_.terms); }
  [[nodiscard]] MerklePlace place(Numbers step) const {
    return {static_cast<std::uint64_t>(step - 1), static_cast<std::uint64_t>(steps())};
  }
  [[nodiscard]] MerkleLeaf leaf(Numbers step, const Hash& before, const Hash& after) const {
    return commitment_leaf({job_.model, static_cast<std::uint64_t>(step), static_cast<std::uint64_t>(job_.layers.first),
                            static_cast<std::uint64_t>(job_.layers.last), before, after});
  }

  Execution& execution_;
  SlaRecord& job_;
};

Reason propose(Execution& execution, const Propose& op) {
  SlaRecord job;
  job.client = execution.sender;
  job.provider = op.provider;
  job.layers = op.layers;
  job.model = op.model;
  job.input = op.input;
  job.terms = {op.price, op.units, op.steps_per_unit, op.accept_by, op.deliver_by, op.window, op.turn, op.bond};
  job.sla = sla_empty(execution.context.height);
  const Reason reason =
      SlaRun(execution, job).settle(sla_propose(job.sla, job.terms, execution.parameters(), execution.context.height));
  if (reason == Reason::none) execution.shard.slas.emplace(execution.id, job);
  return reason;
}

}  // namespace

Reason run_sla(Execution& execution, const Operation& operation) {
  if (const auto* proposal = std::get_if<Propose>(&operation)) return propose(execution, *proposal);
  return std::visit(
      [&execution](const auto& op) {
        if constexpr (requires { op.sla; }) {
          const auto found = execution.shard.slas.find(op.sla);
          return found == execution.shard.slas.end() ? Reason::unknown_object : SlaRun(execution, found->second)(op);
        } else {
          return Reason::unknown_object;
        }
      },
      operation);
}

}  // namespace p2pllm::contracts
