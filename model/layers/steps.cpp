#include "model/layers/steps.hpp"

#include <algorithm>

#include "model/assert.hpp"
#include "model/layers/model_shape.hpp"

namespace p2pllm {
namespace {

std::uint64_t unsigned_of(std::int64_t value) { return static_cast<std::uint64_t>(value); }

void append_halves(Bytes& out, std::span<const std::int16_t> numbers) {
  for (const std::int16_t number : numbers) {
    out.push_back(static_cast<std::uint8_t>(number & 0xff));
    out.push_back(static_cast<std::uint8_t>(number >> 8 & 0xff));
  }
}

}  // namespace

std::int64_t step_number(const Computation& computation, std::int64_t position, std::int64_t layer) {
  const LayerRange& layers = computation.layers;
  P2PLLM_ASSERT(position >= computation.first_position && layers.first <= layer && layer < layers.last);
  return (position - computation.first_position) * (layers.last - layers.first) + layer - layers.first + 1;
}

Bytes encode_step_state(const StepState& state) {
  CborWriter writer;
  writer.array(5).number(unsigned_of(state.position)).number(unsigned_of(state.layer));
  return writer.bytes(state.row).bytes(state.cache).bytes(state.outputs).take();
}

CborResult<StepState> decode_step_state(ByteView bytes) {
  return decode_cbor(bytes, [](CborReader& reader) {
    StepState state;
    reader.next_array(5);
    state.position = static_cast<std::int64_t>(reader.next_number(unsigned_of(context_max)));
    state.layer = static_cast<std::int64_t>(reader.next_number(unsigned_of(model_layers_max)));
    state.row = reader.next_bytes_of<32>();
    state.cache = reader.next_bytes_of<32>();
    state.outputs = reader.next_bytes_of<32>();
    return state;
  });
}

std::int64_t chunks_of(std::int64_t numbers) { return (numbers + chunk_numbers - 1) / chunk_numbers; }

Bytes bytes_of_numbers(std::span<const std::int32_t> numbers) {
  Bytes bytes;
  bytes.reserve(numbers.size() * number_bytes);
  for (const std::int32_t number : numbers)
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(number >> shift & 0xff));
  return bytes;
}

MerkleLeaf chunk_leaf(ByteView chunk) { return merkle_leaf("chunk", chunk); }

Hash row_hash(ByteView row) {
  constexpr std::size_t chunk_bytes = static_cast<std::size_t>(chunk_numbers) * number_bytes;
  std::vector<MerkleLeaf> leaves;
  for (std::size_t at = 0; at < row.size(); at += chunk_bytes)
    leaves.push_back(chunk_leaf(row.subspan(at, std::min(chunk_bytes, row.size() - at))));
  return merkle_root(leaves);
}

MerkleLeaf row_leaf(std::int64_t unit, const Hash& row) {
  CborWriter writer;
  return merkle_leaf("row", writer.array(2).number(unsigned_of(unit)).bytes(row).take());
}

std::size_t cache_entry_bytes(std::int64_t head_width) { return 4 * static_cast<std::size_t>(head_width) + 2; }

Bytes encode_cache_entry(std::span<const std::int16_t> key, std::int64_t key_exponent,
                         std::span<const std::int16_t> value, std::int64_t value_exponent) {
  Bytes bytes;
  append_halves(bytes, key);
  append_halves(bytes, value);
  bytes.push_back(static_cast<std::uint8_t>(key_exponent));
  bytes.push_back(static_cast<std::uint8_t>(value_exponent));
  return bytes;
}

MerkleLeaf cache_entry_leaf(ByteView entry) { return merkle_leaf("cache-entry", entry); }

MerkleLeaf cache_head_leaf(const Hash& positions) { return merkle_leaf("cache-head", positions); }

MerkleLeaf micro_step_leaf(const Hash& model, std::int64_t step, std::int64_t micro, const Hash& before,
                           const Hash& after) {
  CborWriter writer;
  writer.array(5).bytes(model).number(unsigned_of(step)).number(unsigned_of(micro)).bytes(before).bytes(after);
  return merkle_leaf("micro-step", writer.take());
}

}  // namespace p2pllm
