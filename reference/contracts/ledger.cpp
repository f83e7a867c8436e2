#include "reference/contracts/ledger.hpp"

#include <algorithm>

#include "model/assert.hpp"
#include "model/numbers/rational.hpp"
#include "reference/contracts/footprint.hpp"
#include "reference/contracts/invariants.hpp"
#include "reference/contracts/registration_rules.hpp"
#include "reference/contracts/rotation.hpp"

namespace p2pllm::reference {

std::optional<Fault> genesis_fault(const Genesis& genesis) {
  const auto fault = [](const char* member, std::string rule) {
    return std::optional(Fault{.clause = "LEDGER-1", .place = member, .value = {}, .rule = std::move(rule)});
  };
  if (genesis.shards < 1 || genesis.shards > shards_max) return fault("shards", "1 to 64 are required");
  if (genesis.layers < genesis.shards || genesis.layers > ledger_layers_max)
    return fault("layers", "at least one a shard and at most 2^20 are required");
  if (genesis.balances.size() != static_cast<std::size_t>(genesis.shards)) return fault("balances", "one list a shard");
  if (genesis.proposers.empty()) return fault("proposers", "at least one is required");
  if (std::set(genesis.proposers.begin(), genesis.proposers.end()).size() != genesis.proposers.size())
    return fault("proposers", "each is listed once");
  Amount supply = 0;
  for (const auto& shard : genesis.balances)
    for (const auto& [id, amount] : shard) {
      if (amount < 0 || amount >= supply_max - supply) return fault("balances", "the supply must be below 2^57");
      supply += amount;
    }
  for (const auto& constraint : constraints(genesis.parameters))
    if (!constraint.holds) return fault("parameters", std::string(constraint.name) + " is required");
  return std::nullopt;
}

namespace {

/// The stakes of the rotation: the stakes of Active nodes, 0 for nodes that may return (they keep their priority), and
/// the genesis proposers' shares (POS-3).
std::map<AccountId, Amount> rotation_stakes(const Genesis& genesis, const std::vector<Shard>& shards) {
  std::map<AccountId, Amount> stakes;
  Amount active = 0;
  for (const Shard& shard : shards)
    for (const auto& [id, node] : shard.nodes) {
      const bool is_active = status_is(node.registration.status, NodeStatus::active);
      if (is_active || status_is(node.registration.status, NodeStatus::jailed, NodeStatus::unbonding))
        active += stakes[id] = is_active ? node.registration.stake : 0;
    }
  const Amount share =
      launch_share(genesis.parameters.launch_stake, active, static_cast<std::int64_t>(genesis.proposers.size()));
  for (const AccountId& id : genesis.proposers) stakes[id] += share;
  return stakes;
}

/// For a node that asked more than once, the last range counts: a block decides once per node (LEDGER-6).
std::vector<QueuedMove> last_of_each_node(const std::vector<QueuedMove>& queue) {
  std::set<AccountId> later;
  std::vector<QueuedMove> last;
  for (auto move = queue.rbegin(); move != queue.rend(); ++move)
    if (later.insert(move->node).second) last.push_back(*move);
  std::ranges::reverse(last);
  return last;
}

}  // namespace

Ledger::Ledger(Genesis genesis, const SignatureScheme& signatures, const StepExecutor& executor)
    : genesis_(std::move(genesis)), signatures_(&signatures), executor_(&executor) {
  P2PLLM_ASSERT(!genesis_fault(genesis_));
  state_.chain = parent_ = chain_id(genesis_);
  state_.shards.resize(static_cast<std::size_t>(genesis_.shards));
  for (std::size_t s = 0; s < state_.shards.size(); ++s)
    for (const auto& [id, amount] : genesis_.balances[s]) {
      state_.shards[s].accounts[id].balance = amount;
      supply_ += amount;
    }
  state_.validators = with_stakes({}, rotation_stakes(genesis_, state_.shards));
  skip_to(0);
  take_snapshot();
}

void Ledger::skip_to(std::int64_t round) {
  P2PLLM_ASSERT(included_.empty() && round >= 0);
  state_.round = round;
  proposer_ = proposer_of(state_.validators, round);
}

void Ledger::import_state(const LedgerExport& from) {
  state_ = from.state;
  parent_ = from.parent;
  included_.clear();
  faults_.clear();
  skip_to(0);
}

void Ledger::take_snapshot() {
  std::map<AccountId, Amount> stakes;
  for (const auto& [id, validator] : state_.validators) stakes[id] = validator.stake;
  if (state_.snapshots.empty() || state_.snapshots.back().stakes != stakes) {
    state_.snapshots.push_back({state_.height, std::move(stakes), {}});
    state_.snapshots.back().hash = hash_of(state_.snapshots.back());
  }
  while (state_.snapshots.size() > 1 &&
         state_.snapshots[1].height <= state_.height - genesis_.parameters.evidence_age_max)
    state_.snapshots.pop_front();
}

Outcome Ledger::execute(ByteView encoded) {
  const auto transaction = decode_transaction(encoded);
  return transaction ? execute(*transaction) : Outcome{Reason::malformed_encoding, {}};
}

bool Ledger::is_sound() const {
  return violations({genesis_, state_.height, state_.shards, state_.in_flight, supply_}).empty();
}

Outcome Ledger::execute(const Transaction& transaction) {
  if (!faults_.empty()) return {Reason::halted, {}};
  const BlockContext block{genesis_, state_, proposer_, *signatures_, *executor_};
  const auto form = check_form(transaction, block);
  if (!form) return {form.error(), {}};
  const auto signed_form = check_signature(*form, block);
  if (!signed_form) return {signed_form.error(), {}};
  Shard& shard = state_.shards[static_cast<std::size_t>(transaction.shard)];
  const auto admitted = admit(*signed_form, shard, block);
  if (!admitted) return {admitted.error(), form->id()};
  const bool was_sound = is_verify_build && is_sound();
  const Shard before = footprint(shard, *form, block);
  Shard after = before;
  const Reason reason = apply(*admitted, after, block);
  included_.push_back(merkle_leaf("transaction", form->id()));
  faults_ = violations_of_change(block, transaction.shard, before, after);
  for (std::string& fault : put_back(before, after, shard)) faults_.push_back(std::move(fault));
  P2PLLM_VERIFY(!was_sound || !faults_.empty() || is_sound());
  return {reason, form->id()};
}

BlockHeader Ledger::end_block() {
  migrate_queued();
  deliver_receipts();
  BlockHeader header{state_.height, state_.round, parent_, proposer(), merkle_root(included_), {}};
  state_.validators =
      with_stakes(after_block(state_.validators, state_.round), rotation_stakes(genesis_, state_.shards));
  included_.clear();
  skip_to(0);
  ++state_.height;
  take_snapshot();
  header.state = state_root();
  parent_ = hash_of(header);
  if (faults_.empty()) faults_ = violations({genesis_, state_.height, state_.shards, state_.in_flight, supply_});
  return header;
}

/// Loads are sums of floor(2^40 / cost) over the Active nodes of a range, which may exceed machine integers. A node
/// moves iff its share rises (MIG-3), and each move is decided after the moves before it (LEDGER-6).
void Ledger::migrate_queued() {
  const auto load = [this](const LayerRange& layers) {
    Rational sum;
    for (const Shard& shard : state_.shards)
      for (const auto& [id, node] : shard.nodes)
        if (node.layers == layers && status_is(node.registration.status, NodeStatus::active))
          sum += Rational(capacity_of(node));
    return sum;
  };
  for (std::size_t s = 0; s < state_.shards.size(); ++s)
    for (const QueuedMove& move : last_of_each_node(std::exchange(state_.shards[s].queued_moves, {}))) {
      RegisteredNode node = state_.shards[s].nodes.at(move.node);
      const auto target = static_cast<std::size_t>(shard_of(genesis_, move.layers));
      const bool improves = move.layers.last - move.layers.first == node.layers.last - node.layers.first &&
                            move.layers != node.layers &&
                            load(move.layers) + Rational(capacity_of(node)) < load(node.layers);
      const auto step = registration_migrate(node.registration, true, target != s, improves);
      if (first_failure(step.guards) != Reason::none) continue;
      node.registration = step.next;
      node.layers = move.layers;
      state_.shards[s].nodes.erase(move.node);
      state_.shards[target].nodes[move.node] = node;
      Shard& home = state_.shards[static_cast<std::size_t>(home_of(genesis_, move.node))];
      if (&home == &state_.shards[target]) home.away.erase(move.node);
      else home.away.insert(move.node);
    }
}

/// Receipts of the previous block arrive, each once; receipts of this block are sent (SHARD-3).
void Ledger::deliver_receipts() {
  for (const Receipt& receipt : std::exchange(state_.in_flight, {}))
    state_.shards[static_cast<std::size_t>(receipt.to_shard)].accounts[receipt.to].balance += receipt.amount;
  for (Shard& shard : state_.shards) {
    state_.in_flight.insert(state_.in_flight.end(), shard.outgoing.begin(), shard.outgoing.end());
    shard.outgoing.clear();
  }
}

}  // namespace p2pllm::reference
