#include "optimized/contracts/block_end.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "model/crypto/merkle.hpp"
#include "optimized/contracts/hash_batch.hpp"
#include "optimized/contracts/registration_rules.hpp"
#include "optimized/contracts/rotation_rules.hpp"

namespace p2pllm::optimized {
namespace {

void add_pair(HashBatch& batch, const Hash& left, const Hash& right) {
  const std::span<std::uint8_t> both = batch.add("p2pllm/1/node", 2 * sizeof(Hash));
  std::ranges::copy(right, std::ranges::copy(left, both.begin()).out);
}

}  // namespace

/// Each level is made from the one below, in another array.
Hash root_of_transactions(std::span<const Hash> ids) {
  if (ids.empty()) return merkle_root({});
  std::vector<Hash> level(ids.size()), above;
  hash_in_parts(ids.size(), [&](std::size_t from, std::size_t to, HashBatch& batch) {
    for (std::size_t k = from; k < to; ++k) batch.add("p2pllm/1/leaf/transaction", ids[k]);
    std::ranges::copy(batch.hash(), &level[from]);
  });
  while (level.size() > 1) {
    above.resize((level.size() + 1) / 2);
    hash_in_parts(level.size() / 2, [&](std::size_t from, std::size_t to, HashBatch& batch) {
      for (std::size_t k = from; k < to; ++k) add_pair(batch, level[2 * k], level[2 * k + 1]);
      std::ranges::copy(batch.hash(), &above[from]);
    });
    if (level.size() % 2 != 0) above.back() = level.back();
    level.swap(above);
  }
  return level.front();
}

namespace {

__extension__ using Wide = __int128;

/// The sums of the capacities of the Active nodes of each range; a sum may exceed 64 bits.
class Loads {
 public:
  explicit Loads(const std::vector<ShardState>& shards) {
    for (const ShardState& shard : shards)
      for (std::uint32_t place = 0; place < shard.nodes.places(); ++place)
        if (shard.nodes.holds(place) && is_active(shard.nodes[place])) add(shard.nodes[place], 1);
  }
  static bool is_active(const RegisteredNode& node) { return is_one_of(node.registration.status, NodeStatus::active); }
  void add(const RegisteredNode& node, int sign) { by_range_[range(node.layers)] += sign * Wide{capacity_of(node)}; }
  [[nodiscard]] Wide of(const LayerRange& layers) { return by_range_[range(layers)]; }

