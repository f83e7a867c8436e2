#include "fuzz/contracts/chain.hpp"

#include <algorithm>
#include <random>
#include <type_traits>

#include "fuzz/law.hpp"

namespace p2pllm::fuzz {

void Step::clear() {
  accounts.clear(), nodes.clear(), away.clear(), slas.clear(), channels.clear(), evidence.clear();
  gained = 0;
}

void Record::clear() {
  text_.clear(), ends_.clear();
  blocks_.assign(1, {});
}

void Record::add(ByteView transaction) {
  text_.insert(text_.end(), transaction.begin(), transaction.end());
  ends_.push_back(text_.size());
  ++blocks_.back().transactions;
}

void Record::end_block(const Hash& state) {
  blocks_.back().state = state;
  blocks_.push_back({ends_.size(), 0, 0, {}});
}

ByteView Record::transaction(std::size_t block, std::size_t k) const {
  const std::size_t place = blocks_[block].from + k, begin = place == 0 ? 0 : ends_[place - 1];
  return ByteView(text_).subspan(begin, ends_[place] - begin);
}

RecordedBlock Record::block(std::size_t number) const {
  const Extent& extent = blocks_[number];
  RecordedBlock result{extent.round, {}, extent.state};
  for (std::size_t k = 0; k < extent.transactions; ++k) {
    const ByteView encoded = transaction(number, k);
    result.transactions.emplace_back(encoded.begin(), encoded.end());
  }
  return result;
}

thread_local std::unique_ptr<Chain::Memory> Chain::spare_;

std::unique_ptr<Chain::Memory> Chain::memory_for(const optimized::Engine& begun) {
  std::unique_ptr<Memory> memory = std::exchange(spare_, nullptr);
  if (!memory) memory = std::make_unique<Memory>();
  if (memory->ledger) *memory->ledger = begun;
  else memory->ledger.emplace(begun);
  memory->shadows.resize(begun.shards().size());
  for (ShardShadow& shadow : memory->shadows) shadow.clear();
  memory->step.clear();
  memory->record.clear();
  return memory;
}

Chain::Chain(const optimized::Engine& begun, const std::vector<Wallet>& wallets, Checks checks)
    : memory_(memory_for(begun)),
      ledger_(*memory_->ledger),
      shadows_(memory_->shadows),
      step_(memory_->step),
      record_(memory_->record),
      checks_(checks),
      wallets_(&wallets) {
  if (checks_.has_reference)
    reference_ = std::make_unique<reference::Ledger>(ledger_.genesis(), ideal_signatures(), sample_executor());
  for (std::size_t s = 0; s < shadows_.size(); ++s)
    shadows_[s].accounts.follow(ledger_.shards()[s].accounts, true, step_.accounts);
}

Chain::~Chain() { spare_ = std::move(memory_); }

std::vector<RecordedBlock> Chain::blocks() const {
  std::vector<RecordedBlock> result;
  for (std::size_t k = 0; k < record_.ended(); ++k) result.push_back(record_.block(k));
  return result;
}

bool Chain::is_faulty(Focus focus) const { return has_planted_fault && checks_.focus == focus; }

Amount Chain::balance(std::int64_t s, std::size_t party) const {
  const auto& accounts = shard(s).accounts;
  const auto place = accounts.find(id_of(party));
  return place == accounts.none ? 0 : accounts[place].balance;
}

const RegisteredNode* Chain::node(std::int64_t s, const AccountId& id) const {
  const auto& nodes = shard(s).nodes;
  const auto place = nodes.find(id);
  return place == nodes.none ? nullptr : &nodes[place];
}

const SlaRecord* Chain::find_sla(std::int64_t s, const Hash& id) const {
  const auto& slas = shard(s).slas;
  const auto place = slas.find(id);
  return place == slas.none ? nullptr : &slas[place];
}

const ChannelRecord* Chain::channel(std::int64_t s, const Hash& id) const {
  const auto& channels = shard(s).channels;
  const auto place = channels.find(id);
  return place == channels.none ? nullptr : &channels[place];
}

const SlaRecord& Chain::sla(std::int64_t s, const Hash& id) const {
  const SlaRecord* found = find_sla(s, id);
  must(found != nullptr, "SLA-1: an SLA that was proposed is on the ledger");
  return *found;
}

void Chain::sign(Transaction& transaction, std::size_t party) const {
  transaction.signature = ideal_signatures().sign(wallet(party).keys.secret_key, transaction_id(transaction));
}

Transaction Chain::transaction(std::size_t party, std::int64_t s, Operation operation) const {
  const auto& accounts = shard(s).accounts;
  const auto place = accounts.find(id_of(party));
  const std::uint64_t nonce = place == accounts.none ? 0 : accounts[place].nonce;
  Transaction result{ledger_.chain(),      s, id_of(party), nonce, height() + 1, parameters().min_fee,
                     std::move(operation), {}};
  sign(result, party);
  return result;
}

Outcome Chain::execute(const Transaction& transaction) {
  CborWriter encoded;
  encode(encoded, transaction);
  return run(encoded.view(), &transaction);
}

Outcome Chain::execute_bytes(ByteView encoded) {
  const auto decoded = decode_transaction(encoded);
  if (decoded) must(std::ranges::equal(encode(*decoded), encoded), "COMMIT-1: what is read is written as it was");
  const Outcome outcome = run(encoded, decoded ? &*decoded : nullptr);
  must(decoded.has_value() == (outcome.reason != Reason::malformed_encoding), "LEDGER-3: encodings alone are read");
  return outcome;
}

Outcome Chain::run(ByteView encoded, const Transaction* transaction) {
  const Target target = transaction == nullptr ? Target{} : target_of(*transaction);
  step_.clear();
  step_.proposer = ledger_.proposer();
  Outcome outcome = ledger_.execute(encoded);
  if (is_faulty(Focus::all) && outcome.reason == Reason::none) {
    if (reference_) plant_fault(*transaction);
    else if (std::holds_alternative<Transfer>(transaction->operation)) outcome.reason = Reason::not_covered;
  }
  if (reference_) {
    const Outcome other = reference_->execute(encoded);
    if (outcome != other)
      throw LawBroken("LEDGER-3: both ledgers have one outcome: " + std::string(name_of(outcome.reason)) +
                      ", reference " + std::string(name_of(other.reason)));
  }
  record_.add(encoded);
  reward(target.status, target.depth, outcome.reason);
  check(transaction, outcome.reason);
  return outcome;
}

/// The canary beside the reference: a turn of the fast ledger ends a block early, once half of a dispute's steps were
/// agreed on. No law of single steps is broken, so only the comparison can notice it.
void Chain::plant_fault(const Transaction& transaction) {
  const auto* opening = std::get_if<PostMid>(&transaction.operation);
  if (opening == nullptr) return;
  auto& slas = opened(transaction.shard).slas;
  const auto place = slas.find(opening->sla);
  if (slas[place].sla.left > 0) --slas.change(place).sla.deadline;
}

Outcome Chain::execute_unencoded(const Transaction& transaction) {
  step_.clear();
  step_.proposer = ledger_.proposer();
  const Outcome outcome = ledger_.execute(transaction);
  must(consequence_of(outcome.reason) == Consequence::malformed, "LEDGER-3: what has no encoding is malformed");
  if (reference_) must(reference_->execute(transaction) == outcome, "LEDGER-3: both ledgers have one outcome");
  check(&transaction, outcome.reason);
  return outcome;
}

/// The status and depth of the object that an operation names. A channel's terms are not looked up.
Chain::Target Chain::target_of(const Transaction& transaction) const {
  if (transaction.shard < 0 || transaction.shard >= ledger_.genesis().shards) return {};
  const ShardState& state = shard(transaction.shard);
  const ShardShadow& shadow = shadows_[static_cast<std::size_t>(transaction.shard)];
  const auto status_of = [](const auto& value) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, SlaRecord>) return value.sla.status;
    else if constexpr (std::is_same_v<std::decay_t<decltype(value)>, ChannelRecord>) return value.channel.status;
    else return value.registration.status;
  };
  const auto named = [&](MachineKind machine, const auto& table, const auto& copies, const auto& key) -> Target {
    const auto place = table.find(key);
    if (place == table.none) return {index_of(machine, 0), 0};
    return {index_of(machine, status_of(table[place])), copies.depth(place)};
  };
  return std::visit(
      [&]<typename Op>(const Op& op) -> Target {
        if constexpr (requires { op.sla; }) return named(Op::machine, state.slas, shadow.slas, op.sla);
        else if constexpr (requires { op.channel; })
          return named(Op::machine, state.channels, shadow.channels, op.channel);
        else if constexpr (requires { op.offender; }) return named(Op::machine, state.nodes, shadow.nodes, op.offender);
        else if constexpr (Op::machine == MachineKind::registration)
          return named(Op::machine, state.nodes, shadow.nodes, transaction.sender);
        else return {index_of(Op::machine, 0), 0};
      },
      transaction.operation);
}

