#include "model/contracts/block.hpp"

#include "model/contracts/field_encoding.hpp"

namespace p2pllm::contracts {

Hash hash_of(const BlockHeader& header) {
  return hash_tagged("p2pllm/1/block", Row("block").add_fields(header).take());
}

Hash proposal_id(const Hash& chain, Height height, std::int64_t round, const Hash& header) {
  return hash_tagged("p2pllm/1/proposal", Row("proposal").add(chain).add(height).add(round).add(header).take());
}

}  // namespace p2pllm::contracts
