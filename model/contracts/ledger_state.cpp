#include "model/contracts/ledger_state.hpp"

#include "model/contracts/field_encoding.hpp"

namespace p2pllm::contracts {

Hash hash_of(const StakeSnapshot& snapshot) {
  Row row("stakes");
  row.add(snapshot.height);
  for (const auto& [id, stake] : snapshot.stakes) row.add(id).add(stake);
  return hash_tagged("p2pllm/1/stakes", row.take());
}

}  // namespace p2pllm::contracts
