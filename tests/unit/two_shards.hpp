#pragma once

#include "tests/unit/ledger_world.hpp"

namespace p2pllm::reference {

// In a ledger of two shards, shard 0 is home to the first three people and shard 1 to dave (SHARD-4).
inline const Person alice = person(3), bob = person(4), carol = person(7), dave = person(1);

inline LedgerWorld small_world(std::int64_t shards = 1) {
  return LedgerWorld(small_genesis({alice, bob, carol, dave}, shards));
}

}  // namespace p2pllm::reference
