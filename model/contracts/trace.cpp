#include "model/contracts/trace.hpp"

#include <algorithm>
#include <set>

namespace p2pllm::contracts {
namespace {

struct FieldWriter {
  Json::Object& out;

  void operator()(std::string_view name, std::int64_t value) { add(name, Json::integer(value)); }
  void operator()(std::string_view name, std::uint64_t value) { add(name, Json::Number{std::to_string(value)}); }
  void operator()(std::string_view name, bool value) { add(name, value); }
  void operator()(std::string_view name, const Bytes& value) { add(name, to_hex(value)); }
  void operator()(std::string_view name, const Hash& value) { add(name, to_hex(value)); }
  void operator()(std::string_view name, const PublicKey& value) { add(name, to_hex(value.bytes)); }
  void operator()(std::string_view name, const Signature& value) { add(name, to_hex(value.bytes)); }
  void operator()(std::string_view, const LayerRange& value) {
    (*this)("first", value.first);
    (*this)("last", value.last);
  }
  void operator()(std::string_view name, const MerkleProof& value) {
    Json::Array hashes;
    for (const Hash& hash : value) hashes.emplace_back(to_hex(hash));
    add(name, std::move(hashes));
  }
  void add(std::string_view name, Json value) { out.emplace_back(std::string(name), std::move(value)); }
};

template <std::size_t N>
std::array<std::uint8_t, N> hex_of(const JsonCursor& place) {
  std::array<std::uint8_t, N> value{};
  const auto bytes = from_hex(place.string());
  if (!bytes || bytes->size() != N) place.fail(std::to_string(2 * N) + " lower-case hexadecimal digits are required");
  std::copy(bytes->begin(), bytes->end(), value.begin());
  return value;
}

struct FieldReader {
  const JsonCursor& place;
  std::set<std::string_view>& names;

  JsonCursor at(std::string_view name) {
    names.insert(name);
    return place.member(name);
  }
  void operator()(std::string_view name, std::int64_t& value) {
    value = at(name).integer(0, amount_max, "a whole number from 0 to 2^62 is required");
  }
  void operator()(std::string_view name, std::uint64_t& value) {
    const JsonCursor member = at(name);
    const Rational number = member.rational();
    static_assert(sizeof(unsigned long) == sizeof value);
    if (!number.is_integer() || !number.numerator().fits_ulong_p())
      member.fail("a whole number below 2^64 is required");
    value = number.numerator().get_ui();
  }
  void operator()(std::string_view name, bool& value) {
    const JsonCursor member = at(name);
    if (member.value().as_bool() == nullptr) member.fail("true or false is required");
    value = *member.value().as_bool();
  }
  void operator()(std::string_view name, Bytes& value) {
    const JsonCursor member = at(name);
    auto bytes = from_hex(member.string());
    if (!bytes) member.fail("lower-case hexadecimal digits, two a byte, are required");
    value = *std::move(bytes);
  }
  void operator()(std::string_view name, Hash& value) { value = hex_of<32>(at(name)); }
  void operator()(std::string_view name, PublicKey& value) { value.bytes = hex_of<32>(at(name)); }
  void operator()(std::string_view name, Signature& value) { value.bytes = hex_of<64>(at(name)); }
  void operator()(std::string_view, LayerRange& value) {
    (*this)("first", value.first);
    (*this)("last", value.last);
  }
  void operator()(std::string_view name, MerkleProof& value) {
    const JsonCursor member = at(name);
    for (const JsonCursor& item : member.items()) value.push_back(hex_of<32>(item));
  }
};

/// Visits every field of a transaction except its chain, operation and signature.
void visit_envelope(auto& transaction, auto&& visit) {
  visit("shard", transaction.shard);
  visit("sender", transaction.sender);
  visit("nonce", transaction.nonce);
  visit("valid_until", transaction.valid_until);
  visit("fee", transaction.fee);
}

template <std::size_t index = 0>
void read_operation(std::string_view name, const JsonCursor& place, FieldReader read, Operation& operation) {
  if constexpr (index < std::variant_size_v<Operation>) {
    using Op = std::variant_alternative_t<index, Operation>;
    if (Op::name != name) return read_operation<index + 1>(name, place, read, operation);
    Op::fields(operation.emplace<index>(), read);
  } else {
    place.member("operation").fail("there is no such operation");
  }
}

}  // namespace

Json transaction_json(const Transaction& transaction) {
  Json::Object object;
  FieldWriter write{object};
  visit_envelope(transaction, write);
  object.emplace_back("operation", std::string(name_of(transaction.operation)));
  std::visit([&write]<typename Op>(const Op& op) { Op::fields(op, write); }, transaction.operation);
  write("signature", transaction.signature);
  return object;
}

Transaction read_transaction(const JsonCursor& place, const Hash& chain) {
  Transaction transaction;
  transaction.chain = chain;
  std::set<std::string_view> names{"operation"};
  FieldReader read{place, names};
  visit_envelope(transaction, read);
  read_operation(place.member("operation").string(), place, read, transaction.operation);
  read("signature", transaction.signature);
  for (const auto& [key, value] : *place.value().as_object())
    if (!names.contains(key)) place.child(key, value).fail("this key is unknown here");
  return transaction;
}

Hash trace_link(const Hash& before, std::string_view text) {
  Bytes bytes(before.begin(), before.end());
  const ByteView own = bytes_of(text);
  bytes.insert(bytes.end(), own.begin(), own.end());
  return hash_tagged("p2pllm/1/trace", bytes);
}

}  // namespace p2pllm::contracts
