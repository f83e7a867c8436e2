#include "optimized/contracts/block_encoding.hpp"

#include "model/contracts/field_encoding.hpp"

namespace p2pllm::optimized {

using namespace contracts;

Bytes encode(const Block& block) {
  CborWriter out;
  out.array(8).text("block");
  BlockHeader::fields(block.header, [&out](std::string_view, const auto& value) { encode_field(out, value); });
  out.array(block.transactions.size());
  for (const Bytes& transaction : block.transactions) out.bytes(transaction);
  return out.take();
}

CborResult<Block> decode_block(ByteView bytes) {
  return decode_cbor(bytes, [](CborReader& in) {
    Block block;
    BlockHeader& header = block.header;
    in.next_array(8);
    if (in.next_text() != "block") in.refuse();
    header.height = static_cast<Height>(in.next_number(static_cast<std::uint64_t>(amount_max)));
    header.round = static_cast<std::int64_t>(in.next_number(static_cast<std::uint64_t>(amount_max)));
    header.parent = in.next_bytes_of<32>();
    header.proposer.bytes = in.next_bytes_of<32>();
    header.transactions = in.next_bytes_of<32>();
    header.state = in.next_bytes_of<32>();
    const std::uint64_t count = in.next_array();
    for (std::uint64_t k = 0; k < count && !in.failed(); ++k) {
      const ByteView transaction = in.next_bytes();
      block.transactions.emplace_back(transaction.begin(), transaction.end());
    }
    return block;
  });
}

Hash store_link(const Hash& before, ByteView block) {
  Bytes bytes(before.begin(), before.end());
  bytes.insert(bytes.end(), block.begin(), block.end());
  return hash_tagged("p2pllm/1/store", bytes);
}

}  // namespace p2pllm::optimized
