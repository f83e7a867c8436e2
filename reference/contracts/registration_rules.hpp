#pragma once

#include "reference/contracts/parameter_rules.hpp"
#include "reference/contracts/registration_machine.hpp"

// A node's registration, and its stake, which is the security for its conduct (REG). The ledger keeps range, cost and
// price separately. Stake enters by register and top_up; it leaves by withdraw, U blocks after unbond, and by slashes:
// in no other way (REG-3). Facts that only the ledger knows are passed in as truth values.
namespace p2pllm::reference {

/// Value that enters or leaves a registration: stake + from_owner = next stake + the other three.
template <Integer N>
struct RegistrationFlow {
  N from_owner, to_owner, to_reporter, burned;
};

template <Integer N>
using RegistrationStep = Step<N, Registration<N>, RegistrationFlow<N>>;

template <Integer N>
[[nodiscard]] N status_like(const N& like, NodeStatus status) {
  return integer_like(like, static_cast<std::int64_t>(status));
}

/// No value enters or leaves.
template <Integer N>
[[nodiscard]] RegistrationFlow<N> no_registration_flow(const N& like) {
  const N zero = integer_like(like, 0);
  return {zero, zero, zero, zero};
}

/// A node registers, for the first time or after a withdrawal (REG-2). A jail term outlives the withdrawal.
///
/// @param stake  >= 0, covered by the owner's account
template <Integer N>
[[nodiscard]] RegistrationStep<N> registration_register(const Registration<N>& node, const Parameters<N>& p,
                                                        const N& height, const N& stake) {
  Registration<N> next = node;
  next.status = status_like(height, NodeStatus::active);
  next.stake = node.stake + stake;
  next.version = node.version + integer_like(height, 1);
  next.updated_at = height;
  RegistrationFlow<N> flow = no_registration_flow(height);
  flow.from_owner = stake;
  return {{status_guard(row_of(RegistrationOperation::enroll), node.status),
           {Reason::below_min_stake, p.min_stake <= stake},
           {Reason::still_jailed, node.jailed_until <= height}},
          next,
          flow};
}

/// The node changes its price, at least K blocks after the last change (REG-2).
template <Integer N>
[[nodiscard]] RegistrationStep<N> registration_update(const Registration<N>& node, const Parameters<N>& p,
                                                      const N& height, const Truth<N>& is_owner) {
  Registration<N> next = node;
  next.version = node.version + integer_like(height, 1);
  next.updated_at = height;
  return {{status_guard(row_of(RegistrationOperation::update), node.status),
           {Reason::not_permitted, is_owner},
           {Reason::too_early, node.updated_at + p.update_cooldown <= height}},
          next,
          no_registration_flow(height)};
}

/// The node asks for another range; the end of the block decides (REG-2). The price and its cooldown are unchanged.
///
/// @param shard_changes  the new range begins in another shard: SLAs belong to their provider's shard
/// @param improves       the new range has the old one's length, and the node's share rises there (MIG-3)
template <Integer N>
[[nodiscard]] RegistrationStep<N> registration_migrate(const Registration<N>& node, const Truth<N>& is_owner,
                                                       const Truth<N>& shard_changes, const Truth<N>& improves) {
  Registration<N> next = node;
  next.version = node.version + integer_like(node.version, 1);
  const N none = integer_like(node.open_slas, 0);
  return {{status_guard(row_of(RegistrationOperation::migrate), node.status),
           {Reason::not_permitted, is_owner},
           {Reason::open_slas, lor(lnot(shard_changes), node.open_slas == none)},
           {Reason::not_improving, improves}},
          next,
          no_registration_flow(node.stake)};
}

/// The owner adds stake (REG-3).
///
/// @param amount  >= 0, covered by the owner's account
template <Integer N>
[[nodiscard]] RegistrationStep<N> registration_top_up(const Registration<N>& node, const N& amount,
                                                      const Truth<N>& is_owner) {
  Registration<N> next = node;
  next.stake = node.stake + amount;
  RegistrationFlow<N> flow = no_registration_flow(amount);
  flow.from_owner = amount;
  return {{status_guard(row_of(RegistrationOperation::top_up), node.status), {Reason::not_permitted, is_owner}},
          next,
          flow};
}

/// The node stops serving; its stake stays for U blocks more, as security for its past conduct (REG-3).
template <Integer N>
[[nodiscard]] RegistrationStep<N> registration_unbond(const Registration<N>& node, const Parameters<N>& p,
                                                      const N& height, const Truth<N>& is_owner) {
  Registration<N> next = node;
  next.status = status_like(height, NodeStatus::unbonding);
  next.release_at = height + p.unbonding;
  return {{status_guard(row_of(RegistrationOperation::unbond), node.status), {Reason::not_permitted, is_owner}},
          next,
          no_registration_flow(height)};
}

/// The node resumes before its stake is free; a jail term that has not ended continues (REG-6).
template <Integer N>
[[nodiscard]] RegistrationStep<N> registration_rebond(const Registration<N>& node, const Parameters<N>& p,
                                                      const N& height, const Truth<N>& is_owner) {
  Registration<N> next = node;
  next.status = select(height < node.jailed_until, status_like(height, NodeStatus::jailed),
                       status_like(height, NodeStatus::active));
  next.release_at = integer_like(height, 0);
  return {{status_guard(row_of(RegistrationOperation::rebond), node.status),
           {Reason::not_permitted, is_owner},
           {Reason::too_late, height < node.release_at},
           {Reason::below_min_stake, p.min_stake <= node.stake}},
          next,
          no_registration_flow(height)};
}

/// The stake returns to the owner (REG-3).
template <Integer N>
[[nodiscard]] RegistrationStep<N> registration_withdraw(const Registration<N>& node, const N& height,
                                                        const Truth<N>& is_owner) {
  const N zero = integer_like(height, 0);
  Registration<N> next = node;
  next.status = status_like(height, NodeStatus::withdrawn);
  next.stake = zero;
  next.release_at = zero;
  RegistrationFlow<N> flow = no_registration_flow(height);
  flow.to_owner = node.stake;
  return {{status_guard(row_of(RegistrationOperation::withdraw), node.status),
           {Reason::not_permitted, is_owner},
           {Reason::too_early, node.release_at <= height},
           {Reason::open_slas, node.open_slas == zero}},
          next,
          flow};
}

/// The node returns to work after the jail term, with enough stake (REG-6).
template <Integer N>
[[nodiscard]] RegistrationStep<N> registration_unjail(const Registration<N>& node, const Parameters<N>& p,
                                                      const N& height, const Truth<N>& is_owner) {
  Registration<N> next = node;
  next.status = status_like(height, NodeStatus::active);
  return {{status_guard(row_of(RegistrationOperation::unjail), node.status),
           {Reason::not_permitted, is_owner},
           {Reason::still_jailed, node.jailed_until <= height},
           {Reason::below_min_stake, p.min_stake <= node.stake}},
          next,
          no_registration_flow(height)};
}

/// The cost of an offence (REG-4): for a fraud the stake at the infraction; for a non-delivery 1 % of that stake and at
/// least 1 % of the least stake, so that no failure is free while stake remains. It never exceeds the stake that
/// remains or the stake at the infraction.
template <Integer N>
[[nodiscard]] N slash_amount(const N& stake, const Parameters<N>& p, const Truth<N>& fraud,
                             const N& stake_at_infraction) {
  const N share = div_floor(maximum(stake_at_infraction, p.min_stake), downtime_slash_divisor);
  return minimum(minimum(stake, stake_at_infraction), select(fraud, stake_at_infraction, share));
}

/// The slash inside the operation that proves that an SLA was broken (REG-4). It is always possible while the SLA is
/// open: a Tombstoned node has nothing left to take, and the SLA still ends.
///
/// @param fraud                wrong computation, or a dispute lost or forfeited; otherwise non-delivery
/// @param stake_at_infraction  >= 0: when the wrong root was delivered; for a non-delivery, when the SLA was accepted
/// @param has_reporter         an account other than the owner's proved the offence and receives a tenth
template <Integer N>
[[nodiscard]] RegistrationStep<N> registration_slash(const Registration<N>& node, const Parameters<N>& p,
                                                     const N& height, const Truth<N>& fraud,
                                                     const N& stake_at_infraction, const Truth<N>& has_reporter) {
  const N zero = integer_like(height, 0);
  const N amount = slash_amount(node.stake, p, fraud, stake_at_infraction);
  const Truth<N> was_active = node.status == status_like(height, NodeStatus::active);
  const Truth<N> is_gone = node.status == status_like(height, NodeStatus::tombstoned);
  const Truth<N> ends = lor(fraud, is_gone);
  Registration<N> next = node;
  next.status = select(ends, status_like(height, NodeStatus::tombstoned),
                       select(was_active, status_like(height, NodeStatus::jailed), node.status));
  next.stake = select(ends, zero, node.stake - amount);
  next.release_at = select(ends, zero, node.release_at);
  next.jailed_until = select(ends, node.jailed_until, maximum(node.jailed_until, height + p.jail));
  RegistrationFlow<N> flow = no_registration_flow(height);
  flow.to_reporter = select(has_reporter, div_floor(amount, reporter_divisor), zero);
  flow.burned = node.stake - next.stake - flow.to_reporter;
  return {{status_guard(row_of(RegistrationOperation::slash), node.status)}, next, flow};
}

/// Evidence of an equivocation at height `infraction` (REG-5).
///
/// @param is_proven            two different proposals for one height and round, both signed by the node
/// @param is_new               this offence has not been punished before
/// @param stake_at_infraction  in the set from which the proposers of that height were drawn; 0 if the node was not in
///   it. It is not the set after that block: a node that unbonds in the block it proposes is still liable.
/// @param has_reporter         the sender is not the node
template <Integer N>
[[nodiscard]] RegistrationStep<N> registration_report(const Registration<N>& node, const Parameters<N>& p,
                                                      const N& height, const N& infraction, const Truth<N>& is_proven,
                                                      const Truth<N>& is_new, const N& stake_at_infraction,
                                                      const Truth<N>& has_reporter) {
  const Truth<N> fraud = height == height;
  RegistrationStep<N> step = registration_slash(node, p, height, fraud, stake_at_infraction, has_reporter);
  step.guards = {status_guard(row_of(RegistrationOperation::report), node.status),
                 {Reason::too_early, infraction <= height},
                 {Reason::evidence_too_old, height <= infraction + p.evidence_age_max},
                 {Reason::evidence_used, is_new},
                 {Reason::no_offence, land(is_proven, integer_like(height, 1) <= stake_at_infraction)}};
  return step;
}

/// The node accepts an SLA (REG-7).
template <Integer N>
[[nodiscard]] RegistrationStep<N> registration_sla_opened(const Registration<N>& node) {
  Registration<N> next = node;
  next.open_slas = node.open_slas + integer_like(node.open_slas, 1);
  return {
      {status_guard(row_of(RegistrationOperation::sla_opened), node.status)}, next, no_registration_flow(node.stake)};
}

/// An accepted SLA of the node ends (REG-7).
template <Integer N>
[[nodiscard]] RegistrationStep<N> registration_sla_closed(const Registration<N>& node) {
  const N one = integer_like(node.open_slas, 1);
  Registration<N> next = node;
  next.open_slas = node.open_slas - one;
  return {{status_guard(row_of(RegistrationOperation::sla_closed), node.status),
           {Reason::unknown_object, one <= node.open_slas}},
          next,
          no_registration_flow(node.stake)};
}

}  // namespace p2pllm::reference
