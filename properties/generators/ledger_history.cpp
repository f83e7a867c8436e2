#include "properties/generators/ledger_history.hpp"

#include "model/contracts/channel_message.hpp"

namespace p2pllm::properties {

using namespace contracts;
using namespace parties;

namespace {

std::vector<KeyPair> keys_of(std::size_t count) {
  std::vector<KeyPair> keys;
  for (std::size_t k = 0; k < count; ++k) {
    KeySeed seed{};
    seed[0] = static_cast<std::uint8_t>(k + 1);
    keys.push_back(ideal_signatures().key_of_seed(seed));
  }
  return keys;
}

Genesis genesis_of(std::int64_t shards, const std::vector<KeyPair>& keys) {
  Genesis genesis{"history", shards, 2 * shards, {100, 700, 1, 2, 6, 3, 4, 10, 2, 4, 1, 3, 16, 1000, 5, 2, 5}, {}, {}};
  for (std::int64_t s = 0; s < shards; ++s) {
    genesis.balances.emplace_back();
    for (const KeyPair& pair : keys) genesis.balances.back()[pair.public_key] = 100'000;
  }
  genesis.proposers = {keys[0].public_key, keys[1].public_key};
  return genesis;
}

/// One of a few objects of a map that is in use, if any is; or null.
template <typename Objects, typename InUse>
const typename Objects::value_type* some_of(const Objects& all, std::mt19937_64& random, const InUse& in_use) {
  const typename Objects::value_type* found = nullptr;
  for (int tries = 0; tries < 12 && !all.empty(); ++tries) {
    const auto* one = &*std::next(all.begin(), static_cast<std::ptrdiff_t>(random() % all.size()));
    if (in_use(one->second)) return one;
    if (random() % 8 == 0) found = one;
  }
  return found;
}

/// Whether the provider of a job computes it as it should.
bool is_right(const Hash& job) { return job[0] % 16 != 0; }

const Bytes prompt{1, 2, 3};

}  // namespace

LedgerHistory::LedgerHistory(std::int64_t shards, std::uint64_t seed)
    : random_(seed),
      keys_(keys_of(people)),
      ledger_(genesis_of(shards, keys_), ideal_signatures(), sample_executor()) {}

std::size_t LedgerHistory::who_is(const AccountId& account) const {
  std::size_t who = 0;
  while (who + 1 < people && id(who) != account) ++who;
  return who;
}

void LedgerHistory::send(std::size_t who, Operation operation) {
  const auto found = shard().accounts.find(id(who));
  Transaction made{.chain = ledger_.chain(),
                   .shard = at_,
                   .sender = id(who),
                   .nonce = found == shard().accounts.end() ? 0 : found->second.nonce,
                   .valid_until = ledger_.height() + below(5),
                   .fee = 1,
                   .operation = std::move(operation)};
  const auto fault = below(100);
  if (fault == 0) made.nonce += static_cast<std::uint64_t>(1 + below(3));
  if (fault == 1) made.fee = 0;
  if (fault == 2) made.valid_until = ledger_.height() - 1;
  made.signature = ideal_signatures().sign(keys_[who].secret_key, transaction_id(made));
  if (fault == 3) made.signature.bytes[0] ^= 1U;
  Bytes encoded = encode(made);
  if (fault == 4) encoded.pop_back();
  blocks_.back().outcomes.push_back(ledger_.execute(ByteView(encoded)));
  blocks_.back().transactions.push_back(std::move(encoded));
}

void LedgerHistory::end_block() {
  blocks_.back().state = ledger_.end_block().state;
  blocks_.emplace_back();
  if (below(10) != 0) return;
  blocks_.back().round = 1 + below(3);
  ledger_.skip_to(blocks_.back().round);
}

void LedgerHistory::run(std::size_t operations) {
  for (std::size_t k = 0; k < operations; ++k) {
    at_ = below(genesis().shards);
    if (below(4) == 0) at_ = 0;  // where more happens
    const auto choice = below(20);
    if (choice < 4) transfer();
    else if (choice < 7) registration();
    else if (choice < 14) job();
    else if (choice < 19) channel();
    else report();
    if (below(30) == 0) end_block();
  }
  end_block();
}

void LedgerHistory::transfer() {
  const std::int64_t to_shard = below(3) == 0 ? below(genesis().shards) : at_;
  send(someone(), Transfer{id(someone()), to_shard, below(4) == 0 ? below(200'000) : below(50)});
}

void LedgerHistory::registration() {
  const std::size_t who = someone();
  if (!shard().nodes.contains(id(who))) at_ = home_of(genesis(), id(who));
  const auto node = shard().nodes.find(id(who));
  const auto status =
      node == shard().nodes.end() ? NodeStatus::none : static_cast<NodeStatus>(node->second.registration.status);
  const LayerRange elsewhere{below(genesis().layers - 1), 0};
  switch (status) {
    case NodeStatus::none:
    case NodeStatus::withdrawn:
    case NodeStatus::tombstoned: return send(who, Register{layers(), 1 + below(2000), below(9), 90 + below(400)});
    case NodeStatus::active:
      if (below(3) == 0) return send(who, Migrate{{elsewhere.first, elsewhere.first + 1}});
      if (below(3) == 0) return send(who, Unbond{});
      return send(who, below(2) == 0 ? Operation(Update{below(99)}) : Operation(TopUp{below(300)}));
    case NodeStatus::jailed: return send(who, below(3) == 0 ? Operation(TopUp{below(300)}) : Operation(Unjail{}));
    case NodeStatus::unbonding: return send(who, below(2) == 0 ? Operation(Withdraw{}) : Operation(Rebond{}));
  }
}

void LedgerHistory::report() {
  const std::size_t who = someone();
  ReportEquivocation op{
      .offender = id(who), .height = std::max<Height>(1, ledger_.height() - below(6)), .round = below(2)};
  op.first[0] = 1;
  op.second[0] = static_cast<std::uint8_t>(1 + below(3));
  const auto sign = [&](const Hash& header) {
    return ideal_signatures().sign(keys_[who].secret_key, proposal_id(ledger_.chain(), op.height, op.round, header));
  };
  op.first_signature = sign(op.first);
  op.second_signature = sign(op.second);
  if (below(6) == 0) op.second_signature = {};
  for (std::int64_t s = 0; s < genesis().shards; ++s)
    if (ledger_.shards()[static_cast<std::size_t>(s)].nodes.contains(op.offender)) at_ = s;
  if (who % 8 == 0 || below(4) != 0) op.second = op.first;  // most are no offence
  send(someone(), op);
}

ComputedSteps LedgerHistory::work(const SlaRecord& job, bool as_agreed) const {
  return compute(
      [as_agreed](const StepOfTerms& step, const Bytes& state) {
        auto states = SampleExecutor::micro_states(step, state);
        if (!as_agreed && step.step == 3) states.back().front() ^= 1U;  // and so does all that follows go wrong
        return states;
      },
      job.model, job.layers, prompt, contracts::sla_steps(job.terms));
}

void LedgerHistory::job() {
  const auto* known = some_of(shard().slas, random_, [](const SlaRecord& job) { return job.sla.status < 5; });
  if (known != nullptr && below(8) != 0) return pursue(known->first, known->second);
  const auto* node =
      some_of(shard().nodes, random_, [](const RegisteredNode& one) { return one.registration.status == 1; });
  const Height h = ledger_.height();
  const Height accept_by = h + 1 + below(5);
  const std::int64_t units = 2 + below(3), first_units = below(3) == 0 ? units : 1 + below(units);
  const SlaTerms<std::int64_t> terms{.price = below(20),
                                     .units = units,
                                     .steps_per_unit = steps_per_unit,
                                     .accept_by = accept_by,
                                     .deliver_by = accept_by + 3 + below(3),
                                     .window = 2 + below(3),
                                     .turn = 1 + below(3),
                                     .bond = below(30),
                                     .first_units = first_units};
  const AccountId provider = node == nullptr ? id(someone()) : node->first;
  const LayerRange range = node == nullptr ? layers() : node->second.layers;
  send(someone(), Propose{provider, range, {}, state_hash(prompt), terms});
  const auto proposal = decode_transaction(blocks_.back().transactions.back());
  if (proposal && below(2) == 0) send(who_is(provider), Accept{{transaction_id(*proposal)}});
}

/// What the status calls for, mostly by who may do it.
void LedgerHistory::pursue(const Hash& id_of_job, const SlaRecord& job) {
  const std::size_t client = who_is(job.client), provider = below(12) == 0 ? someone() : who_is(job.provider);
  switch (static_cast<SlaStatus>(job.sla.status)) {
    case SlaStatus::proposed: {
      if (below(8) == 0) return send(client, Cancel{{id_of_job}});
      return send(provider, below(5) == 0 ? Operation(Expire{{id_of_job}}) : Operation(Accept{{id_of_job}}));
    }
    case SlaStatus::active: return in_session({id_of_job, job, work(job, is_right(id_of_job))});
    case SlaStatus::delivered: {
      if (below(3) == 0) return after_showing({id_of_job, job, work(job, is_right(id_of_job))});
      const auto choice = below(8);
      if (choice == 0) return send(client, Demand{id_of_job, job.sla.acknowledged + 1 + below(2)});
      if (choice == 1) {
        const auto last = static_cast<std::size_t>(contracts::sla_steps(job.terms, job.sla.shown));
        return send(provider, Publish{id_of_job, work(job, is_right(id_of_job)).states[last]});
      }
      if (choice == 2) return send(someone(), Miss{{id_of_job}});
      if (choice == 3) return send(someone(), Finalize{{id_of_job}});
      if (choice == 4) return send(client, Acknowledge{{id_of_job}});
      return send(client, Challenge::of_shown(id_of_job, std::max<Amount>(4, job.terms.price) + below(9) - 1));
    }
    case SlaStatus::disputed: return dispute(id_of_job, job);
    default: return send(someone(), Finalize{{id_of_job}});
  }
}

void LedgerHistory::dispute(const Hash& id_of_job, const SlaRecord& job) {
  const ComputedSteps made = work(job, is_right(id_of_job));
  if (below(6) == 0) return send(someone(), Forfeit{{id_of_job}});
  if (below(16) == 0) return after_showing({id_of_job, job, made});
  if (job.sla.turn == client_turn) {
    const bool is_before = job.sla.refined == 0 && (job.sla.left + job.sla.right) / 2 < 3;
    return send(who_is(job.client), Side{id_of_job, is_right(id_of_job) || job.sla.refined != 0 || is_before});
  }
  if (below(12) == 0)
    return send(who_is(job.provider), Judge{id_of_job, made.states[static_cast<std::size_t>(job.sla.left)]});
  send(who_is(job.provider), turn_of_provider(job, id_of_job, made));
}

void LedgerHistory::channel() {
  const auto* known =
      some_of(shard().channels, random_, [](const ChannelRecord& one) { return one.channel.status < 4; });
  if (known != nullptr && below(8) != 0) return pursue(known->first, known->second);
  const std::size_t a = someone(), b = (a + 1 + static_cast<std::size_t>(below(people - 1))) % people;
  const ChannelTerms terms{
      id(a), id(b), below(1000), 2 + below(4), 1 + below(90), below(90), ledger_.height() + 1 + below(4)};
  opened_.push_back(terms);
  send(a, ChannelOpen{{terms}});
}

ChannelSignedBalances LedgerHistory::state_of(const Hash& id_of_channel, const ChannelRecord& record,
                                              std::int64_t version) {
  const Amount all = record.channel.deposit_a + record.channel.deposit_b;
  const Amount of_a = version == 0 ? record.channel.deposit_a : version % (all + 1);
  const ChannelBalances balances{version, of_a, all - of_a + (below(12) == 0 ? 1 : 0)};
  const Hash message = channel_state_message({ledger_id(ledger_.chain(), at_), id_of_channel}, balances);
  const auto sign = [&](const AccountId& who) {
    return below(12) == 0 ? Signature{} : ideal_signatures().sign(keys_[who_is(who)].secret_key, message);
  };
  return {balances, sign(record.a), sign(record.b)};
}

void LedgerHistory::pursue(const Hash& id_of_channel, const ChannelRecord& record) {
  const std::size_t a = who_is(record.a), b = who_is(record.b), party = below(2) == 0 ? a : b;
  switch (static_cast<ChannelStatus>(record.channel.status)) {
    case ChannelStatus::opening: {
      if (below(4) == 0) return send(someone(), ChannelReclaim{{id_of_channel}});
      for (const ChannelTerms& terms : opened_)
        if (channel_id(ledger_id(ledger_.chain(), at_), terms) == id_of_channel) return send(b, ChannelFund{{terms}});
      return;
    }
    case ChannelStatus::open:
      if (below(4) == 0)
        return send(party,
                    ChannelCooperativeClose{{id_of_channel, state_of(id_of_channel, record, channel_version_final)}});
      return send(party, ChannelClose{{id_of_channel, state_of(id_of_channel, record, below(6))}});
    case ChannelStatus::closing: {
      const auto choice = below(4);
      if (choice == 0) return send(someone(), ChannelSettle{{id_of_channel}});
      if (choice == 1) return send(party, ChannelRefute{{id_of_channel, state_of(id_of_channel, record, below(12))}});
      const std::int64_t below_version = below(12);
      const Hash message = channel_revocation_message({ledger_id(ledger_.chain(), at_), id_of_channel}, below_version);
      const std::size_t other = party == a ? b : a;
      return send(party, ChannelPunish{id_of_channel, below_version,
                                       ideal_signatures().sign(keys_[other].secret_key, message)});
    }
    default: return send(party, ChannelSettle{{id_of_channel}});
  }
}

}  // namespace p2pllm::properties
