#include "model/contracts/transaction.hpp"

namespace p2pllm {
namespace {

/// Writes each field that it visits.
struct FieldWriter {
  CborWriter& out;

  void operator()(std::string_view /*name*/, std::int64_t value) { out.number(static_cast<std::uint64_t>(value)); }
  void operator()(std::string_view /*name*/, std::uint64_t value) { out.number(value); }
  void operator()(std::string_view /*name*/, bool value) { out.boolean(value); }
  void operator()(std::string_view /*name*/, const Bytes& value) { out.bytes(value); }
  void operator()(std::string_view /*name*/, const Hash& value) { out.bytes(value); }
  void operator()(std::string_view /*name*/, const PublicKey& value) { out.bytes(value.bytes); }
  void operator()(std::string_view /*name*/, const Signature& value) { out.bytes(value.bytes); }
  void operator()(std::string_view /*name*/, const MerkleProof& value) {
    out.array(value.size());
    for (const Hash& hash : value) out.bytes(hash);
  }
};

/// Reads each field that it visits.
struct FieldReader {
  CborReader& in;

  void operator()(std::string_view /*name*/, std::int64_t& value) {
    value = static_cast<std::int64_t>(in.next_number(static_cast<std::uint64_t>(amount_max)));
  }
  void operator()(std::string_view /*name*/, std::uint64_t& value) { value = in.next_number(); }
  void operator()(std::string_view /*name*/, bool& value) { value = in.next_boolean(); }
  void operator()(std::string_view /*name*/, Bytes& value) {
    const ByteView bytes = in.next_bytes();
    value.assign(bytes.begin(), bytes.end());
  }
  void operator()(std::string_view /*name*/, Hash& value) { value = in.next_bytes_of<32>(); }
  void operator()(std::string_view /*name*/, PublicKey& value) { value.bytes = in.next_bytes_of<32>(); }
  void operator()(std::string_view /*name*/, Signature& value) { value.bytes = in.next_bytes_of<64>(); }
  void operator()(std::string_view /*name*/, MerkleProof& value) {
    const std::uint64_t count = in.next_array();
    for (std::uint64_t k = 0; k < count && !in.failed(); ++k) value.push_back(in.next_bytes_of<32>());
  }
};

template <typename Op>
std::uint64_t field_count() {
  std::uint64_t count = 0;
  Op operation{};
  Op::fields(operation, [&count](std::string_view, auto&) { ++count; });
  return count;
}

void write_unsigned(CborWriter& out, const Transaction& transaction) {
  FieldWriter write{out};
  write("chain", transaction.chain);
  write("shard", transaction.shard);
  write("sender", transaction.sender);
  write("nonce", transaction.nonce);
  write("valid_until", transaction.valid_until);
  write("fee", transaction.fee);
  std::visit(
      [&]<typename Op>(const Op& operation) {
        out.array(1 + field_count<Op>()).number(transaction.operation.index());
        Op::fields(operation, write);
      },
      transaction.operation);
}

template <std::size_t code = 0>
void read_operation(CborReader& in, std::uint64_t wanted, std::uint64_t items, Operation& operation) {
  if constexpr (code < std::variant_size_v<Operation>) {
    if (code != wanted) return read_operation<code + 1>(in, wanted, items, operation);
    auto& read = operation.emplace<code>();
    using Op = std::remove_reference_t<decltype(read)>;
    if (items != 1 + field_count<Op>()) return in.refuse();
    Op::fields(read, FieldReader{in});
  } else {
    in.refuse();
  }
}

}  // namespace

std::string_view name_of(const Operation& operation) {
  return std::visit([](const auto& op) { return op.name; }, operation);
}

Hash transaction_id(const Transaction& transaction) {
  CborWriter out;
  write_unsigned(out.array(7), transaction);
  return hash_tagged("p2pllm/1/transaction", out.take());
}

Bytes encode(const Transaction& transaction) {
  CborWriter out;
  write_unsigned(out.array(8), transaction);
  return out.bytes(transaction.signature.bytes).take();
}

CborResult<Transaction> decode_transaction(ByteView bytes) {
  if (bytes.size() > transaction_bytes_max)
    return tl::unexpected<CborError>({CborFault::too_long, transaction_bytes_max});
  return decode_cbor(bytes, [](CborReader& in) {
    Transaction transaction;
    FieldReader read{in};
    in.next_array(8);
    read("chain", transaction.chain);
    read("shard", transaction.shard);
    read("sender", transaction.sender);
    read("nonce", transaction.nonce);
    read("valid_until", transaction.valid_until);
    read("fee", transaction.fee);
    const std::uint64_t items = in.next_array();
    if (items == 0) in.refuse();
    const std::uint64_t code = in.next_number();
    if (!in.failed()) read_operation(in, code, items, transaction.operation);
    read("signature", transaction.signature);
    return transaction;
  });
}

}  // namespace p2pllm
