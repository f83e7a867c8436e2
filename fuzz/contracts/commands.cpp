#include <algorithm>
#include <limits>

#include "fuzz/contracts/world.hpp"
#include "reference/contracts/dispute_rules.hpp"

// Commands of the bytes: registrations, SLAs, transfers, evidence, and all faults that transactions can have.
namespace p2pllm::fuzz {

void World::command() {
  if (focus_ == Focus::channels) return channel_command();
  if (focus_ == Focus::disputes) return dispute_command();
  switch (program_.choose(23)) {
    case 0: return end_block();
    case 1: return jump();
    case 2:
    case 3: return propose();
    case 4:
    case 5:
    case 6:
    case 7:
    case 8: return use_job();
    case 9:
    case 10: return use_registration();
    case 11: return transfer();
    case 12: return open_channel();
    case 13:
    case 14:
    case 15:
    case 16: return talk();
    case 17:
    case 18: return use_channel();
    case 20:
    case 21:
    case 22: return converse();
    default: return disturb();
  }
}

void World::channel_command() {
  const std::int64_t kind = program_.choose(16);
  if (kind == 0) return end_block();
  if (kind == 1) return jump();
  if (kind == 2) return crash_or_wake(static_cast<std::size_t>(program_.choose(2)));
  if (kind == 3) return open_channel();
  if (kind == 4) return flush();
  return kind < 12 ? talk() : use_channel();
}

void World::dispute_command() {
  const std::int64_t kind = program_.choose(20);
  if (kind >= 16) return converse();
  if (kind <= 2) return end_block();
  if (kind == 3) return jump();
  if (kind == 4) return crash_or_wake(static_cast<std::size_t>(program_.choose(2)));
  if (kind == 5) return flush();
  if (kind == 6) return use_registration();
  return kind < 10 ? propose() : use_job();
}

LayerRange World::some_layers() {
  const std::int64_t layers = chain_.ledger().genesis().layers;
  const std::int64_t first = program_.choose(layers);
  return {first, std::min(first + program_.between(1, 2), layers)};
}

/// A range that begins in the shard where a key registers first.
LayerRange World::layers_at_home(std::size_t party) {
  const std::int64_t first = 2 * home_of(chain_.ledger().genesis(), chain_.id_of(party)) + program_.choose(2);
  return {first, std::min(first + program_.between(1, 2), chain_.ledger().genesis().layers)};
}

/// Nothing, one, the balance, one more, the most that can be written, or something between.
Amount World::some_amount(Amount balance) {
  switch (program_.choose(8)) {
    case 0: return 0;
    case 1: return 1;
    case 2: return balance;
    case 3: return balance + 1;
    case 4: return amount_max;
    case 5: return 100;
    default: return program_.choose(256) * 4;
  }
}

std::int64_t World::shard_of_node(std::size_t party) const {
  for (std::int64_t s = 0; s < chain_.ledger().genesis().shards; ++s)
    if (chain_.node(s, chain_.id_of(party)) != nullptr) return s;
  return 0;
}

void World::attempt(std::size_t party, std::int64_t s, Operation operation) {
  const Transaction transaction = chain_.transaction(party, s, std::move(operation));
  const std::int64_t fault = program_.choose(256) - 236;
  if (fault >= 0 && party >= honest_count) attempt_faulty(transaction, party, fault);
  else (void)chain_.execute(transaction);
}

/// Attempts transactions that no block may contain.
void World::attempt_faulty(Transaction transaction, std::size_t party, std::int64_t fault) {
  std::size_t signer = party;
  Hash other_chain = transaction.chain;
  other_chain[0] ^= 1U;
  switch (fault) {
    case 0: ++transaction.nonce; break;
    case 1: transaction.nonce -= transaction.nonce > 0 ? 1 : 0, transaction.fee -= transaction.nonce > 0 ? 0 : 1; break;
    case 2: signer = party == 2 ? 3 : 2; break;
    case 3: transaction.chain = other_chain; break;
    case 4: transaction.valid_until = chain_.height() - 1; break;
    case 5: transaction.fee = 0; break;
    case 6: transaction.fee = chain_.balance(transaction.shard, party) + 1; break;
    case 7: transaction.shard = chain_.ledger().genesis().shards; break;
    case 8: transaction.sender = chain_.id_of(static_cast<std::size_t>(program_.choose(2))); break;
    default: break;
  }
  if (fault == 9) transaction.fee = -1;
  if (fault == 10) transaction.valid_until = std::numeric_limits<Height>::max();
  if (fault == 11) transaction.operation = TopUp{-1};
  chain_.sign(transaction, signer);
  if (fault == 9 || fault == 10 || fault == 11) {
    (void)chain_.execute_unencoded(transaction);
    return;
  }
  Bytes encoded = encode(transaction);
  const auto at = static_cast<std::size_t>(program_.choose(256)) * encoded.size() / 256;
  if (fault == 12) encoded.resize(at);
  if (fault == 13) encoded.push_back(0);
  if (fault >= 14) encoded[at] ^= static_cast<std::uint8_t>(1U << program_.choose(8));
  const Consequence consequence = consequence_of(chain_.execute_bytes(encoded).reason);
  if (consequence != Consequence::malformed && consequence != Consequence::refused)
    throw LawBroken("LEDGER-3: what nobody signed so enters no block: " + std::to_string(fault));
}

void World::propose() {
  // Every fourth proposal is the honest client's, with good terms.
  const bool is_honest = program_.rarely(4);
  const std::size_t client = is_honest ? 1 : some_villain();
  constexpr std::size_t providers[] = {0, 2, 2, 3};
  std::size_t provider = providers[program_.choose(4)];
  if (!is_honest && program_.rarely(8)) provider = 1;
  const std::int64_t s = !is_honest && program_.rarely(16) ? some_shard() : shard_of_node(provider);
  const RegisteredNode* node = chain_.node(s, chain_.id_of(provider));
  Propose op;
  op.provider = chain_.id_of(provider);
  op.layers = node == nullptr ? some_layers() : node->layers;
  op.model[0] = static_cast<std::uint8_t>(program_.choose(2));
  const auto input = static_cast<std::uint8_t>(program_.choose(is_honest ? 3 : 4));  // nobody knows the fourth
  op.input = state_hash(Bytes(input + 1U, input));
  op.terms.price = program_.choose(11);
  op.terms.units = program_.between(1, 4);
  op.terms.steps_per_unit = std::min(program_.between(1, 4), 8 / op.terms.units);
  const auto& p = chain_.parameters();
  const Height within = program_.between(1, p.deliver_within_max);
  op.terms.deliver_by = chain_.height() + within;
  op.terms.accept_by = op.terms.deliver_by - program_.between(1, within);
  op.terms.window = program_.between(p.window_min, p.window_max);
  op.terms.turn = program_.between(p.turn_min, p.turn_max);
  op.terms.accept_by = std::max(chain_.height(), std::min(op.terms.accept_by, op.terms.deliver_by - op.terms.turn));
  op.terms.deliver_by =
      std::max(op.terms.deliver_by, op.terms.accept_by + op.terms.turn);  // D_MAX >= T_MAX in each of these worlds
  op.terms.bond = program_.choose(60);
  op.terms.first_units = program_.rarely(3) ? op.terms.units : program_.between(1, op.terms.units);
  if (!is_honest && program_.rarely(8)) {
    switch (program_.choose(11)) {
      case 0: op.terms.window = p.window_max + 1; break;
      case 1: op.terms.turn = 0; break;
      case 2: op.terms.steps_per_unit = p.steps_max + 1; break;
      case 3: op.terms.deliver_by = chain_.height() + p.deliver_within_max + 1; break;
      case 4: op.terms.accept_by = chain_.height() - 1; break;
      case 5: op.layers = some_layers(); break;
      case 6: op.terms.bond = some_amount(chain_.balance(s, provider)); break;
      case 7: op.terms.first_units = 0; break;
      case 8: op.terms.first_units = op.terms.units + 1; break;
      case 9: op.inputs[0] ^= 1U; break;  // no step reads a row
      default:
        op.terms.price = p.price_max, op.terms.units = p.steps_max, op.terms.steps_per_unit = 1;  // from one unit on
    }
  }
  const std::size_t known = works_.size();
  attempt(client, s, op);
  if (provider >= honest_count && works_.size() > known && !program_.rarely(4))
    attempt(provider, s, Accept{works_.back().id});
}

/// @param which  an operation of SLAs, by its place in the order of their codes
Operation World::job_operation(Work& work, const SlaRecord& job, std::int64_t which) {
  const Bytes input = work.input.empty() ? Bytes{1} : work.input;
  if (work.versions.empty()) work.versions.push_back(commitment_of(job, input, 0, 0));
  if (which == 4) (void)new_version(work, job);
  // A liar mostly keeps to the last lie.
  const Commitment& said = program_.rarely(8) ? work.versions.front() : work.versions.back();
  switch (which) {
    case 1: return Accept{work.id};
    case 2: return Cancel{work.id};
    case 3: return Expire{work.id};
    case 5: return Demand{work.id, program_.rarely(8) ? some_units(job.sla.shown) : job.sla.acknowledged + 1};
    case 6: return Publish{work.id, said.states.at(static_cast<std::size_t>(sla_steps(job.terms, job.sla.shown)))};
    case 7: return Miss{work.id};
    case 8: return Acknowledge{work.id};
    case 9: return Finalize{work.id};
    case 10: return Timeout{work.id};
    case 11: return Challenge::of_shown(work.id, chain_.parameters().challenge_bond_min + program_.between(-1, 20));
    case 12: {
      PostMid op = opening_of(job, work.id, said);
      if (program_.rarely(16)) op.after[0] ^= 1U;
      return op;
    }
    case 13: return Side{work.id, program_.rarely(2)};
    case 14: {
      if (is_refined(job.sla) != program_.rarely(4)) {
        Judge op = judge_of(job, work.id, said);
        if (program_.rarely(3)) op.state[0] ^= 1U;
        return op;
      }
      Refine op = refinement_of(job, work.id, said);
      if (program_.rarely(16)) op.root[0] ^= 1U;
      return op;
    }
    case 15: return Forfeit{work.id};
    default: return session_operation(work, job, said, which);
  }
}

/// One of the last jobs; mostly one that has not ended.
Work& World::some_work() {
  std::vector<std::size_t> open;
  for (std::size_t k = 0; k < works_.size(); ++k)
    if (!is_final(chain_.sla(works_[k].shard, works_[k].id).sla)) open.push_back(k);
  const std::int64_t back = program_.choose(3);
  if (open.empty() || program_.rarely(16))
    return works_[works_.size() - 1 - static_cast<std::size_t>(back) % works_.size()];
  return works_[open[open.size() - 1 - static_cast<std::size_t>(back) % open.size()]];
}

void World::use_job() {
  static const std::vector<std::int64_t> fitting[] = {{1, 1, 2, 3},
                                                      {4, 4, 4, 4, 10, 16, 16, 16, 19, 20, 21, 21},
                                                      {5, 6, 7, 8, 9, 11, 11, 11, 11, 11, 17, 17, 17, 18, 19, 20, 21},
                                                      {12, 12, 12, 13, 13, 13, 14, 14, 14, 14, 15, 18, 20},
                                                      {9, 15}};
  const bool is_unknown = works_.empty() || program_.rarely(32);
  if (is_unknown) return attempt(some_villain(), some_shard(), Timeout{Hash{}});
  Work& work = some_work();
  const SlaRecord job = chain_.sla(work.shard, work.id);
  const std::int64_t status = job.sla.status;
  const auto& list = fitting[status >= 1 && status <= 4 ? status - 1 : 4];
  const std::int64_t which =
      program_.rarely(4) ? program_.between(1, 21) : list[static_cast<std::size_t>(program_.choose(std::ssize(list)))];
  const Operation operation = job_operation(work, job, which);
  const bool is_clients =
      which == 2 || which == 5 || which == 8 || which == 11 || which == 13 || which == 16 || which == 21;
  const auto natural = party_of(is_clients ? job.client : job.provider);
  const bool as_natural = natural && *natural >= honest_count && !program_.rarely(8);
  attempt(as_natural ? *natural : some_villain(), program_.rarely(32) ? some_shard() : work.shard, operation);
}

/// Villains mostly go on with what they began; otherwise few disputes would reach a judgement.
void World::pursue() {
  for (Work& work : works_) {
    const SlaRecord job = chain_.sla(work.shard, work.id);
    const auto status = static_cast<SlaStatus>(job.sla.status);
    const bool answers = status == SlaStatus::delivered && job.sla.shown_by == client_turn &&
                         job.sla.shown < job.terms.units && program_.choose(2) == 0;
    const bool is_clients = !answers && (status == SlaStatus::delivered || is_on_turn(job.sla, client_turn));
    const auto party = party_of(is_clients ? job.client : job.provider);
    const auto client = party_of(job.client).value_or(0);
    if (status == SlaStatus::active && client >= honest_count && work.session.is_open && program_.rarely(8))
      attempt(client, work.shard, job_operation(work, job, program_.choose(2) == 0 ? 16 : 21));
    if (is_final(job.sla) || status == SlaStatus::proposed || !party || *party < honest_count) continue;
    const bool waits = status == SlaStatus::active && job.terms.first_units < job.terms.units;
    if (program_.choose(8) < (waits ? 6 : 1)) continue;
    const std::int64_t which = answers                          ? 17
                               : status == SlaStatus::active    ? 4
                               : status == SlaStatus::delivered ? (program_.choose(2) == 0 ? 5 : 11)
                               : is_clients                     ? 13
                               : one_step_left(job.sla)         ? 14
                                                                : 12;
    attempt(*party, work.shard, job_operation(work, job, which));
  }
}

void World::use_registration() {
  static const std::vector<std::int64_t> fitting[] = {
      {0}, {0, 1, 1, 2, 2, 2, 2, 3, 4}, {3, 4, 7, 7}, {5, 5, 6, 6}, {0, 0, 0, 5}, {0, 4, 6, 7}};
  const auto party = static_cast<std::size_t>(program_.choose(4));
  const std::int64_t home = shard_of_node(party);
  const Amount balance = chain_.balance(home, party);
  const RegisteredNode* node = chain_.node(home, chain_.id_of(party));
  const auto& list = fitting[node == nullptr ? 0 : node->registration.status];
  switch (program_.rarely(4) ? program_.choose(8) : list[static_cast<std::size_t>(program_.choose(std::ssize(list)))]) {
    case 0: {
      const LayerRange layers = node == nullptr && !program_.rarely(8) ? layers_at_home(party) : some_layers();
      constexpr std::int64_t costs[] = {1000, 1, 2000, std::int64_t{1} << 41};
      Register op{layers, costs[program_.choose(4)], program_.choose(5), 0};
      const bool is_any = program_.rarely(4) && party >= honest_count;  // an honest party keeps enough for its duties
      op.stake = is_any ? some_amount(balance) : 100 * program_.between(0, 12);
      const std::int64_t s = program_.rarely(16) ? some_shard() : shard_of(chain_.ledger().genesis(), layers);
      if (program_.rarely(32)) op.layers.last = op.layers.first;
      return attempt(party, s, op);
    }
    case 1: return attempt(party, home, Update{program_.choose(5)});
    case 2: {
      Migrate op{some_layers()};
      if (node != nullptr && !program_.rarely(4))
        op.layers.last = op.layers.first + node->layers.last - node->layers.first;
      return attempt(party, home, op);
    }
    case 3: return attempt(party, home, TopUp{party < honest_count ? program_.choose(200) : some_amount(balance)});
    case 4: return attempt(party, home, Unbond{});
    case 5: return attempt(party, home, Rebond{});
    case 6: return attempt(party, home, Withdraw{});
    default: return attempt(party, home, Unjail{});
  }
}

void World::transfer() {
  const std::size_t party = some_villain();
  const std::int64_t s = some_shard();
  const auto to = static_cast<std::size_t>(program_.choose(party_count));
  const std::int64_t to_shard =
      program_.rarely(8) ? chain_.ledger().genesis().shards : program_.choose(chain_.ledger().genesis().shards);
  attempt(party, s, Transfer{chain_.id_of(to), to_shard, some_amount(chain_.balance(s, party) - 1)});
}

/// A villain signed two proposals, or one, or someone pretends that an honest party did.
void World::report_equivocation() {
  const std::size_t offender = program_.rarely(8) ? 0 : some_villain();
  ReportEquivocation op;
  op.offender = chain_.id_of(offender);
  op.height = std::max<Height>(0, chain_.height() + 1 - program_.choose(6));
  op.round = program_.choose(2);
  op.first[0] = 1;
  op.second[0] = program_.rarely(8) ? 1 : 2;
  const std::size_t signer = offender < honest_count ? 2 : offender;
  const auto sign = [&](const Hash& header) {
    return ideal_signatures().sign(chain_.wallet(signer).keys.secret_key,
                                   proposal_id(chain_.ledger().chain(), op.height, op.round, header));
  };
  op.first_signature = sign(op.first);
  op.second_signature = program_.rarely(8) ? op.first_signature : sign(op.second);
  const std::size_t reporter = program_.rarely(4) ? bystander : some_villain();
  const bool was_good = offender >= honest_count;
  const std::int64_t s = program_.rarely(8) ? some_shard() : shard_of_node(offender);
  attempt(reporter, s, op);
  if (was_good) chain_.tally().note(Event::equivocation_shown);
}

/// Other disturbances: replays, silent proposers, honest parties that crash or leave, and the order within a block.
void World::disturb() {
  switch (program_.choose(9)) {
    case 0: return flush();
    case 1: return chain_.skip_to(program_.choose(3));
    case 2: {
      const Record& record = chain_.record();
      if (record.ended() == 0) return;
      const std::size_t block = record.ended() - 1 - static_cast<std::size_t>(program_.choose(8)) % record.ended();
      const std::size_t count = record.extent(block).transactions;
      if (count == 0) return;
      const ByteView once = record.transaction(block, static_cast<std::size_t>(program_.choose(16)) % count);
      const Bytes again(once.begin(), once.end());  // the record moves when it grows
      chain_.tally().note(Event::replayed);
      (void)chain_.execute_bytes(again);
      return;
    }
    case 3: return crash_or_wake(0);
    case 4: return crash_or_wake(1);
    case 5: return report_equivocation();
    default: {
      const std::size_t party = some_villain();
      return attempt_faulty(chain_.transaction(party, 0, Unjail{}), party, program_.choose(20));
    }
  }
}

}  // namespace p2pllm::fuzz
