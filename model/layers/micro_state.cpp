#include "model/layers/micro_state.hpp"

#include "model/layers/model_shape.hpp"

namespace p2pllm {
namespace {

constexpr std::int64_t number_most = (std::int64_t{1} << 31) - 1;
constexpr std::size_t sum_bytes = 8;

std::uint64_t unsigned_of(std::int64_t value) { return static_cast<std::uint64_t>(value); }

Bytes bytes_of_sums(const std::vector<std::int64_t>& sums) {
  Bytes bytes;
  bytes.reserve(sums.size() * sum_bytes);
  for (const std::int64_t sum : sums)
    for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<std::uint8_t>(sum >> shift & 0xff));
  return bytes;
}

template <typename Number, std::size_t size>
std::vector<Number> read_numbers(CborReader& reader, std::size_t most) {
  const ByteView bytes = reader.next_bytes();
  if (bytes.size() % size != 0 || bytes.size() / size > most) {
    reader.refuse();
    return {};
  }
  std::vector<Number> numbers;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    std::uint64_t bits = 0;
    for (std::size_t k = 0; k < size; ++k) bits |= std::uint64_t{bytes[at + k]} << (8 * k);
    numbers.push_back(static_cast<Number>(bits));
  }
  return numbers;
}

MicroState read_micro_state(CborReader& reader) {
  MicroState state;
  reader.next_array(7);
  state.micro = static_cast<std::int64_t>(reader.next_number(unsigned_of(std::int64_t{1} << 40)));
  state.squares = static_cast<std::int64_t>(reader.next_number(unsigned_of(std::int64_t{1} << 61)));
  state.sums = read_numbers<std::int64_t, sum_bytes>(reader, micro_sums_max);
  state.buffer = read_numbers<std::int32_t, number_bytes>(reader, static_cast<std::size_t>(chunk_numbers - 1));
  for (const std::int32_t number : state.buffer)
    if (number < -number_most) reader.refuse();
  state.cache = reader.next_bytes_of<32>();
  state.outputs = reader.next_bytes_of<32>();
  reader.next_array(register_count);
  for (RegisterState& r : state.registers) {
    reader.next_array(2);
    r.root = reader.next_bytes_of<32>();
    r.greatest = static_cast<std::int64_t>(reader.next_number(unsigned_of(number_most)));
  }
  return state;
}

}  // namespace

MicroState first_micro_state(const StepState& before, const Hash& row) {
  MicroState state;
  state.cache = before.cache;
  state.outputs = before.outputs;
  state.registers.fill({.root = merkle_root({}), .greatest = 0});
  state.of(Register::row).root = row;
  return state;
}

Bytes encode_micro_state(const MicroState& state) {
  CborWriter writer;
  writer.array(7).number(unsigned_of(state.micro)).number(unsigned_of(state.squares));
  writer.bytes(bytes_of_sums(state.sums)).bytes(bytes_of_numbers(state.buffer));
  writer.bytes(state.cache).bytes(state.outputs).array(register_count);
  for (const RegisterState& r : state.registers) writer.array(2).bytes(r.root).number(unsigned_of(r.greatest));
  return writer.take();
}

CborResult<MicroState> decode_micro_state(ByteView bytes) { return decode_cbor(bytes, read_micro_state); }

Hash micro_state_hash(ByteView bytes) { return hash_tagged("p2pllm/1/micro-state", bytes); }

}  // namespace p2pllm
