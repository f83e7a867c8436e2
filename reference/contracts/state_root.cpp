#include "reference/contracts/state_root.hpp"

#include "model/contracts/field_encoding.hpp"

namespace p2pllm::reference {

Hash state_root(const LedgerState& state) {
  std::vector<MerkleLeaf> leaves;
  const auto add = [&leaves](Row& row) { leaves.push_back(merkle_leaf("state", row.take())); };
  const auto add_objects = [&add](std::string_view kind, std::int64_t shard, const auto& objects) {
    for (const auto& [id, object] : objects) add(Row(kind).add(shard).add(id).add_fields(object));
  };
  add(Row("chain").add(state.chain).add(state.height).add(state.round));
  for (std::int64_t s = 0; s < std::ssize(state.shards); ++s) {
    const Shard& shard = state.shards[static_cast<std::size_t>(s)];
    add_objects("account", s, shard.accounts);
    add_objects("node", s, shard.nodes);
    for (const AccountId& id : shard.away) add(Row("away").add(s).add(id));
    add_objects("sla", s, shard.slas);
    add_objects("channel", s, shard.channels);
    for (const Hash& evidence : shard.evidence) add(Row("evidence").add(s).add(evidence));
    for (const Receipt& receipt : shard.outgoing) add(Row("outgoing").add_fields(receipt));
    for (const QueuedMove& move : shard.queued_moves) add(Row("migration").add_fields(move));
    add(Row("burned").add(s).add(shard.burned));
  }
  for (const Receipt& receipt : state.in_flight) add(Row("receipt").add_fields(receipt));
  for (const auto& [id, validator] : state.validators) {  // the sign is separate, as a priority may be below 0
    const std::int64_t sign = validator.priority < 0 ? 1 : 0;
    const std::int64_t size = validator.priority < 0 ? -validator.priority : validator.priority;
    add(Row("validator").add(id).add(validator.stake).add(sign).add(size));
  }
  for (const StakeSnapshot& snapshot : state.snapshots) add(Row("stakes").add(snapshot.height).add(snapshot.hash));
  return merkle_root(leaves);
}

}  // namespace p2pllm::reference
