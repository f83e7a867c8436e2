#include "model/contracts/block.hpp"

#include "model/contracts/field_encoding.hpp"

namespace p2pllm::contracts {

Hash hash_of(const BlockHeader& header) {
  CborWriter out;
  out.array(1 + item_count_of_fields(header)).text("block");
  BlockHeader::fields(header, [&out](std::string_view, const auto& value) { encode_field(out, value); });
  return hash_tagged("p2pllm/1/block", out.view());
}

Hash proposal_id(const Hash& chain, Height height, std::int64_t round, const Hash& header) {
  return hash_tagged("p2pllm/1/proposal", Row("proposal").add(chain).add(height).add(round).add(header).take());
}

}  // namespace p2pllm::contracts
