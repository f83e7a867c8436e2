#include "model/contracts/session_message.hpp"

#include <stdexcept>

#include "model/contracts/field_encoding.hpp"
#include "model/contracts/units.hpp"

namespace p2pllm::contracts {
namespace {

/// The head of a message: the place and a number of units, in an array of so many items.
CborWriter begin(const SessionPlace& place, std::int64_t units, std::uint64_t items) {
  if (units < 0 || units > amount_max) throw std::invalid_argument("a number of units is out of range");
  CborWriter out;
  out.array(items).bytes(place.ledger).bytes(place.sla);
  encode_field(out, units);
  return out;
}

}  // namespace

Hash order_message(const SessionPlace& place, const OrderedUnits& ordered) {
  return hash_tagged("p2pllm/1/stream/order", begin(place, ordered.units, 4).bytes(ordered.inputs).view());
}

Hash voucher_message(const SessionPlace& place, std::int64_t units) {
  return hash_tagged("p2pllm/1/stream/voucher", begin(place, units, 3).view());
}

Hash final_message(const SessionPlace& place, std::int64_t units) {
  return hash_tagged("p2pllm/1/stream/final", begin(place, units, 3).view());
}

Hash receipt_message(const SessionPlace& place, const OrderedUnits& ordered, const Hash& root, const Hash& output) {
  CborWriter out = begin(place, ordered.units, 6);
  return hash_tagged("p2pllm/1/stream/receipt", out.bytes(ordered.inputs).bytes(root).bytes(output).view());
}

}  // namespace p2pllm::contracts
