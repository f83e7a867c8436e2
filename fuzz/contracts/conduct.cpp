#include <algorithm>

#include "fuzz/contracts/world.hpp"
#include "reference/contracts/dispute_rules.hpp"

// What honest parties of an SLA do on the ledger, and what they sign.
namespace p2pllm::fuzz {

std::optional<std::size_t> party_of(const Chain& chain, const AccountId& id) {
  for (std::size_t k = 0; k < party_count; ++k)
    if (is_same(chain.id_of(k), id)) return k;
  return std::nullopt;
}

Hash message_of(const Chain& chain, const Work& work, const Said& said) {
  return message_of({ledger_id_of(chain.ledger().chain(), work.shard), work.id}, said);
}

namespace {

bool has_said(Work& work, const SlaRecord& job, const Said& said) {
  const Session& session = work.session;
  switch (said.word) {
    case Word::order: return session.orders.contains(said.units) && said.inputs == job.inputs;
    case Word::voucher: return session.vouchers.contains(said.units);
    case Word::last: return session.last_words.contains(said.units);
    default: {
      if (!session.receipts.contains(said.units) || said.inputs != job.inputs) return false;
      const ShownUnits right = shown_of(job, work.id, right_version(work, job), said.units);
      return said.root == right.root && said.output == right.output;
    }
  }
}

SlaStatus status_of(const SlaRecord& job) { return static_cast<SlaStatus>(job.sla.status); }

bool serves(const Chain& chain, const Work& work, const SlaRecord& job) {
  const RegisteredNode* node = chain.node(work.shard, job.provider);
  return node != nullptr && status_is(node->registration.status, NodeStatus::active) &&
         node->layers.first <= job.layers.first && job.layers.last <= node->layers.last;
}

/// The last height at which something can be done about what is shown.
Height last_of_window(const SlaRecord& job) {
  return demand_is_pending(job.sla) ? job.sla.demand_by : job.sla.challenge_until - 1;
}

/// What an honest provider shows: all for which it remembers a receipt, or the first units.
template <typename Op>
Op provided(const Chain& chain, Work& work, const SlaRecord& job) {
  const ProviderMemory& mine = work.session.provider;
  const std::int64_t units = std::max(job.terms.first_units, mine.receipted);
  Op op{{shown_of(job, work.id, right_version(work, job), units), {}, mine.voucher, {}}};
  if (units != job.terms.first_units)
    op.order = signature_of(chain, work, job, {.word = Word::order, .units = units, .inputs = job.inputs});
  if (mine.voucher > 0) op.voucher = signature_of(chain, work, job, {.word = Word::voucher, .units = mine.voucher});
  return op;
}

/// Takes the client's last word if nothing is lost by it.
std::optional<Duty> settlement(const Chain& chain, Work& work, const SlaRecord& job, Height last) {
  const ProviderMemory& mine = work.session.provider;
  if (mine.last_word < std::max({job.terms.first_units, mine.receipted, mine.voucher, job.sla.owed}))
    return std::nullopt;
  const Said said{.word = Word::last, .units = mine.last_word};
  return Duty{Settle{work.id, mine.last_word, signature_of(chain, work, job, said)}, last};
}

std::optional<Duty> duty_after_delivery(const Chain& chain, Work& work, const SlaRecord& job) {
  const Height h = chain.height();
  if (demand_is_pending(job.sla)) {
    const Bytes& output =
        right_version(work, job).states.at(static_cast<std::size_t>(sla_steps(job.terms, job.sla.shown)));
    return Duty{Publish{work.id, output}, job.sla.demand_by};
  }
  if (const auto settled = settlement(chain, work, job, last_of_window(job))) return settled;
  if (h >= job.sla.challenge_until) return Duty{Finalize{work.id}};
  if (job.sla.shown_by == client_turn && job.sla.shown < work.session.provider.receipted)
    return Duty{provided<Answer>(chain, work, job), last_of_window(job)};
  return std::nullopt;
}

}  // namespace

Signature signature_of(const Chain& chain, Work& work, const SlaRecord& job, const Said& said) {
  const auto party = party_of(chain, said.word == Word::receipt ? job.provider : job.client);
  if (!party || (*party < honest_count && !has_said(work, job, said))) return {};
  return ideal_signatures().sign(chain.wallet(*party).keys.secret_key, message_of(chain, work, said));
}

std::optional<Duty> provider_duty(const Chain& chain, Work& work) {
  constexpr Amount bond_max = 1000;
  const SlaRecord& job = chain.sla(work.shard, work.id);
  const Height h = chain.height();
  switch (status_of(job)) {
    case SlaStatus::proposed:
      if (work.input.empty() || job.inputs != merkle_root({}) || h > job.terms.accept_by || job.terms.bond > bond_max ||
          !serves(chain, work, job))
        return std::nullopt;
      return Duty{Accept{work.id}};
    case SlaStatus::active: {
      if (const auto settled = settlement(chain, work, job, job.terms.deliver_by)) return settled;
      const ProviderMemory& mine = work.session.provider;
      const bool has_all = std::max(job.terms.first_units, mine.receipted) == job.terms.units;
      if (!has_all && !mine.has_left && h < mine.leaves_at) return std::nullopt;
      return Duty{provided<Deliver>(chain, work, job), job.terms.deliver_by};
    }
    case SlaStatus::delivered: return duty_after_delivery(chain, work, job);
    case SlaStatus::disputed:
      if (is_on_turn(job.sla, client_turn))
        return h > job.sla.deadline ? std::optional(Duty{Forfeit{work.id}}) : std::nullopt;
      if (one_step_left(job.sla) && is_refined(job.sla))
        return Duty{judge_of(job, work.id, right_version(work, job)), job.sla.deadline};
      if (one_step_left(job.sla)) return Duty{refinement_of(job, work.id, right_version(work, job)), job.sla.deadline};
      return Duty{opening_of(job, work.id, right_version(work, job)), job.sla.deadline};
    default: return std::nullopt;
  }
}

std::optional<Duty> provider_claim(const Chain& chain, Work& work) {
  const SlaRecord& job = chain.sla(work.shard, work.id);
  const std::int64_t voucher = work.session.provider.voucher;
  const bool is_disputed = status_of(job) == SlaStatus::disputed;
  if ((!is_disputed && status_of(job) != SlaStatus::delivered) || voucher <= job.sla.owed) return std::nullopt;
  const Said said{.word = Word::voucher, .units = voucher};
  return Duty{Claim{work.id, voucher, signature_of(chain, work, job, said)},
              is_disputed ? job.sla.deadline : last_of_window(job)};
}

namespace {

/// The proof of an honest client that its provider said two things, if it has one: two receipts, or one and what the
/// ledger shows.
std::optional<Convict> conviction(const Chain& chain, Work& work, const SlaRecord& job) {
  const ClientMemory& mine = work.session.client;
  if (mine.taken == 0) return std::nullopt;
  const ShownUnits one = shown_of(job, work.id, work.versions.at(mine.version), mine.taken);
  Convict op{work.id, mine.taken, one.inputs, one.root, one.output, {}, {}, {}, {}};
  op.first_receipt = signature_of(chain, work, job, receipt_of(one));
  if (mine.other) {
    const ShownUnits other = shown_of(job, work.id, work.versions.at(*mine.other), mine.taken);
    op.second_root = other.root, op.second_output = other.output;
    op.second_receipt = signature_of(chain, work, job, receipt_of(other));
    return op;
  }
  op.second_root = job.root, op.second_output = job.output;
  const bool is_shown = job.sla.shown == mine.taken && job.shown_inputs == one.inputs;
  return is_shown && (job.root != one.root || job.output != one.output) ? std::optional(op) : std::nullopt;
}

Challenge challenge_of(const Chain& chain, Work& work, const SlaRecord& job, bool is_of_receipt) {
  const Amount bond = std::max(chain.parameters().challenge_bond_min, job.terms.price);
  if (!is_of_receipt) return Challenge::of_shown(work.id, bond);
  const ClientMemory& mine = work.session.client;
  const ShownUnits shown = shown_of(job, work.id, work.versions.at(mine.version), mine.taken);
  return {shown, signature_of(chain, work, job, receipt_of(shown)), bond};
}

std::optional<Duty> duty_in_session(const Chain& chain, Work& work, const SlaRecord& job) {
  const ClientMemory& mine = work.session.client;
  if (const auto proof = conviction(chain, work, job)) return Duty{*proof, job.terms.deliver_by};
  if (chain.height() > job.terms.deliver_by) return Duty{Timeout{work.id}};
  if (mine.is_wrong) return Duty{challenge_of(chain, work, job, true), job.terms.deliver_by};
  if (!mine.wants_stop || mine.taken == 0) return std::nullopt;
  const ShownUnits shown = shown_of(job, work.id, work.versions.at(mine.version), mine.taken);
  return Duty{
      Close{{shown}, signature_of(chain, work, job, receipt_of(shown)), work.wants_bytes ? mine.rows : mine.taken},
      job.terms.deliver_by};
}

std::optional<Duty> duty_after_showing(const Chain& chain, Work& work, const SlaRecord& job) {
  const ClientMemory& mine = work.session.client;
  const Height h = chain.height(), last = last_of_window(job);
  if (const auto proof = conviction(chain, work, job)) return Duty{*proof, last};
  if (demand_is_pending(job.sla)) return h > job.sla.demand_by ? std::optional(Duty{Miss{work.id}}) : std::nullopt;
  const Hash& right =
      right_version(work, job).after.at(static_cast<std::size_t>(sla_steps(job.terms, job.sla.shown) - 1));
  if (mine.is_wrong || job.output != right) return Duty{challenge_of(chain, work, job, mine.is_wrong), last};
  const std::int64_t lacking = std::max(mine.rows, job.sla.acknowledged) + 1;
  if (work.wants_bytes && job.sla.demanded == 0 && lacking <= job.sla.shown)
    return Duty{Demand{work.id, lacking}, last};
  if (job.sla.shown_by == provider_turn) return Duty{Acknowledge{work.id}};
  return h >= job.sla.challenge_until ? std::optional(Duty{Finalize{work.id}}) : std::nullopt;
}

}  // namespace

std::optional<Duty> client_duty(const Chain& chain, Work& work) {
  const SlaRecord& job = chain.sla(work.shard, work.id);
  const Height h = chain.height();
  const Commitment& right = right_version(work, job);
  switch (status_of(job)) {
    case SlaStatus::proposed: return h > job.terms.accept_by ? std::optional(Duty{Expire{work.id}}) : std::nullopt;
    case SlaStatus::active: return duty_in_session(chain, work, job);
    case SlaStatus::delivered: return duty_after_showing(chain, work, job);
    case SlaStatus::disputed: {
      if (work.session.client.other) return Duty{*conviction(chain, work, job), job.sla.deadline};
      if (is_on_turn(job.sla, provider_turn))
        return h > job.sla.deadline ? std::optional(Duty{Forfeit{work.id}}) : std::nullopt;
      return Duty{Side{work.id, job.mid == opening_of(job, work.id, right).after}, job.sla.deadline};
    }
    default: return std::nullopt;
  }
}

}  // namespace p2pllm::fuzz
