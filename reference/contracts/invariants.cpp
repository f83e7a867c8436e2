#include "reference/contracts/invariants.hpp"

#include <algorithm>
#include <tuple>

#include "reference/contracts/channel_rules.hpp"
#include "reference/contracts/dispute_rules.hpp"
#include "reference/contracts/registration_machine.hpp"
#include "reference/contracts/sla_invariants.hpp"

namespace p2pllm::reference {
namespace {

using Numbers = std::int64_t;

std::string short_name(ByteView id) { return to_hex(id.first(4)); }

std::string conserved(const StateView& view) {
  Amount total = 0;
  for (const Shard& shard : view.shards) total += value_of(shard);
  for (const Receipt& receipt : view.in_flight) total += receipt.amount;
  return total == view.supply ? ""
                              : "there is " + std::to_string(total) + " of a supply of " + std::to_string(view.supply);
}

std::string nothing_negative(const StateView& view) {
  for (const Shard& shard : view.shards) {
    for (const auto& [id, account] : shard.accounts)
      if (account.balance < 0) return "account " + short_name(id.bytes);
    for (const auto& [id, node] : shard.nodes)
      if (node.registration.stake < 0) return "stake of " + short_name(id.bytes);
    for (const auto& [id, record] : shard.slas)
      if (record.sla.escrow < 0 || record.sla.bond < 0 || record.sla.challenge_bond < 0) return "SLA " + short_name(id);
    for (const auto& [id, record] : shard.channels)
      if (record.channel.balance_a < 0 || record.channel.balance_b < 0) return "channel " + short_name(id);
    if (shard.burned < 0) return "burned";
  }
  return "";
}

/// All deadlines of the ledger are before this height.
constexpr Height late = Height{1} << 43;

template <typename StepOf>
bool enabled(const StepOf& step) {
  return first_failure(step.guards) == Reason::none;
}

std::string nothing_stuck(const StateView& view) {
  for (const Shard& shard : view.shards) {
    for (const auto& [id, record] : shard.slas) {
      const bool final = status_in(record.sla.status, sla_machine().final_statuses);
      if (!final && !enabled(sla_expire(record.sla, record.terms, late)) &&
          !enabled(sla_timeout(record.sla, record.terms, late)) && !enabled(sla_miss(record.sla, late)) &&
          !enabled(sla_finalize(record.sla, record.terms, late)) &&
          !enabled(sla_forfeit(record.sla, record.terms, late)))
        return "SLA " + short_name(id) + " cannot be ended by anyone, however late";
    }
    for (const auto& [id, record] : shard.channels) {
      const bool waits = status_is(record.channel.status, ChannelStatus::opening, ChannelStatus::closing);
      if (waits && !enabled(channel_reclaim(record.channel, late)) && !enabled(channel_settle(record.channel, late)))
        return "channel " + short_name(id) + " cannot be ended by anyone, however late";
    }
  }
  return "";
}

std::string disputes_shrink(const StateView& view) {
  for (const Shard& shard : view.shards)
    for (const auto& [id, record] : shard.slas) {
      const auto& sla = record.sla;
      const std::int64_t all = is_refined(sla) ? sla.micro_steps : sla_steps(record.terms, sla.shown);
      if (status_is(sla.status, SlaStatus::disputed) && !(0 <= sla.left && sla.left < sla.right && sla.right <= all))
        return "SLA " + short_name(id);
    }
  return "";
}

std::string slas_sound(const StateView& view) {
  for (const Shard& shard : view.shards)
    for (const auto& [id, record] : shard.slas)
      for (const auto& one : sla_invariants(record.sla, record.terms, view.genesis.parameters, view.height))
        if (!one.holds) return "SLA " + short_name(id) + ": " + std::string(one.name);
  return "";
}

std::string ended_hold_nothing(const StateView& view) {
  for (const Shard& shard : view.shards) {
    for (const auto& [id, record] : shard.slas)
      if (status_in(record.sla.status, sla_machine().final_statuses) && sla_value(record.sla) != 0)
        return "SLA " + short_name(id);
    for (const auto& [id, node] : shard.nodes)
      if (status_is(node.registration.status, NodeStatus::withdrawn, NodeStatus::tombstoned) &&
          node.registration.stake != 0)
        return "node " + short_name(id.bytes);
  }
  return "";
}

std::string open_slas_counted(const StateView& view) {
  for (const Shard& shard : view.shards) {
    std::map<AccountId, Numbers> open;
    for (const auto& [id, record] : shard.slas)
      if (sla_is_open(record.sla)) ++open[record.provider];
    for (const auto& [id, node] : shard.nodes)
      if (node.registration.open_slas != open[id]) return "node " + short_name(id.bytes);
  }
  return "";
}

std::string nodes_in_their_shard(const StateView& view) {
  for (std::size_t s = 0; s < view.shards.size(); ++s)
    for (const auto& [id, node] : view.shards[s].nodes)
      if (shard_of(view.genesis, node.layers) != view.first_shard + static_cast<std::int64_t>(s))
        return "node " + short_name(id.bytes);
  return "";
}

std::string registered_once(const StateView& view) {
  std::set<AccountId> ids;
  for (std::size_t s = 0; s < view.shards.size(); ++s)
    for (const auto& [id, node] : view.shards[s].nodes) {
      const std::int64_t home = home_of(view.genesis, id);
      const bool is_home = home == view.first_shard + static_cast<std::int64_t>(s);
      const bool is_lost = !is_home && std::ssize(view.shards) == view.genesis.shards &&
                           !view.shards[static_cast<std::size_t>(home)].away.contains(id);
      if (!ids.insert(id).second || view.shards[s].away.contains(id) || is_lost) return "node " + short_name(id.bytes);
    }
  return "";
}

std::string receipts_once(const StateView& view) {
  std::set<Hash> ids;
  for (const Receipt& receipt : view.in_flight)
    if (!ids.insert(receipt.id).second) return "receipt " + short_name(receipt.id);
  return "";
}

}  // namespace

Amount value_of(const Shard& shard) {
  Amount total = shard.burned;
  for (const auto& [id, account] : shard.accounts) total += account.balance;
  for (const auto& [id, node] : shard.nodes) total += node.registration.stake;
  for (const auto& [id, record] : shard.slas) total += sla_value(record.sla);
  for (const auto& [id, record] : shard.channels) total += value(record.channel);
  for (const Receipt& receipt : shard.outgoing) total += receipt.amount;
  return total;
}

const std::vector<Invariant>& invariants() {
  static const std::vector<Invariant> all{
      {"conserved", "accounts, stakes, escrows, bonds, channels, receipts and what is burned are the supply",
       conserved},
      {"nothing_negative", "no balance, stake, escrow, bond or burned amount is below 0", nothing_negative},
      {"nothing_stuck", "every object with a deadline can be ended by anyone after it", nothing_stuck},
      {"disputes_shrink", "a disputed interval has 0 <= L < R <= n", disputes_shrink},
      {"slas_sound", "an SLA holds what its terms and status say, and its deadlines are near (SLA-3)", slas_sound},
      {"ended_hold_nothing", "SLAs and registrations that have ended hold nothing", ended_hold_nothing},
      {"open_slas_counted", "a registration counts its open SLAs", open_slas_counted, true},
      {"nodes_in_their_shard", "a registration is in the shard of its first layer", nodes_in_their_shard},
      {"registered_once", "a key has one registration, and its home shard knows whether it is elsewhere",
       registered_once},
      {"receipts_once", "no receipt is in flight twice", receipts_once},
  };
  return all;
}

std::vector<std::string> violations(const StateView& view) {
  std::vector<std::string> found;
  for (const Invariant& invariant : invariants())
    if (const std::string fault = invariant.fault(view); !fault.empty())
      found.push_back(std::string(invariant.name) + ": " + fault);
  return found;
}

std::vector<std::string> violations_of_change(const BlockContext& block, std::int64_t shard, const Shard& before,
                                              const Shard& after) {
  const StateView view{block.genesis, block.height(), {&after, 1}, {}, value_of(before), shard};
  std::vector<std::string> found = violations_of_step(before, after);
  for (const Invariant& invariant : invariants())
    if (const std::string fault = invariant.needs_all ? "" : invariant.fault(view); !fault.empty())
      found.push_back(std::string(invariant.name) + ": " + fault);
  for (const auto& [id, node] : after.nodes) {
    const auto uncounted = [&id = id](const Shard& part) {
      const auto mine = part.nodes.find(id);
      std::int64_t count = mine == part.nodes.end() ? 0 : mine->second.registration.open_slas;
      for (const auto& [sla, record] : part.slas)
        if (record.provider == id && sla_is_open(record.sla)) --count;
      return count;
    };
    if (uncounted(before) != uncounted(after)) found.push_back("open_slas_counted: node " + short_name(id.bytes));
  }
  return found;
}

namespace {

/// Whether an SLA still has the same parties, job and terms.
bool same_terms(const SlaRecord& a, const SlaRecord& b) {
  const auto all = [](const SlaRecord& r) {
    return std::tie(r.client, r.provider, r.layers, r.model, r.input, r.first_position, r.inputs, r.terms);
  };
  return all(a) == all(b);
}

bool same_terms(const ChannelRecord& a, const ChannelRecord& b) {
  const auto all = [](const ChannelRecord& r) {
    const auto& c = r.channel;
    return std::tuple(r.a, r.b, c.deposit_a, c.deposit_b, c.fund_by, c.closing_time);
  };
  return all(a) == all(b);
}

}  // namespace

std::vector<std::string> violations_of_step(const Shard& before, const Shard& after) {
  std::vector<std::string> found;
  for (const auto& [id, record] : before.slas) {
    const auto now = after.slas.find(id);
    if (now == after.slas.end()) {
      found.push_back("terms_immutable: SLA " + short_name(id) + " is gone");
      continue;
    }
    if (!same_terms(record, now->second)) found.push_back("terms_immutable: SLA " + short_name(id));
    if (status_in(record.sla.status, sla_machine().final_statuses) && now->second.sla.status != record.sla.status)
      found.push_back("final_absorbs: SLA " + short_name(id));
  }
  for (const auto& [id, record] : before.channels) {
    const auto now = after.channels.find(id);
    const bool final = status_in(record.channel.status, channel_machine().final_statuses);
    if (now == after.channels.end() || (final && now->second.channel.status != record.channel.status))
      found.push_back("final_absorbs: channel " + short_name(id));
    else if (now->second.channel.version < record.channel.version && !final)
      found.push_back("versions_rise: channel " + short_name(id));
    if (now != after.channels.end() && !same_terms(record, now->second))
      found.push_back("terms_immutable: channel " + short_name(id));
  }
  for (const auto& [id, node] : before.nodes) {
    const auto now = after.nodes.find(id);
    if (now == after.nodes.end()) continue;
    const auto &was = node.registration, &is = now->second.registration;
    if (is.version < was.version) found.push_back("versions_rise: node " + short_name(id.bytes));
    if (status_in(was.status, registration_machine().final_statuses) && is.status != was.status)
      found.push_back("final_absorbs: node " + short_name(id.bytes));
  }
  if (!std::ranges::includes(after.evidence, before.evidence)) found.push_back("evidence_kept");
  return found;
}

}  // namespace p2pllm::reference
