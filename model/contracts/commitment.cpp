#include "model/contracts/commitment.hpp"

#include "model/encoding/cbor.hpp"

namespace p2pllm::contracts {

Hash state_hash(ByteView state) { return hash_tagged("p2pllm/1/computation-state", state); }

MerkleLeaf commitment_leaf(const CommittedStep& step) {
  CborWriter writer;
  writer.array(5).bytes(step.model).number(step.step);
  writer.array(2).number(step.first_layer).number(step.last_layer);
  return merkle_leaf("step", writer.bytes(step.before).bytes(step.after).view());
}

}  // namespace p2pllm::contracts