/// Collects what changed in a shard.
void Chain::follow(std::size_t s) {
  const ShardState& state = ledger_.shards()[s];
  ShardShadow& shadow = shadows_[s];
  const bool all = checks_.looks_at_all;
  shadow.accounts.follow(state.accounts, all, step_.accounts);
  shadow.nodes.follow(state.nodes, all, step_.nodes);
  shadow.away.follow(state.away, all, step_.away);
  shadow.slas.follow(state.slas, all, step_.slas);
  shadow.channels.follow(state.channels, all, step_.channels);
  shadow.evidence.follow(state.evidence, all, step_.evidence);
  Amount held = state.burned;
  for (const Receipt& receipt : state.outgoing) held += receipt.amount;
  step_.gained += held - std::exchange(shadow.held, held);
}

void Chain::note_statuses() {
  const auto note = [this](MachineKind machine, const auto& changed, auto&& status_of) {
    for (const auto& item : changed) {
      if (item.now == nullptr) continue;
      const std::int64_t status = status_of(*item.now);
      if (!item.was_there || status_of(item.before) != status) ++tally_.statuses[index_of(machine, status)];
      tally_.deepest = std::max(tally_.deepest, item.depth);
    }
  };
  note(MachineKind::registration, step_.nodes, [](const RegisteredNode& node) { return node.registration.status; });
  note(MachineKind::sla, step_.slas, [](const SlaRecord& record) { return record.sla.status; });
  note(MachineKind::channel, step_.channels, [](const ChannelRecord& record) { return record.channel.status; });
}

