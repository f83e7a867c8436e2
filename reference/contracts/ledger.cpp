#include "reference/contracts/ledger.hpp"

#include <algorithm>

#include "model/numbers/rational.hpp"
#include "reference/contracts/footprint.hpp"
#include "reference/contracts/invariants.hpp"
#include "reference/contracts/registration_rules.hpp"

namespace p2pllm::contracts {

std::string genesis_fault(const Genesis& genesis) {
  if (genesis.shards < 1 || genesis.shards > shards_max) return "shards: 1 to 64 are required";
  if (genesis.layers < genesis.shards || genesis.layers > layers_max)
    return "layers: at least one a shard and at most 2^20 are required";
  if (genesis.balances.size() != static_cast<std::size_t>(genesis.shards)) return "balances: one list a shard";
  if (genesis.proposers.empty()) return "proposers: at least one is required";
  if (std::set(genesis.proposers.begin(), genesis.proposers.end()).size() != genesis.proposers.size())
    return "proposers: each is listed once";
  Amount supply = 0;
  for (const auto& shard : genesis.balances)
    for (const auto& [id, amount] : shard) {
      if (amount < 0 || amount >= supply_max - supply) return "balances: the supply must be below 2^57";
      supply += amount;
    }
  for (const auto& constraint : constraints(genesis.parameters))
    if (!constraint.holds) return "parameters: " + std::string(constraint.name) + " is required";
  return "";
}

std::int64_t shard_of(const Genesis& genesis, const LayerRange& layers) {
  return layers.first * genesis.shards / genesis.layers;
}

std::int64_t home_of(const Genesis& genesis, const AccountId& id) {
  return hash_tagged("p2pllm/1/home", id.bytes)[0] % genesis.shards;
}

namespace {

/// Stakes of the rotation: of Active nodes theirs; of those that may come back 0, for they keep their priority; and
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

/// A node that asked more than once asks for the last range: a block decides once a node (LEDGER-6).
std::vector<QueuedMove> last_of_each_node(const std::vector<QueuedMove>& queue) {
  std::set<AccountId> later;
  std::vector<QueuedMove> last;
  for (auto move = queue.rbegin(); move != queue.rend(); ++move)
    if (later.insert(move->node).second) last.push_back(*move);
  std::ranges::reverse(last);
  return last;
}

}  // namespace

Ledger::Ledger(Genesis genesis, const SignatureScheme& signatures, StepFunction step)
    : genesis_(std::move(genesis)),
      signatures_(signatures),
      step_(step),
      chain_(chain_id(genesis_)),
      parent_(chain_),
      shards_(static_cast<std::size_t>(genesis_.shards)) {
  for (std::size_t s = 0; s < shards_.size(); ++s)
    for (const auto& [id, amount] : genesis_.balances[s]) {
      shards_[s].accounts[id].balance = amount;
      supply_ += amount;
    }
  validators_ = with_stakes({}, rotation_stakes(genesis_, shards_));
  skip_to(0);
  take_snapshot();
}

void Ledger::skip_to(std::int64_t round) {
  round_ = round;
  proposer_ = proposer_of(validators_, round);
}

void Ledger::take_snapshot() {
  std::map<AccountId, Amount> stakes;
  for (const auto& [id, validator] : validators_) stakes[id] = validator.stake;
  if (snapshots_.empty() || snapshots_.back().stakes != stakes) {
    snapshots_.push_back({height_, std::move(stakes), {}});
    snapshots_.back().hash = hash_of(snapshots_.back());
  }
  while (snapshots_.size() > 1 && snapshots_[1].height <= height_ - genesis_.parameters.evidence_age_max)
    snapshots_.pop_front();
}

BlockContext Ledger::context() const { return {genesis_, chain_, height_, proposer(), snapshots_, signatures_, step_}; }

Outcome Ledger::execute(ByteView encoded) {
  const auto transaction = decode_transaction(encoded);
  return transaction ? execute(*transaction) : Outcome{Reason::malformed_encoding, {}};
}

Outcome Ledger::execute(const Transaction& transaction) {
  if (!faults_.empty()) return {Reason::halted, {}};
  const BlockContext block = context();
  std::optional<WellFormed> form;
  if (const Reason reason = check_form(transaction, block, form); reason != Reason::none) return {reason, {}};
  Shard& shard = shards_[static_cast<std::size_t>(transaction.shard)];
  std::optional<Admitted> admitted;
  if (const Reason reason = admit(*form, shard, block, admitted); reason != Reason::none) return {reason, form->id()};
  const Shard before = footprint(shard, *form, block);
  Shard after = before;
  const Reason reason = apply(*admitted, after, block);
  included_.push_back(merkle_leaf("transaction", form->id()));
  faults_ = violations_of_change(block, transaction.shard, before, after);
  for (std::string& fault : put_back(before, after, shard)) faults_.push_back(std::move(fault));
  return {reason, form->id()};
}

BlockHeader Ledger::end_block() {
  migrate_queued();
  deliver_receipts();
  BlockHeader header{height_, round_, parent_, proposer(), merkle_root(included_), {}};
  validators_ = with_stakes(after_block(validators_, round_), rotation_stakes(genesis_, shards_));
  included_.clear();
  skip_to(0);
  ++height_;
  take_snapshot();
  header.state = state_root();
  parent_ = hash_of(header);
  if (faults_.empty()) faults_ = violations({genesis_, height_, shards_, in_flight_, supply_});
  return header;
}

/// Loads are sums of floor(2^40 / cost) over the Active nodes of a range, which may exceed machine integers; a node
/// moves iff its share rises (MIG-3), each decided on what the ones before it did (LEDGER-6).
void Ledger::migrate_queued() {
  const auto load = [this](const LayerRange& layers) {
    Rational sum;
    for (const Shard& shard : shards_)
      for (const auto& [id, node] : shard.nodes)
        if (node.layers == layers && status_is(node.registration.status, NodeStatus::active))
          sum += Rational(capacity_of(node));
    return sum;
  };
  for (std::size_t s = 0; s < shards_.size(); ++s)
    for (const QueuedMove& move : last_of_each_node(std::exchange(shards_[s].queued_moves, {}))) {
      RegisteredNode node = shards_[s].nodes.at(move.node);
      const auto target = static_cast<std::size_t>(shard_of(genesis_, move.layers));
      const bool improves = move.layers.last - move.layers.first == node.layers.last - node.layers.first &&
                            move.layers != node.layers &&
                            load(move.layers) + Rational(capacity_of(node)) < load(node.layers);
      const auto step = registration_migrate(node.registration, true, target != s, improves);
      if (first_failure(step.guards) != Reason::none) continue;
      node.registration = step.next;
      node.layers = move.layers;
      shards_[s].nodes.erase(move.node);
      shards_[target].nodes[move.node] = node;
      Shard& home = shards_[static_cast<std::size_t>(home_of(genesis_, move.node))];
      if (&home == &shards_[target]) home.away.erase(move.node);
      else home.away.insert(move.node);
    }
}

/// Receipts of the block before arrive, each once; those of this block set out (SHARD-3).
void Ledger::deliver_receipts() {
  for (const Receipt& receipt : std::exchange(in_flight_, {}))
    shards_[static_cast<std::size_t>(receipt.to_shard)].accounts[receipt.to].balance += receipt.amount;
  for (Shard& shard : shards_) {
    in_flight_.insert(in_flight_.end(), shard.outgoing.begin(), shard.outgoing.end());
    shard.outgoing.clear();
  }
}

}  // namespace p2pllm::contracts
