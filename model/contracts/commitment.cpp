#include "model/contracts/commitment.hpp"

#include "model/contracts/cbor.hpp"

namespace p2pllm {

MerkleLeaf commitment_leaf(const CommittedStep& step) {
  CborWriter writer;
  writer.array(5).bytes(step.model).number(step.step);
  writer.array(2).number(step.first_layer).number(step.last_layer);
  return merkle_leaf("step", writer.bytes(step.before).bytes(step.after).take());
}

}  // namespace p2pllm