Amount Chain::gain(const Step& step, const Transaction& transaction, const AccountId& who) {
  Amount gained = 0;
  for (const auto& account : step.accounts)
    if (is_same(account.key, who))
      gained += (account.now == nullptr ? 0 : account.now->balance) - account.before.balance;
  if (who == transaction.sender) gained += transaction.fee;
  if (who == step.proposer) gained -= transaction.fee;
  return gained;
}

const RegisteredNode* Chain::node_before(const Step& step, std::int64_t s, const AccountId& id) const {
  for (const auto& changed : step.nodes)
    if (is_same(changed.key, id)) return changed.was_there ? &changed.before : nullptr;
  return node(s, id);
}

void Chain::skip_to(std::int64_t round) {
  if (!is_block_empty()) return;
  record_.skip_to(round);
  ledger_.skip_to(round);
  if (reference_) reference_->skip_to(round);
}

void Chain::note_migrations(bool were_queued) {
  const bool moved = std::ranges::any_of(step_.nodes, [](const auto& node) { return !node.was_there || !node.now; });
  if (were_queued) tally_.note(moved ? Event::migrated : Event::stayed);
  for (const auto& note : step_.away) tally_.note(note.was_there ? Event::came_home : Event::left_home);
  for (const auto& node : step_.nodes)
    for (const ShardState& each : ledger_.shards())
      if (node.now == nullptr && each.nodes.places() > 0 && !each.nodes.holds(0) && each.nodes.key(0) == node.key)
        tally_.note(Event::first_left);
}

void Chain::end_block() {
  const Height before = height();
  bool migrates = false;
  for (const ShardState& each : ledger_.shards()) migrates |= !each.queued_moves.empty();
  const bool sends = !ledger_.in_flight().empty();
  step_.clear();
  const BlockHeader header = ledger_.end_block();
  must(height() == before + 1, "LEDGER-6: blocks are numbered one by one");
  check_block_end();
  note_migrations(migrates);
  if (sends) tally_.note(Event::receipts_delivered);
  ledger_.apply();
  must(ledger_.root() == header.state, "LEDGER-7: the header tells the state");
  if (reference_) {
    must(reference_->end_block() == header, "LEDGER-6: both ledgers end a block with one header");
    must(reference_->faults().empty(), "LEDGER-5: the reference's invariants hold");
    compare_states();
  }
  if (checks_.looks_at_all) check_whole_state();
  record_.end_block(header.state);
}

void check_shards_commute(const Chain& chain, BlockExecutor& other, std::int64_t shard_order) {
  const Genesis& genesis = chain.ledger().genesis();
  std::minstd_rand random(static_cast<unsigned>(shard_order + 1));
  for (const RecordedBlock& block : chain.blocks()) {
    std::vector<std::vector<Bytes>> queues(static_cast<std::size_t>(genesis.shards));
    for (const Bytes& encoded : block.transactions) {
      const auto decoded = decode_transaction(encoded);
      if (decoded && decoded->shard < genesis.shards)
        queues[static_cast<std::size_t>(decoded->shard)].push_back(encoded);
    }
    std::vector<std::size_t> order;
    for (std::size_t s = 0; s < queues.size(); ++s) order.insert(order.end(), queues[s].size(), s);
    if (shard_order >= 0) std::shuffle(order.begin(), order.end(), random);
    std::vector<std::size_t> at(queues.size());
    std::vector<Bytes> transactions;
    for (const std::size_t s : order) transactions.push_back(queues[s][at[s]++]);
    const Candidate made = other.candidate(block.round, transactions);
    other.apply();
    must(made.block.header.state == block.state, "SHARD-2: transactions of different shards commute");
  }
}

}  // namespace p2pllm::fuzz
