#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/contracts/parameters.hpp"
#include "model/contracts/units.hpp"
#include "model/crypto/sha256.hpp"
#include "model/layer_range.hpp"

namespace p2pllm::contracts {

inline constexpr std::int64_t shards_max = 64;
/// The greatest number of layers of a ledger's model. A market has a limit of its own (FORMAT-3).
inline constexpr std::int64_t ledger_layers_max = std::int64_t{1} << 20;

/// The state that a chain begins with (LEDGER-1).
struct Genesis {
  std::string name;
  std::int64_t shards = 1;
  std::int64_t layers = 1;
  Parameters<std::int64_t> parameters{};
  std::vector<std::map<AccountId, Amount>> balances;  ///< one map per shard
  std::vector<AccountId> proposers;                   ///< they hold the stake that the launch stake lacks; at least one
};

/// The hash of a genesis: the chain's id.
[[nodiscard]] Hash chain_id(const Genesis& genesis);
/// The hash of chain and shard, to which a signature made off the ledger is bound (CHAN-2).
[[nodiscard]] Hash ledger_id(const Hash& chain, std::int64_t shard);

/// The shard that registrations of this range belong to: the shard of its first layer (SHARD-1).
[[nodiscard]] std::int64_t shard_of(const Genesis& genesis, const LayerRange& layers);
/// The shard in which a key without a registration may register (SHARD-4).
[[nodiscard]] std::int64_t home_of(const Genesis& genesis, const AccountId& id);

}  // namespace p2pllm::contracts
