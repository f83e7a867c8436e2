#include <algorithm>

#include "fuzz/contracts/world.hpp"

// Commands of the bytes about sessions: what their parties say off the ledger, and what they show of it there.
namespace p2pllm::fuzz {

/// The parties of a session that is open, if one of them is honest.
std::optional<World::Talk> World::talk_in(Work& work) {
  if (work.has_ended || !work.session.is_open) return std::nullopt;
  const SlaRecord& job = chain_.sla(work.shard, work.id);
  const auto client = party_of(job.client), provider = party_of(job.provider);
  if (!client || !provider || std::min(*client, *provider) >= honest_count || is_final(job.sla)) return std::nullopt;
  if (work.versions.empty())
    work.versions.push_back(commitment_of(job, work.input.empty() ? Bytes{1} : work.input, 0, 0));
  return Talk{work, job, *client, *provider};
}

/// The message that the parties would send next, mostly.
void World::say_next(const Talk& talk) {
  const Session& session = talk.work.session;
  const bool of_client = talk.client < honest_count;
  const std::int64_t receipted = of_client ? session.client.taken : session.provider.receipted;
  const std::int64_t ordered = of_client ? session.orders.greatest() : session.provider.orders.greatest();
  const std::int64_t vouched = of_client ? session.vouchers.greatest() : session.provider.voucher;
  if (receipted == 0 || ordered > receipted || program_.rarely(8)) say_receipt(talk);
  else if (vouched < receipted || program_.rarely(8)) say_voucher(talk);
  else say_order(talk);
}

/// What is said in all open sessions before a block ends.
void World::converse_all() {
  for (Work& work : works_) {
    const auto talk = talk_in(work);
    for (std::int64_t left = talk ? program_.choose(5) : 0; left > 0; --left) say_next(*talk);
  }
}

/// Some messages of one of the last open sessions, or what its parties do now and then.
void World::converse() {
  std::vector<Talk> open;
  for (Work& work : works_)
    if (const auto talk = talk_in(work)) open.push_back(*talk);
  if (open.empty()) return;
  const Talk& talk = open[open.size() - 1 - static_cast<std::size_t>(program_.choose(3)) % open.size()];
  switch (program_.choose(12)) {
    case 9: return say_last_word(talk);
    case 10:
      if (talk.provider < honest_count)
        restore_backup(talk.work.session, talk.job.terms, program_.choose(talk.job.terms.units + 1));
      return;
    case 11:
      if (talk.client < honest_count) talk.work.session.client.wants_stop = true;
      return;
    default: break;
  }
  for (std::int64_t left = program_.between(1, 4); left > 0; --left) say_next(talk);
}

bool World::is_there(std::size_t party) const { return party >= honest_count || !is_down_[party]; }

void World::say_order(const Talk& talk) {
  Session& session = talk.work.session;
  const auto& terms = talk.job.terms;
  std::int64_t units = std::max(terms.first_units, session.provider.receipted) + 1;
  bool is_good = true;
  if (talk.client < honest_count) {
    const auto next = next_order(session, terms);
    if (!next || !is_there(talk.client)) return;
    units = *next;
    session.orders.insert(units);
  } else if (program_.rarely(8)) {
    units = program_.choose(terms.units + 2);
    is_good = program_.choose(2) == 0;
  }
  const bool arrives = !program_.rarely(8) && talk.provider < honest_count && is_there(talk.provider);
  if (arrives && is_good) take_order(session, terms, units);
}

void World::say_voucher(const Talk& talk) {
  Session& session = talk.work.session;
  const auto& terms = talk.job.terms;
  std::int64_t units = session.provider.receipted;
  if (talk.client < honest_count) {
    const auto next = next_voucher(session);
    if (!next || !is_there(talk.client)) return;
    units = *next;
    session.vouchers.insert(units);
  } else if (program_.rarely(8)) {
    units = program_.choose(terms.units + 2);
  }
  const bool arrives = !program_.rarely(8) && talk.provider < honest_count && is_there(talk.provider);
  if (arrives) take_voucher(session, terms, units);
}

void World::say_last_word(const Talk& talk) {
  Session& session = talk.work.session;
  const auto& terms = talk.job.terms;
  std::int64_t units = std::max(session.provider.receipted, session.provider.voucher);
  if (talk.client < honest_count) {
    const auto last = last_word(session, terms);
    if (!last || !is_there(talk.client)) return;
    units = *last;
    session.last_words.insert(units);
  } else if (program_.rarely(4)) {
    units = program_.choose(terms.units + 1);
  }
  if (talk.provider < honest_count && is_there(talk.provider) && !program_.rarely(8))
    session.provider.last_word = std::max(session.provider.last_word, units);
}

/// The provider signs a receipt and sends it, with the rows or without. A villain may compute anything.
void World::say_receipt(const Talk& talk) {
  auto& [work, job, client, provider] = talk;
  Session& session = work.session;
  std::int64_t units = std::max(job.terms.first_units, session.orders.greatest());
  std::size_t version = work.versions.size() - 1;
  bool has_rows = true;
  if (provider < honest_count) {
    const auto next = next_receipt(session, job.terms);
    if (!is_there(provider) || !session.is_open || work.input.empty()) return;
    units = next.value_or(session.provider.receipted);
    if (next) session.receipts.insert(units), session.provider.receipted = units;
    if (!session.receipts.contains(units)) return;
    version = 0;
  } else {
    const std::int64_t choice = program_.choose(8);
    if (choice == 7) version = 0;
    if (choice == 6) units = program_.between(1, job.terms.units);
    if (choice == 5) version = new_version(work, job);
    has_rows = choice > 1;
  }
  const bool arrives = !program_.rarely(8) && client < honest_count && is_there(client);
  if (arrives) take_receipt(work, job, units, {version, has_rows});
}

/// Lets an honest client take a receipt, if it is an answer to what it ordered and goes on from what it took before.
void World::take_receipt(Work& work, const SlaRecord& job, std::int64_t units, SentUnits sent) {
  if (!takes_receipt(work.session, job.terms, units)) return;
  ClientMemory& mine = work.session.client;
  const Commitment& said = work.versions.at(sent.version);
  const std::int64_t steps = sla_steps(job.terms, units), before = sla_steps(job.terms, mine.taken);
  if (!is_chain(said, job.input, steps)) return;
  const bool goes_on = mine.taken == 0 || begins_alike(said, work.versions.at(mine.version), before);
  if (units == mine.taken && !goes_on) mine.other = sent.version;
  if (!goes_on) return;
  if (sent.has_rows && mine.rows == mine.taken) mine.rows = units;
  if (sent.has_rows && units == mine.taken) mine.rows = units;
  mine.taken = units;
  mine.version = sent.version;
  mine.is_wrong = !begins_alike(said, right_version(work, job), steps);
}

/// Another computation, right or wrong from some step on.
std::size_t World::new_version(Work& work, const SlaRecord& job) {
  const std::int64_t way = program_.choose(4);
  const std::int64_t step = program_.between(1, sla_steps(job.terms));
  work.versions.push_back(commitment_of(job, work.input.empty() ? Bytes{1} : work.input, way, step));
  return work.versions.size() - 1;
}

/// The signature that says this, if the party that should say it did; or one of many that do not.
Signature World::some_signature(Work& work, const SlaRecord& job, Said said) {
  const std::int64_t fault = program_.choose(32) - 22;
  if (fault < 0 || fault > 7) return signature_of(chain_, work, job, said);
  const AccountId& by = said.word == Word::receipt ? job.provider : job.client;
  std::size_t signer = party_of(by).value_or(2);
  if (fault == 0) return {};
  if (fault == 1) {
    said.word = static_cast<Word>((static_cast<std::int64_t>(said.word) + program_.between(1, 3)) % 4);
    return signature_of(chain_, work, job, said);
  }
  SessionPlace place{ledger_id_of(chain_.ledger().chain(), work.shard), work.id};
  if (fault == 2) place.sla = works_.front().id == work.id ? Hash{} : works_.front().id;
  if (fault == 3) place.ledger = ledger_id_of(chain_.ledger().chain(), work.shard + 1);
  if (fault == 4) place.ledger[0] ^= 1U;
  if (fault == 5) said.units += said.units == 0 ? 1 : -1;
  if (fault == 6) said.units += said.units < amount_max ? 1 : -1;
  if (fault == 7) said.inputs[0] ^= 1U, said.output[0] ^= 1U, signer = signer == 2 ? 3 : 2;
  if (signer < honest_count) return fault == 5 || fault == 6 ? signature_of(chain_, work, job, said) : Signature{};
  return ideal_signatures().sign(chain_.wallet(signer).keys.secret_key, message_of(place, said));
}

/// A number of units, near one that matters.
std::int64_t World::some_units(std::int64_t natural) {
  constexpr std::int64_t all = 16;
  switch (program_.choose(all)) {
    case 12: return std::max<std::int64_t>(0, natural - 1);
    case 13: return std::min(natural + 1, amount_max);
    case 14: return program_.choose(6);
    case 15: return program_.rarely(4) ? amount_max : 0;
    default: return natural;
  }
}

/// So many units of a computation, of which at most all are there to be shown.
ShownUnits World::some_shown(Work& work, const SlaRecord& job, const Commitment& said, std::int64_t units) {
  ShownUnits shown = shown_of(job, work.id, said, std::clamp<std::int64_t>(units, 1, job.terms.units));
  shown.units = units;
  if (program_.rarely(32)) shown.inputs[0] ^= 1U;
  if (program_.rarely(32)) shown.output[0] ^= 1U;
  return shown;
}

/// What a villain provider shows, with what its client signed, or could have signed.
template <typename Op>
Operation World::provided_units(Work& work, const SlaRecord& job, const Commitment& said) {
  const Session& session = work.session;
  const bool is_mine = party_of(job.client).value_or(2) < honest_count;
  const std::int64_t least = std::max(job.terms.first_units, job.sla.shown + (job.sla.shown > 0 ? 1 : 0));
  const std::int64_t ordered = is_mine ? std::max(job.terms.first_units, session.orders.greatest()) : least;
  const bool is_first = std::is_same_v<Op, Deliver> && program_.choose(4) == 0;
  const std::int64_t units = some_units(is_first ? job.terms.first_units : ordered);
  Op op{{some_shown(work, job, said, units), {}, 0, {}}};
  if (units != job.terms.first_units || op.inputs != job.inputs || program_.rarely(32))
    op.order = some_signature(work, job, {.word = Word::order, .units = units, .inputs = op.inputs});
  if (program_.choose(2) == 0) return op;
  op.acknowledged = some_units(is_mine ? session.vouchers.greatest() : units);
  if (op.acknowledged > 0 || program_.rarely(8))
    op.voucher = some_signature(work, job, {.word = Word::voucher, .units = op.acknowledged});
  return op;
}

/// @param said  the provider's computation @param other  another one
Operation World::convict_of(Work& work, const SlaRecord& job, const Commitment& said, const Commitment& other) {
  const bool shows = job.sla.shown > 0 && program_.choose(2) == 0;
  const std::int64_t units = some_units(shows ? job.sla.shown : job.terms.first_units);
  const ShownUnits one = some_shown(work, job, said, units), two = some_shown(work, job, other, units);
  Convict op{work.id, units, one.inputs, one.root, one.output, two.root, two.output, {}, {}};
  if (shows) op.second_root = job.root, op.second_output = job.output;
  const auto receipt = [&](const Hash& root, const Hash& output) {
    return some_signature(work, job, {Word::receipt, units, op.inputs, root, output});
  };
  op.first_receipt = receipt(op.first_root, op.first_output);
  if (!shows || program_.rarely(8)) op.second_receipt = receipt(op.second_root, op.second_output);
  return op;
}

/// @param which  an operation on a session, by its place after those of all SLAs
Operation World::session_operation(Work& work, const SlaRecord& job, const Commitment& said, std::int64_t which) {
  const Session& session = work.session;
  const bool is_provider_honest = party_of(job.provider).value_or(2) < honest_count;
  const bool is_client_honest = party_of(job.client).value_or(2) < honest_count;
  const std::int64_t known = std::max(job.terms.first_units, session.receipts.greatest());
  switch (which) {
    case 16:
    case 21: {
      const Commitment& shown = is_provider_honest ? work.versions.front() : said;
      const std::int64_t units = some_units(program_.choose(2) == 0 ? job.terms.first_units : known);
      const ShownUnits of = some_shown(work, job, shown, units);
      const Signature receipt = some_signature(work, job, receipt_of(of));
      if (which == 16) return Close{{of}, receipt, some_units(program_.choose(2) == 0 ? 0 : units)};
      const Amount least = std::max(chain_.parameters().challenge_bond_min, job.terms.price);
      return Challenge{of, receipt, least + program_.between(-1, 6)};
    }
    case 17: return provided_units<Answer>(work, job, said);
    case 18: {
      const std::int64_t units = some_units(is_client_honest ? session.vouchers.greatest() : job.sla.owed + 1);
      return Claim{work.id, units, some_signature(work, job, {.word = Word::voucher, .units = units})};
    }
    case 19: {
      const std::int64_t units = some_units(is_client_honest ? session.last_words.greatest() : job.terms.first_units);
      return Settle{work.id, units, some_signature(work, job, {.word = Word::last, .units = units})};
    }
    case 20:
      return convict_of(work, job, said,
                        work.versions.at(static_cast<std::size_t>(program_.choose(std::ssize(work.versions)))));
    default: return provided_units<Deliver>(work, job, said);
  }
}

}  // namespace p2pllm::fuzz
