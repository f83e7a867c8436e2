#include "model/contracts/genesis.hpp"

#include "model/contracts/field_encoding.hpp"

namespace p2pllm::contracts {

Hash chain_id(const Genesis& genesis) {
  Row row("genesis");
  row.add(std::string_view(genesis.name)).add(genesis.shards).add(genesis.layers).add_fields(genesis.parameters);
  for (const AccountId& id : genesis.proposers) row.add(id);
  for (const auto& shard : genesis.balances) {
    row.add(static_cast<std::int64_t>(shard.size()));
    for (const auto& [id, amount] : shard) row.add(id).add(amount);
  }
  return hash_tagged("p2pllm/1/genesis", row.take());
}

Hash ledger_id(const Hash& chain, std::int64_t shard) {
  CborWriter out;
  out.array(2).bytes(chain).number(static_cast<std::uint64_t>(shard));
  return hash_tagged("p2pllm/1/shard", out.view());
}

std::int64_t shard_of(const Genesis& genesis, const LayerRange& layers) {
  return layers.first * genesis.shards / genesis.layers;
}

std::int64_t home_of(const Genesis& genesis, const AccountId& id) {
  return hash_tagged("p2pllm/1/home", id.bytes)[0] % genesis.shards;
}

}  // namespace p2pllm::contracts
