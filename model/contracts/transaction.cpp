#include "model/contracts/transaction.hpp"

#include "model/contracts/field_encoding.hpp"

namespace p2pllm::contracts {
namespace {

/// Reads each field that it visits.
class FieldReader {
 public:
  explicit FieldReader(CborReader& in) : in_(in) {}

  void operator()(std::string_view, auto& value) { read(value); }

 private:
  void read(std::int64_t& value) {
    value = static_cast<std::int64_t>(in_.next_number(static_cast<std::uint64_t>(amount_max)));
  }
  void read(std::uint64_t& value) { value = in_.next_number(); }
  void read(bool& value) { value = in_.next_boolean(); }
  void read(Bytes& value) {
    const ByteView bytes = in_.next_bytes();
    value.assign(bytes.begin(), bytes.end());
  }
  void read(Hash& value) { in_.next_bytes_of(value); }
  void read(PublicKey& value) { in_.next_bytes_of(value.bytes); }
  void read(Signature& value) { in_.next_bytes_of(value.bytes); }
  void read(MerkleProof& value) {
    const std::uint64_t count = in_.next_array();
    for (std::uint64_t k = 0; k < count && !in_.failed(); ++k) value.push_back(in_.next_bytes_of<32>());
  }
  void read(LayerRange& value) {
    read(value.first);
    read(value.last);
  }

  CborReader& in_;
};

/// Visits every field before the operation.
void visit_envelope(auto& transaction, auto&& visit) {
  visit("chain", transaction.chain), visit("shard", transaction.shard), visit("sender", transaction.sender);
  visit("nonce", transaction.nonce), visit("valid_until", transaction.valid_until), visit("fee", transaction.fee);
}

void write_unsigned(CborWriter& out, const Transaction& transaction) {
  const auto write = [&out](std::string_view, const auto& value) { encode_field(out, value); };
  visit_envelope(transaction, write);
  std::visit(
      [&]<typename Op>(const Op& operation) {
        out.array(1 + item_count_of_fields(operation)).number(Op::code);
        Op::fields(operation, write);
      },
      transaction.operation);
}

/// Reads the fields of the operation with this code.
template <std::size_t index = 0>
void read_operation(CborReader& in, std::uint64_t code, std::uint64_t items, Operation& operation) {
  if constexpr (index < std::variant_size_v<Operation>) {
    using Op = std::variant_alternative_t<index, Operation>;
    if (Op::code != code) return read_operation<index + 1>(in, code, items, operation);
    Op& read = operation.emplace<index>();
    if (items != 1 + item_count_of_fields(read)) return in.refuse();
    Op::fields(read, FieldReader(in));
  } else {
    in.refuse();
  }
}

}  // namespace

Hash transaction_id(const Transaction& transaction) {
  CborWriter out;
  write_unsigned(out.array(7), transaction);
  return hash_tagged("p2pllm/1/transaction", out.view());
}

void encode(CborWriter& out, const Transaction& transaction) {
  write_unsigned(out.array(8), transaction);
  out.bytes(transaction.signature.bytes);
}

Bytes encode(const Transaction& transaction) {
  CborWriter out;
  encode(out, transaction);
  return out.take();
}

CborResult<Transaction> decode_transaction(ByteView bytes) {
  if (bytes.size() > transaction_bytes_max)
    return tl::unexpected<CborError>({CborFault::too_long, transaction_bytes_max});
  return decode_cbor(bytes, [](CborReader& in) {
    Transaction transaction;
    FieldReader read(in);
    in.next_array(8);
    visit_envelope(transaction, read);
    const std::uint64_t items = in.next_array();
    if (items == 0) in.refuse();
    const std::uint64_t code = in.next_number();
    if (!in.failed()) read_operation(in, code, items, transaction.operation);
    read("signature", transaction.signature);
    return transaction;
  });
}

}  // namespace p2pllm::contracts
