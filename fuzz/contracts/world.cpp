#include "fuzz/contracts/world.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <map>

namespace p2pllm::fuzz {

namespace {

/// Keys whose homes and order are the same with every hash, so that a program has one meaning.
std::vector<Wallet> make_wallets() {
  constexpr unsigned band = 256 / party_count;
  Genesis two, three;
  two.shards = 2, three.shards = 3;
  std::vector<Wallet> result;
  for (std::uint16_t trial = 0; result.size() < party_count; ++trial) {
    const std::size_t k = result.size();
    const auto place = static_cast<std::int64_t>(k);
    const KeySeed seed{static_cast<std::uint8_t>(trial), static_cast<std::uint8_t>(trial >> 8U)};
    const KeyPair keys = ideal_signatures().key_of_seed(seed);
    const bool fits = keys.public_key.bytes[0] / band == k && home_of(two, keys.public_key) == place % 2 &&
                      home_of(three, keys.public_key) == place % 3;
    if (fits) result.push_back({keys, k < honest_count});
  }
  return result;
}

/// The choices of which a genesis is made: the shards, and eight of the parameters.
using Choices = std::array<std::int64_t, 9>;

Choices choices_of(Program& program, Focus focus) {
  const auto between = [&program](std::int64_t least, std::int64_t most) { return program.between(least, most); };
  return {focus == Focus::all ? between(1, 3) : 1,
          between(1, 2),
          between(1, 3),
          between(1, 3),
          between(2, 7),
          between(2, 4),
          between(1, 2),
          between(1, 5),
          between(2, 4)};
}

/// Small numbers, so that deadlines meet and amounts run out.
Genesis genesis_of(const Choices& choices, const std::vector<Wallet>& parties) {
  Genesis genesis;
  genesis.name = "language";
  genesis.shards = choices[0];
  genesis.layers = 2 * genesis.shards;
  Parameters<std::int64_t>& p = genesis.parameters;
  p.min_stake = 100;
  p.launch_stake = 500;
  p.min_fee = 1;
  p.update_cooldown = choices[1];
  p.evidence_age_max = choices[2];
  p.unbonding = p.evidence_age_max + 1;
  p.jail = choices[3];
  p.deliver_within_max = choices[4];
  p.window_min = 2;
  p.window_max = choices[5];
  p.turn_min = 1;
  p.turn_max = choices[6];
  p.steps_max = 8;
  p.price_max = 40;
  p.challenge_bond_min = choices[7];
  p.closing_min = 2;
  p.closing_max = choices[8];
  for (std::int64_t s = 0; s < genesis.shards; ++s) {
    std::map<AccountId, Amount> balances;
    for (std::size_t k = 0; k < party_count; ++k)
      balances[parties[k].keys.public_key] = k < honest_count || k == bystander ? 1'000'000 : 4000;
    genesis.balances.push_back(balances);
  }
  genesis.proposers = {parties[bystander].keys.public_key, parties[3].keys.public_key};
  return genesis;
}

/// What programs begin with: the parties, and the ledgers of each genesis that there was. Few changes of a program are
/// of its genesis, so that most begin with a copy.
struct Beginnings {
  std::vector<Wallet> wallets = make_wallets();
  std::map<Choices, optimized::Engine> ledgers;

