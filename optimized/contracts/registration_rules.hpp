#pragma once

#include "model/contracts/parameters.hpp"
#include "model/contracts/registration.hpp"
#include "optimized/contracts/ruling.hpp"

// The rules of the fast ledger for registrations and their stake (REG). The sender is the owner, except in a report.
namespace p2pllm::optimized {

template <Integer N>
void set_status(Registration<N>& node, NodeStatus status) {
  node.status = integer_like(node.status, static_cast<std::int64_t>(status));
}
template <Integer N>
void next_version(Registration<N>& node) {
  node.version = node.version + integer_like(node.version, 1);
}

/// REG-2. @param stake  >= 0
template <Integer N>
[[nodiscard]] N reason_register(const Registration<N>& node, const Parameters<N>& p, const N& height, const N& stake) {
  return FirstReason<N>(height)
      .require(is_one_of(node.status, NodeStatus::none, NodeStatus::withdrawn), Reason::wrong_status)
      .require(lnot(stake < p.min_stake), Reason::below_min_stake)
      .require(lnot(height < node.jailed_until), Reason::still_jailed)
      .code();
}
/// REG-2. The owner's account pays the stake.
template <Integer N>
void enroll(Registration<N>& node, const N& height, const N& stake) {
  set_status(node, NodeStatus::active);
  node.stake = node.stake + stake;
  next_version(node);
  node.updated_at = height;
}

/// REG-2.
template <Integer N>
[[nodiscard]] N reason_update(const Registration<N>& node, const Parameters<N>& p, const N& height) {
  return FirstReason<N>(height)
      .require(is_one_of(node.status, NodeStatus::active), Reason::wrong_status)
      .require(lnot(height < node.updated_at + p.update_cooldown), Reason::too_early)
      .code();
}
/// REG-2.
template <Integer N>
void update(Registration<N>& node, const N& height) {
  next_version(node);
  node.updated_at = height;
}

/// REG-2. When the move is queued, `may_improve` is whether it could; when the block ends, whether it does (MIG-3).
template <Integer N>
[[nodiscard]] N reason_migrate(const Registration<N>& node, const Truth<N>& crosses, const Truth<N>& may_improve) {
  const Truth<N> is_free = node.open_slas == integer_like(node.open_slas, 0);
  return FirstReason<N>(node.status)
      .require(is_one_of(node.status, NodeStatus::active), Reason::wrong_status)
      .require(lor(is_free, lnot(crosses)), Reason::open_slas)
      .require(may_improve, Reason::not_improving)
      .code();
}

/// REG-3.
template <Integer N>
[[nodiscard]] N reason_top_up(const Registration<N>& node) {
  return FirstReason<N>(node.status)
      .require(is_one_of(node.status, NodeStatus::active, NodeStatus::jailed), Reason::wrong_status)
      .code();
}

/// REG-3.
template <Integer N>
[[nodiscard]] N reason_unbond(const Registration<N>& node) {
  return reason_top_up(node);
}
/// REG-3.
template <Integer N>
void unbond(Registration<N>& node, const Parameters<N>& p, const N& height) {
  set_status(node, NodeStatus::unbonding);
  node.release_at = height + p.unbonding;
}

/// REG-3, REG-6.
template <Integer N>
[[nodiscard]] N reason_rebond(const Registration<N>& node, const Parameters<N>& p, const N& height) {
  return FirstReason<N>(height)
      .require(is_one_of(node.status, NodeStatus::unbonding), Reason::wrong_status)
      .require(height < node.release_at, Reason::too_late)
      .require(lnot(node.stake < p.min_stake), Reason::below_min_stake)
      .code();
}
/// REG-6.
template <Integer N>
void rebond(Registration<N>& node, const N& height) {
  const auto status = [&node](NodeStatus one) { return integer_like(node.status, static_cast<std::int64_t>(one)); };
  node.status = select(node.jailed_until <= height, status(NodeStatus::active), status(NodeStatus::jailed));
  node.release_at = integer_like(height, 0);
}

/// REG-3.
template <Integer N>
[[nodiscard]] N reason_withdraw(const Registration<N>& node, const N& height) {
  return FirstReason<N>(height)
      .require(is_one_of(node.status, NodeStatus::unbonding), Reason::wrong_status)
      .require(lnot(height < node.release_at), Reason::too_early)
      .require(node.open_slas == integer_like(height, 0), Reason::open_slas)
      .code();
}
/// REG-3. @returns the stake, which is the owner's again
template <Integer N>
[[nodiscard]] N withdraw(Registration<N>& node) {
  const N stake = node.stake;
  set_status(node, NodeStatus::withdrawn);
  node.stake = node.release_at = integer_like(stake, 0);
  return stake;
}

/// REG-6.
template <Integer N>
[[nodiscard]] N reason_unjail(const Registration<N>& node, const Parameters<N>& p, const N& height) {
  return FirstReason<N>(height)
      .require(is_one_of(node.status, NodeStatus::jailed), Reason::wrong_status)
      .require(lnot(height < node.jailed_until), Reason::still_jailed)
      .require(lnot(node.stake < p.min_stake), Reason::below_min_stake)
      .code();
}

/// Where the value of a slash goes.
template <Integer N>
struct Slashed {
  N to_reporter, burned;
};

/// Punishes an offence (REG-4).
/// @param stake_then    >= 0: the stake at the offence
/// @param has_reporter  an account other than the owner's earns a tenth
/// @pre the node is not None or Withdrawn
template <Integer N>
[[nodiscard]] Slashed<N> slash(Registration<N>& node, const Parameters<N>& p, const N& height, const Truth<N>& fraud,
                               const N& stake_then, const Truth<N>& has_reporter) {
  const N zero = integer_like(height, 0);
  const auto status = [&zero](NodeStatus one) { return integer_like(zero, static_cast<std::int64_t>(one)); };
  const N hundredth = div_floor(maximum(stake_then, p.min_stake), 100);
  const N amount = minimum(select(fraud, stake_then, hundredth), minimum(stake_then, node.stake));
  const Truth<N> ends = lor(fraud, is_one_of(node.status, NodeStatus::tombstoned));
  const N taken = select(ends, node.stake, amount);
  node.stake = node.stake - taken;
  node.jailed_until = select(ends, node.jailed_until, maximum(node.jailed_until, height + p.jail));
  node.release_at = select(ends, zero, node.release_at);
  node.status = select(ends, status(NodeStatus::tombstoned),
                       select(is_one_of(node.status, NodeStatus::active), status(NodeStatus::jailed), node.status));
  const N to_reporter = select(has_reporter, div_floor(amount, 10), zero);
  return {to_reporter, taken - to_reporter};
}
/// Whether there is anything to punish (REG-4).
template <Integer N>
[[nodiscard]] Truth<N> can_be_slashed(const Registration<N>& node) {
  return is_one_of(node.status, NodeStatus::active, NodeStatus::jailed, NodeStatus::unbonding, NodeStatus::tombstoned);
}

/// Why evidence of an equivocation is refused (REG-5).
/// @param infraction  the height of the two proposals
/// @param is_proven   they differ, and the node signed both
/// @param is_new      the offence was not punished before
/// @param stake_then  in the set from which the proposers of that height were drawn; 0 if the node was not in it
template <Integer N>
[[nodiscard]] N reason_report(const Registration<N>& node, const Parameters<N>& p, const N& height, const N& infraction,
                              const Truth<N>& is_proven, const Truth<N>& is_new, const N& stake_then) {
  return FirstReason<N>(height)
      .require(is_one_of(node.status, NodeStatus::active, NodeStatus::jailed, NodeStatus::unbonding),
               Reason::wrong_status)
      .require(lnot(height < infraction), Reason::too_early)
      .require(height - infraction <= p.evidence_age_max, Reason::evidence_too_old)
      .require(is_new, Reason::evidence_used)
      .require(land(is_proven, integer_like(height, 0) < stake_then), Reason::no_offence)
      .code();
}

/// REG-7: a node whose SLA was accepted, and one whose accepted SLA ended. @pre what the SLA's machine ensures
template <Integer N>
void open_sla_of(Registration<N>& node) {
  node.open_slas = node.open_slas + integer_like(node.open_slas, 1);
}
template <Integer N>
void close_sla_of(Registration<N>& node) {
  node.open_slas = node.open_slas - integer_like(node.open_slas, 1);
}

}  // namespace p2pllm::optimized
