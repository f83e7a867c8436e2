#include <algorithm>

#include "fuzz/contracts/world.hpp"

// The laws of SLAs that a transaction may break.
namespace p2pllm::fuzz {
namespace {

SlaStatus status_of(const SlaRecord& job) { return static_cast<SlaStatus>(job.sla.status); }

bool is_honest(const Chain& chain, const AccountId& id) {
  const auto party = party_of(chain, id);
  return party && *party < honest_count;
}

/// Checks that the provider's stake answers for a breach (REG-4).
void check_slash(Chain& chain, const Step& step, const Transaction& transaction, const SlaRecord& was) {
  const RegisteredNode* now = chain.node(transaction.shard, was.provider);
  const RegisteredNode* before = chain.node_before(step, transaction.shard, was.provider);
  if (now == nullptr || before == nullptr) return;
  const auto& old = before->registration;
  const auto& slashed = now->registration;
  const bool is_fraud = status_of(was) == SlaStatus::disputed || std::holds_alternative<Convict>(transaction.operation);
  if (is_fraud)
    must(slashed.status == static_cast<std::int64_t>(NodeStatus::tombstoned) && slashed.stake == 0,
         "REG-4: a fraud costs all stake");
  else must(old.stake == 0 || was.stake_at_accept == 0 || slashed.stake < old.stake, "REG-4: non-delivery costs stake");
  must(slashed.status != static_cast<std::int64_t>(NodeStatus::active), "REG-4: who failed is active no more");
  must(is_fraud || old.stake - slashed.stake <= std::max<Amount>(1, was.stake_at_accept / 100) ||
           was.stake_at_accept < chain.parameters().min_stake || status_is(old.status, NodeStatus::tombstoned),
       "REG-4: non-delivery costs 1 % of what was staked");
  chain.tally().note(is_fraud ? Event::slashed_for_fraud : Event::slashed_for_non_delivery);
}

/// Checks what an honest client pays for.
/// @param paid  the units that it pays
void check_client(Work& work, const Transaction& transaction, const SlaRecord& was, std::int64_t paid) {
  const ClientMemory& mine = work.session.client;
  must(!mine.is_wrong && !mine.other, "SLA-13: an honest client that has a wrong receipt gets all back");
  if (std::holds_alternative<Settle>(transaction.operation)) {
    must(paid == mine.taken && paid == mine.rows, "SLA-18: a last word is for units that are right and there");
    return;
  }
  const Commitment& right = right_version(work, was);
  const auto steps = static_cast<std::size_t>(sla_steps(was.terms, was.sla.shown));
  must(was.output == right.after.at(steps - 1), "SLA-13: an honest client pays for right outputs alone");
  must(!work.wants_bytes || mine.rows >= was.sla.shown || work.was_published,
       "SLA-13: an honest client pays for outputs that it has");
  const std::int64_t had =
      work.wants_bytes ? mine.rows + (work.was_published ? 1 : 0) : std::max(mine.rows, was.sla.shown);
  must(paid <= had + was.terms.first_units - 1, "SLA-13: an honest client pays for units that it has");
}

/// Checks who is paid what at the end of an SLA. @param settled  whether it ended so
void check_payment(Chain& chain, Work& work, const Step& step, const Transaction& transaction, const SlaRecord& was,
                   bool settled) {
  const auto* settlement = std::get_if<Settle>(&transaction.operation);
  const std::int64_t paid = settlement != nullptr ? settlement->units : was.sla.owed;
  const Amount held = sla_value(was.sla), payment = sla_payment(was.terms, paid);
  if (was.client != was.provider) {
    const Amount client = Chain::gain(step, transaction, was.client);
    const Amount provider = Chain::gain(step, transaction, was.provider);
    must(settled ? provider == held - was.sla.escrow + payment && client == was.sla.escrow - payment
                 : provider == 0 && client >= held,
         "SLA-8: each party is paid what it is owed");
  }
  if (is_honest(chain, was.provider) && sla_is_open(was.sla)) {
    must(settled, "SLA-13: an honest provider is paid");
    const ProviderMemory& mine = work.session.provider;
    const std::int64_t earned = std::max({was.terms.first_units, mine.receipted, mine.voucher});
    must(payment + was.sla.challenge_bond >= sla_payment(was.terms, earned),
         "SLA-18: an honest provider is paid what it gave receipts for");
  }
  if (is_honest(chain, was.client) && settled) check_client(work, transaction, was, paid);
}

void check_end(Chain& chain, Work& work, const Step& step, const Transaction& transaction, const SlaRecord& was,
               const SlaRecord& job) {
  bool settled = status_of(job) == SlaStatus::settled;
  if (chain.is_faulty(Focus::disputes) && status_of(was) == SlaStatus::disputed) settled = !settled;
  check_payment(chain, work, step, transaction, was, settled);
  if (status_of(job) == SlaStatus::breached) check_slash(chain, step, transaction, was);
  const auto& operation = transaction.operation;
  if (std::holds_alternative<Judge>(operation)) chain.tally().note(settled ? Event::judged_right : Event::judged_wrong);
  if (std::holds_alternative<Forfeit>(operation))
    chain.tally().note(settled ? Event::forfeited_by_client : Event::forfeited_by_provider);
  if (std::holds_alternative<Settle>(operation)) chain.tally().note(Event::settled_by_last_word);
  if (std::holds_alternative<Convict>(operation)) chain.tally().note(Event::convicted);
  if (is_honest(chain, job.client) || is_honest(chain, job.provider))
    if (status_of(was) == SlaStatus::disputed) chain.tally().note(Event::honest_dispute_ended);
  if (std::max(work.session.client.taken, work.session.provider.receipted) > job.terms.first_units)
    chain.tally().note(Event::honest_session_ended);
}

/// Checks that the parties signed what an operation says that they did (SLA-17).
class SignatureCheck {
 public:
  SignatureCheck(const Chain& chain, const Work& work, const SlaRecord& was) : chain_(chain), work_(work), was_(was) {}

