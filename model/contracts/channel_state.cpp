#include "model/contracts/channel_state.hpp"

#include <stdexcept>

namespace p2pllm {
namespace {

std::uint64_t natural(std::int64_t number) {
  if (number < 0 || number > amount_max) throw std::invalid_argument("a number of a channel is out of range");
  return static_cast<std::uint64_t>(number);
}

std::int64_t next_natural(CborReader& reader) {
  return static_cast<std::int64_t>(reader.next_number(static_cast<std::uint64_t>(amount_max)));
}

}  // namespace

void write(CborWriter& writer, const ChannelOpening& opening) {
  writer.array(8).bytes(opening.chain).bytes(opening.a.bytes).bytes(opening.b.bytes);
  writer.number(natural(opening.nonce)).number(natural(opening.closing_time));
  writer.number(natural(opening.deposit_a)).number(natural(opening.deposit_b)).number(natural(opening.fund_by));
}

ChannelOpening read_channel_opening(CborReader& reader) {
  ChannelOpening opening;
  reader.next_array(8);
  opening.chain = reader.next_bytes_of<32>();
  opening.a.bytes = reader.next_bytes_of<32>();
  opening.b.bytes = reader.next_bytes_of<32>();
  opening.nonce = next_natural(reader);
  opening.closing_time = next_natural(reader);
  opening.deposit_a = next_natural(reader);
  opening.deposit_b = next_natural(reader);
  opening.fund_by = next_natural(reader);
  return opening;
}

void write(CborWriter& writer, const ChannelBalances& balances) {
  writer.array(3).number(natural(balances.version));
  writer.number(natural(balances.balance_a)).number(natural(balances.balance_b));
}

ChannelBalances read_channel_balances(CborReader& reader) {
  ChannelBalances balances;
  reader.next_array(3);
  balances.version = next_natural(reader);
  balances.balance_a = next_natural(reader);
  balances.balance_b = next_natural(reader);
  return balances;
}

Hash channel_id(const ChannelOpening& opening) {
  CborWriter writer;
  write(writer, opening);
  return hash_tagged("p2pllm/1/channel/id", writer.take());
}

Hash channel_state_message(const ChannelPlace& place, const ChannelBalances& balances) {
  CborWriter writer;
  writer.array(3).bytes(place.chain).bytes(place.channel);
  write(writer, balances);
  return hash_tagged("p2pllm/1/channel/state", writer.take());
}

Hash channel_revocation_message(const ChannelPlace& place, std::int64_t version) {
  CborWriter writer;
  writer.array(3).bytes(place.chain).bytes(place.channel).number(natural(version));
  return hash_tagged("p2pllm/1/channel/revocation", writer.take());
}

}  // namespace p2pllm
