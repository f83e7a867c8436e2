#include "reference/contracts/ledger.hpp"

// Hashes of what the ledger holds: canonical encodings as leaves of a Merkle tree, in the order of ids (LEDGER-7).
namespace p2pllm::contracts {
namespace {

/// An array of whatever numbers, hashes and keys it is given.
class Row {
 public:
  explicit Row(std::string_view kind) { text(kind); }
  Row& text(std::string_view value) {
    return add([value](CborWriter& out) { out.text(value); });
  }
  Row& number(std::int64_t value) {
    return add([value](CborWriter& out) { out.number(static_cast<std::uint64_t>(value)); });
  }
  Row& key(const AccountId& id) {
    return add([&id](CborWriter& out) { out.bytes(id.bytes); });
  }
  Row& hash(const Hash& hash) {
    return add([&hash](CborWriter& out) { out.bytes(hash); });
  }
  [[nodiscard]] Bytes take() {
    CborWriter head;
    Bytes bytes = head.array(count_).take();
    const Bytes items = items_.take();
    bytes.insert(bytes.end(), items.begin(), items.end());
    return bytes;
  }

 private:
  template <typename Write>
  Row& add(const Write& write) {
    write(items_);
    ++count_;
    return *this;
  }
  CborWriter items_;
  std::uint64_t count_ = 0;
};

Bytes row_of(std::int64_t shard, const AccountId& id, const Account& account) {
  return Row("account")
      .number(shard)
      .key(id)
      .number(account.balance)
      .number(static_cast<std::int64_t>(account.nonce))
      .take();
}

Bytes row_of(std::int64_t shard, const AccountId& id, const RegisteredNode& node) {
  const auto& r = node.registration;
  Row row("node");
  row.number(shard).key(id).number(node.layers.first).number(node.layers.last).number(node.cost_us).number(node.price);
  for (const std::int64_t value :
       {r.status, r.stake, r.version, r.updated_at, r.release_at, r.jailed_until, r.open_slas})
    row.number(value);
  return row.take();
}

Bytes row_of(std::int64_t shard, const Hash& id, const SlaRecord& job) {
  Row row("sla");
  row.number(shard).hash(id).key(job.client).key(job.provider).number(job.layers.first).number(job.layers.last);
  for (const Hash& hash :
       {job.model, job.input, job.root, job.output, job.left, job.right, job.mid, job.right_before, job.mid_before})
    row.hash(hash);
  const auto& [price, units, steps_per_unit, accept_by, deliver_by, window, turn, bond] = job.terms;
  for (const std::int64_t value : {price, units, steps_per_unit, accept_by, deliver_by, window, turn, bond})
    row.number(value);
  const auto& s = job.sla;
  for (const std::int64_t value :
       {s.status, s.escrow, s.bond, s.challenge_bond, s.challenge_until, s.demand_by, s.demanded, s.left, s.right,
        s.turn, s.deadline, job.stake_at_accept, job.stake_at_delivery})
    row.number(value);
  return row.take();
}

Bytes row_of(std::int64_t shard, const Hash& id, const ChannelRecord& record) {
  const auto& c = record.channel;
  Row row("channel");
  row.number(shard).hash(id).key(record.a).key(record.b);
  for (const std::int64_t value : {c.status, c.deposit_a, c.deposit_b, c.fund_by, c.closing_time, c.timeout, c.version,
                                   c.balance_a, c.balance_b, c.least_posted_a, c.least_posted_b})
    row.number(value);
  return row.take();
}

}  // namespace

Hash state_root(const WholeState& state) {
  std::vector<MerkleLeaf> leaves{
      merkle_leaf("state", Row("chain").hash(state.chain).number(state.height).number(state.round).take())};
  const auto add = [&leaves](const Bytes& row) { leaves.push_back(merkle_leaf("state", row)); };
  for (std::int64_t s = 0; s < std::ssize(state.shards); ++s) {
    const Shard& shard = state.shards[static_cast<std::size_t>(s)];
    for (const auto& [id, account] : shard.accounts) add(row_of(s, id, account));
    for (const auto& [id, node] : shard.nodes) add(row_of(s, id, node));
    for (const AccountId& id : shard.away) add(Row("away").number(s).key(id).take());
    for (const auto& [id, job] : shard.slas) add(row_of(s, id, job));
    for (const auto& [id, record] : shard.channels) add(row_of(s, id, record));
    for (const Hash& evidence : shard.evidence) add(Row("evidence").number(s).hash(evidence).take());
    for (const Receipt& receipt : shard.outgoing)
      add(Row("outgoing").hash(receipt.id).number(receipt.to_shard).key(receipt.to).number(receipt.amount).take());
    for (const QueuedMove& move : shard.queued_moves)
      add(Row("migration").key(move.node).number(move.layers.first).number(move.layers.last).take());
    add(Row("burned").number(s).number(shard.burned).take());
  }
  for (const Receipt& receipt : state.in_flight)
    add(Row("receipt").hash(receipt.id).number(receipt.to_shard).key(receipt.to).number(receipt.amount).take());
  for (const auto& [id, validator] : state.validators)  // a priority may be below 0: its sign apart
    add(Row("validator")
            .key(id)
            .number(validator.stake)
            .number(validator.priority < 0 ? 1 : 0)
            .number(validator.priority < 0 ? -validator.priority : validator.priority)
            .take());
  for (const Snapshot& snapshot : state.snapshots)
    add(Row("stakes").number(snapshot.height).hash(snapshot.hash).take());
  return merkle_root(leaves);
}

Hash hash_of(const Snapshot& snapshot) {
  Row row("stakes");
  row.number(snapshot.height);
  for (const auto& [id, stake] : snapshot.stakes) row.key(id).number(stake);
  return hash_tagged("p2pllm/1/stakes", row.take());
}

Hash hash_of(const BlockHeader& header) {
  return hash_tagged("p2pllm/1/block", Row("block")
                                           .number(header.height)
                                           .number(header.round)
                                           .hash(header.parent)
                                           .key(header.proposer)
                                           .hash(header.transactions)
                                           .hash(header.state)
                                           .take());
}

Hash proposal_id(const Hash& chain, Height height, std::int64_t round, const Hash& header) {
  return hash_tagged("p2pllm/1/proposal", Row("proposal").hash(chain).number(height).number(round).hash(header).take());
}

Hash chain_id(const Genesis& genesis) {
  const auto& p = genesis.parameters;
  Row row("genesis");
  row.text(genesis.name).number(genesis.shards).number(genesis.layers);
  for (const std::int64_t value :
       {p.min_stake, p.launch_stake, p.min_fee, p.update_cooldown, p.unbonding, p.jail, p.evidence_age_max,
        p.deliver_within_max, p.window_min, p.window_max, p.turn_min, p.turn_max, p.steps_max, p.price_max,
        p.challenge_bond_min, p.closing_min, p.closing_max})
    row.number(value);
  for (const AccountId& id : genesis.proposers) row.key(id);
  for (const auto& shard : genesis.balances) {
    row.number(static_cast<std::int64_t>(shard.size()));
    for (const auto& [id, amount] : shard) row.key(id).number(amount);
  }
  return hash_tagged("p2pllm/1/genesis", row.take());
}

}  // namespace p2pllm::contracts
