#include "fuzz/contracts/world.hpp"

#include <algorithm>
#include <bit>
#include <set>

namespace p2pllm::fuzz {

namespace {

std::vector<Wallet> wallets() {
  std::vector<Wallet> result;
  for (std::size_t k = 0; k < party_count; ++k) {
    KeySeed seed{};
    seed[0] = static_cast<std::uint8_t>(k + 1);
    result.push_back({ideal_signatures().key_of_seed(seed), k < honest_count});
  }
  return result;
}

/// Small numbers, so that deadlines meet and amounts run out.
Genesis genesis_of(Program& program, const std::vector<Wallet>& parties) {
  Genesis genesis;
  genesis.name = "language";
  genesis.shards = program.between(1, 3);
  genesis.layers = 2 * genesis.shards;
  Parameters<std::int64_t>& p = genesis.parameters;
  p.min_stake = 100;
  p.launch_stake = 500;
  p.min_fee = 1;
  p.update_cooldown = program.between(1, 2);
  p.evidence_age_max = program.between(1, 3);
  p.unbonding = p.evidence_age_max + 1;
  p.jail = program.between(1, 3);
  p.deliver_within_max = program.between(2, 7);
  p.window_min = 2;
  p.window_max = program.between(2, 4);
  p.turn_min = 1;
  p.turn_max = program.between(1, 2);
  p.steps_max = 8;
  p.price_max = 40;
  p.challenge_bond_min = program.between(1, 5);
  p.closing_min = 2;
  p.closing_max = program.between(2, 4);
  for (std::int64_t s = 0; s < genesis.shards; ++s) {
    std::map<AccountId, Amount> balances;
    for (std::size_t k = 0; k < party_count; ++k)
      balances[parties[k].keys.public_key] = k < honest_count || k == bystander ? 1'000'000 : 4000;
    genesis.balances.push_back(balances);
  }
  genesis.proposers = {parties[bystander].keys.public_key, parties[3].keys.public_key};
  return genesis;
}

}  // namespace

World::World(ByteView program) : program_(program), chain_(genesis_of(program_, wallets()), wallets()) {
  must(!genesis_fault(chain_.ledger().genesis()), "LEDGER-1: the genesis is good");
  chain_.listener = this;
  chain_.on_applied = applied;
  for (const std::size_t party : {std::size_t{0}, std::size_t{2}}) {
    const LayerRange layers = layers_at_home(party);
    const Register enrolment{layers, 1000, 1, 100 + 300 * program_.choose(5)};
    (void)chain_.execute(encode(chain_.transaction(party, shard_of(chain_.ledger().genesis(), layers), enrolment)));
  }
  begin_block();
}

std::optional<std::size_t> World::party_of(const AccountId& id) const {
  for (std::size_t k = 0; k < party_count; ++k)
    if (chain_.id_of(k) == id) return k;
  return std::nullopt;
}

void World::applied(void* self, const Moment& before, const Transaction& transaction) {
  auto& world = *static_cast<World*>(self);
  if (const auto* proposal = std::get_if<Propose>(&transaction.operation)) {
    Work work{transaction.shard, transaction_id(transaction), {}, {}, world.program_.rarely(2)};
    for (std::uint8_t k = 0; k < 3; ++k)
      if (const Bytes input(k + 1U, k); state_hash(input) == proposal->input) work.input = input;
    world.works_.push_back(std::move(work));
  }
  check_jobs(world.chain_, world.works_, before, transaction);
  check_lines(world.chain_, world.lines_, before, transaction);
}

/// Honest parties see the last block and decide on their operations in the next one, in which they see nothing.
void World::begin_block() {
  prepared_.clear();
  for (Work& work : works_) {
    const SlaRecord& job = chain_.shard(work.shard).slas.at(work.id);
    for (std::size_t party = 0; party < honest_count; ++party) {
      if (job.provider == chain_.id_of(party)) prepare(party, work.shard, provider_duty(chain_, work));
      if (job.client == chain_.id_of(party)) prepare(party, work.shard, client_duty(chain_, work));
    }
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
  const auto entry = chain_.shard(line.shard).channels.find(line.id);
  if (entry == chain_.shard(line.shard).channels.end()) return;
  const bool is_last = status_is(entry->second.channel.status, ChannelStatus::closing) &&
                       chain_.height() == entry->second.channel.timeout - 1;
  if (is_down_[party] && !is_last) return;
  if (is_last) line.persist_fails[side] = 0;
  if (is_down_[party]) start(chain_, line, side);
  prepare(party, line.shard, line_duty(chain_, line, side));
}

void World::prepare(std::size_t party, std::int64_t shard, const std::optional<Duty>& duty) {
  if (duty && (!is_down_[party] || chain_.height() == duty->last)) prepared_.push_back({party, shard, duty->operation});
}

void World::flush() {
  for (const Prepared& each : std::exchange(prepared_, {})) {
    const Outcome outcome = chain_.execute(encode(chain_.transaction(each.party, each.shard, each.operation)));
    const Consequence consequence = consequence_of(outcome.reason);
    must(consequence == Consequence::applied || consequence == Consequence::failed,
         "LEDGER-3: an honest party's transaction is included: " + std::string(name_of(each.operation)) + " in shard " +
             std::to_string(each.shard) + ": " + std::string(name_of(outcome.reason)));
  }
}

void World::end_block() {
  if (!is_ending_ && !program_.ended()) pursue();
  flush();
  chain_.end_block();
  begin_block();
}

/// Advances to the block before, of or after one of the next deadlines.
void World::jump() {
  std::set<Height> deadlines;
  const auto& p = chain_.parameters();
  for (const Shard& shard : chain_.ledger().shards()) {
    for (const auto& [id, job] : shard.slas)
      if (!is_final(job.sla))
        deadlines.insert(
            {job.terms.accept_by, job.terms.deliver_by, job.sla.challenge_until, job.sla.demand_by, job.sla.deadline});
    for (const auto& [id, entry] : shard.channels)
      if (!status_in(entry.channel.status, channel_machine().final_statuses))
        deadlines.insert({entry.channel.fund_by, entry.channel.timeout});
    for (const auto& [id, node] : shard.nodes)
      deadlines.insert({node.registration.release_at, node.registration.jailed_until,
                        node.registration.updated_at + p.update_cooldown});
  }
  deadlines.erase(deadlines.begin(), deadlines.upper_bound(chain_.height()));
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
  ++chain_.classes()["an honest party crashed or woke"];
}

void World::run() {
  while (!program_.ended()) command();
  flush();
}

Height World::blocks_to_settle() const {
  const auto& p = chain_.parameters();
  const auto halvings = static_cast<Height>(std::bit_width(static_cast<std::uint64_t>(p.steps_max - 1)));
  // A proposal is accepted and delivered, its output demanded and disputed; then the provider's stake is released.
  const Height sla = p.deliver_within_max + 1 + 2 * p.window_max + p.turn_max + (2 * halvings + 2) * (p.turn_max + 1);
  const Height channel = p.closing_max + 1 + p.closing_max + 2;
  return std::max(sla, channel) + p.unbonding + 3;
}

/// Does everything that anyone, and the owners of what is theirs alone, can do to end all contracts.
void World::close_all() {
  const Height h = chain_.height();
  const auto act = [this](std::size_t party, std::size_t s, const Operation& operation) {
    (void)chain_.execute(encode(chain_.transaction(party, static_cast<std::int64_t>(s), operation)));
  };
  for (std::size_t s = 0; s < chain_.ledger().shards().size(); ++s) {
    const Shard shard = chain_.ledger().shards()[s];
    for (const auto& [id, job] : shard.slas) {
      const bool is_pending = job.sla.demand_by > 0;
      switch (static_cast<SlaStatus>(job.sla.status)) {
        case SlaStatus::proposed:
          if (h > job.terms.accept_by) act(bystander, s, Expire{id});
          break;
        case SlaStatus::active:
          if (h > job.terms.deliver_by) act(bystander, s, Timeout{id});
          break;
        case SlaStatus::delivered:
          if (is_pending && h > job.sla.demand_by) act(bystander, s, Miss{id});
          if (!is_pending && h >= job.sla.challenge_until) act(bystander, s, Finalize{id});
          break;
        case SlaStatus::disputed:
          if (h > job.sla.deadline) act(bystander, s, Forfeit{id});
          break;
        default: break;
      }
    }
    for (const auto& [id, entry] : shard.channels) {
      const auto status = static_cast<ChannelStatus>(entry.channel.status);
      const ChannelSignedBalances deposits{0, entry.channel.deposit_a, entry.channel.deposit_b, {}, {}};
      if (status == ChannelStatus::opening && h > entry.channel.fund_by) act(bystander, s, ChannelReclaim{id});
      if (status == ChannelStatus::closing && h >= entry.channel.timeout) act(bystander, s, ChannelSettle{id});
      if (status == ChannelStatus::open)
        for (const AccountId& owner : {entry.a, entry.b})
          if (const auto party = party_of(owner); party && *party >= honest_count)
            act(*party, s, ChannelClose{id, deposits});
    }
    for (const auto& [id, node] : shard.nodes) {
      const auto party = party_of(id);
      if (!party) continue;
      const auto status = static_cast<NodeStatus>(node.registration.status);
      if (status == NodeStatus::active || status == NodeStatus::jailed) act(*party, s, Unbond{});
      if (status == NodeStatus::unbonding && h >= node.registration.release_at) act(*party, s, Withdraw{});
    }
  }
}

std::string World::still_locked() const {
  for (const Shard& shard : chain_.ledger().shards()) {
    for (const auto& [id, job] : shard.slas)
      if (!is_final(job.sla)) return "SLA in status " + std::to_string(job.sla.status);
    for (const auto& [id, entry] : shard.channels)
      if (!status_in(entry.channel.status, channel_machine().final_statuses))
        return "channel in status " + std::to_string(entry.channel.status);
    for (const auto& [id, node] : shard.nodes)
      if (node.registration.stake != 0) return "stake in status " + std::to_string(node.registration.status);
  }
  return chain_.ledger().in_flight().empty() ? "" : "receipt";
}

void World::settle() {
  is_ending_ = true;
  for (std::size_t party = 0; party < honest_count; ++party)
    if (is_down_[party]) crash_or_wake(party);
  end_block();
  for (std::int64_t s = 0; s < chain_.ledger().genesis().shards; ++s)
    for (std::size_t party = 0; party < bystander; ++party)  // an owner may lack the fee for a claim
      (void)chain_.execute(encode(chain_.transaction(bystander, s, Transfer{chain_.id_of(party), s, 100})));
  const Height end = chain_.height() + blocks_to_settle();
  while (!still_locked().empty() && chain_.height() < end) {
    flush();
    close_all();
    end_block();
  }
  must(still_locked().empty(), "LEDGER-5: nothing is stuck, but " + still_locked());
  Amount free = 0;
  for (const Shard& shard : chain_.ledger().shards()) {
    free += shard.burned;
    for (const auto& [id, account] : shard.accounts) free += account.balance;
  }
  must(free == chain_.ledger().supply(), "LEDGER-5: all that was not burned is free again");
}

Classes run_contract_program(ByteView program) {
  World world(program);
  world.run();
  world.settle();
  check_shards_commute(world.chain(), -1);
  check_shards_commute(world.chain(), static_cast<std::int64_t>(program.size()));
  return world.chain().classes();
}

}  // namespace p2pllm::fuzz