 private:
  static std::pair<std::int64_t, std::int64_t> range(const LayerRange& layers) { return {layers.first, layers.last}; }
  std::map<std::pair<std::int64_t, std::int64_t>, Wide> by_range_;
};

/// The last move of each node, in the order in which they were queued: a block decides once for each (LEDGER-6).
std::vector<QueuedMove> last_moves(const std::vector<QueuedMove>& queue) {
  std::map<AccountId, std::size_t> last;
  for (std::size_t k = 0; k < queue.size(); ++k) last[queue[k].node] = k;
  std::vector<QueuedMove> moves;
  for (std::size_t k = 0; k < queue.size(); ++k)
    if (last[queue[k].node] == k) moves.push_back(queue[k]);
  return moves;
}

/// Moves a node, if its share rises, to the shard of its new first layer (SHARD-4).
void migrate(const Genesis& genesis, std::vector<ShardState>& shards, ShardState& from, const QueuedMove& move,
             Loads& loads) {
  const auto place = from.nodes.find(move.node);
  RegisteredNode node = from.nodes[place];
  ShardState& to = shards[static_cast<std::size_t>(contracts::shard_of(genesis, move.layers))];
  const bool has_length = move.layers.last - move.layers.first == node.layers.last - node.layers.first;
  const bool improves =
      has_length && move.layers != node.layers && loads.of(move.layers) + capacity_of(node) < loads.of(node.layers);
  if (reason_migrate(node.registration, &to != &from, improves) != 0) return;
  loads.add(node, -1);
  next_version(node.registration);
  node.layers = move.layers;
  loads.add(node, 1);
  if (&to == &from) {
    from.nodes.change(place) = node;
    return;
  }
  from.nodes.erase(place);
  to.nodes.insert(move.node, node);
  ShardState& home = shards[static_cast<std::size_t>(home_of(genesis, move.node))];
  const auto away = home.away.find(move.node);
  if (&home == &to) home.away.erase(away);
  else if (away == home.away.none) home.away.insert(move.node);
}

}  // namespace

void migrate_queued(const Genesis& genesis, std::vector<ShardState>& shards) {
  if (std::ranges::all_of(shards, [](const ShardState& shard) { return shard.queued_moves.empty(); })) return;
  Loads loads(shards);
  for (ShardState& shard : shards)
    for (const QueuedMove& move : last_moves(std::exchange(shard.queued_moves, {})))
      migrate(genesis, shards, shard, move, loads);
}

void receive(std::vector<ShardState>& shards, const Receipt& receipt) {
  shards[static_cast<std::size_t>(receipt.to_shard)].arriving.insert(receipt.id, {receipt.to, receipt.amount});
}

void deliver_receipts(std::vector<ShardState>& shards, std::vector<Receipt>& in_flight) {
  for (const Receipt& receipt : std::exchange(in_flight, {})) {
    ShardState& shard = shards[static_cast<std::size_t>(receipt.to_shard)];
    shard.arriving.erase(shard.arriving.find(receipt.id));
    shard.accounts.change(shard.accounts.find_or_insert(receipt.to)).balance += receipt.amount;
  }
  for (ShardState& shard : shards) {
    for (const Receipt& receipt : shard.outgoing) receive(shards, receipt);
    in_flight.insert(in_flight.end(), shard.outgoing.begin(), shard.outgoing.end());
    shard.outgoing.clear();
  }
}

bool change_stakes(std::vector<ShardState>& shards) {
  const auto part = [](const RegisteredNode& node) {
    const auto& registration = node.registration;
    const bool is_active = is_one_of(registration.status, NodeStatus::active);
    const bool may_return = is_one_of(registration.status, NodeStatus::jailed, NodeStatus::unbonding);
    return std::pair(is_active || may_return, is_active ? registration.stake : 0);
  };
  return std::ranges::any_of(shards, [&part](ShardState& shard) {
    return std::ranges::any_of(shard.nodes.changes(), [&](const auto& change) {
      const bool is_there = shard.nodes.holds(change.place);
      return change.was_there != is_there || part(change.before) != part(shard.nodes[change.place]);
    });
  });
}

Rotation::Stakes rotation_stakes(const Genesis& genesis, const std::vector<ShardState>& shards) {
  Rotation::Stakes stakes;
  Amount active = 0;
  for (const ShardState& shard : shards)
    for (std::uint32_t place = 0; place < shard.nodes.places(); ++place) {
      if (!shard.nodes.holds(place)) continue;
      const auto& registration = shard.nodes[place].registration;
      const bool is_active = is_one_of(registration.status, NodeStatus::active);
      if (!is_active && !is_one_of(registration.status, NodeStatus::jailed, NodeStatus::unbonding)) continue;
      const Amount stake = is_active ? registration.stake : 0;
      stakes.emplace_back(shard.nodes.key(place), stake);
      active += stake;
    }
  const Amount share =
      proposer_share(genesis.parameters.launch_stake, active, static_cast<std::int64_t>(genesis.proposers.size()));
  std::ranges::sort(stakes);  // a key has one registration (SHARD-4)
  for (const AccountId& id : genesis.proposers) {
    const auto place = std::ranges::lower_bound(stakes, id, {}, &std::pair<AccountId, Amount>::first);
    if (place != stakes.end() && place->first == id) place->second += share;
    else stakes.emplace(place, id, share);
  }
  return stakes;
}

}  // namespace p2pllm::optimized