  const optimized::Engine& ledger(const Choices& choices) {
    constexpr std::size_t kept_max = 1024;
    if (ledgers.size() >= kept_max) ledgers.clear();
    const auto found = ledgers.find(choices);
    if (found != ledgers.end()) return found->second;
    const Genesis genesis = genesis_of(choices, wallets);
    return ledgers.try_emplace(choices, genesis, ideal_signatures(), sample_executor()).first->second;
  }
};

Beginnings& beginnings() {
  static std::map<Hash, Beginnings> by_hash;  // a program may change its hash function
  return by_hash[sha256({})];
}

}  // namespace

World::World(ByteView program, Checks checks)
    : program_(program),
      chain_(beginnings().ledger(choices_of(program_, checks.focus)), beginnings().wallets, checks),
      focus_(checks.focus) {
  if (checks.looks_at_all) must(!genesis_fault(chain_.ledger().genesis()), "LEDGER-1: the genesis is good");
  chain_.listener = this;
  chain_.on_applied = applied;
  for (const std::size_t party : {std::size_t{0}, std::size_t{2}}) {
    if (focus_ == Focus::channels) break;
    const LayerRange layers = layers_at_home(party);
    const Register enrolment{layers, 1000, 1, 100 + 300 * program_.choose(5)};
    (void)chain_.execute(chain_.transaction(party, shard_of(chain_.ledger().genesis(), layers), enrolment));
  }
  begin_block();
  if (focus_ == Focus::channels) open_channel();
  if (focus_ == Focus::disputes) propose();
}

void World::applied(void* self, const Step& step, const Transaction& transaction) {
  auto& world = *static_cast<World*>(self);
  if (const auto* proposal = std::get_if<Propose>(&transaction.operation)) {
    Work work{transaction.shard, transaction_id(transaction), {}, {}, world.program_.rarely(2), false, {}, false};
    const auto& terms = proposal->terms;
    const bool has_more = terms.first_units < terms.units;  // than acceptance orders
    work.session.provider.leaves_at = has_more ? terms.deliver_by - world.program_.choose(3) : 0;
    for (std::uint8_t k = 0; k < 3; ++k)
      if (const Bytes input(k + 1U, k); state_hash(input) == proposal->input) work.input = input;
    world.works_.push_back(std::move(work));
  }
  check_jobs(world.chain_, world.works_, step, transaction);
  check_lines(world.chain_, world.lines_, step, transaction);
}

/// Honest parties see the last block and decide on their operations in the next one, in which they see nothing.
void World::begin_block() {
  prepared_.clear();
  for (Work& work : works_) {
    if (work.has_ended) continue;
    prepare_work(work);
  }
  for (Line& line : lines_)
    for (const int side : {0, 1}) prepare_line(line, side);
}

void World::prepare_line(Line& line, int side) {
  const std::size_t party = line.party[side];
  if (party >= honest_count) {  // the program of a dishonest party must see the ledger too
    if (!is_ending_) (void)line_duty(chain_, line, side);
    return;
  }
  if (is_ending_) line.wants_to_close[side] = true;
  const ChannelRecord* entry = chain_.channel(line.shard, line.id);
  if (entry == nullptr) return;
  const bool is_last =
      status_is(entry->channel.status, ChannelStatus::closing) && chain_.height() == entry->channel.timeout - 1;
  if (is_down_[party] && !is_last) return;
  if (is_last) line.persist_fails[side] = 0;
  if (is_down_[party]) start(chain_, line, side);
  prepare(party, line.shard, line_duty(chain_, line, side));
}

void World::prepare_work(Work& work) {
  const SlaRecord& job = chain_.sla(work.shard, work.id);
  work.has_ended = is_final(job.sla);
  work.session.is_open = status_is(job.sla.status, SlaStatus::active);
  for (std::size_t party = 0; party < honest_count; ++party) {
    if (is_same(job.provider, chain_.id_of(party))) {
      prepare(party, work.shard, provider_claim(chain_, work));
      const auto duty = provider_duty(chain_, work);
      if (prepare(party, work.shard, duty) && leaves_session(duty->operation)) work.session.provider.has_left = true;
    }
    if (is_same(job.client, chain_.id_of(party))) prepare(party, work.shard, client_duty(chain_, work));
  }
}

bool World::prepare(std::size_t party, std::int64_t shard, std::optional<Duty> duty) {
  const bool acts = duty && (!is_down_[party] || chain_.height() == duty->last);
  if (acts) prepared_.push_back({party, shard, std::move(duty->operation)});
  return acts;
}

void World::flush() {
  for (const Prepared& each : prepared_) {
    const Outcome outcome = chain_.execute(chain_.transaction(each.party, each.shard, each.operation));
    const Consequence consequence = consequence_of(outcome.reason);
    if (consequence == Consequence::applied || consequence == Consequence::failed) continue;
    throw LawBroken("LEDGER-3: an honest party's transaction is included: " + std::string(name_of(each.operation)) +
                    " in shard " + std::to_string(each.shard) + ": " + std::string(name_of(outcome.reason)));
  }
  prepared_.clear();
}

void World::end_block() {
  if (!is_ending_ && !program_.ended()) {
    converse_all();
    pursue();
  }
  flush();
  chain_.end_block();
  begin_block();
}

/// Advances to the block before, of or after one of the next deadlines.
void World::jump() {
  std::vector<Height> deadlines;
  const auto& p = chain_.parameters();
  for (const ShardState& shard : chain_.ledger().shards()) {
    for_each(shard.slas, [&](const Hash&, const SlaRecord& job) {
      if (!is_final(job.sla))
        for (const Height each :
             {job.terms.accept_by, job.terms.deliver_by, job.sla.challenge_until, job.sla.demand_by, job.sla.deadline})
          deadlines.push_back(each);
    });
    for_each(shard.channels, [&](const Hash&, const ChannelRecord& entry) {
      if (!is_final(entry))
        for (const Height each : {entry.channel.fund_by, entry.channel.timeout}) deadlines.push_back(each);
    });
    for_each(shard.nodes, [&](const AccountId&, const RegisteredNode& node) {
      for (const Height each : {node.registration.release_at, node.registration.jailed_until,
                                node.registration.updated_at + p.update_cooldown})
        deadlines.push_back(each);
    });
  }
  std::erase_if(deadlines, [this](Height each) { return each <= chain_.height(); });
  std::ranges::sort(deadlines);
  deadlines.erase(std::unique(deadlines.begin(), deadlines.end()), deadlines.end());
  auto chosen = deadlines.begin();
  for (auto left = program_.choose(3); left > 0 && chosen != deadlines.end(); --left) ++chosen;
  const Height offset = program_.between(-1, 1);
  const Height target = chosen == deadlines.end() ? chain_.height() + 1 : *chosen + offset;
  while (chain_.height() < target) end_block();
}

/// A party that is down does only what cannot wait another block, and its programs forget what was not stored.
void World::crash_or_wake(std::size_t party) {
  is_down_[party] = !is_down_[party];
  for (Line& line : lines_)
    for (const int side : {0, 1}) {
      if (line.party[side] != party) continue;
      if (is_down_[party]) line.engine[side].reset();
      else start(chain_, line, side);
      run_engine(chain_, line, side, [](ChannelParty& engine) { return engine.resend(); });
    }
  chain_.tally().note(Event::crashed_or_woke);
}

void World::run() {
  while (!program_.ended()) {
    frames_.push_back(static_cast<std::uint16_t>(program_.place()));
    command();
  }
  flush();
}

Height World::blocks_to_settle() const {
  const auto& p = chain_.parameters();
  const auto halvings = static_cast<Height>(std::bit_width(static_cast<std::uint64_t>(p.steps_max - 1)));
  // A proposal is accepted, closed and answered, its output demanded and disputed; then the provider's stake is
  // released.
  const Height sla = p.deliver_within_max + 1 + 3 * p.window_max + p.turn_max + (2 * halvings + 2) * (p.turn_max + 1);
  const Height channel = p.closing_max + 1 + p.closing_max + 2;
  return std::max(sla, channel) + p.unbonding + 3;
}

/// Everything that anyone, and the owners of what is theirs alone, can do in a shard to end all contracts.
void World::collect_endings(std::int64_t s) {
  const Height h = chain_.height();
  const auto plan = [&](std::size_t party, const Operation& operation) { prepared_.push_back({party, s, operation}); };
  for_each(chain_.shard(s).slas, [&](const Hash& id, const SlaRecord& job) {
    const bool is_pending = job.sla.demand_by > 0;
    const auto status = static_cast<SlaStatus>(job.sla.status);
    if (status == SlaStatus::proposed && h > job.terms.accept_by) plan(bystander, Expire{id});
    if (status == SlaStatus::active && h > job.terms.deliver_by) plan(bystander, Timeout{id});
    if (status == SlaStatus::delivered && is_pending && h > job.sla.demand_by) plan(bystander, Miss{id});
    if (status == SlaStatus::delivered && !is_pending && h >= job.sla.challenge_until) plan(bystander, Finalize{id});
    if (status == SlaStatus::disputed && h > job.sla.deadline) plan(bystander, Forfeit{id});
  });
  for_each(chain_.shard(s).channels, [&](const Hash& id, const ChannelRecord& entry) {
    const auto status = static_cast<ChannelStatus>(entry.channel.status);
    const ChannelSignedBalances deposits{{0, entry.channel.deposit_a, entry.channel.deposit_b}, {}, {}};
    if (status == ChannelStatus::opening && h > entry.channel.fund_by) plan(bystander, ChannelReclaim{id});
    if (status == ChannelStatus::closing && h >= entry.channel.timeout) plan(bystander, ChannelSettle{id});
    if (status != ChannelStatus::open) return;
    for (const AccountId& owner : {entry.a, entry.b})
      if (const auto party = party_of(owner); party && *party >= honest_count) plan(*party, ChannelClose{id, deposits});
  });
  for_each(chain_.shard(s).nodes, [&](const AccountId& id, const RegisteredNode& node) {
    const auto party = party_of(id);
    if (!party) return;
    const auto status = static_cast<NodeStatus>(node.registration.status);
    if (status == NodeStatus::active || status == NodeStatus::jailed) plan(*party, Unbond{});
    if (status == NodeStatus::unbonding && h >= node.registration.release_at) plan(*party, Withdraw{});
  });
}

void World::close_all() {
  for (std::int64_t s = 0; s < chain_.ledger().genesis().shards; ++s) {
    prepared_.clear();
    collect_endings(s);
    for (const Prepared& each : prepared_) (void)chain_.execute(chain_.transaction(each.party, s, each.operation));
    prepared_.clear();
  }
}

std::string World::still_locked() const {
  std::string locked = chain_.ledger().in_flight().empty() ? "" : "receipt";
  for (const ShardState& shard : chain_.ledger().shards()) {
    for_each(shard.slas, [&](const Hash&, const SlaRecord& job) {
      if (!is_final(job.sla)) locked = "SLA";
    });
    for_each(shard.channels, [&](const Hash&, const ChannelRecord& entry) {
      if (!is_final(entry)) locked = "channel";
    });
    for_each(shard.nodes, [&](const AccountId&, const RegisteredNode& node) {
      if (node.registration.stake != 0) locked = "stake";
    });
  }
  return locked;
}

void World::settle() {
  is_ending_ = true;
  chain_.tally().played = chain_.tally().reasons[0];
  for (std::size_t party = 0; party < honest_count; ++party)
    if (is_down_[party]) crash_or_wake(party);
  end_block();
  for (std::int64_t s = 0; s < chain_.ledger().genesis().shards; ++s)
    for (std::size_t party = 0; party < bystander; ++party)  // an owner may lack the fee for a claim
      (void)chain_.execute(chain_.transaction(bystander, s, Transfer{chain_.id_of(party), s, 100}));
  const Height end = chain_.height() + blocks_to_settle();
  while (!still_locked().empty() && chain_.height() < end) {
    flush();
    close_all();
    end_block();
  }
  if (!still_locked().empty()) throw LawBroken("LEDGER-5: nothing is stuck, but a " + still_locked());
  Amount free = 0;
  for (const ShardState& shard : chain_.ledger().shards()) {
    free += shard.burned;
    for_each(shard.accounts, [&free](const AccountId&, const Account& account) { free += account.balance; });
  }
  must(free == chain_.ledger().supply(), "LEDGER-5: all that was not burned is free again");
}

Tally run_contract_program(ByteView program, Checks checks) {
  World world(program, checks);
  world.run();
  remember_frames(program, world.frames());
  world.settle();
  Chain& chain = world.chain();
  if (checks.looks_at_all)
    for (const std::int64_t order : {std::int64_t{-1}, static_cast<std::int64_t>(program.size())}) {
      optimized::Engine other(chain.ledger().genesis(), ideal_signatures(), sample_executor());
      check_shards_commute(chain, other, order);
    }
  return chain.tally();
}

}  // namespace p2pllm::fuzz
