#include "model/contracts/channel_message.hpp"

#include <stdexcept>

#include "model/contracts/field_encoding.hpp"

namespace p2pllm::contracts {
namespace {

std::int64_t natural(std::int64_t number) {
  if (number < 0 || number > amount_max) throw std::invalid_argument("a number of a channel is out of range");
  return number;
}

/// Appends the fields of the terms or balances to an array whose head is already written.
template <typename Record>
void write_fields(CborWriter& out, const Record& record) {
  Record::fields(record, [&out](std::string_view, const auto& value) {
    if constexpr (std::is_same_v<decltype(value), const std::int64_t&>) (void)natural(value);
    encode_field(out, value);
  });
}

}  // namespace

Hash channel_id(const Hash& ledger, const ChannelTerms& terms) {
  CborWriter out;
  out.array(8).bytes(ledger);
  write_fields(out, terms);
  return hash_tagged("p2pllm/1/channel/id", out.view());
}

Hash channel_state_message(const ChannelPlace& place, const ChannelBalances& balances) {
  CborWriter out;
  out.array(3).bytes(place.ledger).bytes(place.channel).array(3);
  write_fields(out, balances);
  return hash_tagged("p2pllm/1/channel/state", out.view());
}

Hash channel_revocation_message(const ChannelPlace& place, std::int64_t version) {
  CborWriter out;
  out.array(3).bytes(place.ledger).bytes(place.channel);
  encode_field(out, natural(version));
  return hash_tagged("p2pllm/1/channel/revocation", out.view());
}

}  // namespace p2pllm::contracts