  void operator()(const Deliver& op) const { provided(op); }
  void operator()(const Answer& op) const { provided(op); }
  void operator()(const Close& op) const { require(receipt_of(op), op.receipt); }
  void operator()(const Challenge& op) const {
    if (op.units > 0) require(receipt_of(op), op.receipt);
  }
  void operator()(const Claim& op) const { require({.word = Word::voucher, .units = op.units}, op.voucher); }
  void operator()(const Settle& op) const { require({.word = Word::last, .units = op.units}, op.final); }
  void operator()(const Convict& op) const {
    half({Word::receipt, op.units, op.inputs, op.first_root, op.first_output}, op.first_receipt);
    half({Word::receipt, op.units, op.inputs, op.second_root, op.second_output}, op.second_receipt);
    must(op.first_root != op.second_root || op.first_output != op.second_output, "SLA-19: two receipts differ");
  }
  void operator()(const auto& /*other*/) const {}

 private:
  void require(const Said& said, const Signature& signature) const {
    const AccountId& by = said.word == Word::receipt ? was_.provider : was_.client;
    must(ideal_signatures().verify(by, message_of(chain_, work_, said), signature),
         "SLA-17: what takes effect was signed");
  }
  void provided(const ProvidedUnits& op) const {
    if (op.units != was_.terms.first_units || op.inputs != was_.inputs)
      require({.word = Word::order, .units = op.units, .inputs = op.inputs}, op.order);
    if (op.acknowledged > 0) require({.word = Word::voucher, .units = op.acknowledged}, op.voucher);
  }
  void half(const Said& said, const Signature& receipt) const {
    const bool is_shown = said.units == was_.sla.shown && said.inputs == was_.shown_inputs && said.root == was_.root &&
                          said.output == was_.output;
    if (!is_shown || receipt != Signature{}) require(said, receipt);
  }

  const Chain& chain_;
  const Work& work_;
  const SlaRecord& was_;
};

void note_session(Chain& chain, const Operation& operation, const SlaRecord& was) {
  if (std::holds_alternative<Close>(operation)) chain.tally().note(Event::session_closed);
  if (std::holds_alternative<Answer>(operation)) chain.tally().note(Event::answered);
  if (std::holds_alternative<Claim>(operation)) chain.tally().note(Event::claimed);
  if (std::holds_alternative<Challenge>(operation) && status_of(was) == SlaStatus::active)
    chain.tally().note(Event::receipt_challenged);
}

void check_job(Chain& chain, Work& work, const Step& step, const Transaction& transaction, const SlaRecord& was,
               const SlaRecord& now) {
  const auto& operation = transaction.operation;
  std::visit(SignatureCheck(chain, work, was), operation);
  note_session(chain, operation, was);
  must(is_final(now.sla) || now.sla.owed >= was.sla.owed, "SLA-18: what is owed never falls");
  if (const auto* publish = std::get_if<Publish>(&operation)) {
    must(state_hash(publish->output) == now.output, "SLA-6: what is published is what was delivered");
    work.was_published = true;
  }
  if (!is_final(was.sla) && is_final(now.sla)) check_end(chain, work, step, transaction, was, now);
}

void check_nodes(Chain& chain, const Step& step, const Transaction& transaction) {
  const auto& operation = transaction.operation;
  const auto may_take = [&operation] {
    return std::holds_alternative<Withdraw>(operation) || std::holds_alternative<Timeout>(operation) ||
           std::holds_alternative<Miss>(operation) || std::holds_alternative<Judge>(operation) ||
           std::holds_alternative<Forfeit>(operation) || std::holds_alternative<Convict>(operation) ||
           std::holds_alternative<ReportEquivocation>(operation);
  };
  for (const auto& changed : step.nodes) {
    const auto& after = changed.now->registration;
    must(!changed.was_there || after.stake >= changed.before.registration.stake || may_take(),
         "REG-3: stake leaves by withdrawal and slashes alone");
    if (is_honest(chain, changed.key))
      must(!status_is(after.status, NodeStatus::jailed, NodeStatus::tombstoned),
           "REG-4: an honest node is never punished");
  }
}

}  // namespace

void check_jobs(Chain& chain, std::vector<Work>& works, const Step& step, const Transaction& transaction) {
  const auto& operation = transaction.operation;
  for (const auto& changed : step.slas) {
    if (!changed.was_there) continue;
    const auto work = std::ranges::find_if(
        works, [&](const Work& one) { return one.shard == transaction.shard && one.id == changed.key; });
    must(work != works.end(), "SLA-1: every SLA was proposed");
    check_job(chain, *work, step, transaction, changed.before, *changed.now);
  }
  check_nodes(chain, step, transaction);
  if (std::holds_alternative<Withdraw>(operation)) {
    const RegisteredNode* before = chain.node_before(step, transaction.shard, transaction.sender);
    must(before != nullptr && Chain::gain(step, transaction, transaction.sender) == before->registration.stake,
         "REG-3: the stake returns");
  }
  if (const auto* report = std::get_if<ReportEquivocation>(&operation)) {
    const RegisteredNode* node = chain.node(transaction.shard, report->offender);
    must(node == nullptr || (node->registration.stake == 0 &&
                             node->registration.status == static_cast<std::int64_t>(NodeStatus::tombstoned)),
         "REG-5: an equivocation costs all stake");
  }
}

}  // namespace p2pllm::fuzz
